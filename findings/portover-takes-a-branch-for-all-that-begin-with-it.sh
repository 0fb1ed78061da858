#!/bin/sh
# portover 0.9.0 (Python), beside PyYAML 6.0.4 (Python), seen 2026-11-30.
#
# Turns .gitlab-ci.yml into a workflow for GitHub, and the `rules` of a job into an `if`. The pattern `/^main$/` becomes
# `startsWith(github.ref_name, 'main')`, and `/^release-[0-9]+$/` one for `release-`. Of two rules, of which the first
# is about a branch and the second is for all else, as `when: on_success`, the `if` has the branch alone; what the first
# sets, `allow_failure`, is then set for the job. The report has no word of either.
#
# One would have guessed that a job runs where it ran, or that the report says otherwise: the source says that whatever
# cannot be translated is reported. It matters since `$` in a pattern is there to shut out `main-old`, and the second of
# these rules is what makes a job run for a merge request: the deploy runs for more, and the tests for less.
set -eu
. "$(dirname "$0")/common"

pip_install portover==0.9.0 pyyaml==6.0.4

# The condition of a job with the rules given, if it may fail, and how many steps by hand the report has.
mkdir "$dir/project"
condition() {
    printf 'build:\n  script: [make]\n  rules:\n' > "$dir/project/.gitlab-ci.yml"
    printf '    - %s\n' "$@" >> "$dir/project/.gitlab-ci.yml"
    python3 "$dir/py/bin/portover" run --write gitlab-ci-to-gha "$dir/project" > "$dir/log"
    python3 -c '
import sys, yaml
job = yaml.safe_load(open(sys.argv[1] + "/project/.github/workflows/ci.yml"))["jobs"]["build"]
log = open(sys.argv[1] + "/log").read()
print(job.get("if"), "and may fail," if job.get("continue-on-error") else "and may not fail,", log.count("!"))' "$dir"
}

expect 'main' "github.ref_name == 'main' and may not fail, 0" "$(condition 'if: $CI_COMMIT_BRANCH == "main"')"
expect '/^main$/' "startsWith(github.ref_name, 'main') and may not fail, 0" \
    "$(condition 'if: $CI_COMMIT_BRANCH =~ /^main$/')"
expect '/^release-[0-9]+$/' "startsWith(github.ref_name, 'release-') and may not fail, 0" \
    "$(condition 'if: $CI_COMMIT_BRANCH =~ /^release-[0-9]+$/')"
expect 'else' "github.ref_name == 'main' and may fail, 0" \
    "$(condition '{if: $CI_COMMIT_BRANCH == "main", allow_failure: true}' 'when: on_success')"

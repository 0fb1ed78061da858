#!/bin/sh
# portover 0.9.0 (Python), beside PyYAML 6.0.4 (Python), seen 2026-11-30.
#
# Turns .gitlab-ci.yml into a workflow for GitHub. A command with a colon and a space in it has to be in quotes, as
# `- 'echo "Version: 1"'`. It takes what is before the colon for a key, with the quote, and writes the command
# `{'echo "Version': '1"\''}`, which is how Python prints a map. The summary counts the command among those that it has
# carried over.
#
# One would have guessed that a text in quotes is a text. GitLab's own documentation says that such a command needs
# quotes around it. It matters since such lines are common, as `curl` with a header or `docker build` with a label, and
# the workflow is valid: it fails where it is run, if not behind `|| true`.
set -eu
. "$(dirname "$0")/common"

pip_install portover==0.9.0 pyyaml==6.0.4

# A command in .gitlab-ci.yml, and in the workflow.
mkdir "$dir/project"
cat > "$dir/commands.py" <<'END'
import sys, yaml
files = ("/.gitlab-ci.yml", "/.github/workflows/ci.yml")
pipeline, workflow = (yaml.safe_load(open(sys.argv[1] + path)) for path in files)
print(pipeline["build"]["script"][0], "is", workflow["jobs"]["build"]["steps"][1]["run"])
END
command() {
    printf 'build:\n  script:\n    - %s\n' "$1" > "$dir/project/.gitlab-ci.yml"
    python3 "$dir/py/bin/portover" run --write gitlab-ci-to-gha "$dir/project" > "$dir/log"
    python3 "$dir/commands.py" "$dir/project"
    sed -n 's/^  . script */script /p' "$dir/log"
}

expect 'without a space' "echo Version:1 is echo Version:1
script 1x" "$(command "'echo Version:1'")"
expect 'with a space' "echo Version: 1 is {'echo Version': \"1'\"}
script 1x" "$(command "'echo Version: 1'")"
expect 'a label' "docker build --label 'version: 1' . is {\"docker build --label 'version\": '1\\' .\"'}
script 1x" "$(command "\"docker build --label 'version: 1' .\"")"

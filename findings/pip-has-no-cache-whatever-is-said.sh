#!/bin/sh
# pip 26.3 (Python), seen 2026-12-01.
#
# `PIP_NO_CACHE_DIR=1` turns the cache of pip off. So do `PIP_NO_CACHE_DIR=0`, `false`, `no` and `off`, which are
# there to turn it on again: whatever it says, yes or no, is a yes for this variable. Only if it is empty or not set
# is there a cache.
#
# One would have guessed that false is false, as in `PIP_NO_DEPS=false`. It matters to a build with `RUN
# --mount=type=cache,target=/root/.cache/pip` on a base image that sets the variable to 1: `ENV PIP_NO_CACHE_DIR=0`
# seems to let the mount have its effect, and the mount stays empty. Nothing says so, save `pip cache dir`.
set -eu
. "$(dirname "$0")/common"

pip_install pip==26.3

# Whether there is a cache with the value given.
cache() {
    if PIP_NO_CACHE_DIR=$1 PIP_CACHE_DIR="$dir/cache" python3 -m pip --disable-pip-version-check cache dir \
        > "$dir/out" 2> "$dir/log"
    then
        echo cache
    else
        sed -n 's/^ERROR: .*\(cache is disabled\).*/\1/p' "$dir/log"
    fi
}

expect 'pip' '26.3' "$(python3 -m pip --version | cut -d ' ' -f 2)"
expect 'empty' 'cache' "$(cache '')"
for value in 1 true 0 false no off; do
    expect "$value" 'cache is disabled' "$(cache "$value")"
done

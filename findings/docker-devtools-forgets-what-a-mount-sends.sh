#!/bin/sh
# docker-devtools 0.1.0 (Python package of a program), seen 2026-11-30.
#
# `build-context ls` lists what BuildKit sends of a context, which to it are the sources of COPY and ADD. What `RUN
# --mount=type=bind,source=src` uses is not in the list, even if it is the whole context, and neither is the source `$D`
# of a COPY if an ARG above sets D.
#
# One would have guessed a list of all that is sent: BuildKit sends the sources of such mounts as it does those of a
# COPY, and replaces variables first. It matters since the list is there to show what is large, and since a mount is how
# one builds without a COPY.
set -eu
. "$(dirname "$0")/common"

pip_install docker-devtools==0.1.0

mkdir -p "$dir/context/src"
touch "$dir/context/README.md" "$dir/context/src/main.c"
echo '*.tmp' > "$dir/context/.dockerignore"
# The files that are listed for a Dockerfile.
listed() {
    printf '%s\n' "$@" > "$dir/context/Dockerfile"
    (cd "$dir/context" && "$dir/py/bin/docker-devtools" build-context ls) | paste -sd' '
}

expect 'COPY' 'README.md src src/main.c' "$(listed 'FROM debian:13' 'COPY README.md /' 'COPY src /src')"
expect 'a mount' 'README.md' \
    "$(listed 'FROM debian:13' 'COPY README.md /' 'RUN --mount=type=bind,source=src,target=/src make -C /src')"
expect 'a mount of the context' 'README.md' \
    "$(listed 'FROM debian:13' 'COPY README.md /' 'RUN --mount=type=bind,target=/src,rw make -C /src')"
expect 'a variable' 'README.md' "$(listed 'FROM debian:13' 'ARG D=src' 'COPY README.md /' 'COPY $D /src')"

#!/bin/sh
# dockerfile-doctor 0.1.5 (Python), seen 2026-11-30.
#
# `--fix` is for what is safe, and what may change a container needs `--unsafe-fixes` too. But it turns
# `RUN cd /opt/app && make` into `WORKDIR /opt/app` and `RUN make`, and leaves it there: later steps, and the container,
# run in another folder. And an image of Node gets `ENV NODE_ENV=production` behind its FROM, so that the `npm ci` of a
# build stage leaves out the tools that build.
#
# One would have guessed that a `cd` ends with its RUN, for the fix as well. It matters since the image may still build:
# `COPY conf ./` has moved from / to /opt/app.
set -eu
. "$(dirname "$0")/common"

pip_install dockerfile-doctor==0.1.5

# The lines after FROM once they are mended.
fix() {
    printf '%s\n' "$@" > "$dir/Dockerfile"
    python3 -m dockerfile_doctor --fix "$dir/Dockerfile" > "$dir/log" 2>&1 || :
    sed 1d "$dir/Dockerfile" | paste -s -d '|' -
}

expect 'cd' 'WORKDIR /opt/app|RUN make|COPY conf ./' \
    "$(fix 'FROM gcc:14' 'RUN cd /opt/app && make' 'COPY conf ./')"
expect 'Node' 'ENV NODE_ENV=production|WORKDIR /app|COPY . .|RUN npm ci|RUN npm run build' \
    "$(fix 'FROM node:22 AS build' 'WORKDIR /app' 'COPY . .' 'RUN npm ci' 'RUN npm run build')"

#!/bin/sh
# determine-docker-tags 0.4.1 (Python), seen 2026-11-30.
#
# Reads a version out of a Dockerfile and makes the tags of an image of it. Of `ENV APP_VERSION="1.2.3"`, the tags are
# `"1.2.3"`, `"1.2` and `"1`. Of `FROM app:1.2.3-alpine AS build`, they are `1.2.3-alpine AS build` and so on, and of
# `ENV APP_VERSION=1.2.3 OTHER=1`, the first has the second variable at its end. Without quotes, and alone in its line,
# the version is right.
#
# One would have guessed that a version is what Docker makes of it. Quotes around a value and a name for a stage are in
# the examples of Docker's documentation. It matters since the tags are handed to the next step of a pipeline, which
# splits them at their commas and pushes the image under each that it can.
set -eu
. "$(dirname "$0")/common"

pip_install determine-docker-tags==0.4.1

tags() {
    printf '%s\n' "$2" > "$dir/Dockerfile"
    (cd "$dir" && env -u GITHUB_OUTPUT -u FORGEJO_OUTPUT VERSION_TYPE="$1" \
        APP_NAME="$3" python3 py/bin/determine-docker-tags)
}

expect 'without quotes' '1.2.3,1.2,1' "$(tags docker_env 'ENV APP_VERSION=1.2.3' APP)"
expect 'with quotes' '"1.2.3","1.2,"1' "$(tags docker_env 'ENV APP_VERSION="1.2.3"' APP)"
expect 'two variables' '1.2.3 OTHER=1,1.2,1' "$(tags docker_env 'ENV APP_VERSION=1.2.3 OTHER=1' APP)"
expect 'FROM' '1.2.3-alpine,1.2-alpine,1-alpine' "$(tags docker_from 'FROM app:1.2.3-alpine' app)"
expect 'FROM … AS' '1.2.3-alpine AS build,1.2-alpine AS build,1-alpine AS build' \
    "$(tags docker_from 'FROM app:1.2.3-alpine AS build' app)"

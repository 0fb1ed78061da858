#!/bin/sh
# testcontainers 12.0.4 (Node), seen 2026-11-29.
#
# Before `GenericContainer.fromDockerfile(…).build()`, the library looks for the images of the FROM lines, to send
# along the credentials of their registries. It takes the word after FROM, so in
# `FROM --platform=linux/amd64 registry.example.com/base:1` the image is `--platform=linux/amd64`, of Docker Hub, and
# the credentials of registry.example.com are not sent. Nor are they for `$REGISTRY/base:1`, where `${REGISTRY}` works,
# nor for the value of an ARG.
#
# One would have guessed that flags and both forms of a variable are understood, or that a warning says so. It matters
# where base images are private: `docker build` pulls what the same Dockerfile cannot pull here.
set -eu
. "$(dirname "$0")/common"

npm_install testcontainers@12.0.4

cat > "$dir/images.js" <<'EOF'
const { getDockerfileImages } = require('testcontainers/build/utils/dockerfile-parser');
getDockerfileImages(process.argv[2], { REGISTRY: 'registry.example.com' }).then((images) => {
    console.log(images.map(({ registry, image }) => `${image} of ${registry ?? 'Docker Hub'}`).join(', '));
});
EOF
images() {
    printf '%s\n' "$@" > "$dir/Dockerfile"
    node "$dir/images.js" "$dir/Dockerfile" 2> "$dir/log"
}

expect 'plain' 'base of registry.example.com' "$(images 'FROM registry.example.com/base:1')"
expect 'platform' '--platform=linux/amd64 of Docker Hub' \
    "$(images 'FROM --platform=linux/amd64 registry.example.com/base:1')"
expect '${REGISTRY}, given' 'base of registry.example.com' "$(images 'ARG REGISTRY' 'FROM ${REGISTRY}/base:1')"
expect '$REGISTRY, given' '$REGISTRY/base of Docker Hub' "$(images 'ARG REGISTRY' 'FROM $REGISTRY/base:1')"
expect '${HOST} with a value' '/base of Docker Hub' \
    "$(images 'ARG HOST=registry.example.com' 'FROM ${HOST}/base:1')"

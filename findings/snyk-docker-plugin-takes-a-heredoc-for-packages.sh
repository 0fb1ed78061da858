#!/bin/sh
# snyk-docker-plugin 9.8.0 (Node), seen 2026-11-30.
#
# For a scan of an image the library reads its Dockerfile too. An ARG whose value has another ARG is left half done: of
# `ARG BASE=debian:$RELEASE` and `FROM $BASE`, the base image is `debian:$RELEASE`. A RUN with a here-document installs
# the packages `<<EOF` and `EOF` as well, and `echo apt-get install done` installs `echo` and `done`; one in JSON form
# installs none.
#
# One would have guessed what the builder does: it puts values into an ARG above FROM, and knows a here-document from a
# command. It matters since the advice to take another base image, and the instruction that a finding is laid to, rest
# on these lists.
set -eu
. "$(dirname "$0")/common"

npm_install snyk-docker-plugin@9.8.0

cat > "$dir/read.js" <<'EOF'
const { readDockerfileAndAnalyse } = require('snyk-docker-plugin/dist/dockerfile');
readDockerfileAndAnalyse(process.argv[2]).then(({ baseImage, dockerfilePackages }) =>
    console.log([baseImage, ...Object.keys(dockerfilePackages)].join(' ')));
EOF
read_dockerfile() {
    printf '%s\n' "$@" > "$dir/Dockerfile"
    node "$dir/read.js" "$dir/Dockerfile"
}

expect 'an ARG' 'debian:13' "$(read_dockerfile 'ARG RELEASE=13' 'FROM debian:$RELEASE')"
expect 'an ARG in an ARG' 'debian:$RELEASE' \
    "$(read_dockerfile 'ARG RELEASE=13' 'ARG BASE=debian:$RELEASE' 'FROM $BASE')"
expect 'shell form' 'debian curl' "$(read_dockerfile 'FROM debian' 'RUN apt-get install -y curl')"
expect 'JSON form' 'debian' "$(read_dockerfile 'FROM debian' 'RUN ["apt-get", "install", "-y", "curl"]')"
expect 'here-document' 'debian <<EOF curl EOF' \
    "$(read_dockerfile 'FROM debian' 'RUN <<EOF' 'apt-get install -y curl' 'EOF')"
expect 'echo' 'debian echo done' "$(read_dockerfile 'FROM debian' 'RUN echo apt-get install done')"

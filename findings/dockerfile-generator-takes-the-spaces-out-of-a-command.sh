#!/bin/sh
# dockerfile-generator 5.0.3 (Node), seen 2026-11-30.
#
# `convertToJSON` makes an object of a Dockerfile, from which `generate` makes a Dockerfile again. A RUN is cut at its
# commas, and its spaces are taken out: `RUN npm ci && npm test` comes back as `RUN [ "npmci&&npmtest" ]`. A COPY of two
# files has no target, and neither has one with `--from`. A second FROM takes the place of the first, in front of the
# steps of both stages.
#
# One would have guessed that a line which the library cannot read is an error, or that a text stays a text. It matters
# since the Dockerfile it writes looks like one, and is built up to the first RUN.
set -eu
. "$(dirname "$0")/common"

npm_install dockerfile-generator@5.0.3

# The Dockerfile that comes back.
cat > "$dir/again.js" <<'EOF'
const { Readable } = require('stream');
const { convertToJSON, generate } = require('dockerfile-generator');
convertToJSON(Readable.from([process.argv[2]])).then(generate).then((text) =>
    console.log(text.trim().replaceAll('\n', '; ')));
EOF
again() { node "$dir/again.js" "$(printf '%b' "$1")"; }

expect 'a list' 'FROM debian:12; RUN [ "make", "all" ]' "$(again 'FROM debian:12\nRUN ["make", "all"]')"
expect 'a command' 'FROM node:24; RUN [ "npmci&&npmtest" ]' "$(again 'FROM node:24\nRUN npm ci && npm test')"
expect 'a word with spaces' 'FROM nginx; CMD [ "nginx", "-g", "daemonoff;" ]' \
    "$(again 'FROM nginx\nCMD ["nginx", "-g", "daemon off;"]')"
expect 'two files' 'FROM node:24; COPY package.json package-lock.json' \
    "$(again 'FROM node:24\nCOPY package.json package-lock.json ./')"
expect 'two stages' 'FROM nginx; RUN [ "make" ]; COPY --from=build /out' \
    "$(again 'FROM node:24 AS build\nRUN make\nFROM nginx\nCOPY --from=build /out /srv')"

#!/bin/sh
# decomposerize 1.4.4 (Node), seen 2026-11-29.
#
# The library turns a Compose file into `docker run`. `command: npm run start` is right, but the list
# `command: [npm, run, start]` becomes the one word `npm,run,start`, and the test of a health check becomes
# `CMD,curl,-f,…`. An entry point of several words gives one `--entrypoint` each, of which Docker takes the last.
#
# One would have guessed that both forms of a command give the same, as they do in Compose. It matters since the list
# is the form that the documentation of Compose shows: the container looks for a program whose name has commas.
set -eu
. "$(dirname "$0")/common"

npm_install decomposerize@1.4.4

# What follows `docker run` for a service with the key given.
run() {
    node -e '
const convert = require("decomposerize");
console.log((convert.default ?? convert)(`services:\n  app:\n    image: node:22\n    ${process.argv[1]}\n`));' "$1" \
        | sed 's/^docker run //'
}

cd "$dir"
expect 'text' 'node:22 npm run start' "$(run 'command: npm run start')"
expect 'list' 'node:22 npm,run,start' "$(run 'command: [npm, run, start]')"
expect 'entry point' '--entrypoint tini --entrypoint -- node:22 serve' \
    "$(run 'entrypoint: [tini, --]
    command: serve')"
expect 'health check' '--health-cmd CMD,curl,-f,http://localhost node:22' \
    "$(run 'healthcheck: {test: [CMD, curl, -f, "http://localhost"]}')"

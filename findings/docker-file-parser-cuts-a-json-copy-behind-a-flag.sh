#!/bin/sh
# docker-file-parser 1.0.7 (Node), seen 2026-11-29.
#
# The parser knows the JSON form of COPY and ADD: `COPY ["my app", "/opt/"]` has the arguments `my app` and `/opt/`.
# Behind a flag it cuts the same list at its spaces: `COPY --chown=1000 ["my app", "/opt/"]` has `--chown=1000`,
# `["my`, `app",` and `"/opt/"]`, without an error.
#
# One would have guessed that a flag does not change how the rest is read. It matters to anyone who looks up what a COPY
# takes from the context: the names exist nowhere, and the last one is no longer the destination.
set -eu
. "$(dirname "$0")/common"

npm_install docker-file-parser@1.0.7

# The name, arguments and error of the last instruction.
last() {
    node -e '
const { name, args, error } = require("docker-file-parser").parse("FROM debian:12\n" + process.argv[1]).pop();
console.log(name, args.join(" | "), error ?? "");' "$1" | sed 's/ $//'
}

cd "$dir"
expect 'no flag' 'COPY my app | /opt/' "$(last 'COPY ["my app", "/opt/"]')"
expect 'a flag' 'COPY --chown=1000 | ["my | app", | "/opt/"]' "$(last 'COPY --chown=1000 ["my app", "/opt/"]')"
expect 'ADD' 'ADD --link | ["my | app", | "/opt/"]' "$(last 'ADD --link ["my app", "/opt/"]')"

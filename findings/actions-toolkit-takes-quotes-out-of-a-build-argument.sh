#!/bin/sh
# @docker/actions-toolkit 0.101.0 (Node), seen 2026-11-30.
#
# The GitHub action docker/build-push-action reads its `build-args`, one a line, through `getInputList` with
# `ignoreComma`. The library takes the line apart as CSV all the same and joins the parts again, and a part in quotes
# loses them: the value of `CMD=["sh","-c","id"]` is `["sh",-c,"id"]`. The first and the last string keep theirs, as
# more than the string is between their commas. `labels`, `annotations` and `secrets` are read in the same way.
#
# One would have guessed that a line in which commas mean nothing is handed on as it is, as `docker build --build-arg`
# takes it. It matters to arguments that are lists in JSON: with two strings, or a space behind each comma, all is well,
# and with three it is no JSON any more.
set -eu
. "$(dirname "$0")/common"

npm_install @docker/actions-toolkit@0.101.0

cat > "$dir/list.mjs" <<'EOF'
import { Util } from '@docker/actions-toolkit/lib/util.js';
process.env['INPUT_BUILD-ARGS'] = process.argv[2];
console.log(Util.getInputList('build-args', { ignoreComma: true }).join('\n'));
EOF
arguments() { node "$dir/list.mjs" "$1"; }

expect 'one string' 'CMD=["id"]' "$(arguments 'CMD=["id"]')"
expect 'two strings' 'CMD=["id","-u"]' "$(arguments 'CMD=["id","-u"]')"
expect 'three strings' 'CMD=["sh",-c,"id"]' "$(arguments 'CMD=["sh","-c","id"]')"
expect 'four strings' 'CMD=["sh",-c,id,"a"]' "$(arguments 'CMD=["sh","-c","id","a"]')"
expect 'with spaces' 'CMD=["sh", "-c", "id"]' "$(arguments 'CMD=["sh", "-c", "id"]')"
expect 'flags' 'FLAGS=-s,-X main.name=a b' "$(arguments 'FLAGS=-s,"-X main.name=a b"')"

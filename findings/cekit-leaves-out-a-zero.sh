#!/bin/sh
# cekit 4.16.0, beside dockerfile 3.4.0 (Python, BuildKit's parser), seen 2026-11-30.
#
# The Dockerfile that it makes of an image descriptor sets the variables that have a value, and takes 0, `false` and the
# empty text for none: `RETRIES: 0` is not in it. Values are put in double quotes as they are, so that
# `{"level":"info"}` loses its own. And a `cmd` with a quote in a word, as in `sh -c 'echo "$HOME"'`, is no JSON in the
# Dockerfile: the build takes it for a line of a shell that begins with `[`.
#
# One would have guessed that what has a value is set. It matters since the variable of the base image stays then, or
# the default of the program: no message says that the descriptor is not what was built.
set -eu
. "$(dirname "$0")/common"

pip_install cekit==4.16.0 dockerfile==3.4.0

# What BuildKit reads of the instruction given, in the Dockerfile for a descriptor with the lines given.
mkdir "$dir/project"
instruction() {
    printf 'schema_version: 1\nname: shop/app\nversion: "1"\nfrom: debian:12\n%b\n' "$2" > "$dir/project/image.yaml"
    "$dir/py/bin/cekit" --work-dir "$dir/work" --descriptor "$dir/project/image.yaml" --target "$dir/target" \
        build --dry-run docker > "$dir/log" 2>&1
    python3 -c '
import sys
import dockerfile
for step in dockerfile.parse_file(sys.argv[1]):
    if step.cmd == sys.argv[2]:
        print("JSON" if step.json else "shell", *step.value)' "$dir/target/image/Dockerfile" "$1"
}

expect 'a text' 'shell STAGE "0"' "$(instruction ENV 'envs:\n  - { name: STAGE, value: "0" }')"
expect 'a zero' 'shell STAGE "test"' \
    "$(instruction ENV 'envs:\n  - { name: RETRIES, value: 0 }\n  - { name: STAGE, value: test }')"
expect 'false' 'shell STAGE "test"' \
    "$(instruction ENV 'envs:\n  - { name: DEBUG, value: false }\n  - { name: STAGE, value: test }')"
expect 'quotes' 'shell LOG "{"level":"info"}"' \
    "$(instruction ENV "envs:\n  - { name: LOG, value: '{\"level\":\"info\"}' }")"
expect 'a command' 'JSON sh -c echo hi' "$(instruction CMD 'run:\n  cmd: [sh, -c, echo hi]')"
# The dollar is for the shell of the container.
# shellcheck disable=SC2016
expect 'a command with quotes' 'shell ["sh", "-c", "echo "$HOME""]' \
    "$(instruction CMD "run:\n  cmd: [sh, -c, 'echo \"\$HOME\"']")"

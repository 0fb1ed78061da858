#!/bin/sh
# composenomadconvertor 0.0.4 (Python), seen 2026-11-30.
#
# Makes a job for Nomad of a Compose file. The `command` and `entrypoint` of a service are not in the task, which has
# keys for both: two services that are one image with another command each are two tasks that do the same. A limit of
# `1G` is one of 107374182 MB: the number of bytes without its last digit, as if that were the unit. No message says
# so.
#
# One would have guessed that a task runs what the service ran, or that one is told. It matters to a worker beside a web
# server, which is then a second web server.
set -eu
. "$(dirname "$0")/common"

pip_install composenomadconvertor==0.0.4

# What the tasks of two services have of an image, a command and a limit.
cat > "$dir/compose.yaml" <<'END'
version: "3.7"
services:
  web:
    image: app:1
    command: [serve]
    networks: [shop]
  worker:
    image: app:1
    command: [work]
    entrypoint: /start.sh
    networks: [shop]
    deploy: {resources: {limits: {cpus: "0.5", memory: 1G}}}
networks: {shop: {}}
volumes: {data: {}}
END
python3 -m composenomadconvertor "$dir/compose.yaml" "$dir/job.json" > "$dir/log" 2>&1
task() {
    python3 -c '
import json, sys
task = json.load(open(sys.argv[1]))["job"]["shop"]["group"]["shop"]["task"][sys.argv[2]]
print(json.dumps(task["config"]), task["resources"]["memory"], "MB")' "$dir/job.json" "$1"
}

rest='"network_mode": "shop", "network_aliases"'
expect 'web' "{\"image\": \"app:1\", $rest: [\"web\"], \"privileged\": false} 256 MB" "$(task web)"
expect 'worker' "{\"image\": \"app:1\", $rest: [\"worker\"], \"privileged\": false} 107374182 MB" "$(task worker)"
expect 'messages' '' "$(cat "$dir/log")"

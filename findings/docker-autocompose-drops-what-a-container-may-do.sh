#!/bin/sh
# docker-autocompose 1.3.0 (Python), seen 2026-11-30.
#
# It makes a Compose file of a running container. Of `--cap-drop ALL --cap-add NET_BIND_SERVICE` the file has the first
# half: a `cap_drop` and no `cap_add`. Of `--restart on-failure:5` it has `on-failure`, which starts again without an
# end. The limits of memory and processors are missing, too.
#
# One would have guessed that the two halves of a setting go together, or that a message names what is left out. It
# matters since the file is used in the container's place: the service cannot open port 80 any more, and is started
# again for ever.
set -eu
. "$(dirname "$0")/common"

pip_install docker-autocompose==1.3.0

# An object that knows one container stands in for Docker. The arguments are what `docker inspect` says of it below
# HostConfig.
cat > "$dir/compose.py" <<'EOF'
import json, sys
from types import SimpleNamespace
import docker
from src import autocompose

host = {"PortBindings": {}, "RestartPolicy": {"Name": "no"}} | json.loads(sys.argv[1])
web = SimpleNamespace(name="web", short_id="0123456789ab", attrs={
    "Name": "/web", "Mounts": [], "HostConfig": host, "NetworkSettings": {"Networks": {"bridge": {}}},
    "Config": {"Image": "app:1", "Env": [], "Labels": {}, "ExposedPorts": {}},
})
containers = SimpleNamespace(list=lambda all: [web], get=lambda id: web)
docker.from_env = lambda: SimpleNamespace(containers=containers)
service = autocompose.generate("web")[0]["web"]
print(*(f"{key}={json.dumps(service[key])}" for key in sys.argv[2:] if key in service))
EOF
service() { python3 "$dir/compose.py" "$@"; }

expect 'a restart' 'restart="always"' \
    "$(service '{"RestartPolicy": {"Name": "always", "MaximumRetryCount": 0}}' restart)"
expect 'a restart with an end' 'restart="on-failure"' \
    "$(service '{"RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 5}}' restart)"
expect 'capabilities' 'cap_drop=["ALL"]' \
    "$(service '{"CapDrop": ["ALL"], "CapAdd": ["NET_BIND_SERVICE"]}' cap_drop cap_add)"
expect 'memory' '' "$(service '{"Memory": 536870912, "NanoCpus": 500000000}' mem_limit cpus deploy)"

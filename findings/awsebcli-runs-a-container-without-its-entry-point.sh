#!/bin/sh
# awsebcli 3.27.5 (Python), seen 2026-11-30.
#
# `eb local run` makes a Compose file of the containers in a Dockerrun.aws.json, which are described as for ECS. It
# takes over a few keys and says nothing of the others: an `entryPoint` is lost, so that the `command` goes to the entry
# point of the image, and the port 53 with the protocol `udp` is a TCP port. Names lose all but letters and digits, so
# that of the containers `db-1` and `db1` only the second is left.
#
# One would have guessed that the container on this machine is the one that Elastic Beanstalk runs, since trying that
# out is what the command is for, or that it says what it leaves out.
set -eu
. "$(dirname "$0")/common"

pip_install --no-deps awsebcli==3.27.5 botocore==1.40.76 cement==2.10.14 colorama==0.4.6 jmespath==1.0.1 \
    pathspec==0.12.1 python-dateutil==2.9.0.post0 requests==2.32.5 semantic-version==2.10.0 six==1.17.0 \
    termcolor==3.2.0 urllib3==2.5.0 wcwidth==0.2.14 pyyaml==6.0.3 packaging==25.0 blessed==1.25.0 idna==3.11 \
    certifi==2025.11.12 charset-normalizer==3.4.4

cat > "$dir/compose.py" <<'END'
import json, sys
from ebcli.containers.compose import compose_dict
from ebcli.containers.envvarcollector import EnvvarCollector

definitions = [{"image": "app:1", "memory": 64, **json.loads(text)} for text in sys.argv[1:]]
dockerrun = {"AWSEBDockerrunVersion": 2, "containerDefinitions": definitions}
print(json.dumps(compose_dict(dockerrun, "/app", "/log", EnvvarCollector())))
END
# The services for the containers given.
services() { python3 "$dir/compose.py" "$@"; }

expect 'a command' '{"web": {"image": "app:1", "command": ["serve"]}}' \
    "$(services '{"name": "web", "command": ["serve"]}')"
expect 'an entry point' '{"web": {"image": "app:1", "command": ["serve"]}}' \
    "$(services '{"name": "web", "entryPoint": ["/start.sh"], "command": ["serve"]}')"
expect 'UDP' '{"dns": {"image": "app:1", "ports": ["53:53"]}}' \
    "$(services '{"name": "dns", "portMappings": [{"hostPort": 53, "containerPort": 53, "protocol": "udp"}]}')"
expect 'two names' '{"db1": {"image": "postgres:17"}}' \
    "$(services '{"name": "db-1", "image": "mysql:8.4"}' '{"name": "db1", "image": "postgres:17"}')"

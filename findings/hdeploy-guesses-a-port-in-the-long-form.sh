#!/bin/sh
# hdeploy 0.1.1 (Python), seen 2026-11-30.
#
# Puts each service of a Compose file on a machine of its own, with a `docker run`. It takes the port of the container
# from the first entry of `ports` if that is a string: of `{ target: 3000, published: "80" }` it reads nothing, and the
# port is 8080. The `entrypoint` of a service is not in the command, so that its `command` goes to the entry point of
# the image, and a variable without a value is empty instead of the one of the environment.
#
# One would have guessed that it reads both forms of a port, as it does for variables, or says that it guesses. It
# matters since the machine is there, the container runs, and nothing answers.
set -eu
. "$(dirname "$0")/common"

pip_install --no-deps hdeploy==0.1.1 pyyaml==6.0.3

# The `docker run` on the machine for a service with the keys given.
command() {
    printf 'services:\n  web:\n    image: app:1\n%s\n' "$1" > "$dir/docker-compose.shop.yml"
    (cd "$dir" && STAGE=prod python3 -c '
import yaml
from hdeploy.cloudinit import generate_cloudinit
from hdeploy.compose import parse_compose

spec = parse_compose("docker-compose.shop.yml")
commands = yaml.safe_load(generate_cloudinit(spec.services[0], 0, spec))["runcmd"]
[unit] = [command for command in commands if "docker run" in command]
lines = unit[unit.index("docker run"):].splitlines()
words = []
for line in lines:
    words += line.rstrip("\\").split()
    if not line.endswith("\\"):
        break
print(*words)')
}

run='docker run --rm --name shop-web -p 127.0.0.1'
expect 'a short port' "$run:3000:3000 app:1" "$(command '    ports: ["80:3000"]')"
expect 'a long port' "$run:8080:8080 app:1" "$(command '    ports: [{ target: 3000, published: "80" }]')"
expect 'an entry point' "$run:8080:8080 app:1 serve" "$(command '    entrypoint: /start.sh
    command: serve')"
expect 'a variable of the environment' "$run:8080:8080 -e STAGE=\"\" app:1" "$(command '    environment: [STAGE]')"

#!/bin/sh
# docker-replay 1.5 (Python), seen 2026-11-30.
#
# Writes the `docker run` command of a container that is running. It rounds an amount of memory to the largest unit of
# which there is at least one: `--memory 1280m` becomes `--memory 1g`, and `--memory 1536m` becomes `--memory 2g`,
# beside which the swap of 3g is no longer twice as much.
#
# One would have guessed the amount that the container has, for which there are smaller units. It matters since the new
# container starts, and is then killed for using memory that the old one had, or takes what was meant for others.
set -eu
. "$(dirname "$0")/common"

pip_install docker-replay==1.5

# The amounts of memory in the command for a container with those given, in MiB.
amounts() {
    python3 -c '
import logging, sys
logging.disable(logging.CRITICAL)
from docker_replay.parser import ConfigParser

memory, swap, shared = (int(text) * 1024 * 1024 for text in sys.argv[1:])
host = {"Memory": memory, "MemorySwap": swap, "ShmSize": shared,
        "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0}}
container = {"Name": "/app", "Config": {"Image": "app:1", "Env": []}, "HostConfig": host | {"NetworkMode": "default"}}
options = (str(option) for option in ConfigParser(container).opts)
print(*sorted(option for option in options if "mem" in option or "shm" in option))' "$@"
}

expect 'a whole number' '--memory 2g --memory-swap 4g --shm-size 64m' "$(amounts 2048 4096 64)"
expect '1280 MiB' '--memory 1g --memory-swap 2g --shm-size 1g' "$(amounts 1280 2560 1400)"
expect '1536 MiB' '--memory 2g --memory-swap 3g --shm-size 64m' "$(amounts 1536 3072 64)"

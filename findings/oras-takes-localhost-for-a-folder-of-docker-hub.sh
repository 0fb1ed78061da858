#!/bin/sh
# oras 0.2.43, beside docker-image-py 0.2.0 (Python, the grammar of the registry), seen 2026-11-29.
#
# The first part of an image's name is a registry if it has a dot or a colon, or is `localhost`. The library knows the
# first two only: `localhost/app:1` is `docker.io/localhost/app:1` for it. And `debian:12` is `docker.io/debian:12`,
# without the folder `library` that Docker Hub has for such names.
#
# One would have guessed the rules of Docker. It matters since what is meant for the registry of this machine is
# addressed to Docker Hub, and an official image by a name that it does not have there.
set -eu
. "$(dirname "$0")/common"

pip_install oras==0.2.43 docker-image-py==0.2.0

# The whole name, by the library and by the grammar.
whole() {
    python3 -c '
import sys
from docker_image.reference import Reference
from oras.container import Container
print(Container(sys.argv[1]).uri, Reference.parse_normalized_named(sys.argv[1]).string(), sep=", ")' "$1"
}

expect 'a port' 'localhost:5000/app:1, localhost:5000/app:1' "$(whole localhost:5000/app:1)"
expect 'localhost' 'docker.io/localhost/app:1, localhost/app:1' "$(whole localhost/app:1)"
expect 'an official image' 'docker.io/debian:12, docker.io/library/debian:12' "$(whole debian:12)"

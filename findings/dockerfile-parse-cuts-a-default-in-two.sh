#!/bin/sh
# dockerfile-parse 2.0.1 (Python), seen 2026-11-29.
#
# The parser replaces variables in what it returns, but does not know `${NAME:-default}`: for it the name ends
# at the colon, and the rest stays in the text. The base image of `FROM debian:${TAG:-12}` is reported as
# `debian::-12}`, and with `ARG TAG=13` before it as `debian:13:-12}`, without an error or a warning.
#
# One would have guessed that an unknown form is refused, or returned as it stands so that a caller can tell. It
# matters to anyone who looks up base images by what this parser says: the form is common, and no registry has
# an image of such a name.
set -eu
. "$(dirname "$0")/common"

pip_install dockerfile-parse==2.0.1

base_image() {
    python3 -c '
import io, sys
from dockerfile_parse import DockerfileParser
print(DockerfileParser(fileobj=io.BytesIO(sys.argv[1].encode())).baseimage)' "$1"
}

expect 'plain' 'debian:13' "$(base_image 'ARG TAG=13
FROM debian:${TAG}')"
expect 'with a default' 'debian:13:-12}' "$(base_image 'ARG TAG=13
FROM debian:${TAG:-12}')"
expect 'the default alone' 'debian::-12}' "$(base_image 'FROM debian:${TAG:-12}')"

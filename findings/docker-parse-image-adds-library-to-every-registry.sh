#!/bin/sh
# docker-parse-image 3.0.1 (Node), beside docker-image-py 0.2.0 (Python, the grammar of the registry), seen 2026-11-29.
#
# The `fullname` of an image gets the folder `library/` wherever it has none, so `localhost:5000/app:1` becomes
# `localhost:5000/library/app:1`. Only Docker Hub has that folder. A digest comes back as a tag, so that
# `debian@sha256:…` becomes `library/debian:sha256:…`, which is no name of an image.
#
# One would have guessed that the full name names the same image. It matters to anyone who pulls or looks up base
# images by it: a registry without folders answers that there is no such image.
set -eu
. "$(dirname "$0")/common"

npm_install docker-parse-image@3.0.1
pip_install docker-image-py==0.2.0

cd "$dir"
full_name() {
    node -e '
const parse = require("docker-parse-image");
console.log((parse.default ?? parse)(process.argv[1]).fullname);' "$1"
}
canonical() {
    python3 -c '
import sys
from docker_image.reference import Reference
print(Reference.parse_normalized_named(sys.argv[1]).string())' "$1"
}
digest=sha256:$(printf '%064d' 0)

expect 'debian:12' 'library/debian:12, docker.io/library/debian:12' \
    "$(full_name debian:12), $(canonical debian:12)"
expect 'ghcr.io/team/app:1' 'ghcr.io/team/app:1, ghcr.io/team/app:1' \
    "$(full_name ghcr.io/team/app:1), $(canonical ghcr.io/team/app:1)"
expect 'localhost:5000/app:1' 'localhost:5000/library/app:1, localhost:5000/app:1' \
    "$(full_name localhost:5000/app:1), $(canonical localhost:5000/app:1)"
expect 'with a digest' "library/debian:$digest, docker.io/library/debian@$digest" \
    "$(full_name "debian@$digest"), $(canonical "debian@$digest")"

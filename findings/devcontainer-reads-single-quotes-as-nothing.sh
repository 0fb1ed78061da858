#!/bin/sh
# @devcontainers/cli 0.89.0 (Node), seen 2026-11-29.
#
# devcontainer.json is JSON with comments, and its reader is forgiving: it copes with a missing comma and a
# missing closing brace. A file in single quotes is accepted too, with exit code 0 and no message, but the
# configuration is empty: no image, no Dockerfile. The same goes for keys without quotes.
#
# One would have guessed an error, or that a reader which forgives a missing comma finds the image here as well.
# It matters to tools that look for the Dockerfiles of a project: with another lenient reader they find one that
# the real tool never builds.
set -eu
. "$(dirname "$0")/common"

npm_install @devcontainers/cli@0.89.0

expect 'as it should be' '{"name":"app","image":"debian:12"}' \
    "$(devcontainer_configuration '{ "name": "app", "image": "debian:12" }')"
expect 'a comma and the last brace missing' '{"name":"app","image":"debian:12"}' \
    "$(devcontainer_configuration '{ "name": "app" "image": "debian:12"')"
expect 'single quotes' '{}' "$(devcontainer_configuration "{ 'name': 'app', 'image': 'debian:12' }")"
expect 'no quotes around keys' '{}' "$(devcontainer_configuration '{ name: "app", image: "debian:12" }')"

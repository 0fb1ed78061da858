#!/bin/sh
# @devcontainers/cli 0.89.0 (Node), seen 2026-11-29.
#
# `${localEnv:NAME:default}` takes the default up to its first colon only: that of
# `${localEnv:MIRROR:https://example.com/debian}` is `https`, and the rest is gone without a message. An image
# with a tag, `${localEnv:BASE:debian:12}`, loses the tag.
#
# One would have guessed that the default goes on to the closing brace, as it does in Compose and in shells. It
# matters to anyone who works out which arguments a development container is built with.
set -eu
. "$(dirname "$0")/common"

npm_install @devcontainers/cli@0.89.0

argument() {
    devcontainer_configuration "{ \"build\": { \"dockerfile\": \"Dockerfile\", \"args\": { \"A\": \"$1\" } } }" \
        | sed 's/.*"A":"\([^"]*\)".*/\1/'
}

unset UNSET_HERE || true
expect 'a default without a colon' 'debian' "$(argument '${localEnv:UNSET_HERE:debian}')"
expect 'a default with a tag' 'debian' "$(argument '${localEnv:UNSET_HERE:debian:12}')"
expect 'an address' 'https' "$(argument '${localEnv:UNSET_HERE:https://example.com/debian}')"

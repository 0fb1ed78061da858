#!/bin/sh
# composerize-ts 0.6.2 (Node), seen 2026-11-30.
#
# Makes a Compose file of `docker run`. What is given more than once comes out in the opposite order: of `--env-file
# base.env --env-file prod.env`, prod.env is the first, so that base.env counts for a variable which is in both, and of
# two DNS servers the other one is asked first. The limits `nofile=1024:2048` change places as well, so that the lower
# one is the hard one.
#
# One would have guessed that a list is in the order of the command. To Docker and Compose the last file counts. It
# matters since the container starts, with the settings of another place.
set -eu
. "$(dirname "$0")/common"

npm_install composerize-ts@0.6.2

# The service of a command, without its image.
service() {
    node -e '
        process.chdir(process.argv[1]);
        const { composerize } = require(process.argv[1] + "/node_modules/composerize-ts");
        const { yaml, messages } = composerize("docker run " + process.argv[2] + " app:1");
        const words = yaml.split("\n").slice(3).map((line) => line.trim()).filter((line) => !/^(image|$)/.test(line));
        console.log(words.concat(messages.map((message) => message.value)).join(" "));' "$dir" "$1"
}

expect 'two files' 'env_file: - prod.env - base.env' "$(service '--env-file base.env --env-file prod.env')"
expect 'one variable twice' 'environment: - STAGE=prod - STAGE=test' "$(service '-e STAGE=test -e STAGE=prod')"
expect 'two servers' 'dns: - 10.0.0.3 - 10.0.0.2' "$(service '--dns 10.0.0.2 --dns 10.0.0.3')"
expect 'two limits' 'ulimits: nofile: hard: 1024 soft: 2048' "$(service '--ulimit nofile=1024:2048')"

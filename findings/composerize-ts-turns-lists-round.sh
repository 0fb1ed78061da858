#!/bin/sh
# composerize-ts 0.6.2 (Node), seen 2026-11-30.
#
# Makes a Compose file of `docker run`. Options that are given more than once come out in the opposite order: of
# `--env-file base.env --env-file prod.env`, prod.env comes first, so that base.env counts for a variable that is in
# both; of two DNS servers, the second is asked first. The limits `nofile=1024:2048` change places as well, so that the
# lower one is the hard one.
#
# One would have guessed that a list is in the order of the command, since both Docker and Compose let the last file
# count. It matters since the container starts, with the settings of another environment.
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

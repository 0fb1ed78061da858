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
#
# No Docker is needed: a program that answers nothing stands in for it.
set -eu
. "$(dirname "$0")/common"

npm_install @devcontainers/cli@0.89.0

printf '#!/bin/sh\nexit 0\n' > "$dir/docker"
chmod +x "$dir/docker"
mkdir -p "$dir/project/.devcontainer"

# What the tool makes of the text, without what it adds itself.
configuration() {
    printf '%s' "$1" > "$dir/project/.devcontainer/devcontainer.json"
    "$dir/node_modules/.bin/devcontainer" read-configuration \
        --workspace-folder "$dir/project" --docker-path "$dir/docker" > "$dir/answer" 2> "$dir/log"
    node -e '
        const { configFilePath, ...rest } = JSON.parse(require("fs").readFileSync(process.argv[1])).configuration;
        console.log(JSON.stringify(rest));' "$dir/answer"
}

expect 'as it should be' '{"name":"app","image":"debian:12"}' \
    "$(configuration '{ "name": "app", "image": "debian:12" }')"
expect 'a comma and the last brace missing' '{"name":"app","image":"debian:12"}' \
    "$(configuration '{ "name": "app" "image": "debian:12"')"
expect 'single quotes' '{}' "$(configuration "{ 'name': 'app', 'image': 'debian:12' }")"
expect 'no quotes around keys' '{}' "$(configuration '{ name: "app", image: "debian:12" }')"

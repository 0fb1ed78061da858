#!/bin/sh
# containerify 4.1.0 (Node), seen 2026-11-30.
#
# Adds the files of a Node project to a base image, and sets an entry point: `npm start`, or another one. The command of
# the base image stays beside it. That of Node's own images is `node`, so the container runs `npm start node`, and with
# `--entrypoint "node server.js"` runs `node server.js node`. A variable that the base has is in the list twice, first
# with the value of the base.
#
# One would have guessed that the entry point is what runs. Docker's documentation of ENTRYPOINT says that the command
# of the base image is reset where the entry point is set. It matters to a program that reads its arguments: it has one
# more, which nobody wrote.
set -eu
. "$(dirname "$0")/common"

npm_install containerify@4.1.0

mkdir "$dir/app" "$dir/app/node_modules"
echo '{"name": "app"}' > "$dir/app/package.json"
echo 'serve()' > "$dir/app/server.js"
touch "$dir/app/node_modules/module.js"

# A registry that has one image: it writes down its port, and answers until its input ends.
cat > "$dir/registry.js" <<'END'
const crypto = require('crypto');
const fs = require('fs');
const http = require('http');
const [folder] = process.argv.slice(2);
const config = JSON.stringify({
    architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] }, history: [],
    config: { Entrypoint: ['docker-entrypoint.sh'], Cmd: ['node'], Env: ['LEVEL=info'] },
});
const digest = `sha256:${crypto.createHash('sha256').update(config).digest('hex')}`;
const type = 'application/vnd.docker.distribution.manifest.v2+json';
const manifest = JSON.stringify({
    schemaVersion: 2, mediaType: type, layers: [],
    config: { mediaType: 'application/vnd.docker.container.image.v1+json', size: config.length, digest },
});
const server = http.createServer((request, response) => {
    response.setHeader('Content-Type', type);
    response.end(request.url.includes('/manifests/') ? manifest : config);
});
server.listen(0, '127.0.0.1', () => fs.writeFileSync(`${folder}/port`, String(server.address().port)));
END
node "$dir/registry.js" "$dir" &
registry=$!
trap 'kill "$registry"; rm -rf "$dir"' EXIT
while [ ! -s "$dir/port" ]; do sleep 0.1; done

# What a container of the image has that it makes.
build() {
    rm -f "$dir/image.tar"
    "$dir/node_modules/.bin/containerify" --fromRegistry "http://127.0.0.1:$(cat "$dir/port")/v2/" --fromImage node:1 \
        --toImage app:1 --toTar "$dir/image.tar" --folder "$dir/app" "$@" > "$dir/log"
    python3 -c '
import json, sys, tarfile
with tarfile.open(sys.argv[1]) as image:
    config = json.load(image.extractfile("config.json"))["config"]
    print(*config["Entrypoint"], *config["Cmd"], config["Env"])' "$dir/image.tar"
}

expect 'no entry point' "npm start node ['LEVEL=info']" "$(build)"
expect 'an entry point' "node server.js node ['LEVEL=info']" "$(build --entrypoint 'node server.js')"
expect 'a variable' "npm start node ['LEVEL=info', 'LEVEL=debug']" "$(build --env LEVEL=debug)"

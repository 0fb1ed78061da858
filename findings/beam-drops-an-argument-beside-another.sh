#!/bin/sh
# beam-client 0.2.233 (Python), seen 2026-11-30.
#
# `Image.from_dockerfile` puts the build arguments it is given into the text of the Dockerfile. Of
# `ARG VERSION=1 RELEASE=2`, with a VERSION of 3, it makes `ARG VERSION="3"`: the argument RELEASE is gone. The value is
# in double quotes from then on, so that the build replaces what follows the dollar of `5$off`. And with a target, the
# Dockerfile ends above the next line that begins with FROM, even if that is one of SQL in a here-document.
#
# One would have guessed that a build argument changes one argument, as `docker build --build-arg` does. It matters
# since the build goes on: RELEASE is an empty variable in every step behind it.
set -eu
. "$(dirname "$0")/common"

pip_install beam-client==0.2.233

cat > "$dir/Dockerfile" <<'EOF'
FROM debian:12 AS build
ARG VERSION=1 RELEASE=2
ARG PRICE
RUN <<END
sqlite3 app.db "SELECT name
FROM users"
END
RUN make
FROM debian:12
EOF
# The Dockerfile that is sent for a target ("" for none) and build arguments, and the lines of its arguments.
sent() {
    python3 -c '
import sys
from beta9.abstractions.image import Image
file, target, *arguments = sys.argv[1:]
arguments = dict(argument.split("=", 1) for argument in arguments)
print(Image.from_dockerfile(file, target=target or None, build_args=arguments).dockerfile)' \
        "$dir/Dockerfile" "$@" 2> "$dir/log" | sed '/^$/d'
}
arguments() { sent '' "$@" | grep ARG | tr '\n' ';'; }

expect 'no argument' 'ARG VERSION=1 RELEASE=2;ARG PRICE;' "$(arguments)"
expect 'VERSION' 'ARG VERSION="3";ARG PRICE;' "$(arguments VERSION=3)"
# The dollar is one for the build.
# shellcheck disable=SC2016
expect 'PRICE' 'ARG VERSION=1 RELEASE=2;ARG PRICE="5$off";' "$(arguments 'PRICE=5$off')"
expect 'the last line without a target' 'FROM debian:12' "$(sent '' | tail -n 1)"
expect 'the last line with a target' 'sqlite3 app.db "SELECT name' "$(sent build | tail -n 1)"

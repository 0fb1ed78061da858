#!/bin/sh
# @reteps/dockerfmt 0.5.4 (Node), beside dockerfile 3.4.0 (Python package, BuildKit's own parser in a Python package),
# seen 2026-11-29.
#
# The old form `ENV OPTS -Xmx1g -Dmode=prod` gives one variable a value of two words. The formatter writes
# `ENV OPTS=-Xmx1g -Dmode=prod`, without quotes: OPTS is `-Xmx1g`, and there is a second variable of the name `-Dmode`.
# Where the other words have no `=`, the builder refuses the line.
#
# One would have guessed quotes around such a value, or that the line is left alone. It matters since the file still
# builds, and the program is started with half of its options.
set -eu
. "$(dirname "$0")/common"

npm_install @reteps/dockerfmt@0.5.4
pip_install dockerfile==3.4.0

format() { printf 'FROM debian:12\n%s\n' "$1" | dockerfmt > "$dir/Dockerfile"; }
# The names and values that BuildKit reads in the second line.
variables() {
    python3 -c '
import sys, dockerfile
try:
    words = dockerfile.parse_file(sys.argv[1])[1].value
    print(", ".join(f"{name} = {value}" for name, value in zip(words[::2], words[1::2])))
except dockerfile.GoParseError:
    print("refused")' "$dir/Dockerfile"
}

printf 'FROM debian:12\nENV OPTS -Xmx1g -Dmode=prod\n' > "$dir/Dockerfile"
expect 'before' 'OPTS = -Xmx1g -Dmode=prod' "$(variables)"
format 'ENV OPTS -Xmx1g -Dmode=prod'
expect 'line' 'ENV OPTS=-Xmx1g -Dmode=prod' "$(sed -n 2p "$dir/Dockerfile")"
expect 'after' 'OPTS = -Xmx1g, -Dmode = prod' "$(variables)"
format 'ENV GREETING good morning'
expect 'without a sign' 'refused' "$(variables)"

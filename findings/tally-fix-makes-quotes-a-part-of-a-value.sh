#!/bin/sh
# tally-cli 0.45.0 (Python package of the program tally), beside dockerfile 3.4.0 and e2b-dockerfile-utils 0.1.1
# (Python packages, BuildKit's parser and a port of its word reader), seen 2026-11-29.
#
# The old form `ENV OPTS "-a -b"` sets the value `-a -b`, as the builder takes the quotes away. `tally lint --fix`
# writes `ENV OPTS="\"-a -b\""`, whose value has them: `"-a -b"`. Single quotes stay in the same way. A value without
# quotes is written right.
#
# One would have guessed that a safe fix of the form leaves the value alone. It matters to what reads the variable: a
# shell does not take away quotes that come out of `$OPTS`, so the program gets `"-a` and `-b"`.
set -eu
. "$(dirname "$0")/common"

pip_install tally-cli==0.45.0 dockerfile==3.4.0 e2b-dockerfile-utils==0.1.1

# The value that a builder gives the variable of the second line.
value() {
    python3 -c '
import sys, dockerfile, e2b_dockerfile_utils
name, value, *_ = dockerfile.parse_file(sys.argv[1])[1].value
print(e2b_dockerfile_utils.ShellLex("\\").process_word(value))' "$dir/Dockerfile"
}

# The line before and after, and its two values.
fix() {
    printf 'FROM debian:12\n%s\n' "$1" > "$dir/Dockerfile"
    before=$(value)
    python3 "$dir/py/bin/tally" lint --no-config --slow-checks off --fix "$dir/Dockerfile" >&2 || :
    after=$(value)
    printf '%s: %s, then %s' "$(grep ENV "$dir/Dockerfile")" "$before" "$after"
}

expect 'no quotes' 'ENV OPTS="-a -b": -a -b, then -a -b' "$(fix 'ENV OPTS -a -b' 2> "$dir/log")"
expect 'new form' 'ENV OPTS="-a -b": -a -b, then -a -b' "$(fix 'ENV OPTS="-a -b"' 2> "$dir/log")"
expect 'double quotes' 'ENV OPTS="\"-a -b\"": -a -b, then "-a -b"' "$(fix 'ENV OPTS "-a -b"' 2> "$dir/log")"
expect 'single quotes' "ENV OPTS=\"'-a -b'\": -a -b, then '-a -b'" "$(fix "ENV OPTS '-a -b'" 2> "$dir/log")"

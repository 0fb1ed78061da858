#!/bin/sh
# docked 0.1.0 (Python), seen 2026-12-01.
#
# A label or a variable with a space in it is put into double quotes as it is. A quote that it has itself ends them, and
# a `$` begins a variable of the build: the label `docker run -v "$PWD":/app shop` is `docker run -v :/app shop` in the
# image, and the variable `say "hi"` is `say hi`. The times of a health check are given as Python's own kind of time, of
# which only the whole seconds of its last day are taken: a day is `0s`, as is half a second, which to Docker is its own
# 30 seconds.
#
# One would have guessed that a value is written so that Docker reads it as it was, since the documentation says that
# the result is a valid Dockerfile and that its design avoids common mistakes. The reference of Dockerfiles says what a
# quote and a `$` are in LABEL and ENV. It matters as the build says nothing, and a label is seldom read before it is
# needed.
set -eu
. "$(dirname "$0")/common"

pip_install docked==0.1.0

# The last line of the Dockerfile of a stage with what is given.
last() {
    python3 -c '
import sys
from datetime import timedelta
import docked
stage = docked.Stage(base=docked.BaseImage("debian", tag="13"), **eval(sys.argv[1]))
print(docked.Image(stage).as_str().splitlines()[-1])' "$1"
}
health() { last "{'run': [docked.HEALTHCHECK('check', interval=timedelta($1))]}"; }

expect 'a label' 'LABEL usage="docker run shop"' "$(last "{'labels': {'usage': 'docker run shop'}}")"
expect 'a label with quotes' "LABEL usage=\"docker run -v \"\$PWD\":/app shop\"" \
    "$(last "{'labels': {'usage': 'docker run -v \"\$PWD\":/app shop'}}")"
expect 'a variable with quotes' 'ENV GREETING="say "hi""' \
    "$(last "{'build': [docked.ENV('GREETING', 'say \"hi\"')]}")"
expect 'a minute' 'HEALTHCHECK --interval=60s CMD ["check"]' "$(health 'minutes=1')"
expect 'a day' 'HEALTHCHECK --interval=0s CMD ["check"]' "$(health 'days=1')"
expect 'half a second' 'HEALTHCHECK --interval=0s CMD ["check"]' "$(health 'milliseconds=500')"

#!/bin/sh
# e2b 2.63.0 (Python), seen 2026-11-30.
#
# `Template().from_dockerfile` makes a variable of each ARG, one after the other. `ARG VERSION=13` above FROM sets 13,
# and the `ARG VERSION` below it, by which a stage takes that value over, sets the variable to nothing. An ARG also
# takes the place of an ENV of its name, and the image of `FROM debian:$VERSION` is asked for by this very name.
#
# One would have guessed the values that the Dockerfile reference gives: an ARG without a value has that of above FROM,
# an ENV goes before an ARG, and FROM knows the arguments above it. It matters since the steps run all the same, with
# `$VERSION` empty.
set -eu
. "$(dirname "$0")/common"

pip_install e2b==2.63.0

cat > "$dir/steps.py" <<'EOF'
import json, sys
from e2b import Template
template = json.loads(Template.to_json(Template().from_dockerfile("\n".join(sys.argv[1:]))))
variables = ["=".join(step["args"]) for step in template["steps"] if step["type"] == "ENV"]
print(template["fromImage"], *variables)
EOF
steps() { python3 "$dir/steps.py" "$@"; }

expect 'ARG with a value' 'debian VERSION=13' "$(steps 'FROM debian' 'ARG VERSION=13' 'RUN make')"
expect 'ARG taken over' 'debian VERSION=13 VERSION=' \
    "$(steps 'ARG VERSION=13' 'FROM debian' 'ARG VERSION' 'RUN make')"
expect 'ENV and ARG' 'debian VERSION=13 VERSION=12' \
    "$(steps 'FROM debian' 'ENV VERSION=13' 'ARG VERSION=12' 'RUN make')"
expect 'FROM' 'debian:$VERSION VERSION=13' "$(steps 'ARG VERSION=13' 'FROM debian:$VERSION' 'RUN make')"

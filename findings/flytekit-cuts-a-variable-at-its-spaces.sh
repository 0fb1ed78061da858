#!/bin/sh
# flytekit 1.16.31, beside dockerfile 3.4.0 (Python, BuildKit's parser), seen 2026-11-30.
#
# The variables of an `ImageSpec` go into the Dockerfile of its own builder as `NAME=value`, one behind the other in one
# ENV, without quotes. JAVA_OPTS of `-Xmx1g -Dmode=prod` is `-Xmx1g` there, and the rest is a variable `-Dmode`. The
# quotes of a value, and the dollar in it, are for the build to interpret, too.
#
# One would have guessed that a dictionary of texts gives variables of these texts, as it does with the `environment` of
# a task. It matters since the image is built, without a message: what is behind the first space has no effect.
set -eu
. "$(dirname "$0")/common"

pip_install flytekit==1.16.31 dockerfile==3.4.0

# What BuildKit reads of the ENV in the Dockerfile, from the variable VALUE on, for a value.
cat > "$dir/env.py" <<'EOF'
import pathlib, sys
import dockerfile
from flytekit import ImageSpec
from flytekit.image_spec.default_builder import create_docker_context
folder, value = sys.argv[1:]
spec = ImageSpec(name="app", registry="registry.example.com", base_image="debian:12", env={"VALUE": value})
create_docker_context(spec, pathlib.Path(folder))
for step in dockerfile.parse_file(folder + "/Dockerfile"):
    if step.cmd == "ENV" and "VALUE" in step.value:
        words = [word for word in step.value[step.value.index("VALUE"):] if word != "="]
        print(*map("=".join, zip(words[::2], words[1::2])), sep=", ")
EOF
env_of() { python3 "$dir/env.py" "$dir" "$1" 2> "$dir/log"; }

expect 'a word' 'VALUE=test' "$(env_of test)"
expect 'words' 'VALUE=-Xmx1g, -Dmode=prod' "$(env_of '-Xmx1g -Dmode=prod')"
expect 'words with quotes' 'VALUE="-Xmx1g -Dmode=prod"' "$(env_of '"-Xmx1g -Dmode=prod"')"

#!/bin/sh
# dfimage 1.1.0 (Python), seen 2026-11-30.
#
# It reads the steps of an image from the last one up to the first that has the text of the last step of the base
# image. The image may have such a step itself: if its base ends with `USER node`, and it does `USER root`, `RUN make`
# and `USER node` again, nothing is left but the FROM. Where the text is in the middle, the steps above are missing.
#
# One would have guessed that the steps of the base are told by their number, or by the layers, which the program has
# read to find the base. It matters since a change of user for one step is usual, and the output looks complete.
set -eu
. "$(dirname "$0")/common"

pip_install dfimage==1.1.0

# An object that knows two images stands in for Docker. The arguments are the last step of the base and all of the
# image; a step that changes files brings a layer.
cat > "$dir/steps.py" <<'EOF'
import sys
import dfimage

steps = {"base:1": ["COPY / /", sys.argv[1]]}
steps["app:1"] = steps["base:1"] + sys.argv[2:]

class Docker:
    def __init__(self, base_url):
        self.api = self

    def images(self):
        return [{"Id": "sha256:" + name, "RepoTags": [name]} for name in steps]

    def inspect_image(self, id):
        layers = [step for step in steps[id.partition(":")[2]] if step.startswith(("RUN", "COPY"))]
        return {"RootFS": {"Layers": layers}}

    def history(self, name):
        return [{"CreatedBy": step} for step in reversed(steps[name])]

dfimage.DockerClient = Docker
print(*dfimage.DockerfileParser("app:1").get_commands(), sep="; ")
EOF
steps() { python3 "$dir/steps.py" "$@"; }

expect 'another user' 'FROM base:1; USER root; RUN make; USER app' \
    "$(steps 'USER node' 'USER root' 'RUN make' 'USER app')"
expect 'the user of the base' 'FROM base:1' "$(steps 'USER node' 'USER root' 'RUN make' 'USER node')"
expect 'in the middle' 'FROM base:1; COPY app /app' \
    "$(steps 'USER node' 'USER root' 'RUN make' 'USER node' 'COPY app /app')"

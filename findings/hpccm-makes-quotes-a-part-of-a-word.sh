#!/bin/sh
# hpccm 26.5.0 (Python, NVIDIA's generator of Dockerfiles and Singularity recipes), seen 2026-11-29.
#
# A `runscript` is a line of shell, and becomes the ENTRYPOINT of a Dockerfile, in JSON form. The line is cut into words
# whose quotes stay: `serve --name "my app"` becomes `["serve", "--name", "'my app'"]`, and no shell takes the quotes
# away. The recipe for Singularity has the line as it is.
#
# One would have guessed that both recipes start the program with the same words. It matters since the generator is
# there to get the same container from one source: the name is `my app` in one of the two, and `'my app'` in the other.
set -eu
. "$(dirname "$0")/common"

pip_install hpccm==26.5.0

# The line that starts the program, for one kind of recipe.
recipe() {
    python3 -W ignore -c '
import sys, hpccm.config
from hpccm.primitives import runscript
hpccm.config.set_container_format(sys.argv[1])
print(runscript(commands=[sys.argv[2]]))' "$1" "$2" 2> "$dir/log" | tail -n 1 | sed 's/^ *//'
}

expect 'without quotes' 'ENTRYPOINT ["serve", "--port", "80"]' "$(recipe docker 'serve --port 80')"
expect 'for Docker' "ENTRYPOINT [\"serve\", \"--name\", \"'my app'\"]" "$(recipe docker 'serve --name "my app"')"
expect 'for Singularity' 'exec serve --name "my app" "$@"' "$(recipe singularity 'serve --name "my app"')"

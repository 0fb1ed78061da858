#!/bin/sh
# identify 2.6.20 (Python package, the library by which pre-commit picks the files of a hook), seen 2026-11-29.
#
# `Dockerfile.dockerignore`, the ignore file that belongs to one Dockerfile, is tagged `dockerfile`, and not as
# an ignore file. identify tries the parts of a name between its dots and takes the first one that it knows, so
# notes in a `Dockerfile.md` are a Dockerfile as well. `Dockerfile-dev`, a common name, gets no tag at all.
#
# One would have guessed that the end of the name decides, as with `.dockerignore` itself. It matters to every
# linter whose hook says `types: [dockerfile]`: it is given ignore patterns to read as instructions.
set -eu
. "$(dirname "$0")/common"

pip_install identify==2.6.20

tags() {
    python3 -c 'import sys; from identify.identify import tags_from_filename as t; print(*sorted(t(sys.argv[1])))' "$1"
}

expect '.dockerignore' 'dockerignore text' "$(tags .dockerignore)"
expect 'Dockerfile.dockerignore' 'dockerfile text' "$(tags Dockerfile.dockerignore)"
expect 'Dockerfile.md' 'dockerfile markdown text' "$(tags Dockerfile.md)"
expect 'Dockerfile-dev' '' "$(tags Dockerfile-dev)"

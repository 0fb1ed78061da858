#!/bin/sh
# pyoci 0.2.1 (Python), seen 2026-11-30.
#
# Without an entry point, it takes the first script in `[project.scripts]` of pyproject.toml, unless there is a colon in
# it. In that table there always is one, between a module and a function, and so the image starts a module `app`,
# whatever the project is called, and whether there is such a module or not.
#
# One would have guessed what the documentation says, that `shop = "shop.cli:main"` makes the image start shop. It
# matters since the build succeeds, and the container ends at once.
set -eu
. "$(dirname "$0")/common"

pip_install --no-deps pyoci==0.2.1

# The entry point of an image of a project with the script given.
entry_point() {
    printf '[project]\nname = "shop"\n\n[project.scripts]\nshop = "%s"\n' "$1" > "$dir/pyproject.toml"
    python3 -c '
import sys
from pyoci.project import detect_entrypoint
print(detect_entrypoint(sys.argv[1]))' "$dir"
}

expect 'a script' "['python', '-m', 'app']" "$(entry_point shop.cli:main)"
expect 'a module' "['python', '-m', 'shop']" "$(entry_point shop)"

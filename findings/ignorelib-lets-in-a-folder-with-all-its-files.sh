#!/bin/sh
# ignorelib 0.3.0 (Python), beside Git itself, seen 2026-11-30.
#
# Reads ignore files by the rules of .gitignore, for files of any name. It goes down a path and stops at the first
# folder for which there is a pattern. With `*`, `!*/` and `!*.py`, which let in the Python files of all folders, it
# lets in the folder `app`, and `app/key.pem` with it. With `logs/**` and `!logs/.gitkeep`, the folder `logs` is ignored
# itself, so that the second line has no effect; with `logs/*` it has.
#
# One would have guessed that the rules are Git's, as its documentation says. There, a folder that is let in is looked
# into, and `logs/**` is about what is in the folder. It matters to a list of what may be sent: all files of all folders
# are in it.
set -eu
. "$(dirname "$0")/common"

pip_install ignorelib==0.3.0

# Which of some files are ignored by the lines given, to the library and to Git.
cat > "$dir/ignored.py" <<'END'
import os, subprocess, sys
from ignorelib import IgnoreFilterManager
folder, name, *files = sys.argv[1:]
manager = IgnoreFilterManager(folder, [], name)
git = subprocess.run(["git", "-C", folder, "check-ignore", *files], capture_output=True, text=True).stdout.split()
print(*(file for file in files if manager.is_ignored(file)), "to the library,", *git, "to Git")
END
git init --quiet "$dir/project"
mkdir "$dir/project/app" "$dir/project/logs"
touch "$dir/project/key.pem" "$dir/project/app/main.py" "$dir/project/app/key.pem" "$dir/project/logs/.gitkeep" \
    "$dir/project/logs/run.log"
ignored() {
    printf '%s\n' "$@" > "$dir/project/.gitignore"
    python3 "$dir/ignored.py" "$dir/project" .gitignore key.pem app/main.py app/key.pem logs/.gitkeep logs/run.log
}

expect '*.pem' 'key.pem app/key.pem to the library, key.pem app/key.pem to Git' "$(ignored '*.pem')"
expect '* and !*/ and !*.py' 'key.pem to the library, key.pem app/key.pem logs/.gitkeep logs/run.log to Git' \
    "$(ignored '*' '!*/' '!*.py')"
expect 'logs/* and !logs/.gitkeep' 'logs/run.log to the library, logs/run.log to Git' \
    "$(ignored 'logs/*' '!logs/.gitkeep')"
expect 'logs/** and !logs/.gitkeep' 'logs/.gitkeep logs/run.log to the library, logs/run.log to Git' \
    "$(ignored 'logs/**' '!logs/.gitkeep')"

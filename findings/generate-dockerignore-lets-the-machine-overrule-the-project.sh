#!/bin/sh
# generate-dockerignore-from-gitignore 0.1.3 (Python), seen 2026-11-30.
#
# Makes a `.dockerignore` of what Git ignores: the `.gitignore` files come first, then `.git/info/exclude` and the file
# that `core.excludesFile` names. For Docker, the last line that matches counts. Git does it the other way round: those
# two files, which belong to one machine, count least. With `*.log` in one of them and `!important.log` in the
# `.gitignore`, Git keeps important.log, and Docker does not get it.
#
# One would have guessed that what is there for Git is in the context. It matters since the result depends on the
# machine where it was made, and a COPY of the folder leaves out the file without an error.
set -eu
. "$(dirname "$0")/common"

pip_install generate-dockerignore-from-gitignore==0.1.3 docker==7.2.0
git --version > /dev/null || not_installed git

export HOME="$dir" XDG_CONFIG_HOME="$dir/none"
unset GIT_DIR GIT_WORK_TREE || :
git init -q "$dir/project"
touch "$dir/project/run.log" "$dir/project/important.log"

# What is there for Git and for Docker, with the lines given in `.gitignore` and in `.git/info/exclude`.
kept() {
    printf '%s\n' "$1" > "$dir/project/.gitignore"
    printf '%s\n' "$2" > "$dir/project/.git/info/exclude"
    (cd "$dir/project" && python3 -m generate_dockerignore > "$dir/log" 2>&1 && python3 -c '
import subprocess
from docker.utils.build import exclude_paths
git = subprocess.run(["git", "ls-files", "-o", "--exclude-standard"], capture_output=True, text=True).stdout.split()
docker = exclude_paths(".", open(".dockerignore").read().splitlines())
print("; ".join(" ".join(sorted(name for name in names if name.endswith(".log"))) for names in (git, docker)))')
}

expect 'one file, Git and Docker' 'important.log; important.log' "$(kept '*.log
!important.log' '')"
expect 'two files, Git and Docker' 'important.log; ' "$(kept '!important.log' '*.log')"

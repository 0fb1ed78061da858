#!/bin/sh
# gitignore-parser 0.1.13 (Python) beside Git, seen 2026-12-01.
#
# With `build/` in .gitignore, which is for folders only, a file `build` is left out, as a script of that name is. With
# `docs/build` or `**/cache`, which are for a folder as well, what is in the folder is not: `docs/build` is left out,
# and `docs/build/index.html` is not. And with `data/` and `!data/schema.sql`, data/schema.sql is there.
#
# One would have guessed what Git does, since the package says of itself that it complies with the specification. Git's
# documentation says that a slash at the end is for folders only, that what is in a folder goes with it, and that
# nothing in it can be brought back. It matters to what asks it for each file of a project: with the two forms of a
# folder, what is copied is not what Git has.
set -eu
. "$(dirname "$0")/common"

pip_install gitignore-parser==0.1.13

git init -q "$dir/app"
mkdir -p "$dir/app/docs/build" "$dir/app/tools" "$dir/app/cache" "$dir/app/data"
for name in docs/build/index.html tools/build cache/one data/schema.sql data/dump.sql; do
    : > "$dir/app/$name"
done
# Which of the files are left out with some patterns, to the one or the other.
parser() {
    printf '%s\n' "$@" > "$dir/app/.gitignore"
    (cd "$dir/app" && find docs tools cache data -type f | sort | python3 -c '
import os, sys
from gitignore_parser import parse_gitignore
matches = parse_gitignore(os.path.abspath(".gitignore"))
print(*(name for name in sys.stdin.read().split() if matches(os.path.abspath(name))))')
}
git_itself() {
    printf '%s\n' "$@" > "$dir/app/.gitignore"
    (cd "$dir/app" && find docs tools cache data -type f | sort | git check-ignore --no-index --stdin | tr '\n' ' ' |
        sed 's/ $//')
}

expect 'folders to Git' 'docs/build/index.html' "$(git_itself build/)"
expect 'folders' 'docs/build/index.html tools/build' "$(parser build/)"
expect 'a folder of a folder to Git' 'docs/build/index.html' "$(git_itself docs/build)"
expect 'a folder of a folder' '' "$(parser docs/build)"
expect 'a folder anywhere to Git' 'cache/one' "$(git_itself '**/cache')"
expect 'a folder anywhere' '' "$(parser '**/cache')"
expect 'a folder and one of its files to Git' 'data/dump.sql data/schema.sql' "$(git_itself data/ '!data/schema.sql')"
expect 'a folder and one of its files' 'data/dump.sql' "$(parser data/ '!data/schema.sql')"

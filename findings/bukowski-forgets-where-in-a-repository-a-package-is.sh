#!/bin/sh
# bukowski 0.3.7 with poetry 1.8.5 (Python), seen 2026-12-01.
#
# In the pyproject.toml for uv that it makes of one for Poetry, a package of a Git repository has no `subdirectory`: uv
# takes what is at the top of the repository. A package in a folder with `develop = true` is not editable. A package
# that is for Windows is for all systems, and of two versions, each for some Pythons, both are for all of them.
#
# One would have guessed that what can be said in both files is in the second, since the tool is to move a project from
# one to the other. uv's documentation has a way to say each of the three. It matters as nothing is said of what was
# left out.
set -eu
. "$(dirname "$0")/common"

pip_install bukowski==0.3.7 poetry==1.8.5

# The lines with `shop` in the file that is made for a dependency.
mkdir -p "$dir/lib"
printf '[tool.poetry]\nname = "shop"\nversion = "1.0"\ndescription = ""\nauthors = []\n' > "$dir/lib/pyproject.toml"
mkdir "$dir/app"
converted() {
    cat > "$dir/app/pyproject.toml" <<EOF
[tool.poetry]
name = "app"
version = "1.0"
description = ""
authors = []

[tool.poetry.dependencies]
python = "^3.10"
shop = $1
EOF
    python3 "$dir/py/bin/bukowski" "$dir/app/pyproject.toml" 2> "$dir/log" | sed -n 's/^ *\(.*shop.*\)$/\1/p' |
        tr '\n' ' ' | sed 's/ $//'
}

expect 'a version' '"shop>=1.2,<2.0",' "$(converted '"^1.2"')"
expect 'a tag' '"shop", shop = {git = "https://example.com/team.git", tag = "v1"}' \
    "$(converted '{ git = "https://example.com/team.git", tag = "v1" }')"
expect 'a folder of a repository' '"shop", shop = {git = "https://example.com/team.git", tag = "v1"}' \
    "$(converted '{ git = "https://example.com/team.git", tag = "v1", subdirectory = "shop" }')"
expect 'a folder' '"shop", shop = {path = "../lib"}' "$(converted '{ path = "../lib", develop = true }')"
expect 'for Windows' '"shop>=1.2,<2.0",' "$(converted '{ version = "^1.2", platform = "win32" }')"
expect 'two' '"shop>=1.2,<2.0", "shop>=2.0,<3.0",' \
    "$(converted '[{ version = "^1.2", python = "<3.12" }, { version = "^2.0", python = ">=3.12" }]')"

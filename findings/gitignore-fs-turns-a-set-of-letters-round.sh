#!/bin/sh
# gitignore-fs 2.2.3 (Node) beside Git, seen 2026-12-01.
#
# The pattern `[!a].txt` of .gitignore, which is for all names of one letter but a, leaves out a.txt and `!.txt`, and
# not b.txt. Large and small letters are the same: `Build` leaves out a folder `build`. And a backslash is a backslash,
# so that `\*`, a file with the name `*`, is another pattern.
#
# One would have guessed what Git does, since the package says that it is to match Git's behaviour to 100 %. Git's
# documentation has `!` in brackets for what is not in the set, and to Git, on a system where they are two files,
# `Build` and `build` are two names. It matters to what copies a project without what Git leaves out, into an image or
# an archive: it lacks files that are in the repository.
set -eu
. "$(dirname "$0")/common"

npm_install gitignore-fs@2.2.3

# Which of some files are left out with a pattern, to gitignore-fs and to Git.
cat > "$dir/ignored.cjs" <<'EOF'
const Gitignore = require('gitignore-fs');
const [folder, ...names] = process.argv.slice(2);
const gitignore = new Gitignore();
console.log(names.filter((name) => gitignore.ignoresSync(`${folder}/${name}`)).join(' '));
EOF
git init -q "$dir/app"
ignored() {
    printf '%s\n' "$2" > "$dir/app/.gitignore"
    by=$1
    shift 2
    for name in "$@"; do
        mkdir -p "$(dirname "$dir/app/$name")"
        : > "$dir/app/$name"
    done
    if [ "$by" = git ]; then
        (cd "$dir/app" && git check-ignore --no-index "$@" | tr '\n' ' ' | sed 's/ $//')
    else
        node "$dir/ignored.cjs" "$dir/app" "$@"
    fi
}

expect 'all of a kind to Git' 'a.txt b.txt' "$(ignored git '*.txt' a.txt b.txt c.md)"
expect 'all of a kind' 'a.txt b.txt' "$(ignored fs '*.txt' a.txt b.txt c.md)"
expect 'all but one to Git' 'b.txt' "$(ignored git '[!a].txt' a.txt b.txt)"
expect 'all but one' 'a.txt' "$(ignored fs '[!a].txt' a.txt b.txt)"
expect 'a folder to Git' 'Build/app' "$(ignored git Build Build/app tools/build.sh build)"
expect 'a folder' 'Build/app build' "$(ignored fs Build Build/app tools/build.sh build)"

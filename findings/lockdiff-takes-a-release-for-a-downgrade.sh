#!/bin/sh
# lockdiff 0.1.0 (Python), beside packaging 26.2 (Python, the versions of pip itself), seen 2026-12-01.
#
# If a package goes from `3.0.0rc1` to `3.0.0`, the report has it under `Downgraded`, and the way back under `Upgraded`.
# So it is with `2.0.0-beta.3` and `2.0.0` of npm. And a package of a Git repository whose commit changes in uv.lock is
# no change at all: with `--exit-code`, which is for CI, the exit code is 0.
#
# One would have guessed the order that pip and npm have, in which a candidate is before its release, since the report
# is for people who look whether anything went back. PEP 440 and Semantic Versioning both say so. It matters as this is
# what most updates from a candidate are; and a commit is all that says which code of a repository is installed.
set -eu
. "$(dirname "$0")/common"

pip_install lockdiff==0.1.0 packaging==26.2

mkdir "$dir/old" "$dir/new"
# What is said of two files of a name, in one line.
report() { (cd "$dir" && python3 -m lockdiff --exit-code "old/$1" "new/$1" | tr '\n' ' '; echo "exit code $?"); }
pip() {
    echo "flask==$1" > "$dir/old/requirements.txt"
    echo "flask==$2" > "$dir/new/requirements.txt"
    report requirements.txt
}
# The same for a package of package-lock.json, and for one of a Git repository in uv.lock.
npm() {
    for place in "old $1" "new $2"; do
        printf '{ "lockfileVersion": 3, "packages": { "node_modules/vite": { "version": "%s" } } }\n' "${place#* }" \
            > "$dir/${place% *}/package-lock.json"
    done
    report package-lock.json
}
commit() {
    for place in "old $1" "new $2"; do
        printf '[[package]]\nname = "shop"\nversion = "1.0"\nsource = { git = "%s#%040d" }\n' \
            https://example.com/shop.git "${place#* }" > "$dir/${place% *}/uv.lock"
    done
    report uv.lock
}

expect 'two releases' 'Upgraded (1)   flask 2.3.0 -> 3.0.0 [major] exit code 0' "$(pip 2.3.0 3.0.0)"
expect 'a candidate to pip' 'True' "$(python3 -c '
from packaging.version import Version
print(Version("3.0.0rc1") < Version("3.0.0"))')"
expect 'a candidate and its release' 'Downgraded (1)   flask 3.0.0rc1 -> 3.0.0 exit code 0' "$(pip 3.0.0rc1 3.0.0)"
expect 'a release and its candidate' 'Upgraded (1)   flask 3.0.0 -> 3.0.0rc1 [patch] exit code 0' \
    "$(pip 3.0.0 3.0.0rc1)"
expect 'a beta of npm' 'Downgraded (1)   vite 2.0.0-beta.3 -> 2.0.0 exit code 0' "$(npm 2.0.0-beta.3 2.0.0)"
expect 'another commit' 'No dependency changes. exit code 0' "$(commit 1 2)"

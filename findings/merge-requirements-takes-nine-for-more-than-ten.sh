#!/bin/sh
# merge-requirements 0.6, beside packaging 26.2 (both Python), seen 2026-12-01.
#
# Of a package that is in both files, the one that it makes of them has the higher version, by the order of letters: of
# `django==5.10` and `django==5.9` it is 5.9. Of two lines for a package in one file, for an old and a new Python, there
# is the second. And all from a `#` to the next line is taken for a comment, with the end of the line: behind
# `git+https://example.com/shop.git#egg=shop`, the next requirement becomes a part of the address.
#
# One would have guessed the order of versions and the comments of pip, since the file is for pip. To pip, 5.10 is above
# 5.9, and a `#` begins a comment only at the start of a line or behind a space. It matters as the file looks right and
# pip takes it: what was fixed in the tenth version is gone from the image.
set -eu
. "$(dirname "$0")/common"

pip_install merge-requirements==0.6 packaging==26.2

# The lines of the file that is made of two, with bars between them.
merge() {
    printf '%s\n' "$1" > "$dir/first.txt"
    printf '%s\n' "$2" > "$dir/second.txt"
    rm -f "$dir/requirements-merged.txt"
    (cd "$dir" && python3 py/bin/merge_requirements first.txt second.txt > log)
    sed '/^$/d' "$dir/requirements-merged.txt" | tr '\n' '|'
}

expect 'two and three' 'django==5.3|' "$(merge django==5.2 django==5.3)"
expect 'nine and ten to pip' 'True' "$(python3 -c '
from packaging.version import Version
print(Version("5.9") < Version("5.10"))')"
expect 'nine and ten' 'django==5.9|' "$(merge django==5.9 django==5.10)"
expect 'two for a Python each' 'numpy==2.3 ; python_version >= "3.12"|redis|' \
    "$(merge "$(printf 'numpy==1.26 ; python_version < "3.12"\nnumpy==2.3 ; python_version >= "3.12"')" redis)"
expect 'a Git repository' 'flask==3.0|git+https://example.com/shop.gitredis==5.0|' \
    "$(merge flask==3.0 "$(printf 'git+https://example.com/shop.git#egg=shop\nredis==5.0')")"

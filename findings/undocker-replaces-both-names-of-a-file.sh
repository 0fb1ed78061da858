#!/bin/sh
# undocker 7 (Python), seen 2026-11-30.
#
# Unpacks the layers of an image one after another into a folder. Where a lower layer has a file with two names (a hard
# link), and an upper one another file in place of one of them, the other name has the new content as well: the file on
# the disk is written over, not replaced. A name that an upper layer removes is right, and so is a file with one name.
#
# One would have guessed that a folder then has the files of a container: the image format says that a layer replaces
# the entry of a path, and a container has the old content under the other name. It matters where a layer puts a script
# in place of a program that it still calls by its other name: the script then calls itself.
set -eu
. "$(dirname "$0")/common"

pip_install undocker==7

# The files of an image with the layers given, and what is in them.
files() {
    image_archive "$dir/image.tar" "$@"
    rm -rf "$dir/root"
    python3 "$dir/py/bin/undocker" --output "$dir/root" < "$dir/image.tar"
    (cd "$dir/root" && find . -type f -exec sh -c 'echo "${1#./}=$(cat "$1")"' sh {} \;) | sort | tr '\n' ' '
}

expect 'the file is removed' 'bin/tool-1=program ' \
    "$(files 'bin/ bin/tool=program bin/tool-1->bin/tool' 'bin/.wh.tool')"
expect 'two files, one is replaced' 'bin/tool-1=program bin/tool=script ' \
    "$(files 'bin/ bin/tool=program bin/tool-1=program' 'bin/tool=script')"
expect 'a file with two names, one is replaced' 'bin/tool-1=script bin/tool=script ' \
    "$(files 'bin/ bin/tool=program bin/tool-1->bin/tool' 'bin/tool=script')"

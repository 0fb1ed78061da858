#!/bin/sh
# oci-squash 0.1.0 (Python), seen 2026-11-30.
#
# Makes one layer of all layers of an image. Where a file has two names (a hard link) and a later layer removes one of
# them, the other is gone as well. Where a later layer replaces one of them by another file, the other is that file too.
# It goes through the layers from the top, and puts in a link if there is a file of the name to which it links, whatever
# layer that is from.
#
# One would have guessed that fewer layers give the same files: removing or replacing one of two names leaves the other
# as it was, in a container as on a disk. It matters to images of Debian, where `perl` and `perl5.40.1` are two names of
# one file, and to images with git or compilers: with a wrapper in place of one name, the wrapper calls itself.
set -eu
. "$(dirname "$0")/common"

pip_install oci-squash==0.1.0

squash() {
    image_archive "$dir/image.tar" "$@"
    python3 "$dir/py/bin/oci-squash" "$dir/image.tar" -t app:2 -o "$dir/squashed.tar" > "$dir/log" 2>&1
    image_layers "$dir/squashed.tar"
}

names='bin/ bin/tool=program bin/tool-1->bin/tool'
expect 'another file comes in' 'bin/ bin/other=script bin/tool-1->bin/tool bin/tool=program' \
    "$(squash "$names" 'bin/other=script')"
expect 'the link is removed' 'bin/ bin/tool=program' "$(squash "$names" 'bin/.wh.tool-1')"
expect 'the file is removed' 'bin/' "$(squash "$names" 'bin/.wh.tool')"
expect 'the file is replaced' 'bin/ bin/tool-1->bin/tool bin/tool=script' "$(squash "$names" 'bin/tool=script')"

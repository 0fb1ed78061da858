#!/bin/sh
# oci-squash 0.1.0 (Python), seen 2026-11-30.
#
# Makes one layer of the last layers of an image. If one of them removes a folder and a later one makes it anew, as
# `RUN rm -r app` and `COPY new app` do, the new layer has the folder and no whiteout: it counts as an entry that is
# there, so nothing needs to be removed. What the layers below have in the folder is in the image again. The whiteout of
# a single file stays, as does that of a folder that is not made anew.
#
# One would have guessed that fewer layers give the same files. The image format has the opaque whiteout for it, which
# hides what the layers below have in a folder. It matters since old files come back beside the new ones: of a web
# site, a list of migrations or a folder of plug-ins, all that are there are used.
set -eu
. "$(dirname "$0")/common"

pip_install oci-squash==0.1.0

# The layers of an image after the last two have been made one.
squash() {
    image_archive "$dir/image.tar" "$@"
    python3 "$dir/py/bin/oci-squash" "$dir/image.tar" -f 2 -t app:2 -o "$dir/squashed.tar" > "$dir/log" 2>&1
    image_layers "$dir/squashed.tar"
}

expect 'a file is removed' 'app/ app/old=1; app/.wh.old= srv/' \
    "$(squash 'app/ app/old=1' 'app/.wh.old' 'srv/')"
expect 'a folder is removed' 'app/ app/old=1; .wh.app= srv/' "$(squash 'app/ app/old=1' '.wh.app' 'srv/')"
expect 'a folder is removed and made anew' 'app/ app/old=1; app/ app/new=2' \
    "$(squash 'app/ app/old=1' '.wh.app' 'app/ app/new=2')"

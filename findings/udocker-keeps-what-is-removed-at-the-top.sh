#!/bin/sh
# udocker 1.3.17 (Python), seen 2026-11-30.
#
# A layer says that a file is gone by an empty one with the prefix `.wh.`. udocker looks for them by the pattern
# `*/.wh.*`, which needs a slash: `opt/.wh.setup` takes effect, `.wh.setup`, for a file or folder at the top of the
# image, does not, and what it names is in the container. Nothing says so.
#
# One would have guessed that the place makes no difference; the image format has none, and `./.wh.setup` works. It
# matters since the top is where a build puts what it removes again, after `COPY setup.sh /` or `mkdir /build`.
set -eu
. "$(dirname "$0")/common"

pip_install udocker==1.3.17

expect 'in a folder' 'opt/app' "$(udocker_files 'opt/ opt/app opt/setup' 'opt/ opt/.wh.setup')"
expect 'at the top' 'app setup' "$(udocker_files 'app setup' '.wh.setup')"
expect 'a folder at the top' 'app build/object' "$(udocker_files 'app build/ build/object' '.wh.build')"
expect 'at the top, with a dot' 'app' "$(udocker_files 'app setup' './.wh.setup')"

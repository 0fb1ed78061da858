#!/bin/sh
# udocker 1.3.17 (Python), seen 2026-11-30.
#
# A container made of an image lacks all that is in a folder of the name `dev`, wherever it is: `app/config/dev/db.yaml`
# is not there, and `app/config/prod/db.yaml` is. Meant is `/dev`, but tar takes `--exclude=dev/*` for the end of any
# path. The folder itself exists, empty, and nothing says so.
#
# One would have guessed that an image is unpacked with all its files, save the devices. It matters to applications with
# one folder for each environment: they start, and miss their settings.
set -eu
. "$(dirname "$0")/common"

pip_install udocker==1.3.17

expect 'other folders' 'app/config/prod/db.yaml app/development/a' \
    "$(udocker_files 'app/ app/config/ app/config/prod/ app/config/prod/db.yaml app/development/ app/development/a')"
expect 'dev below app' 'app/main' "$(udocker_files 'app/ app/main app/config/ app/config/dev/ app/config/dev/db.yaml')"
expect 'deeper' 'app/main' "$(udocker_files 'app/ app/main app/dev/ app/dev/one/ app/dev/one/two')"
expect 'a file dev' 'app/dev' "$(udocker_files 'app/ app/dev')"

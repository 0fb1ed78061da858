#!/bin/sh
# jc 1.26.1 (Python), seen 2026-11-30.
#
# Of the manifest of a Java archive, an entry that goes on in the next line is not in the JSON: neither what is in its
# first line nor what is behind it. All others are, and there is no warning.
#
# One would have guessed that the entry is there, whole. The specification of such archives says that a line has no more
# than 72 bytes, and that a line which begins with a space belongs to the one before it. It matters since each program
# that makes an archive has to break long entries: what is lost is the class path, the name of a licence with its
# address, or the packages that a bundle exports, and a list of what is in an image does not have it.
set -eu
. "$(dirname "$0")/common"

pip_install jc==1.26.1

# The entries of a manifest with a class path.
entries() {
    printf 'Manifest-Version: 1.0\nClass-Path: %s\nBundle-License: Apache-2.0\n' "$1" |
        python3 "$dir/py/bin/jc" --jar-manifest
}

expect 'one line' '[{"Manifest_Version":"1.0","Class_Path":"lib/io.jar lib/net.jar","Bundle_License":"Apache-2.0"}]' \
    "$(entries 'lib/io.jar lib/net.jar')"
expect 'two lines' '[{"Manifest_Version":"1.0","Bundle_License":"Apache-2.0"}]' \
    "$(entries 'lib/commons-io-2.15.1.jar lib/commons-lang3-3.14.0.jar lib/g
 uava-33.0.0-jre.jar')"

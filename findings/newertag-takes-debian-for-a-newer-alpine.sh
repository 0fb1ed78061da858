#!/bin/sh
# newertag 0.2.1 (Python), seen 2026-11-30.
#
# Of the tags of a registry it names the newest that belongs with the one in use. What is behind the number does not
# count if the number comes first: to `16-alpine`, the tag `17` is newer, which is Debian, and `17-alpine` is not named.
# For `3.12-alpine` it is `3.14-trixie`, and for `8.0-noble` of .NET `9.0-nanoserver-ltsc2025`, which is Windows, if
# the registry has no other tag of the number.
#
# One would have guessed that `-alpine` is a part of the family, of which the tool says that it rather names none than a
# wrong one. It matters since the system below the program changes with such an update, and with it the shell, the
# package manager and the C library.
set -eu
. "$(dirname "$0")/common"

pip_install newertag==0.2.1

# The tag that is named for the first one, of all that follow.
newer() {
    python3 -c '
import sys
from newertag.versioning import find_latest_matching, parse_version_tag
latest, *_ = find_latest_matching(parse_version_tag(sys.argv[1]), sys.argv[2:])
print(latest and latest.tag)' "$@"
}

expect 'a number' '17' "$(newer 16 16 16-alpine 17 17-alpine 17-trixie)"
expect 'Alpine' '17' "$(newer 16-alpine 16 16-alpine 17 17-alpine 17-trixie)"
expect 'Alpine with two numbers' '3.14-trixie' "$(newer 3.12-alpine 3.12-alpine 3.13-alpine 3.14-trixie)"
expect 'Ubuntu' '9.0-nanoserver-ltsc2025' "$(newer 8.0-noble 8.0-noble 8.0-alpine 9.0-nanoserver-ltsc2025)"

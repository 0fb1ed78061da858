#!/bin/sh
# rpm-vercmp 0.1.2 (Python), seen 2026-11-30.
#
# Of the versions `1.0^20240101` and `1.0.1` it says that the first is newer, and of `1.0^` and `1.0` that they are the
# same. It knows no `^`, which RPM has for a snapshot after a release since version 4.15, and takes it for a separator,
# as it does a dot. The other sign of that kind, `~` for what comes before a release, it knows.
#
# One would have guessed that it compares as RPM does, since it is a copy of RPM's own function in Python. RPM says that
# `1.0^20240101` is newer than 1.0 and older than 1.0.1. It matters to tools that look for updates of what is in an
# image of Fedora, where many packages have such versions: the release that follows a snapshot is not an update.
set -eu
. "$(dirname "$0")/common"

pip_install rpm-vercmp==0.1.2

# Which of two versions is the newer one.
newer() {
    python3 -c '
import sys
from rpm_vercmp import vercmp
print({-1: sys.argv[2], 0: "neither", 1: sys.argv[1]}[vercmp(*sys.argv[1:])])' "$1" "$2"
}

expect 'two releases' '1.0.1' "$(newer 1.0 1.0.1)"
expect 'a candidate' '1.0' "$(newer 1.0~rc1 1.0)"
expect 'a snapshot and the release before it' '1.0^20240101' "$(newer 1.0 '1.0^20240101')"
expect 'a snapshot and the release behind it' '1.0^20240101' "$(newer 1.0.1 '1.0^20240101')"
expect 'a sign alone' 'neither' "$(newer 1.0 '1.0^')"

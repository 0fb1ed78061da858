#!/bin/sh
# apt-repo 0.5 (Python), seen 2026-12-01.
#
# Of a package in the list of a repository of Debian, `size` is what `Installed-Size` says, since a field is looked for
# by the end of its name, and in these lists that one comes first. For the same reason a package without `Depends` has
# what its `Pre-Depends` says, and a description that says `Homepage:` gives it one. `md5` is none, as Debian writes
# `MD5sum` and here it is `MD5Sum`. The last field of a package is none as well, since it has no line end behind it.
#
# One would have guessed that a field is found by its whole name, in whatever letters and at the end too, as Debian's
# policy describes the format. It matters to anyone who adds up what is to be downloaded: `Size` is in bytes, and
# `Installed-Size` in KiB, so that a package of 2 MB is one of 8 kB.
set -eu
. "$(dirname "$0")/common"

pip_install apt-repo==0.5

# What it says in answer to a name, of a package with fields in the order that the lists of Debian have.
about() {
    python3 -c '
import sys
from apt_repo import PackagesFile
text = """Package: shop
Version: 1.2-1
Installed-Size: 8123
Maintainer: Shop <shop@example.com>
Architecture: amd64
Depends: libc6, perl
Pre-Depends: init-system-helpers
Description: web shop
Section: web
Filename: pool/main/s/shop/shop_1.2-1_amd64.deb
Size: 2104532
MD5sum: 00000000000000000000000000000007
SHA256: 0000000000000000000000000000000000000000000000000000000000000007
"""
if len(sys.argv) > 2:
    text = text.replace(sys.argv[2], sys.argv[3])
print(getattr(PackagesFile(text).packages[0], sys.argv[1]))' "$@"
}

expect 'version' '1.2-1' "$(about version)"
expect 'size' '8123' "$(about size)"
expect 'what it needs' "['libc6', 'perl']" "$(about depends)"
expect 'what it needs, with Pre-Depends alone' "['init-system-helpers']" \
    "$(about depends 'Depends: libc6, perl' 'Tag: web')"
expect 'a word of the description' 'none' "$(about homepage 'web shop' 'shop with Homepage: none')"
expect 'a checksum' 'None' "$(about md5)"
expect 'the last field' 'None' "$(about sha256)"

#!/bin/sh
# deb-parse 0.1.1 (Python), seen 2026-12-01.
#
# Of `Depends: adduser, default-mta | mail-transport-agent, libssl3, perl`, what `clean_pkg_info` has in `depends` is
# `adduser` and `default-mta`. All that follows the `|` is in `alt_depends`, with libssl3 and perl, which the package
# needs whatever else is there; and what follows a second `|` is nowhere. What depends on a package is found by a part
# of a name: a package that needs `shop-data` is among those that need `shop`.
#
# One would have guessed that the comma separates first, and the `|` within what it separates. The page of Debian's
# policy to which its own documentation points says so. It matters to anyone who asks what a package of an image needs:
# a `|` is in the dependencies of many packages, and what is behind it looks as if one could do without.
set -eu
. "$(dirname "$0")/common"

pip_install deb-parse==0.1.1

# What it says of the first of two packages, which has the dependencies given.
about() {
    python3 -c '
import json, sys
from deb_parse.parser import Parser
text = f"""Package: shop
Version: 1.2
Depends: {sys.argv[1]}
Description: web shop

Package: tools
Version: 1.0
Depends: {sys.argv[2]}
Description: tools"""
found = Parser(text).clean_pkg_info[0]["details"]
print(json.dumps([found["depends"], found["alt_depends"], found["reverse_depends"]]))' "$1" "$2"
}

expect 'no alternative' '[["adduser", "libssl3", "perl"], null, ["tools"]]' "$(about 'adduser, libssl3, perl' shop)"
expect 'one at the end' '[["perl", "default-mta"], ["mail-transport-agent"], ["tools"]]' \
    "$(about 'perl, default-mta | mail-transport-agent' shop)"
expect 'one before others' '[["adduser", "default-mta"], ["mail-transport-agent", "libssl3", "perl"], ["tools"]]' \
    "$(about 'adduser, default-mta | mail-transport-agent, libssl3, perl' shop)"
expect 'two' '[["default-mta"], ["mail-transport-agent", "libssl3"], ["tools"]]' \
    "$(about 'default-mta | mail-transport-agent, libssl3 | libssl1.1, perl' shop)"
expect 'a longer name' '[["perl"], null, ["tools"]]' "$(about perl shop-data)"

#!/bin/sh
# debian-parser 0.1.2 (Python), beside python-debian 1.0.1 (Python), seen 2026-11-30.
#
# Reads a list of packages, as a repository of Debian has it. A line of a description that begins with a word and a
# colon, as ` Note: it needs a server.`, is a field of its own, and the description ends above it. Where the word is
# `Package`, the package has two names. In the rest, each new line is a space.
#
# One would have guessed that a line which begins with a space belongs to the field above it: it is what makes a field
# go on in this format, and the policy of Debian says so in 5.1. It matters since the text of a description is free: a
# list of what can be installed has fields, and names of packages, that the repository does not have.
set -eu
. "$(dirname "$0")/common"

pip_install debian-parser==0.1.2 python-debian==1.0.1

cat > "$dir/fields.py" <<'EOF'
import sys
from debian.deb822 import Packages
from debian_parser import PackagesParser
text = sys.stdin.read()
[package] = PackagesParser(text).parse()
print(*(field["tag"] for field in package))
print(*Packages(text))
EOF
# The names of the fields of a package with a description, to debian-parser and to python-debian.
fields() { printf 'Package: shop\nVersion: 1.0\nDescription: a shop\n %s\nSize: 1\n' "$1" | python3 "$dir/fields.py"; }

expect 'words' 'Package Version Description Size
Package Version Description Size' "$(fields 'It needs a server.')"
expect 'a colon' 'Package Version Description Note Size
Package Version Description Size' "$(fields 'Note: it needs a server.')"
expect 'the name of a field' 'Package Version Description Package Size
Package Version Description Size' "$(fields 'Package: see also shop-server.')"

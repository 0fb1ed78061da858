#!/bin/sh
# debx 0.2.13, beside python-debian 1.1.1 (both Python), seen 2026-12-01.
#
# A control file that `Deb822` reads and writes has one space before each line of a description, whatever there was. In
# Debian's format two spaces stand before a line that is shown as it is, and one before a line of a paragraph: a list of
# commands becomes one line of running words. A line that begins with a tab is gone, and of two packages in a file there
# is one, which has the fields of both.
#
# One would have guessed that a description comes back as it was, as it does from python-debian, since the documentation
# shows how the control file of a package is read, changed and put back. Debian's policy says of each of the three what
# it means. It matters as nothing is reported: the package is built, and only its description is other.
set -eu
. "$(dirname "$0")/common"

pip_install debx==0.2.13 python-debian==1.1.1

# A control file on standard input, read and written by one of the two, with the ends of lines as bars.
debx() {
    python3 -c '
import sys
from debx import Deb822
print(Deb822.parse(sys.stdin.read()).dump(), end="")' | tr '\n' '|'
}
python_debian() {
    python3 -c '
import sys
from debian.deb822 import Deb822
print(Deb822(sys.stdin.read()).dump(), end="")' | tr '\n' '|'
}
package() { printf 'Package: shop\nDescription: web shop\n%s\n' "$1"; }

lines=' It is run so:
   shop serve
   shop stop'
tab="$(printf ' One line\n\tand one more.')"
expect 'a paragraph' 'Package: shop|Description: web shop| It sells things.|' "$(package ' It sells things.' | debx)"
expect 'commands to python-debian' \
    'Package: shop|Description: web shop| It is run so:|   shop serve|   shop stop|' \
    "$(package "$lines" | python_debian)"
expect 'commands' 'Package: shop|Description: web shop| It is run so:| shop serve| shop stop|' \
    "$(package "$lines" | debx)"
expect 'a tab' 'Package: shop|Description: web shop| One line|' "$(package "$tab" | debx)"
expect 'two packages' 'Package: tools|Depends: perl|' \
    "$(printf 'Package: shop\nDepends: perl\n\nPackage: tools\n' | debx)"

#!/bin/sh
# python-rpm-spec 0.18.0 (Python), seen 2026-12-01.
#
# Of `Requires: (shop-selinux if selinux-policy)` in a spec file there are three requirements: `(shop-selinux`, `if` and
# `selinux-policy)`. A line of a description that begins with `Requires:` is a requirement as well. And of a macro in
# another, as in `%{?with_ssl:ssl%{?suffix:-x}-ok}`, what stands behind the inner one is lost.
#
# One would have guessed that a requirement in brackets is one, since RPM has them since version 4.13, and that a
# description is text. RPM's documentation describes the first, and says where the second ends. It matters to what lists
# the packages that a spec file needs: Fedora has many of this form, and `if` is a package that does not exist.
set -eu
. "$(dirname "$0")/common"

pip_install python-rpm-spec==0.18.0

# The requirements of a spec file with the line given, and with that description.
requires() {
    python3 -c '
import sys
from pyrpm.spec import Spec
spec = Spec.from_string(f"Name: shop\nVersion: 1.0\n{sys.argv[1]}\n\n%description\n{sys.argv[2]}\n\n%files\n")
print([str(requirement.line) for requirement in spec.requires])' "$1" "${2:-Web shop.}"
}
macro() {
    python3 -c '
import sys
from pyrpm.spec import Spec, replace_macros
spec = Spec.from_string("%global with_ssl 1\nName: shop\nVersion: 1.0\n")
print(replace_macros(sys.argv[1], spec))' "$1"
}

expect 'two' "['perl >= 5.10', 'nginx']" "$(requires 'Requires: perl >= 5.10, nginx')"
expect 'one with a condition' "['(shop-selinux', 'if', 'selinux-policy)']" \
    "$(requires 'Requires: (shop-selinux if selinux-policy)')"
expect 'a description' "['perl', 'a', 'browser.']" "$(requires 'Requires: perl' 'Requires: a browser.')"
expect 'a macro' 'ssl-ok' "$(macro '%{?with_ssl:ssl-ok}')"
expect 'a macro in a macro' 'ssl' "$(macro '%{?with_ssl:ssl%{?suffix:-x}-ok}')"

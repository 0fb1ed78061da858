#!/bin/sh
# semantic-version 2.10.0 (Python), beside semver 7.8.6 (Node, npm's own), seen 2026-12-01.
#
# `NpmSpec` is a range of versions in npm's notation. Where it is one upper bound, all pre-releases of that version
# are in it: 2.0.0-rc.1 is in `<2.0.0-beta.2`, and in `<=2.0.0-beta` is 2.0.0 as well. Between two bounds there is
# none: 2.0.0-beta.2 is not in `>2.0.0-beta <2.0.0-rc`.
#
# One would have guessed that a bound is a bound, as it is to npm, and to `Version` of the same library, which sorts
# these versions right. It matters to an advisory that says `<=2.0.0-beta`, since the release that has the fix is in
# it, and to `<2.0.0-0`, which is how npm itself writes the end of `^1`.
set -eu
. "$(dirname "$0")/common"

pip_install semantic-version==2.10.0
npm_install semver@7.8.6

versions='1.9.0 2.0.0-alpha 2.0.0-beta 2.0.0-beta.2 2.0.0-rc.1 2.0.0'
# The versions in a range, for npm and then for the library.
both() {
    (cd "$dir" && node -e '
const semver = require("semver"), [range, ...versions] = process.argv.slice(1);
console.log(versions.filter((version) => semver.satisfies(version, range)).join(" "), "|");' "$1" $versions)
    python3 -c '
import sys
from semantic_version import NpmSpec, Version
spec = NpmSpec(sys.argv[1])
print(*(version for version in sys.argv[2:] if Version(version) in spec))' "$1" $versions
}

expect 'below a release' '1.9.0 | 1.9.0 2.0.0-alpha 2.0.0-beta 2.0.0-beta.2 2.0.0-rc.1' "$(echo $(both '<2.0.0'))"
expect 'below all' '1.9.0 | 1.9.0 2.0.0-alpha 2.0.0-beta 2.0.0-beta.2 2.0.0-rc.1' "$(echo $(both '<2.0.0-0'))"
expect 'below a beta' '1.9.0 2.0.0-alpha 2.0.0-beta | 1.9.0 2.0.0-alpha 2.0.0-beta 2.0.0-beta.2 2.0.0-rc.1' \
    "$(echo $(both '<2.0.0-beta.2'))"
expect 'up to a beta' '1.9.0 2.0.0-alpha 2.0.0-beta | 1.9.0 2.0.0-alpha 2.0.0-beta 2.0.0-beta.2 2.0.0-rc.1 2.0.0' \
    "$(echo $(both '<=2.0.0-beta'))"
expect 'between two' '2.0.0-beta.2 |' "$(echo $(both '>2.0.0-beta <2.0.0-rc'))"
expect 'sorted' '2.0.0-beta 2.0.0-beta.2 2.0.0' "$(python3 -c '
from semantic_version import Version
print(*sorted(map(Version, ["2.0.0", "2.0.0-beta.2", "2.0.0-beta"])))')"

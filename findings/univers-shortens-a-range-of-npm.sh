#!/bin/sh
# univers 32.0.1 (Python), beside semver 7.7.3 (Node), seen 2026-11-30.
#
# Makes a `vers` of the range of versions that an advisory has, to ask whether a package is in it. `<=1.2` of npm
# becomes `<=1.2.0`, so that 1.2.9 is not in it, and `^0` becomes `>=0.0.0|<0.0.1`, in which there is nearly nothing.
# `>1` has 1.0.1 in it. With all three numbers, a range is right.
#
# One would have guessed that the range has the versions in it that npm takes. Its library says that a number which is
# not there stands for every number: `<=1.2` is `<1.3.0`, `>1` is `>=2.0.0`, and `^0` is all below 1.0.0. It matters
# since univers is there to say of which versions an advisory speaks.
set -eu
. "$(dirname "$0")/common"

pip_install univers==32.0.1
npm_install semver@7.7.3

cat > "$dir/npm.js" <<'EOF'
const [range, ...versions] = process.argv.slice(2);
console.log(versions.filter((version) => require('semver').satisfies(version, range)).join(' '));
EOF
cat > "$dir/range.py" <<'EOF'
import sys
from univers.version_range import NpmVersionRange
range, *versions = sys.argv[1:]
vers = NpmVersionRange.from_native(range)
print(*(version for version in versions if NpmVersionRange.version_class(version) in vers))
print(vers)
EOF
# The versions that are in a range, to npm and to univers, and the `vers`.
in_range() {
    versions='0.0.0 0.5.0 1.0.0 1.0.1 1.2.0 1.2.9 1.3.0 2.0.0'
    node "$dir/npm.js" "$1" $versions
    python3 "$dir/range.py" "$1" $versions
}

expect 'three numbers' '0.0.0 0.5.0 1.0.0 1.0.1 1.2.0
0.0.0 0.5.0 1.0.0 1.0.1 1.2.0
vers:npm/<=1.2.0' "$(in_range '<=1.2.0')"
expect 'two numbers' '0.0.0 0.5.0 1.0.0 1.0.1 1.2.0 1.2.9
0.0.0 0.5.0 1.0.0 1.0.1 1.2.0
vers:npm/<=1.2.0' "$(in_range '<=1.2')"
expect 'a caret' '0.0.0 0.5.0
0.0.0
vers:npm/>=0.0.0|<0.0.1' "$(in_range '^0')"
expect 'one number' '2.0.0
1.0.1 1.2.0 1.2.9 1.3.0 2.0.0
vers:npm/>1.0.0' "$(in_range '>1')"

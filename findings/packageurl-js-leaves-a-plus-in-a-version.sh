#!/bin/sh
# packageurl-js 2.0.1 (Node), beside packageurl-python 0.17.6 (Python), seen 2026-11-29.
#
# Both are the purl project's own libraries, and both write a purl in its canonical form. They do not agree on it: the
# `+` of a version, as in `12.2.0-14+deb12u1`, stays in the one and is `%2B` in the other. The same library encodes the
# `+` of a name. In `repository_url`, on the other hand, it is the one from Python that leaves `/` and `:` as they are.
#
# One would have guessed that a canonical form is the same text everywhere. It matters since SBOMs and VEX documents are
# compared by that text: security updates of Debian have such versions, and images have the repository.
set -eu
. "$(dirname "$0")/common"

npm_install packageurl-js@2.0.1
pip_install packageurl-python==0.17.6

cat > "$dir/canonical.mjs" <<'EOF'
import { PackageURL } from 'packageurl-js';
console.log(PackageURL.fromString(process.argv[2]).toString());
EOF
canonical() {
    node "$dir/canonical.mjs" "$1"
    python3 -c 'import sys; from packageurl import PackageURL as P; print(P.from_string(sys.argv[1]).to_string())' "$1"
}

expect 'plain' 'pkg:deb/debian/curl@7.88.1-10
pkg:deb/debian/curl@7.88.1-10' "$(canonical pkg:deb/debian/curl@7.88.1-10)"
expect 'name' 'pkg:deb/debian/g%2B%2B@12.2.0-3
pkg:deb/debian/g%2B%2B@12.2.0-3' "$(canonical pkg:deb/debian/g%2B%2B@12.2.0-3)"
expect 'version' 'pkg:deb/debian/curl@7.88.1-10+deb12u1
pkg:deb/debian/curl@7.88.1-10%2Bdeb12u1' "$(canonical pkg:deb/debian/curl@7.88.1-10%2Bdeb12u1)"
expect 'repository' 'pkg:oci/app@sha256:7?repository_url=localhost%3A5000%2Fapp
pkg:oci/app@sha256:7?repository_url=localhost:5000/app' \
    "$(canonical pkg:oci/app@sha256%3A7?repository_url=localhost:5000/app)"

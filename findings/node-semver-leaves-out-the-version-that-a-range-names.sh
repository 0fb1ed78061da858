#!/bin/sh
# node-semver 2.2.0 (Rust), beside semver 7.8.6 (Node, npm's own), seen 2026-12-01.
#
# The library says that it follows npm's rules of versions. In its range `<=1.2` there is no 1.2.0, nor any other 1.2:
# it has become `<1.2.0-0`. `<=1` ends below 1.0.0 as well. `1.0 - 1.2`, `>1.2`, `<1.2` and `>=1.2` are right, and so
# is `<=1.2.0`.
#
# One would have guessed that `<=1.2` has 1.2.0 in it, whatever is thought of 1.2.9; npm has both. It matters to the
# range of `engines` in a package.json or of an advisory: the one version that is named there is the one that is left
# out.
set -eu
. "$(dirname "$0")/common"

cat > "$dir/main.rs" <<'EOF'
use node_semver::{Range, Version};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let range: Range = words[0].parse().unwrap();
    for word in &words[1..] {
        let version: Version = word.parse().unwrap();
        if range.satisfies(&version) {
            print!("{word} ");
        }
    }
}
EOF
cargo_build node-semver 2.2.0
npm_install semver@7.8.6

# The versions in a range, for npm and then for the library.
both() {
    set -- "$1" 0.9.0 1.0.0 1.1.0 1.2.0 1.2.9 1.3.0
    echo $(cd "$dir" && node -e '
const semver = require("semver"), [range, ...versions] = process.argv.slice(1);
console.log(versions.filter((version) => semver.satisfies(version, range)).join(" "));' "$@") '|' \
        $("$dir/probe" "$@")
}

expect 'to 1.2.0' '0.9.0 1.0.0 1.1.0 1.2.0 | 0.9.0 1.0.0 1.1.0 1.2.0' "$(both '<=1.2.0')"
expect 'to 1.2' '0.9.0 1.0.0 1.1.0 1.2.0 1.2.9 | 0.9.0 1.0.0 1.1.0' "$(both '<=1.2')"
expect 'to 1' '0.9.0 1.0.0 1.1.0 1.2.0 1.2.9 1.3.0 | 0.9.0' "$(both '<=1')"
expect 'with a hyphen' '1.0.0 1.1.0 1.2.0 1.2.9 | 1.0.0 1.1.0 1.2.0 1.2.9' "$(both '1.0 - 1.2')"
expect 'above 1.2' '1.3.0 | 1.3.0' "$(both '>1.2')"

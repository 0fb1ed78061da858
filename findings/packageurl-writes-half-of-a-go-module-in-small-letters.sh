#!/bin/sh
# packageurl 0.7.1 (Rust), beside packageurl-python 0.17.6 (Python), seen 2026-12-01.
#
# Of the purl of a Go module, `pkg:golang/github.com/Team/Shop@v1.2.0`, the path is written in small letters and the
# name is not: `pkg:golang/github.com/team/Shop@v1.2.0`. So it is for Alpine. For GitHub both parts are in small
# letters, as they should be, and for an OCI image, which has no path, none is. Python's library leaves the module as
# it is.
#
# One would have guessed both parts as they were, since Go tells modules apart by their letters, or both in small
# ones, as the definition of purl asks for. It matters since purls are compared as text: this one is neither that of
# the SBOM that was read, nor that of another tool, and `github.com/team/Shop` is no module.
set -eu
. "$(dirname "$0")/common"

pip_install packageurl-python==0.17.6
cat > "$dir/main.rs" <<'EOF'
fn main() {
    let text = std::env::args().nth(1).unwrap();
    println!("{}", text.parse::<packageurl::PackageUrl>().unwrap());
}
EOF
cargo_build packageurl 0.7.1

rust() { "$dir/probe" "$1"; }
python() {
    python3 -c 'import sys, packageurl; print(packageurl.PackageURL.from_string(sys.argv[1]).to_string())' "$1"
}
module=pkg:golang/github.com/Team/Shop@v1.2.0

expect 'a Go module, Python' "$module" "$(python $module)"
expect 'a Go module' 'pkg:golang/github.com/team/Shop@v1.2.0' "$(rust $module)"
expect 'of Alpine' 'pkg:apk/alpine/Shop@1.2' "$(rust pkg:apk/Alpine/Shop@1.2)"
expect 'of GitHub' 'pkg:github/team/shop@v1.2.0' "$(rust pkg:github/Team/Shop@v1.2.0)"
expect 'an OCI image, Python' 'pkg:oci/shop@sha256:ab' "$(python pkg:oci/Shop@sha256:ab)"
expect 'an OCI image' 'pkg:oci/Shop@sha256:ab' "$(rust pkg:oci/Shop@sha256:ab)"

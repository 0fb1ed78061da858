#!/bin/sh
# sbommerge 0.2.0 (Python), seen 2026-11-30.
#
# Makes one SBOM of two. Where each has a version of a package, as the libc6 of two images, both versions are in the
# result, and both have the identifier `SPDXRef-libc6`. What depends on one of them depends on that identifier.
#
# One would have guessed that each package of the result can be told from the others. The specification of SPDX says in
# 7.2 that an identifier is unique in its document. It matters since the merge is a success, and a tool that reads the
# result by identifier knows one of the two versions only, and has what depends on the other depend on it.
set -eu
. "$(dirname "$0")/common"

pip_install sbommerge==0.2.0 lib4sbom==0.10.4

# An SBOM of a program, and the version of libc6 on which it depends.
sbom() {
    cat > "$dir/$1.spdx" <<EOF
SPDXVersion: SPDX-2.3
DataLicense: CC0-1.0
SPDXID: SPDXRef-DOCUMENT
DocumentName: $1
DocumentNamespace: https://example.com/$1
Creator: Tool: example
Created: 2026-11-30T00:00:00Z
PackageName: $1
SPDXID: SPDXRef-$1
PackageVersion: 1.0
PackageDownloadLocation: NOASSERTION
PackageName: libc6
SPDXID: SPDXRef-libc6
PackageVersion: $2
PackageDownloadLocation: NOASSERTION
Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-$1
Relationship: SPDXRef-$1 DEPENDS_ON SPDXRef-libc6
EOF
}
# The packages of the two SBOMs together, but for the one that stands for the merge, and what depends on what.
merged() {
    (cd "$dir" && python3 py/bin/sbommerge shop.spdx admin.spdx --format json --output-file merged.json > log) || :
    python3 -c '
import json, sys
document = json.load(open(sys.argv[1]))
for package in document["packages"]:
    if "versionInfo" in package:
        print(package["SPDXID"], package["versionInfo"])
for relation in document["relationships"]:
    if relation["relationshipType"] == "DEPENDS_ON":
        print(relation["spdxElementId"], "on", relation["relatedSpdxElement"])' "$dir/merged.json"
}

sbom shop 2.36
sbom admin 2.36
expect 'one version' 'SPDXRef-shop 1.0
SPDXRef-libc6 2.36
SPDXRef-admin 1.0
SPDXRef-shop on SPDXRef-libc6
SPDXRef-admin on SPDXRef-libc6' "$(merged)"
sbom admin 2.31
expect 'two versions' 'SPDXRef-shop 1.0
SPDXRef-libc6 2.36
SPDXRef-admin 1.0
SPDXRef-libc6 2.31
SPDXRef-shop on SPDXRef-libc6
SPDXRef-admin on SPDXRef-libc6' "$(merged)"

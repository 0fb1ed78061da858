#!/bin/sh
# lib4sbom 0.10.4 (Python), seen 2026-11-29.
#
# The parser of CycloneDX files files its packages under name and version alone. Of `@babel/types` and `@jest/types`,
# which have the name `types` and a group each, it returns the second one only, if their versions are the same. So it is
# with a Debian package and one of PyPI, both `six 1.16.0`, whose purls differ. Nothing says so.
#
# One would have guessed that a component is told by its `bom-ref`, or by its purl. It matters for the SBOM of an image,
# which brings several kinds of packages together: the list has fewer than there are.
set -eu
. "$(dirname "$0")/common"

pip_install lib4sbom==0.10.4

cat > "$dir/packages.py" <<'EOF'
import json, sys
from lib4sbom.parser import SBOMParser
folder, *purls = sys.argv[1:]
def component(purl):
    kind, *group, name = purl.partition(":")[2].partition("@")[0].split("/")
    named = {"type": "library", "bom-ref": purl, "name": name, "version": purl.partition("@")[2], "purl": purl}
    return named | ({"group": group[0].replace("%40", "@")} if group else {})
with open(folder + "/sbom.cdx.json", "w") as file:
    json.dump({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [component(purl) for purl in purls]}, file)
parser = SBOMParser()
parser.parse_file(folder + "/sbom.cdx.json")
print(*(package["externalreference"][0][2] for package in parser.get_packages()))
EOF
packages() { python3 "$dir/packages.py" "$dir" "$@"; }

expect 'two versions' 'pkg:npm/%40babel/types@7.1.0 pkg:npm/%40jest/types@7.2.0' \
    "$(packages pkg:npm/%40babel/types@7.1.0 pkg:npm/%40jest/types@7.2.0)"
expect 'one version' 'pkg:npm/%40jest/types@7.1.0' \
    "$(packages pkg:npm/%40babel/types@7.1.0 pkg:npm/%40jest/types@7.1.0)"
expect 'two kinds' 'pkg:pypi/six@1.16.0' "$(packages pkg:deb/debian/six@1.16.0 pkg:pypi/six@1.16.0)"

#!/bin/sh
# spdxmerge 0.2.0 (Python), seen 2026-11-30.
#
# Makes one SPDX document of those in a folder. Where two of them have a `LicenseRef-1`, the result has the text of one
# of them, and the packages of both refer to it. Where two have a package with the identifier `SPDXRef-app`, the result
# has one of the packages. Annotations are in none. It says that the file has been generated, and no more.
#
# One would have guessed that packages and licences are those of both. The specification says that an identifier is
# unique in its document only, and a `LicenseRef` also: it is why a reference from outside names the document too.
# Tools count them from 0 or 1, so that two documents of one tool always have the same. It matters since a licence of
# one's own stands for that of somebody else.
set -eu
. "$(dirname "$0")/common"

pip_install spdxmerge==0.2.0

# A document with a package of an identifier, and a licence of its own for it.
document() {
    cat > "$dir/documents/$1.json" <<END
{
  "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": "$1",
  "documentNamespace": "https://example.com/$1",
  "creationInfo": {"creators": ["Tool: example"], "created": "2026-11-30T00:00:00Z"},
  "packages": [{
    "SPDXID": "$2", "name": "$1", "downloadLocation": "NOASSERTION", "filesAnalyzed": false,
    "licenseConcluded": "$3", "licenseDeclared": "$3", "copyrightText": "NOASSERTION"
  }],
  "hasExtractedLicensingInfos": [{"licenseId": "$3", "name": "licence of $1", "extractedText": "licence of $1"}],
  "relationships": [
    {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "$2"}
  ]
}
END
}
# How many packages there are after the merge, and for how many the licence is their own.
merged() {
    python3 "$dir/py/bin/spdxmerge" --docpath "$dir/documents" --outpath "$dir" --name merged --author example \
        --email mail@example.com --docnamespace https://example.com/merged --mergetype 1 --filetype J > "$dir/log"
    python3 -c '
import json, sys
document = json.load(open(sys.argv[1]))
texts = {licence["licenseId"]: licence["extractedText"] for licence in document["hasExtractedLicensingInfos"]}
packages = document["packages"]
own = [package for package in packages if texts[package["licenseDeclared"]] == "licence of " + package["name"]]
print(len(packages), "packages,", len(own), "with their licence")' "$dir/merged-SBoM-deep.json"
}

mkdir "$dir/documents"
document app SPDXRef-app LicenseRef-app
document tool SPDXRef-tool LicenseRef-tool
expect 'other identifiers' '2 packages, 2 with their licence' "$(merged)"
document app SPDXRef-app LicenseRef-1
document tool SPDXRef-tool LicenseRef-1
expect 'a licence of one identifier' '2 packages, 1 with their licence' "$(merged)"
document app SPDXRef-1 LicenseRef-app
document tool SPDXRef-1 LicenseRef-tool
expect 'packages of one identifier' '1 packages, 1 with their licence' "$(merged)"

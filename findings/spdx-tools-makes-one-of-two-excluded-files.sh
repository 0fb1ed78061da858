#!/bin/sh
# spdx-tools 0.8.5 (Python), seen 2026-11-30.
#
# An SPDX document says which files the code that verifies a package leaves out. From JSON, the library writes the names
# of two files into the tag-value format with a space between them, and reads them from there as one file of both names:
# `./a.spdx` and `./notes.txt` become `./a.spdx ./notes.txt`. Through YAML and XML they stay two.
#
# One would have guessed that the library reads what it wrote. It matters since the document is still valid: whoever
# verifies the package by it looks for a file of a name with a space in it, counts the two that were left out, and gets
# another code.
set -eu
. "$(dirname "$0")/common"

pip_install spdx-tools==0.8.5

cat > "$dir/convert.py" <<'EOF'
import json, sys
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.writer.write_anything import write_file
folder, ending, *names = sys.argv[1:]
package = {
    "SPDXID": "SPDXRef-app", "name": "app", "downloadLocation": "NOASSERTION", "filesAnalyzed": True,
    "licenseConcluded": "NOASSERTION", "licenseDeclared": "NOASSERTION", "copyrightText": "NOASSERTION",
    "licenseInfoFromFiles": ["NOASSERTION"], "packageVerificationCode": {
        "packageVerificationCodeValue": "d6a770ba38583ed4bb4525bd96e50461655d2758",
        "packageVerificationCodeExcludedFiles": names,
    },
}
document = {
    "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": "app",
    "documentNamespace": "https://example.com/app",
    "creationInfo": {"created": "2026-11-30T09:00:00Z", "creators": ["Tool: example-1"]},
    "documentDescribes": ["SPDXRef-app"], "packages": [package],
}
with open(folder + "/sbom.spdx.json", "w") as file:
    json.dump(document, file)
write_file(parse_file(folder + "/sbom.spdx.json"), folder + "/other" + ending)
print(parse_file(folder + "/other" + ending).packages[0].verification_code.excluded_files)
EOF
names() { python3 "$dir/convert.py" "$dir" "$@" 2> "$dir/log"; }

expect 'YAML' "['./a.spdx', './notes.txt']" "$(names .spdx.yaml ./a.spdx ./notes.txt)"
expect 'XML' "['./a.spdx', './notes.txt']" "$(names .spdx.xml ./a.spdx ./notes.txt)"
expect 'tag-value, one file' "['./a.spdx']" "$(names .spdx ./a.spdx)"
expect 'tag-value, two files' "['./a.spdx ./notes.txt']" "$(names .spdx ./a.spdx ./notes.txt)"

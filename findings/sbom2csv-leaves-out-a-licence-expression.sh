#!/bin/sh
# sbom2csv 1.0.2 (Python), seen 2026-12-01.
#
# Of the licences of a component, the column `License` has the first, if it has an SPDX identifier. It is empty for an
# expression, as `Apache-2.0 OR MIT`, and for a licence that has a name, and of `GPL-2.0-only` and `MIT` beside each
# other there is `GPL-2.0-only`. A component within another has no line.
#
# One would have guessed the licences that are there, since the table is for people who look at them. CycloneDX has
# three ways to say a licence, of which the expression is what most generators write for more than one, and components
# within components. It matters as an empty field looks as if the licence was not known.
set -eu
. "$(dirname "$0")/common"

pip_install sbom2csv==1.0.2

# The names and licences in the table for a component with these licences, and with one in it that has none.
table() {
    cat > "$dir/sbom.json" <<EOF
{ "bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
    { "type": "library", "name": "web", "version": "1.0", "licenses": $1,
      "components": [{ "type": "library", "name": "part", "version": "1.0" }] }
] }
EOF
    python3 "$dir/py/bin/sbom2csv" -i "$dir/sbom.json" -o "$dir/sbom.csv" -f csv
    python3 -c '
import csv, sys
print([(line["Name"], line["License"]) for line in csv.DictReader(open(sys.argv[1]))])' "$dir/sbom.csv"
}

expect 'an identifier' "[('web', 'MIT')]" "$(table '[{ "license": { "id": "MIT" } }]')"
expect 'an expression' "[('web', '')]" "$(table '[{ "expression": "Apache-2.0 OR MIT" }]')"
expect 'a name' "[('web', '')]" "$(table '[{ "license": { "name": "Terms of the shop" } }]')"
expect 'two' "[('web', 'GPL-2.0-only')]" \
    "$(table '[{ "license": { "id": "GPL-2.0-only" } }, { "license": { "id": "MIT" } }]')"

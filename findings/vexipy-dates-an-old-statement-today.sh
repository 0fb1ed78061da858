#!/bin/sh
# vexipy 0.3.0 (Python), seen 2026-11-30.
#
# A statement of an OpenVEX document that has no time of its own is of the moment at which the document is read, and is
# written with that time. `to_json` also writes `id` and `context` instead of `@id` and `@context`, so that a product
# has nothing by which another tool knows it.
#
# One would have guessed that a document is the same after it was read and written. The specification of OpenVEX says
# that the time of the document is that of a statement without one. It matters since the newest of two statements about
# a vulnerability counts: `not_affected` of last year takes the place of `affected` of last week as soon as a tool has
# read and written it.
set -eu
. "$(dirname "$0")/common"

pip_install vexipy==0.3.0

cat > "$dir/vex.json" <<'EOF'
{
  "@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.com/vex/1", "author": "Team",
  "timestamp": "2025-01-08T18:00:00Z", "version": 1, "statements": [{
    "vulnerability": {"name": "CVE-2025-1"}, "products": [{"@id": "pkg:oci/shop@sha256:1"}],
    "status": "not_affected", "justification": "component_not_present"
  }]
}
EOF
cat > "$dir/read.py" <<'EOF'
import json, sys, warnings
from datetime import date
from vexipy import Document
with open(sys.argv[1]) as file:
    document = json.loads(Document.from_json(file.read()).to_json())
[statement] = document["statements"]
year = statement["timestamp"][:4]
print("document of", document["timestamp"][:4], "with", *list(document)[:2])
print("statement of", "this year" if year == str(date.today().year) else year, "about", *statement["products"][0])
EOF

expect 'read and written' 'document of 2025 with context id
statement of this year about id identifiers hashes subcomponents' "$(python3 "$dir/read.py" "$dir/vex.json")"
sed -i 's/"status"/"timestamp": "2025-01-07T12:00:00Z", "status"/' "$dir/vex.json"
expect 'with a time of its own' 'document of 2025 with context id
statement of 2025 about id identifiers hashes subcomponents' "$(python3 "$dir/read.py" "$dir/vex.json")"

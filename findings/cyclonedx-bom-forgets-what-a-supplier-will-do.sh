#!/bin/sh
# cyclonedx-bom 0.8.1 (Rust), seen 2026-12-01.
#
# The analysis of a vulnerability in an SBOM or VEX document has a `response`, as `will_not_fix` or `update`. In JSON
# the library looks for `responses` instead: reading and writing a document loses it, and one that is made with the
# library has a key that the format does not have. In XML it is right: there, the list is called `responses`.
#
# One would have guessed that a document is the same after it was read and written, as what is around the key is. It
# matters to one who asks for what to update: `exploitable` without a response is a question that is open.
set -eu
. "$(dirname "$0")/common"

cat > "$dir/main.rs" <<'EOF'
use cyclonedx_bom::models::bom::Bom;
use std::io::{stdin, stdout};

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let bom = match words[1].as_str() {
        "json" => Bom::parse_from_json_v1_5(stdin()).unwrap(),
        _ => Bom::parse_from_xml_v1_5(stdin()).unwrap(),
    };
    match words[2].as_str() {
        "json" => bom.output_as_json_v1_5(&mut stdout()).unwrap(),
        _ => bom.output_as_xml_v1_5(&mut stdout()).unwrap(),
    }
}
EOF
cargo_build cyclonedx-bom 0.8.1

cat > "$dir/vex.json" <<'EOF'
{
  "bomFormat": "CycloneDX",
  "specVersion": "1.5",
  "version": 1,
  "vulnerabilities": [
    { "id": "CVE-2026-1", "analysis": { "state": "exploitable", "response": ["will_not_fix"] } }
  ]
}
EOF
cat > "$dir/vex.xml" <<'EOF'
<?xml version="1.0" encoding="utf-8"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.5" version="1">
  <vulnerabilities>
    <vulnerability>
      <id>CVE-2026-1</id>
      <analysis><state>exploitable</state><responses><response>will_not_fix</response></responses></analysis>
    </vulnerability>
  </vulnerabilities>
</bom>
EOF
analysis() {
    python3 -c '
import json, sys
print(json.dumps(json.load(sys.stdin)["vulnerabilities"][0]["analysis"], sort_keys=True))'
}

expect 'before' '{"response": ["will_not_fix"], "state": "exploitable"}' "$(analysis < "$dir/vex.json")"
expect 'after' '{"state": "exploitable"}' "$("$dir/probe" json json < "$dir/vex.json" | analysis)"
expect 'from XML' '{"responses": ["will_not_fix"], "state": "exploitable"}' \
    "$("$dir/probe" xml json < "$dir/vex.xml" | analysis)"
expect 'XML, after' '<response>will_not_fix</response>' \
    "$("$dir/probe" xml xml < "$dir/vex.xml" | grep -o '<response>.*</response>')"

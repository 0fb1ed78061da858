#!/bin/sh
# lib4vex 0.2.3 (Python), seen 2026-11-30.
#
# Adds statements to an OpenVEX file, which says whether an image is affected by a vulnerability. It reads the file and
# writes it anew. The statements that were there lose their `impact_statement`, which says why an image is not affected,
# and the `subcomponents` of their products, which say what part of it is meant.
#
# One would have guessed that adding to a file leaves the rest of it alone. It matters since OpenVEX requires a
# `justification` or an `impact_statement` where something is not affected: without either the statement is not valid,
# and the reason was the work.
set -eu
. "$(dirname "$0")/common"

pip_install lib4vex==0.2.3 lib4sbom==0.10.4

cat > "$dir/add.py" <<'END'
import json, sys
from lib4sbom.data.vulnerability import Vulnerability
from lib4vex.generator import VEXGenerator

file, statement = sys.argv[1:]
time, app = "2026-11-30T12:00:00Z", "pkg:oci/app@1"
with open(file, "w") as written:
    json.dump({
        "@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.com/vex/1", "author": "A. Author",
        "role": "Vendor", "timestamp": time, "version": 1,
        "statements": [{"vulnerability": {"name": "CVE-2026-1"}, "timestamp": time, "status": "not_affected",
                        "products": [{"@id": app, "subcomponents": [{"@id": "pkg:deb/debian/zlib"}]}]}
                       | json.loads(statement)],
    }, written)
added = Vulnerability(validation="openvex")
added.initialise()
added.set_id("CVE-2026-2")
added.set_value("purl", app)
added.set_name("app")
added.set_release("1")
added.set_status("under_investigation")
generator = VEXGenerator(vex_type="openvex")
generator.set_product("app", "1", "")
generator.generate(project_name="app", vex_data=[added.get_vulnerability()], metadata={}, filename=file)
for statement in json.load(open(file))["statements"]:
    if statement["vulnerability"]["name"] == "CVE-2026-1":
        [product] = statement["products"]
        print(statement["status"], *(key for key in ("justification", "impact_statement") if key in statement),
              *product)
END
# The keys of a statement that was there before another one is added, and of its product.
kept() { python3 "$dir/add.py" "$dir/app.json" "$1"; }

expect 'a justification' 'not_affected justification @id' "$(kept '{"justification": "component_not_present"}')"
expect 'an impact statement' 'not_affected @id' "$(kept '{"impact_statement": "The image does not call it."}')"

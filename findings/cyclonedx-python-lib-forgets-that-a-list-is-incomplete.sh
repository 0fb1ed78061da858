#!/bin/sh
# cyclonedx-python-lib 11.12.0 (Python), seen 2026-11-30.
#
# Reading an SBOM of CycloneDX 1.6 with `Bom.from_json` and writing it as 1.6 loses what the library has no classes for:
# `compositions`, which says that the list of components is incomplete, `annotations`, `formulation`, and what a
# dependency `provides`. No message says so.
#
# One would have guessed that what is valid in a version is kept by a library for it, or that a warning names what is
# dropped. It matters to a tool that adds a property to the SBOM of an image: a list that was said to be incomplete
# looks complete.
set -eu
. "$(dirname "$0")/common"

pip_install cyclonedx-python-lib==11.12.0

cat > "$dir/sbom.json" <<'EOF'
{
  "bomFormat": "CycloneDX",
  "specVersion": "1.6",
  "version": 1,
  "metadata": {"component": {"type": "container", "bom-ref": "image", "name": "app"}},
  "components": [{"type": "library", "bom-ref": "six", "name": "six", "version": "1.16.0"}],
  "dependencies": [{"ref": "image", "dependsOn": ["six"], "provides": ["six"]}],
  "compositions": [{"aggregate": "incomplete", "assemblies": ["image"]}],
  "annotations": [{
    "subjects": ["six"], "timestamp": "2026-11-30T09:00:00Z", "text": "Copied into the image by hand.",
    "annotator": {"organization": {"name": "Example"}}
  }],
  "formulation": [{"bom-ref": "build"}]
}
EOF
python3 - "$dir" <<'EOF' 2> "$dir/warnings"
import json, sys
from cyclonedx.model.bom import Bom
from cyclonedx.output.json import JsonV1Dot6
with open(sys.argv[1] + "/sbom.json") as file:
    bom = Bom.from_json(json.load(file))
JsonV1Dot6(bom).output_to_file(sys.argv[1] + "/written.json")
EOF
# What is in an SBOM: its lists, and the keys of its first dependency.
show() {
    python3 -c '
import json, sys
bom = json.load(open(sys.argv[1]))
print(*sorted(key for key in bom if isinstance(bom[key], list)), end="; ")
print(*sorted(bom["dependencies"][0]))' "$dir/$1.json"
}

expect 'read' 'annotations components compositions dependencies formulation; dependsOn provides ref' "$(show sbom)"
expect 'written' 'components dependencies; dependsOn ref' "$(show written)"
expect 'said' '' "$(cat "$dir/warnings")"

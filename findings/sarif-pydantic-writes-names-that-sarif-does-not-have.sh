#!/bin/sh
# sarif-pydantic 0.6.2 (Python), seen 2026-11-30.
#
# Written as its documentation shows, with `model_dump_json(exclude_none=True)`, a report has `rule_id`,
# `physical_location` and `start_line` in it, where SARIF has `ruleId`, `physicalLocation` and `startLine`. The library
# reads both, so that it finds nothing wrong in what it wrote. With `by_alias=True` as well, the names are right.
#
# One would have guessed that what is written as the documentation has it is SARIF. The schema allows no other names,
# and asks for hardly any of them. It matters to readers that do not ask the schema: to them each result has a message,
# and no rule, no file and no line.
set -eu
. "$(dirname "$0")/common"

pip_install sarif-pydantic==0.6.2

cat > "$dir/write.py" <<'EOF'
import sys
from sarif_pydantic import (
    ArtifactLocation, Level, Location, Message, PhysicalLocation, Region, Result, Run, Sarif, Tool, ToolDriver)
place = PhysicalLocation(artifact_location=ArtifactLocation(uri="Dockerfile"), region=Region(start_line=7))
result = Result(rule_id="DL3006", level=Level.ERROR, message=Message(text="no version"),
                locations=[Location(physical_location=place)])
sarif = Sarif(version="2.1.0", runs=[Run(tool=Tool(driver=ToolDriver(name="check", version="1")), results=[result])])
options = {option: True for option in sys.argv[1:]}
print(sarif.model_dump_json(exclude_none=True, **options))
EOF
# The names in a report that is written with further options, but for those of what describes the tool.
names() {
    python3 "$dir/write.py" "$@" > "$dir/report.sarif"
    python3 -c '
import json, sys
def names(value):
    for name, inner in value.items() if isinstance(value, dict) else []:
        yield name
        yield from names(inner)
    for inner in value if isinstance(value, list) else []:
        yield from names(inner)
[run] = json.load(open(sys.argv[1]))["runs"]
print(*sorted(names(run["results"])))' "$dir/report.sarif"
}
read_again() {
    python3 -c '
import sys
from sarif_pydantic import Sarif
[result] = Sarif.model_validate_json(open(sys.argv[1]).read()).runs[0].results
print(result.rule_id, result.locations[0].physical_location.region.start_line)' "$dir/report.sarif"
}

expect 'by_alias=True' 'artifactLocation level locations message physicalLocation region ruleId startLine text uri' \
    "$(names by_alias)"
expect 'documented' 'artifact_location level locations message physical_location region rule_id start_line text uri' \
    "$(names)"
expect 'read again' 'DL3006 7' "$(read_again)"

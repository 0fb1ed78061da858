#!/bin/sh
# sarif-om 1.0.4, written by jschema-to-python 1.2.3 (Python), seen 2026-11-30.
#
# `to_json` leaves out each property that has its default value, to make the text smaller. The default of a result's
# `level` is `warning` in the schema, but that of its rule in the standard: a `warning` of a rule that is an error is
# written without a level, and is thus an error from then on. A `note` is kept.
#
# One would have guessed that a level which somebody has set is written, since SARIF 2.1.0 says in 3.27.10 what counts
# where there is none. It matters where a tool lowers the level of a finding, say for a base image that is known to be
# old: the build fails again.
set -eu
. "$(dirname "$0")/common"

pip_install sarif-om==1.0.4 jschema-to-python==1.2.3

cat > "$dir/write.py" <<'END'
import json, sys
from jschema_to_python.to_json import to_json
from sarif_om import Message, ReportingConfiguration, ReportingDescriptor, Result, Run, SarifLog, Tool, ToolComponent

rule = ReportingDescriptor(id="DL3006", default_configuration=ReportingConfiguration(level="error"))
result = Result(message=Message(text="Name a version."), rule_id="DL3006", level=sys.argv[1])
tool = Tool(driver=ToolComponent(name="check", rules=[rule]))
log = SarifLog(version="2.1.0", runs=[Run(tool=tool, results=[result])])
run = json.loads(to_json(log))["runs"][0]
print("rule", run["tool"]["driver"]["rules"][0]["defaultConfiguration"]["level"] + ",", "result",
      run["results"][0].get("level", "without a level"))
END
written() { python3 "$dir/write.py" "$1"; }

expect 'a note' 'rule error, result note' "$(written note)"
expect 'a warning' 'rule error, result without a level' "$(written warning)"

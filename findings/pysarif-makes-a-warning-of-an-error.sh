#!/bin/sh
# pysarif 0.1.0 (Python), seen 2026-11-30.
#
# A result in SARIF without a level has the level of its rule. The library gives it the level `warning` when it reads a
# file, since that is the last resort of the format, and writes it: the results of a rule that is an error are warnings
# in the file, and so are those of a rule that is a note. The `properties` of a rule, a result and a run are empty then,
# with the tags and the severity that GitHub shows.
#
# One would have guessed that a report which is read and written says the same. It matters since many tools, ESLint's
# formatter and CodeQL among them, leave the level to the rule: a build that stops at errors goes on.
set -eu
. "$(dirname "$0")/common"

pip_install pysarif==0.1.0

# The level of a result of a rule, and the properties of the rule, in the file that is written.
cat > "$dir/written.py" <<'EOF'
import json, sys
import pysarif
folder, rule, *level = sys.argv[1:]
rules = [{"id": "pin", "defaultConfiguration": {"level": rule}, "properties": {"problem.severity": "error"}}]
result = {"ruleId": "pin", "message": {"text": "The image has no tag."}} | ({"level": level[0]} if level else {})
run = {"tool": {"driver": {"name": "lint", "rules": rules}}, "results": [result]}
with open(folder + "/report.sarif", "w") as file:
    json.dump({"version": "2.1.0", "runs": [run]}, file)
pysarif.save_to_file(pysarif.load_from_file(folder + "/report.sarif"), folder + "/written.sarif")
with open(folder + "/written.sarif") as file:
    [run] = json.load(file)["runs"]
[rule] = run["tool"]["driver"]["rules"]
print(rule["defaultConfiguration"]["level"], run["results"][0].get("level"), rule.get("properties"))
EOF
written() { python3 "$dir/written.py" "$dir" "$@"; }

expect 'a level of its own' 'error note {}' "$(written error note)"
expect 'an error' 'error warning {}' "$(written error)"
expect 'a note' 'note warning {}' "$(written note)"

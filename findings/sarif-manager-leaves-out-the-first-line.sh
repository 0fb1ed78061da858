#!/bin/sh
# sarif-manager 0.4.2 (Python), seen 2026-11-30.
#
# Turns the results of a SARIF file into messages of Azure Pipelines. It leaves out results in line 1, as it does those
# without a line, and makes an error of a note. Where a result has no level of its own, that of its rule does not count,
# and the message is an error too.
#
# One would have guessed that line 1 is a line like any other. It matters to Dockerfiles, which begin with FROM: what is
# said of the base image is what nobody gets to see.
set -eu
. "$(dirname "$0")/common"

# The rest of the packages is for reports that are not written here.
pip_install --no-deps sarif-manager==0.4.2 requests==2.32.5 urllib3==2.5.0 idna==3.11 certifi==2025.11.12 \
    charset-normalizer==3.4.4 markdown==3.10 beautifulsoup4==4.14.2 soupsieve==2.8 typing-extensions==4.15.0

cat > "$dir/messages.py" <<'END'
import json, sys
from sarif_manager.sarif.azure_sarif import AzureSarif

file, line, level, rule_level = sys.argv[1:]
rule = {"id": "DL3006", "fullDescription": {"text": "Name a version."}, "defaultConfiguration": {"level": rule_level}}
result = {"ruleId": "DL3006", "message": {"text": "Name a version."}, "locations": [{"physicalLocation": {
    "artifactLocation": {"uri": "Dockerfile"}, "region": {"startLine": int(line)}}}]}
if level != "-":
    result["level"] = level
with open(file, "w") as written:
    json.dump({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "check", "rules": [rule]}},
                                             "results": [result]}]}, written)
azure = AzureSarif()
azure.set_metadata("team", "shop")
azure.load_from_file(file)
print(*(message.split(" | ")[0] for message in azure.azure_devops_messages()))
END
# The message for a result: its line, its level, and that of its rule; `-` for none.
message() { python3 "$dir/messages.py" "$dir/in.sarif" "$@"; }

expect 'line 2' '##vso[task.logissue type=warning]DL3006 at /Dockerfile:2' "$(message 2 warning warning)"
expect 'line 1' '' "$(message 1 warning warning)"
expect 'a note' '##vso[task.logissue type=error]DL3006 at /Dockerfile:2' "$(message 2 note warning)"
expect 'the level of a rule' '##vso[task.logissue type=error]DL3006 at /Dockerfile:2' "$(message 2 - warning)"

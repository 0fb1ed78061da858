#!/bin/sh
# @microsoft/sarif-multitool-linux 5.7.0 (npm package of a program), seen 2026-11-30.
#
# `merge` makes one run of all runs of a tool, and keeps the `originalUriBaseIds` of the first. A result of the second
# run that is at `Dockerfile` below `SRC` is below the `SRC` of the first from then on, which is another folder. A rule
# that is in both is kept as it is in the first also: a result that left its level to a rule that was an error there is
# a note, if the first run has the rule as a note. Which run is the first is chance, unless there is `--threads 1`.
#
# One would have guessed that each result says what it said before. The specification gives the base addresses (3.14.14)
# and the rules (3.49) to the run, so that they mean something in their run only. It matters to a build with a job for
# each project: what is found in one project is shown in a file of another, and no longer fails the build.
set -eu
. "$(dirname "$0")/common"

npm_install @microsoft/sarif-multitool-linux@5.7.0
program="$dir/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"
chmod +x "$program"

# A report with one result that leaves its level to the rule, for a file below a base.
report() {
    cat > "$dir/$1.sarif" <<EOF
{
  "version": "2.1.0", "runs": [{
    "tool": {"driver": {"name": "check", "rules": [{"id": "$2", "defaultConfiguration": {"level": "$3"}}]}},
    "originalUriBaseIds": {"SRC": {"uri": "file:///$1/"}},
    "results": [{
      "ruleId": "$2", "ruleIndex": 0, "message": {"text": "found in $1"}, "locations": [{"physicalLocation": {
        "artifactLocation": {"uri": "Dockerfile", "uriBaseId": "SRC"}, "region": {"startLine": 1}}}]
    }]
  }]
}
EOF
}
# The message, file and level of each result in a file, as the specification has them be found.
results() {
    python3 -c '
import json, sys
for run in json.load(open(sys.argv[1], encoding="utf-8-sig"))["runs"]:
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        place = result["locations"][0]["physicalLocation"]["artifactLocation"]
        base = run["originalUriBaseIds"][place["uriBaseId"]]["uri"]
        level = rules[result["ruleIndex"]]["defaultConfiguration"]["level"]
        print(result["message"]["text"], base + place["uri"], level)' "$dir/$1.sarif"
}
merged() {
    DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 "$program" merge "$dir/shop.sarif" "$dir/admin.sarif" \
        --output-directory "$dir" --output-file merged.sarif --threads 1 --log ForceOverwrite > "$dir/log"
    results merged
}

report shop R1 error
report admin R2 error
expect 'the report of admin' 'found in admin file:///admin/Dockerfile error' "$(results admin)"
expect 'merged' 'found in shop file:///shop/Dockerfile error
found in admin file:///shop/Dockerfile error' "$(merged)"
report shop R1 note
report admin R1 error
expect 'merged, with a rule in both' 'found in shop file:///shop/Dockerfile note
found in admin file:///shop/Dockerfile note' "$(merged)"

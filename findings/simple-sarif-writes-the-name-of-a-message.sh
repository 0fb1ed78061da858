#!/bin/sh
# simple-sarif 1.0.2 (Python), seen 2026-11-30.
#
# The table and the CSV file that it makes of a report have a column `message`. If a result has a message of its rule,
# with an `id` and `arguments`, which is the only form that the library itself makes, the column has the id: `default`
# where the rule has `{0} uses the tag {1}` under that name. The arguments are nowhere. An id that has a `{0}` in it is
# filled in.
#
# One would have guessed that the message is that of the rule with the arguments in it, as SARIF says of its
# `messageStrings` and as the example in the source of the library has it. It matters since all rows of a rule are the
# same: a list of fifty findings says fifty times `default`.
set -eu
. "$(dirname "$0")/common"

pip_install simple-sarif==1.0.2

python3 - "$dir/table.csv" > "$dir/log" 2>&1 <<'END'
import sys
from simple_sarif.sarif import Sarif
report = Sarif(validate=False)
report.add_rule("tag", "DL1", "A tag", "A tag that moves", {"default": {"text": "{0} uses the tag {1}."}})
report.add_result("DL1", "warning", "default", ["debian", "latest"])
report.add_result("DL1", "warning", "default", ["node", "current"])
report.add_rule("user", "DL2", "A user", "No user", {"{0}": {"text": "{0} runs as root."}})
report.add_result("DL2", "warning", "{0}", ["app"])
report.to_csv(sys.argv[1])
END
messages() {
    python3 -c '
import csv, sys
print(*(row["message"] for row in csv.DictReader(open(sys.argv[1])) if row["ruleId"] == sys.argv[2]), sep="; ")' \
        "$dir/table.csv" "$1"
}

expect 'an id' 'default; default' "$(messages DL1)"
expect 'an id with a place in it' 'app' "$(messages DL2)"

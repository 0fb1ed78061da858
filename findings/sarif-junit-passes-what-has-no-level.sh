#!/bin/sh
# sarif-junit 1.1.4 (Node), seen 2026-11-30.
#
# The test report that it makes of a SARIF file has a failure for each result whose `level` is `error` or `warning`. A
# result without a `level` becomes a test that passes, even if its rule is an error, and so does a note. A suppressed
# result is a failure.
#
# One would have guessed what SARIF 2.1.0 says in 3.27.10: without a level, that of the rule counts, and `warning` if
# the rule has none. It matters where an analyser gives levels to its rules only: a run full of errors is then a report
# without a failure.
set -eu
. "$(dirname "$0")/common"

npm_install sarif-junit@1.1.4

# A result with the level given, of a rule with the level given; `-` for none.
cat > "$dir/write.js" <<'EOF'
const [file, level, ruleLevel, suppressed] = process.argv.slice(2);
const rule = { id: 'DL3007' };
if (ruleLevel !== '-') rule.defaultConfiguration = { level: ruleLevel };
const result = {
    ruleId: rule.id, ruleIndex: 0, message: { text: 'Name a version.' },
    locations: [{ physicalLocation: { artifactLocation: { uri: 'Dockerfile' }, region: { startLine: 1 } } }],
};
if (level !== '-') result.level = level;
if (suppressed) result.suppressions = [{ kind: 'inSource' }];
require('fs').writeFileSync(file, JSON.stringify({
    version: '2.1.0', runs: [{ tool: { driver: { name: 'check', rules: [rule] } }, results: [result] }],
}));
EOF
report() {
    node "$dir/write.js" "$dir/in.sarif" "$@"
    node "$dir/node_modules/sarif-junit/bin/sarif-junit.js" -i "$dir/in.sarif" -o "$dir/out.xml" > "$dir/log" 2>&1
    grep -o 'tests="[0-9]*" failures="[0-9]*"' "$dir/out.xml" | tail -n 1
}

expect 'error' 'tests="1" failures="1"' "$(report error -)"
expect 'a rule that is an error' 'tests="1" failures="0"' "$(report - error)"
expect 'no level at all' 'tests="1" failures="0"' "$(report - -)"
expect 'error, suppressed' 'tests="1" failures="1"' "$(report error - yes)"

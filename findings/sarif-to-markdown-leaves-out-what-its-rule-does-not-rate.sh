#!/bin/sh
# @security-alert/sarif-to-markdown 1.11.1 (Node), seen 2026-11-30.
#
# The report for a pull request goes by the level that the rule of a result has in its `defaultConfiguration`, and never
# by the result's own. If the rule has none, its results are left out, errors too: the report says "Nothing here.", and
# `failOn: ["error"]` does not fail. A result that is an error of a rule for notes is one for notes.
#
# One would have guessed what SARIF 2.1.0 says in 3.27.10: the level of a result counts, and only without one that of
# its rule, which is `warning` if it says nothing. It matters to tools that write levels into results alone.
set -eu
. "$(dirname "$0")/common"

npm_install @security-alert/sarif-to-markdown@1.11.1

# What becomes of a result with one level of a rule with another, `-` for none.
cat > "$dir/report.js" <<'EOF'
const { sarifToMarkdown } = require('@security-alert/sarif-to-markdown');
const [level, ruleLevel] = process.argv.slice(2).map((level) => (level === '-' ? undefined : level));
const rule = { id: 'DL3007', ...(ruleLevel && { defaultConfiguration: { level: ruleLevel } }) };
const location = { physicalLocation: { artifactLocation: { uri: 'Dockerfile' }, region: { startLine: 1 } } };
const result = { ruleId: rule.id, ruleIndex: 0, level, message: { text: 'Name a version.' }, locations: [location] };
const report = sarifToMarkdown({ owner: 'o', repo: 'r', branch: 'main', sourceRoot: '', failOn: ['error'] });
const [{ body, shouldFail }] = report({
    version: '2.1.0', runs: [{ tool: { driver: { name: 'check', rules: [rule] } }, results: [result] }],
});
console.log(`${/\*\*\[(\w+)\]\*\*/.exec(body)?.[1] ?? /Nothing here/.exec(body)[0]}, fails: ${shouldFail}`);
EOF
report() { node "$dir/report.js" "$@"; }

expect 'no level, rule for errors' 'ERROR, fails: true' "$(report - error)"
expect 'error, rule for errors' 'ERROR, fails: true' "$(report error error)"
expect 'error, rule without a level' 'Nothing here, fails: false' "$(report error -)"
expect 'error, rule for notes' 'NOTE, fails: false' "$(report error note)"
expect 'note, rule for errors' 'ERROR, fails: true' "$(report note error)"

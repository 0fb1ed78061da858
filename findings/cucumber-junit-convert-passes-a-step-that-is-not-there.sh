#!/bin/sh
# cucumber-junit-convert 2.1.1 (Node), with @cucumber/cucumber 12.9.0 (Node), seen 2026-11-30.
#
# A scenario with a step that nobody has written, or that two definitions fit, is a test that passed in the JUnit
# report. Cucumber's own run of it fails, and says `undefined` or `ambiguous` of the step. A step that throws an error
# is a failure in the report.
#
# One would have guessed that what fails in Cucumber fails in the report. It matters most where a definition is removed
# or renamed: the scenario no longer tests anything, and its test is green from then on.
set -eu
. "$(dirname "$0")/common"

npm_install cucumber-junit-convert@2.1.1 @cucumber/cucumber@12.9.0

cat > "$dir/steps.js" <<'EOF'
const { Given } = require('@cucumber/cucumber');
Given('an image', () => {});
Given('a broken image', () => { throw new Error('broken'); });
Given('a big image', () => {});
Given(/^a big/, () => {});
EOF
cat > "$dir/convert.js" <<'EOF'
require('cucumber-junit-convert').convert({ inputJsonFile: 'result.json', outputXmlFile: 'result.xml' });
EOF
# How Cucumber ends for a scenario of the given steps, what it says of them, and how many tests fail in the report.
run() {
    printf 'Feature: build\n  Scenario: one\n' > "$dir/build.feature"
    printf '    Given %s\n' "$@" >> "$dir/build.feature"
    code=0
    (cd "$dir" && node_modules/.bin/cucumber-js build.feature --require steps.js --format json:result.json) \
        > "$dir/log" 2>&1 || code=$?
    (cd "$dir" && node convert.js)
    python3 -c '
import json, sys, xml.etree.ElementTree as ET
[feature] = json.load(open("result.json"))
[scenario] = feature["elements"]
print("exit code", sys.argv[1] + ":", *(step["result"]["status"] for step in scenario["steps"]))
[suite] = ET.parse("result.xml").getroot()
print(*(f"{name}={suite.get(name)}" for name in ["tests", "failures", "errors", "skipped"]))' "$code"
}
cd "$dir"

expect 'passes' 'exit code 0: passed
tests=1 failures=0 errors=0 skipped=0' "$(run 'an image')"
expect 'throws' 'exit code 1: failed
tests=1 failures=1 errors=0 skipped=0' "$(run 'a broken image')"
expect 'nobody has written it' 'exit code 1: passed undefined
tests=1 failures=0 errors=0 skipped=0' "$(run 'an image' 'a small image')"
expect 'two fit' 'exit code 1: ambiguous
tests=1 failures=0 errors=0 skipped=0' "$(run 'a big image')"

#!/bin/sh
# test-results-parser 0.4.6 (Node), seen 2026-11-30.
#
# Of a JUnit report with a suite in a suite, as PHPUnit writes each of its reports, the tests of the inner one are not
# in the result. Without a number of failures at the root, which is not required either, a run with a test that has
# failed is one of no tests, with the status SKIP. The name of a test that looks like a number is one: `1.10` is 1.1,
# and `0012` is 12.
#
# One would have guessed that a test is a test at any depth: Jenkins' schema of the format allows suites in suites. It
# matters to a message about a run, which is what the library is for: it does not name the test that has failed, or says
# that nothing has been run.
set -eu
. "$(dirname "$0")/common"

npm_install test-results-parser@0.4.6

cat > "$dir/parse.js" <<'END'
const { parse } = require('test-results-parser');
const { status, total, failed, suites } = parse({ type: 'junit', files: [process.argv[2]] });
const tests = suites.flatMap((suite) => suite.cases).map((test) => `${test.name} ${test.status}`);
console.log(`${status}, ${total} tests, ${failed} failed: ${tests.join(', ')}`);
END
result() {
    printf '%s\n' "$1" > "$dir/report.xml"
    node "$dir/parse.js" "$dir/report.xml"
}
tests='<testcase name="build"/><testcase name="push"><failure message="no"/></testcase>'
suite="<testsuite name=\"image\" tests=\"2\" failures=\"1\">$tests</testsuite>"

expect 'a suite' 'FAIL, 2 tests, 1 failed: build PASS, push FAIL' "$(result "<testsuites>$suite</testsuites>")"
expect 'a suite in a suite' 'SKIP, 0 tests, 0 failed: ' \
    "$(result "<testsuites><testsuite name=\"all\" tests=\"2\" failures=\"1\">$suite</testsuite></testsuites>")"
both="<testcase name=\"pull\"/>$suite"
expect 'a suite beside a test' 'FAIL, 3 tests, 1 failed: pull PASS' \
    "$(result "<testsuites><testsuite name=\"all\" tests=\"3\" failures=\"1\">$both</testsuite></testsuites>")"
numbers='<testcase name="1.10"/><testcase name="0012"/>'
expect 'numbers' 'PASS, 2 tests, 0 failed: 1.1 PASS, 12 PASS' \
    "$(result "<testsuites><testsuite name=\"all\" tests=\"2\" failures=\"0\">$numbers</testsuite></testsuites>")"

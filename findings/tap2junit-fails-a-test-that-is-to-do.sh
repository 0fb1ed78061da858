#!/bin/sh
# tap2junit 0.2.0 (Python), seen 2026-11-30.
#
# A line `not ok 2 squashes layers # TODO not written yet` of TAP becomes a test that fails in the JUnit report.
# With `ok`, it is one that is skipped. A title with a point or a slash is cut in two at
# the last one: of `has version 1.25` the test is `25` in a class `has version 1`.
#
# One would have guessed that a conversion keeps the result of a run. The specification of TAP says that a test with
# TODO is not expected to succeed and is not a failure: the run of which this is the report has passed. It matters to a
# CI server that reads the report, which calls the build of an image broken, and lists tests with names such as `25`.
set -eu
. "$(dirname "$0")/common"

pip_install tap2junit==0.2.0

# The tests of the report for some lines of TAP, as `class: name`, and what they have come to.
report() {
    printf 'TAP version 13\n1..%s\n' $# > "$dir/report.tap"
    printf '%s\n' "$@" >> "$dir/report.tap"
    python3 "$dir/py/bin/tap2junit" --input "$dir/report.tap" --output "$dir/report.xml"
    python3 -c '
import sys, xml.etree.ElementTree as tree
for test in tree.parse(sys.argv[1]).iter("testcase"):
    name = test.get("name").strip()
    if test.get("classname"):
        name = test.get("classname") + ": " + name
    print(name, "(" + ("".join(result.tag for result in test) or "passed") + ")")' "$dir/report.xml"
}

expect 'ok' 'copies files (passed)' "$(report 'ok 1 copies files')"
expect 'ok # TODO' 'squashes layers (skipped)' "$(report 'ok 1 squashes layers # TODO not written yet')"
expect 'not ok # TODO' 'squashes layers (failure)' "$(report 'not ok 1 squashes layers # TODO not written yet')"
expect 'a number' 'has version 1: 25 (passed)' "$(report 'ok 1 has version 1.25')"
expect 'a path' 'copies .etc: hosts to the image (passed)' "$(report 'ok 1 copies /etc/hosts to the image')"

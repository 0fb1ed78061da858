#!/bin/sh
# tap-xunit 2.4.1 (Node), seen 2026-11-30.
#
# A run that says `1..3` and ends with `Bail out!` after its first test gives a report with one test, which passed. So
# does one that just ends there. The program exits with 0, as it does not for a test that failed.
#
# One would have guessed that there is a failure in the report. With `Bail out!`, TAP lets a program say that it cannot
# go on, and a plan is there to notice tests that are missing; Perl's `prove`, from where TAP comes, fails both. It
# matters to tests that need something which goes away, as a container or space on a disk: the report of a run that
# could not go on is as green as that of one that had only one test.
set -eu
. "$(dirname "$0")/common"

npm_install tap-xunit@2.4.1

# The counts and the tests in the report of a run, and how the program ends.
report() {
    code=0
    printf "$1" | "$dir/node_modules/.bin/tap-xunit" > "$dir/report.xml" || code=$?
    python3 -c '
import sys, xml.etree.ElementTree as ET
[suite] = ET.parse(sys.argv[1]).getroot()
counts = " ".join(f"{name}={suite.get(name)}" for name in ["tests", "failures", "errors"])
print(counts, [case.get("name") for case in suite], "exit code", sys.argv[2])' "$dir/report.xml" "$code"
}

expect 'one test, which fails' "tests=1 failures=1 errors=0 ['#1 start'] exit code 1" \
    "$(report 'TAP version 13\n1..1\nnot ok 1 - start\n')"
expect 'one of one test' "tests=1 failures=0 errors=0 ['#1 start'] exit code 0" \
    "$(report 'TAP version 13\n1..1\nok 1 - start\n')"
expect 'one of three tests' "tests=1 failures=0 errors=0 ['#1 start'] exit code 0" \
    "$(report 'TAP version 13\n1..3\nok 1 - start\n')"
expect 'bail out' "tests=1 failures=0 errors=0 ['#1 start'] exit code 0" \
    "$(report 'TAP version 13\n1..3\nok 1 - start\nBail out! no space left\n')"

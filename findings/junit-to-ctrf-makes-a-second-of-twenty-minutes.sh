#!/bin/sh
# junit-to-ctrf 0.0.14 (Node), seen 2026-11-30.
#
# A test with `time="1,234.567"` has a duration of 1000 milliseconds in the CTRF report: the number is read as far as
# its comma. With `time="1234.567"` it has 1234567. The class of a test is not in the report, so that `list` of
# `ImageTest` and `list` of `LayerTest`, which one suite has, are two tests of one name.
#
# One would have guessed that the seconds are read as Maven's Surefire writes them. Up to its version 3.1.0, it puts a
# comma before the last three digits from a thousand seconds on, as the schema of its reports allows. It matters to slow
# tests only, as those that build images: the slowest of all is listed as one of the quickest.
set -eu
. "$(dirname "$0")/common"

npm_install junit-to-ctrf@0.0.14

# The tests of the report for a suite with the given tests.
tests() {
    printf '<testsuite name="docker">%s</testsuite>\n' "$1" > "$dir/report.xml"
    "$dir/node_modules/.bin/junit-to-ctrf" "$dir/report.xml" -o "$dir/report.json" > "$dir/log"
    python3 -c '
import json, sys
for test in json.load(open(sys.argv[1]))["results"]["tests"]:
    print(test["name"], test["suite"], test["duration"], end="; ")' "$dir/report.json"
}

expect '999.5 seconds' "docker: build ['docker'] 999500; " "$(tests '<testcase name="build" time="999.5"/>')"
expect '1234.567 seconds' "docker: build ['docker'] 1234567; " "$(tests '<testcase name="build" time="1234.567"/>')"
expect '1,234.567 seconds' "docker: build ['docker'] 1000; " "$(tests '<testcase name="build" time="1,234.567"/>')"
expect 'two classes' "docker: list ['docker'] 1000; docker: list ['docker'] 2000; " \
    "$(tests '<testcase classname="ImageTest" name="list" time="1"/>
        <testcase classname="LayerTest" name="list" time="2"/>')"

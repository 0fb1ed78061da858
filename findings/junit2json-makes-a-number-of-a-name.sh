#!/bin/sh
# junit2json 4.0.0 (Node), seen 2026-11-30.
#
# The name of a test, its class and the value of a property are numbers in the JSON, where they look like one: a test
# `1.10` is 1.1, `007` is 7 and `1e3` is 1, so that two tests can have one name. A name of another kind is a text.
#
# One would have guessed that a name stays as it is. The types of the package declare it as a string, and so does each
# schema of such reports. It matters since the JSON is meant for a database: a test that is named after the version that
# it runs with, as `3.10` of Python, is that of another version there, and of a commit `4120e88` there is 4120.
set -eu
. "$(dirname "$0")/common"

npm_install junit2json@4.0.0

cat > "$dir/names.mjs" <<'EOF'
import { parse } from 'junit2json';
const [name, value] = process.argv.slice(2);
const { testcase, properties } = await parse(`
    <testsuite name="image">
        <properties><property name="tag" value="${value}"/></properties>
        <testcase name="${name}" time="1.5"/>
    </testsuite>`);
console.log(JSON.stringify([testcase[0].name, properties[0].value]));
EOF
names() { node "$dir/names.mjs" "$@"; }

expect 'words' '["build","slim"]' "$(names build slim)"
expect 'versions' '[3.1,1.1]' "$(names 3.10 1.10)"
expect 'numbers with a zero' '[7,712345]' "$(names 007 0712345)"
expect 'commits' '[1,4120]' "$(names 1e3 4120e88)"

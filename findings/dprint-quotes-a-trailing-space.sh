#!/bin/sh
# @dprint/dockerfile 0.6.0 with @dprint/formatter 0.6.0 (Node), beside dockerfile 3.4.0 (Python package, BuildKit's own
# parser in a Python package), seen 2026-11-29.
#
# dprint turns the old `ENV KEY value` into `ENV KEY=value`, with quotes where they are needed. A trailing space,
# which nobody sees and BuildKit strips, ends up inside the quotes: the variable is `1` before and `1 ` after.
#
# One would have guessed that the space is dropped, as it is from a RUN in the same file. It matters because
# programs that compare the variable with `1`, or read it as a number, now see something else.
set -eu
. "$(dirname "$0")/common"

npm_install @dprint/dockerfile@0.6.0 @dprint/formatter@0.6.0
pip_install dockerfile==3.4.0

cat > "$dir/format.js" <<'EOF'
const fs = require('fs');
const { createFromBuffer } = require('@dprint/formatter');
const formatter = createFromBuffer(fs.readFileSync(require('@dprint/dockerfile').getPath()));
const [file] = process.argv.slice(2);
process.stdout.write(formatter.formatText({ filePath: 'Dockerfile', fileText: fs.readFileSync(file, 'utf8') }));
EOF

env_of() {
    python3 -c 'import sys, json, dockerfile; print(json.dumps(dockerfile.parse_file(sys.argv[1])[1].value))' "$1"
}

printf 'FROM debian:12\nENV DEBUG 1 \nENV LEVEL 2\nRUN ls   -l \n' > "$dir/before"
node "$dir/format.js" "$dir/before" > "$dir/after"

expect 'before, as BuildKit parses it' '["DEBUG", "1"]' "$(env_of "$dir/before")"
expect 'after' 'ENV DEBUG="1 "' "$(sed -n 2p "$dir/after")"
expect 'after, as BuildKit parses it' '["DEBUG", "\"1 \""]' "$(env_of "$dir/after")"
expect 'without the space' 'ENV LEVEL=2' "$(sed -n 3p "$dir/after")"
expect 'the same space in a RUN' 'RUN ls -l' "$(sed -n 4p "$dir/after")"

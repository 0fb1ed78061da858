#!/bin/sh
# @ericcornelissen/bash-parser 0.5.3 (Node), beside the shell of the machine, seen 2026-11-29.
#
# A `#` inside a word ends the word, and the rest of it is in no part of the tree. In
# `pip install git+https://example.com/app.git#egg=app && make` the second argument is the address without its
# fragment; `make` is there. So it is in both modes, `posix` and `bash`. In quotes, or as `\#`, the sign stays.
#
# One would have guessed that `#` begins a comment only where a word could begin, as in every shell, and that a
# comment goes on to the end of the line. It matters to readers of RUN lines: branches, commits and checksums of what
# is installed stand behind that sign.
set -eu
. "$(dirname "$0")/common"

npm_install @ericcornelissen/bash-parser@0.5.3

cat > "$dir/words.js" <<'EOF'
const parse = require('@ericcornelissen/bash-parser');
const words = (node) => node.left
    ? `${words(node.left)} && ${words(node.right)}`
    : [node.name, ...(node.suffix ?? [])].map((word) => word.text).join(' ');
console.log(parse(process.argv[3], { mode: process.argv[2] }).commands.map(words).join('; '));
EOF

shell() { sh -c "$1"; }
posix() { node "$dir/words.js" posix "$1"; }
bash() { node "$dir/words.js" bash "$1"; }

line='echo app.git#egg=app && echo made'
expect 'the shell' 'app.git#egg=app made' "$(shell "$line" | paste -s -d ' ' -)"
expect 'posix' 'echo app.git && echo made' "$(posix "$line")"
expect 'bash' 'echo app.git && echo made' "$(bash "$line")"
expect 'in quotes' 'echo app.git#egg=app && echo made' "$(posix 'echo "app.git#egg=app" && echo made')"
expect 'with a backslash' 'echo app.git#egg=app' "$(posix 'echo app.git\#egg=app')"

#!/bin/sh
# shellwords 1.1.1 (Node), seen 2026-11-30.
#
# `split` gives the words of a command in the same way that the shell does, as its documentation says, but for these: in
# single quotes, the first backslash is lost, so that `'\.js$'` is `.js$`; in double quotes it is lost before each
# character, though it is only special before `$`, a backtick, `"`, a backslash and the end of a line; and `''` at the
# end of the command is no word.
#
# One would have guessed that nothing is special in single quotes: it is what they are for, and what the POSIX standard
# says in 2.2.2. It matters to tools that take a command as one line and start it as a list of words, as the JSON form
# of CMD has it: a pattern for grep or sed finds more than it should.
set -eu
. "$(dirname "$0")/common"

npm_install shellwords@1.1.1

cat > "$dir/words.js" <<'EOF'
console.log(JSON.stringify(require('shellwords').split(process.argv[2])));
EOF
# The words of a line to the shell, and to the package.
words() {
    eval "set -- \"\$1\" $1"
    python3 -c 'import json, sys; print(json.dumps(sys.argv[2:], separators=(",", ":")))' "$@"
    node "$dir/words.js" "$1"
}

expect 'no backslash' '["grep","-v","a b"]
["grep","-v","a b"]' "$(words "grep -v 'a b'")"
expect 'single quotes' '["grep","-v","\\.js$"]
["grep","-v",".js$"]' "$(words "grep -v '\\.js\$'")"
expect 'double quotes' '["printf","a\\tb\\n"]
["printf","atb\\n"]' "$(words 'printf "a\tb\n"')"
expect 'empty words' '["deploy","","now",""]
["deploy","","now"]' "$(words "deploy '' now ''")"

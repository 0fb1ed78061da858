#!/bin/sh
# shell-quote 1.12.0 (Node), beside the shell of the machine, seen 2026-12-01.
#
# Takes a command apart into words and operators. The end of a line is neither: of two commands on a line each there
# is one, with the words of both. A comment goes on to the end of the text, over all lines, and begins at any `#`: of
# `pip install git+https://example.com/app.git#egg=app && make` all from `#` is a comment. And where a line ends with
# a backslash and the next one is indented, there is an empty word.
#
# One would have guessed what holds in every shell: a command ends with its line, a comment too, a `#` inside a word
# is a part of it, and a backslash before the end of a line takes that away. It matters to readers of a RUN of several
# lines or of a script: what is installed in the second line belongs to the first command, or is in no command at all.
set -eu
. "$(dirname "$0")/common"

npm_install shell-quote@1.12.0

words() {
    (cd "$dir" && node -e '
const { parse } = require("shell-quote");
console.log(JSON.stringify(parse(process.argv[1])));' "$1")
}
# The words with which a shell calls `w`.
shell_words() { sh -c "w() { printf '<%s>' \"\$@\"; }; $1"; }

expect 'a semicolon' '["update",{"op":";"},"install","curl"]' "$(words 'update; install curl')"
expect 'two lines' '["update","install","curl"]' "$(words 'update
install curl')"
expect 'a comment and a line' '["set","-e",{"comment":" stop\nmake"}]' "$(words 'set -e # stop
make')"
expect 'a sign in a word' '["install","app.git",{"comment":"egg=app && make"}]' \
    "$(words 'install app.git#egg=app && make')"
expect 'the same in a shell' '<install><app.git#egg=app><make>' "$(shell_words 'w install app.git#egg=app && w make')"
expect 'a line that goes on' '["make","","all"]' "$(words 'make \
    all')"
expect 'the same in a shell' '<make><all>' "$(shell_words 'w make \
    all')"

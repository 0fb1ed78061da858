#!/bin/sh
# bashlex 0.18 (Python), seen 2026-11-30.
#
# Takes a command apart into its words. In double quotes it removes each backslash: the word `"a\tb"` is `atb`, as it is
# without quotes, and `"\.js$"` is `.js$`. The word `$'a\tb'`, which has a tab, is `$atb`.
#
# One would have guessed that the words are those of Bash, of whose own parser bashlex is a port. POSIX says in 2.2.3
# that a backslash in double quotes stays, unless there is a `$`, a backtick, `"`, a backslash or the end of the line
# behind it, and Bash's manual has `$'…'` in 3.1.2.4. It matters to a tool that reads the RUN of a Dockerfile: the
# pattern of a grep or the text of a printf is another one.
set -eu
. "$(dirname "$0")/common"

pip_install bashlex==0.18

# The words of a command to the shell, but for the name of the command, and to bashlex.
words() {
    eval "set -- \"\$1\" $1"
    line=$1
    shift 2
    printf '[%s]' "$@"
    python3 -c '
import bashlex, sys
[command] = bashlex.parse(sys.argv[1])
print("", "".join("[" + part.word + "]" for part in command.parts[1:]))' "$line"
}

expect 'single quotes' '[a\tb\n] [a\tb\n]' "$(words "printf 'a\\tb\\n'")"
expect 'double quotes' '[a\tb\n] [atbn]' "$(words 'printf "a\tb\n"')"
expect 'a pattern' '[-v][\.js$] [-v][.js$]' "$(words 'grep -v "\.js$"')"
expect 'a dollar sign' '$atb' "$(python3 -c '
import bashlex, sys
print(bashlex.parse(sys.argv[1])[0].parts[1].word)' "printf \$'a\\tb'")"

#!/bin/sh
# dockerfile 3.4.0 (Python package, BuildKit's own parser in a Python package), seen 2026-11-29.
#
# BuildKit looks for here-documents in the space-separated words of a RUN, whatever those words mean to the
# shell. `$(( 1 <<2 ))` opens a here-document that ends at a line `2`; if there is none, the file is refused as
# "unterminated heredoc". `$((1 << 2))` and `$((1<<2))` are fine. A shell comment counts too: everything after
# `# see <<EOF`, instructions included, belongs to the RUN until a line `EOF`.
#
# One would have guessed that arithmetic and comments are left to the shell, and that spaces around `<<` make no
# difference. It matters to anyone who splits a Dockerfile into instructions: a reader that follows the shell's
# grammar finds other instructions than the ones that are built.
set -eu
. "$(dirname "$0")/common"

pip_install dockerfile==3.4.0

# The instructions of a Dockerfile that begins with FROM and the line given.
instructions() {
    python3 -c '
import sys, dockerfile
try:
    print(*(c.cmd for c in dockerfile.parse_string("FROM debian:12\n" + sys.argv[1])))
except dockerfile.GoParseError as error:
    print(error)' "$1"
}

expect '$((1 << 2))' 'FROM RUN USER' "$(instructions 'RUN echo $((1 << 2))
USER app')"
expect '$((1<<2))' 'FROM RUN USER' "$(instructions 'RUN echo $((1<<2))
USER app')"
expect '$(( 1 <<2 ))' 'unterminated heredoc' "$(instructions 'RUN echo $(( 1 <<2 ))
USER app')"
expect '# see <<EOF' 'FROM RUN CMD' "$(instructions 'RUN make # see <<EOF
USER app
EOF
CMD ["app"]')"

#!/bin/sh
# dockerfile-utils 0.16.3 with dockerfile-ast 0.7.1 (Node), beside dockerfile 3.4.0 (Python, BuildKit's own parser),
# seen 2026-11-29.
#
# The formatter indents the here-document of an ADD, and that of a RUN or COPY behind ONBUILD, like any continuation
# line, its last line included. An indented `EOF` ends nothing: the document goes on to the next line that says `EOF`,
# and takes the instructions in between into the file it writes. If there is none, the build is refused. Those of RUN
# and COPY are left alone.
#
# One would have guessed that all here-documents are left alone. It matters since editors format Dockerfiles with this
# library, on saving if so set.
set -eu
. "$(dirname "$0")/common"

npm_install dockerfile-utils@0.16.3 dockerfile-ast@0.7.1 vscode-languageserver-textdocument@1.0.12
pip_install dockerfile==3.4.0

cat > "$dir/format.js" <<'EOF'
const { format } = require('dockerfile-utils'), { TextDocument } = require('vscode-languageserver-textdocument');
const document = TextDocument.create('file:///Dockerfile', 'dockerfile', 1, process.argv[2]);
console.log(TextDocument.applyEdits(document, format(process.argv[2], { tabSize: 4, insertSpaces: true })));
EOF

# The instructions of a Dockerfile whose second one is given, before and after the formatter.
instructions() {
    python3 -c '
import sys, dockerfile
try:
    print(*(c.cmd for c in dockerfile.parse_string(sys.argv[1])))
except dockerfile.GoParseError as error:
    print(error)' "$1"
}
both() {
    file="FROM debian:12
$1 <<EOF $2
debug = false
EOF
USER app$3"
    printf '%s, then %s' "$(instructions "$file")" "$(instructions "$(node "$dir/format.js" "$file")")"
}
another='
RUN <<EOF
make
EOF'

expect 'COPY' 'FROM COPY USER RUN, then FROM COPY USER RUN' "$(both COPY /etc/app "$another")"
expect 'ADD' 'FROM ADD USER RUN, then FROM ADD' "$(both ADD /etc/app "$another")"
expect 'ADD alone' 'FROM ADD USER, then unterminated heredoc' "$(both ADD /etc/app '')"
expect 'ONBUILD COPY' 'FROM ONBUILD USER RUN, then FROM ONBUILD' "$(both 'ONBUILD COPY' /etc/app "$another")"

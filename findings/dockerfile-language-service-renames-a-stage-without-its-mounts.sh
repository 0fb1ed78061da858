#!/bin/sh
# dockerfile-language-service 0.16.1 (Node), seen 2026-11-30.
#
# Renaming a stage in an editor changes its FROM, the FROM lines that build on it and `COPY --from=`, and leaves
# `RUN --mount=from=` and `FROM BASE` in other letters as they are. Renaming an argument above the first FROM leaves
# the `ARG VERSION` by which a stage takes its value over.
#
# One would have guessed that a rename finds what the builder takes for the name: to BuildKit, a mount is of a stage as
# a COPY is, names of stages know no case, and an ARG without a value takes that of above. What is left behind is valid
# and means something else: `from=base` is an image of Docker Hub, and `$VERSION` is empty.
set -eu
. "$(dirname "$0")/common"

npm_install dockerfile-language-service@0.16.1

# What a Dockerfile becomes when the name at a line and a column of it, counted from 0, is made another one.
cat > "$dir/rename.js" <<'EOF'
const { DockerfileLanguageServiceFactory } = require('dockerfile-language-service');
const { TextDocument } = require('vscode-languageserver-textdocument');
const [line, character, name, ...lines] = process.argv.slice(2);
const document = TextDocument.create('file:///Dockerfile', 'dockerfile', 1, lines.join('\n'));
const position = { line: Number(line), character: Number(character) };
const edits = DockerfileLanguageServiceFactory.createLanguageService()
    .computeRename({ uri: document.uri }, document.getText(), position, name);
console.log(TextDocument.applyEdits(document, edits).split('\n').slice(1).join(' / '));
EOF
rename_stage() { node "$dir/rename.js" 0 16 core 'FROM debian AS base' "$@"; }

expect 'FROM' 'FROM core' "$(rename_stage 'FROM base')"
expect 'COPY' 'FROM scratch / COPY --from=core /a /' "$(rename_stage 'FROM scratch' 'COPY --from=base /a /')"
expect 'RUN' 'FROM alpine / RUN --mount=from=base,target=/base make' \
    "$(rename_stage 'FROM alpine' 'RUN --mount=from=base,target=/base make')"
expect 'FROM in capitals' 'FROM BASE' "$(rename_stage 'FROM BASE')"
expect 'ARG' 'FROM debian:$RELEASE / ARG VERSION / RUN echo $VERSION' \
    "$(node "$dir/rename.js" 0 4 RELEASE 'ARG VERSION=13' 'FROM debian:$VERSION' 'ARG VERSION' 'RUN echo $VERSION')"

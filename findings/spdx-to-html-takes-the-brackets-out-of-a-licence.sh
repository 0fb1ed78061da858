#!/bin/sh
# spdx-to-html 1.0.0 (Node), seen 2026-11-30.
#
# Makes an English sentence of a licence expression, and leaves out its brackets: `(MIT OR ISC) AND Zlib` is the same
# sentence as `MIT OR (ISC AND Zlib)`. With the first, Zlib always has to be observed; with the second, MIT is enough.
#
# One would have guessed that two licences which are not the same are two sentences. The specification (annex D of
# version 2.3) says that AND binds stronger than OR, and that brackets are there to say otherwise. It matters to a list
# of the licences in an image, which people read: of what is to be observed for all, it says that there is a choice.
set -eu
. "$(dirname "$0")/common"

npm_install spdx-to-html@1.0.0

cat > "$dir/text.js" <<'EOF'
console.log(require('spdx-to-html')(process.argv[2]).replace(/<[^>]*>/g, ''));
EOF
text() { node "$dir/text.js" "$1"; }

expect 'a choice' 'MIT or ISC' "$(text 'MIT OR ISC')"
expect 'brackets around AND' 'MIT or ISC and Zlib' "$(text 'MIT OR (ISC AND Zlib)')"
expect 'brackets around OR' 'MIT or ISC and Zlib' "$(text '(MIT OR ISC) AND Zlib')"
expect 'brackets at the end' 'Zlib and MIT or ISC' "$(text 'Zlib AND (MIT OR ISC)')"

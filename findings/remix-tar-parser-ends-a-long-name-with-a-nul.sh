#!/bin/sh
# @remix-run/tar-parser 0.7.1 (Node), beside tar-stream 3.2.2 (Node), seen 2026-11-30.
#
# In the format of GNU tar, a name of more than 100 characters is the content of an entry before that of the file, with
# a NUL at its end. `parseTar` gives the name with the NUL, so that it is one character too long; so it does with the
# target of a link. In the POSIX formats the names are right.
#
# One would have guessed that the name of a file is the same in each format. It matters to a look at the layers of an
# image, which GNU tar and some builders write in this format: nothing is found by the name that it has, `/index.js` is
# not at its end, and no file can be written by it.
set -eu
. "$(dirname "$0")/common"

npm_install @remix-run/tar-parser@0.7.1 tar-stream@3.2.2

# Writes an archive with a file in a format, and prints the length and the end of its name to each library.
cat > "$dir/write.py" <<'EOF'
import sys, tarfile
file, format, name = sys.argv[1:]
with tarfile.open(file, "w", format={"gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}[format]) as archive:
    archive.addfile(tarfile.TarInfo(name))
EOF
cat > "$dir/names.mjs" <<'EOF'
import { readFileSync } from 'fs';
import { parseTar } from '@remix-run/tar-parser';
import tar from 'tar-stream';
const content = readFileSync(process.argv[2]);
const show = (name) => console.log(name.length, JSON.stringify(name.slice(-4)));
const extract = tar.extract();
extract.end(content);
for await (const entry of extract) {
    show(entry.header.name);
    entry.resume();
}
await parseTar(new Uint8Array(content), (entry) => show(entry.name));
EOF
names() {
    python3 "$dir/write.py" "$dir/layer.tar" "$@"
    node "$dir/names.mjs" "$dir/layer.tar"
}

long=srv/app/node_modules/package-with-a-rather-long-name/node_modules/another-package-with-a-rather-long-name/index.js
expect 'a short name, gnu' '16 "x.js"
16 "x.js"' "$(names gnu srv/app/index.js)"
expect 'a long name, pax' '114 "x.js"
114 "x.js"' "$(names pax "$long")"
expect 'a long name, gnu' '114 "x.js"
115 ".js\u0000"' "$(names gnu "$long")"

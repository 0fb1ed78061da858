#!/bin/sh
# nanotar 0.3.0 (Node), beside tar-stream 3.2.2 (Node), seen 2026-11-30.
#
# In the POSIX format (ustar), a path of more than 100 characters has its first folders in a field of their own, the
# prefix. `parseTar` does not read that field: of `usr/local/lib/node_modules/…/index.js` it gives what is behind some
# slash in the middle, and two files of different folders get one name. The long names of the GNU and pax formats it
# reads.
#
# One would have guessed that a name is whole in each of the three formats. It matters to a list of a layer's files:
# layers have pax names where Docker wrote them, but Go's tar library writes ustar where it is enough, unless a program
# asks for another format, and so may any tool that makes images without Docker.
set -eu
. "$(dirname "$0")/common"

npm_install nanotar@0.3.0 tar-stream@3.2.2

# Writes an archive with two files in a format, and prints where their paths begin to each library.
cat > "$dir/write.py" <<'EOF'
import sys, tarfile
file, format, *names = sys.argv[1:]
with tarfile.open(file, "w", format={"ustar": 0, "gnu": 1, "pax": 2}[format]) as archive:
    for name in names:
        archive.addfile(tarfile.TarInfo(name))
EOF
cat > "$dir/names.mjs" <<'EOF'
import { readFileSync } from 'fs';
import { parseTar } from 'nanotar';
import tar from 'tar-stream';
const [library, file] = process.argv.slice(2);
const names = library === 'nanotar' ? parseTar(readFileSync(file)).map(({ name }) => name) : [];
if (library === 'tar-stream') {
    const extract = tar.extract();
    extract.end(readFileSync(file));
    for await (const entry of extract) {
        names.push(entry.header.name);
        entry.resume();
    }
}
console.log(names.map((name) => `${name.split('/').slice(0, 3).join('/')} (${name.length})`).join(' '));
EOF
modules=node_modules/package-with-a-rather-long-name/node_modules/another-package-with-a-rather-long-name/dist/src
names() {
    python3 "$dir/write.py" "$dir/layer.tar" "$2" "usr/local/lib/$modules/index.js" "srv/other/app/$modules/index.js"
    node "$dir/names.mjs" "$1" "$dir/layer.tar"
}

expect 'ustar, tar-stream' 'usr/local/lib (129) srv/other/app (129)' "$(names tar-stream ustar)"
expect 'gnu, nanotar' 'usr/local/lib (129) srv/other/app (129)' "$(names nanotar gnu)"
expect 'pax, nanotar' 'usr/local/lib (129) srv/other/app (129)' "$(names nanotar pax)"
n=node_modules/another-package-with-a-rather-long-name/dist
expect 'ustar, nanotar' "$n (70) $n (70)" "$(names nanotar ustar)"

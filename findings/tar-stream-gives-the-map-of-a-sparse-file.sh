#!/bin/sh
# tar-stream 3.2.2 (Node), seen 2026-11-29.
#
# An archive for ADD may hold sparse files in the form that GNU's `tar --sparse --format=posix` writes: the real
# name and size are in the extended header, and the content begins with a list of the parts that are there.
# tar-stream reads extended headers, but ignores these keys: it gives the entry a made-up name in a folder
# `GNUSparseFile.0`, the stored size, and a content that begins with the list.
#
# One would have guessed the file itself, as Python's tarfile returns it, or an error. It matters to anyone who
# sums up or unpacks what an ADD brings: the name is wrong, and a megabyte is half a kilobyte.
set -eu
. "$(dirname "$0")/common"

npm_install tar-stream@3.2.2

# A disk image of 1 MiB that has five bytes, at 512 kB. It is made by hand, since not every file system has holes.
python3 - "$dir/root.tar" <<'EOF'
import io, sys, tarfile
stored = b"1\n524288\n5\n".ljust(512, b"\0") + b"hello"
entry = tarfile.TarInfo("GNUSparseFile.0/disk.img")
entry.size = len(stored)
entry.pax_headers = {
    "GNU.sparse.major": "1",
    "GNU.sparse.minor": "0",
    "GNU.sparse.name": "disk.img",
    "GNU.sparse.realsize": "1048576",
}
with tarfile.open(sys.argv[1], "w", format=tarfile.PAX_FORMAT) as archive:
    archive.addfile(entry, io.BytesIO(stored))
EOF

cat > "$dir/list.js" <<'EOF'
const fs = require('fs'), extract = require('tar-stream').extract();
extract.on('entry', (header, stream, next) => {
    const chunks = [];
    stream.on('data', (chunk) => chunks.push(chunk));
    stream.on('end', () => {
        console.log(header.name, header.size, JSON.stringify(Buffer.concat(chunks).toString().slice(0, 11)));
        next();
    });
});
fs.createReadStream(process.argv[2]).pipe(extract);
EOF

expect 'tarfile' 'disk.img 1048576 hello' "$(python3 -c '
import sys, tarfile
archive = tarfile.open(sys.argv[1])
for entry in archive:
    print(entry.name, entry.size, archive.extractfile(entry).read()[524288:524293].decode())' "$dir/root.tar")"
expect 'tar-stream' 'GNUSparseFile.0/disk.img 517 "1\n524288\n5\n"' "$(node "$dir/list.js" "$dir/root.tar")"

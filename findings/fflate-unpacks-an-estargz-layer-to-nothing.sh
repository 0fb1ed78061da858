#!/bin/sh
# fflate 0.8.3 (Node), seen 2026-11-29.
#
# An eStargz layer is a gzip file of many members, the last of which is empty: a footer that says where the table
# of contents is. `gunzipSync` returns 0 bytes for it, without an error: it reads the first member only, and
# takes the length of the result from the last four bytes of the input, which are the footer's. Without the
# footer it returns as much of the first member as the last one is long. The streaming class `Gunzip` reads all.
#
# One would have guessed the whole content, as from other gzip readers, or an error. It matters to anyone who
# reads image layers in a browser: the layer seems to be empty.
set -eu
. "$(dirname "$0")/common"

npm_install fflate@0.8.3

cat > "$dir/layer.js" <<'EOF'
const zlib = require('zlib'), fflate = require('fflate');
const subfield = Buffer.concat([Buffer.from('SG\x16\0', 'latin1'), Buffer.from('0000000000000200STARGZ')]);
const footer = Buffer.concat([
    Buffer.from([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, subfield.length, 0]),
    subfield,
    Buffer.from([1, 0, 0, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0]),
]);
const members = [zlib.gzipSync('a'.repeat(1000)), zlib.gzipSync('b'.repeat(500))];
const layer = Buffer.concat([...members, footer]);
let streamed = 0;
const stream = new fflate.Gunzip((chunk) => { streamed += chunk.length; });
stream.push(new Uint8Array(layer), true);
console.log({
    zlib: zlib.gunzipSync(layer).length,
    stream: streamed,
    bare: fflate.gunzipSync(new Uint8Array(Buffer.concat(members))).length,
    layer: fflate.gunzipSync(new Uint8Array(layer)).length,
}[process.argv[2]]);
EOF

expect 'bytes by zlib' 1500 "$(node "$dir/layer.js" zlib)"
expect 'bytes by Gunzip' 1500 "$(node "$dir/layer.js" stream)"
expect 'bytes by gunzipSync, no footer' 500 "$(node "$dir/layer.js" bare)"
expect 'bytes by gunzipSync' 0 "$(node "$dir/layer.js" layer)"

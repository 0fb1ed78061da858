#!/bin/sh
# zstandard 0.25.0 (Python), beside pyzstd 0.19.1 (Python), seen 2026-11-30.
#
# `decompress` gives the first frame of its input and leaves the rest, without an error. Podman and Buildah write layers
# of the kind `zstd:chunked` in many frames, so that a file can be fetched alone: what comes out of such a layer is an
# archive that ends early, in which most files are missing. `stream_reader` of the same library gives it whole.
#
# One would have guessed that two functions of one library give the same content. RFC 8878 says in 3 that data is of one
# or more frames, each for itself, and pyzstd gives what is in all of them. It matters to code that was tried with
# layers of one frame.
set -eu
. "$(dirname "$0")/common"

pip_install zstandard==0.25.0 pyzstd==0.19.1

# An archive of two files as one frame, and as a frame for each block of 512 bytes with a frame to skip at the end.
cat > "$dir/layer.py" <<'EOF'
import io, sys, tarfile, pyzstd, zstandard
archive = io.BytesIO()
with tarfile.open(fileobj=archive, mode="w") as tar:
    for name in ["first", "second"]:
        tar.addfile(tarfile.TarInfo(name))
archive = archive.getvalue()
compress = zstandard.ZstdCompressor().compress
layers = {
    "one": compress(archive),
    "chunked": b"".join(compress(archive[at:at + 512]) for at in range(0, len(archive), 512))
    + bytes.fromhex("502a4d18 04000000") + b"list",
}
readers = {
    "decompress": lambda layer: zstandard.ZstdDecompressor().decompress(layer),
    "stream_reader": lambda layer: zstandard.ZstdDecompressor().stream_reader(io.BytesIO(layer)).read(),
    "pyzstd": pyzstd.decompress,
}
content = readers[sys.argv[2]](layers[sys.argv[1]])
print(len(content), *tarfile.open(fileobj=io.BytesIO(content)).getnames())
EOF
layer() { python3 "$dir/layer.py" "$@"; }

expect 'one frame, decompress' '10240 first second' "$(layer one decompress)"
expect 'chunked, pyzstd' '10240 first second' "$(layer chunked pyzstd)"
expect 'chunked, stream_reader' '10240 first second' "$(layer chunked stream_reader)"
expect 'chunked, decompress' '512 first' "$(layer chunked decompress)"

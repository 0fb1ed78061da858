#!/bin/sh
# dockerlens-py 0.2.0 (Python), seen 2026-11-30.
#
# `diff` compares the files of two images, as Docker saves them. It looks for files of the name `layer.tar`, of which
# there are none since Docker 25, whose archive is an OCI layout with all layers under `blobs`: of two images that have
# no file in common, there is no difference. In archives of earlier versions it takes the layers in the order of their
# names, which are their digests, in place of that in the manifest, so that a file may have the size which it had
# before; and what is in a folder that a layer removes is still there.
#
# One would have guessed that two images without a difference are the same. It matters to a release that is let through
# for it: the answer is an empty list, and no error.
set -eu
. "$(dirname "$0")/common"

pip_install dockerlens-py==0.2.0

# The differences between two images with the layers given, in the format of an earlier Docker or in that of today's.
cat > "$dir/compare.py" <<'END'
import io, json, sys, tarfile
from dockerlens.diff import DiffEngine

class Image:
    def __init__(self, file):
        self.file = file

    def save(self):
        yield open(self.file, "rb").read()

# Has all but the manifest below `blobs`.
def as_layout(file):
    stream = io.BytesIO()
    with tarfile.open(file) as old, tarfile.open(fileobj=stream, mode="w") as new:
        [manifest] = json.load(old.extractfile("manifest.json"))
        blob = lambda name: "blobs/sha256/" + name.removesuffix("/layer.tar").removesuffix(".json")
        files = {blob(name): old.extractfile(name).read() for name in [manifest["Config"], *manifest["Layers"]]}
        manifest["Config"], manifest["Layers"] = blob(manifest["Config"]), [blob(name) for name in manifest["Layers"]]
        files["manifest.json"] = json.dumps([manifest]).encode()
        files["oci-layout"] = b'{"imageLayoutVersion": "1.0.0"}'
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            new.addfile(entry, io.BytesIO(content))
    open(file, "wb").write(stream.getvalue())

style, *files = sys.argv[1:]
if style == "layout":
    for file in files:
        as_layout(file)
entries = DiffEngine(*map(Image, files)).compare()
print(*(entry.change_type + " " + entry.path for entry in entries), sep=", ")
END
# Two images, each with its layers and a `|` between them.
image() {
    file=$1
    IFS='|'
    # shellcheck disable=SC2086 # split at the bars
    set -- $2
    unset IFS
    image_archive "$file" "$@"
}
difference() {
    image "$dir/first.tar" "$2"
    image "$dir/second.tar" "$3"
    python3 "$dir/compare.py" "$1" "$dir/first.tar" "$dir/second.tar"
}

expect 'before Docker 25' 'removed /one, added /two' "$(difference archive one=1 two=1)"
expect 'from Docker 25 on' '' "$(difference layout one=1 two=1)"
expect 'one image' '' "$(difference archive app=1 app=1)"
expect 'one file in two layers' 'modified /app' "$(difference archive 'app=1|app=4444' app=4444)"
expect 'a folder that is removed' 'added /opt/app' "$(difference archive srv=1 'opt/ opt/app=1|.wh.opt srv=1')"

#!/bin/sh
# container-inspector 33.1.0 (Python), seen 2026-11-29.
#
# `rebuild_rootfs` lays the layers of an image over each other. Where a layer has a file of the name of a directory
# below it, as after `RUN rm -r /opt/app && install app.sh /opt/app`, the directory stays with all that is in it, and
# the file is put inside: `opt/app/app`. Symbolic links are left out even with `skip_symlinks=False`. Whiteouts, opaque
# ones too, are right.
#
# One would have guessed what the image format says: an entry takes the place of the one that was there. It matters to
# scanners that work on the result: they report packages that the image has no more, and miss the new file's path.
set -eu
. "$(dirname "$0")/common"

pip_install container-inspector==33.1.0

cat > "$dir/merge.py" <<'EOF'
import hashlib, io, json, os, sys, tarfile
from container_inspector.image import Image
from container_inspector.rootfs import rebuild_rootfs

# A layer is a list such as "opt/ opt/app link>opt/app": a directory, a file and a symbolic link.
def layer(names):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name in names.split():
            entry = tarfile.TarInfo(name.split(">")[0])
            if ">" in name:
                entry.type, entry.linkname = tarfile.SYMTYPE, name.split(">")[1]
            elif name.endswith("/"):
                entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(entry)
    return stream.getvalue()

def write(path, content):
    path = os.path.join(image, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)

image, target = sys.argv[1] + "/image", sys.argv[1] + "/rootfs"
layers = [layer(names) for names in sys.argv[2:]]
digests = [hashlib.sha256(content).hexdigest() for content in layers]
for digest, content in zip(digests, layers):
    write(digest + "/layer.tar", content)
config = json.dumps({
    "architecture": "amd64", "os": "linux", "config": {}, "history": [{"created_by": "COPY"} for _ in layers],
    "rootfs": {"type": "layers", "diff_ids": ["sha256:" + digest for digest in digests]},
}).encode()
name = hashlib.sha256(config).hexdigest() + ".json"
write(name, config)
write("manifest.json", json.dumps([{
    "Config": name, "RepoTags": ["app:1"], "Layers": [digest + "/layer.tar" for digest in digests],
}]).encode())
os.mkdir(target)
rebuild_rootfs(Image.get_images_from_dir(image)[0], target, skip_symlinks=False)
print(*sorted(os.path.relpath(os.path.join(folder, file), target)
              for folder, folders, files in os.walk(target) for file in files))
EOF
merged() {
    rm -rf "$dir/image" "$dir/rootfs"
    python3 "$dir/merge.py" "$dir" "$@"
}

expect 'two files' 'opt/app/new opt/app/old' "$(merged 'opt/ opt/app/ opt/app/old' 'opt/ opt/app/ opt/app/new')"
expect 'whiteout' 'opt/kept' "$(merged 'opt/ opt/app/ opt/app/old opt/kept' 'opt/ opt/.wh.app')"
expect 'opaque' 'opt/app/new' "$(merged 'opt/ opt/app/ opt/app/old' 'opt/ opt/app/ opt/app/.wh..wh..opq opt/app/new')"
expect 'a file' 'opt/app/app opt/app/old' "$(merged 'opt/ opt/app/ opt/app/old' 'opt/ opt/app')"
expect 'a link' 'opt/app/old' "$(merged 'opt/ opt/app/ opt/app/old' 'opt/ opt/link>app/old')"

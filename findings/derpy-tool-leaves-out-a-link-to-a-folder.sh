#!/bin/sh
# derpy-tool 0.3.2 (Python), seen 2026-12-01.
#
# Builds images without Docker, and makes the layer of a RUN of what has changed in the files. A symbolic link to a
# folder, as `current` for the folder of a release, is not in the layer if the RUN makes it, and stays in the image if
# the RUN removes it. Nor is a link there whose target begins with a slash, as `/usr/bin/tool`: it is looked for on the
# machine and not in the image. A link to a file beside it is there.
#
# One would have guessed that a layer has all that a step has changed: it is how the specification of OCI images
# describes a layer. It matters since nothing fails before the image runs, where `/srv/current` is missing or is still
# the old one.
set -eu
. "$(dirname "$0")/common"

pip_install derpy-tool==0.3.2

# What the layer has after a shell command in a folder that stands for the root of an image.
cat > "$dir/layer.py" <<'EOF'
import os, subprocess, sys, tarfile
from pathlib import Path
from derpy.build.diff import LayerDiffManager
root, command = Path(sys.argv[1]), sys.argv[2]
manager = LayerDiffManager()
before = manager.create_snapshot(root)
subprocess.run(command, shell=True, cwd=root, check=True)
layer = manager.create_layer_from_diff(root, manager.compare_snapshots(before, manager.create_snapshot(root)), "RUN")
with tarfile.open(layer.content_path) as archive:
    for entry in archive:
        if not entry.isdir():
            print(entry.name + ("->" + entry.linkname if entry.issym() else ""))
os.unlink(layer.content_path)
EOF
layer() {
    rm -rf "$dir/root"
    mkdir -p "$dir/root/srv/1.0" "$dir/root/srv/2.0"
    touch "$dir/root/srv/tool-2.0"
    ln -s 1.0 "$dir/root/srv/previous"
    TMPDIR="$dir" python3 "$dir/layer.py" "$dir/root" "$1" 2> "$dir/log"
}

expect 'a file' 'srv/new' "$(layer 'touch srv/new')"
expect 'a link to a file' 'srv/tool->tool-2.0' "$(layer 'ln -s tool-2.0 srv/tool')"
expect 'a link to a folder' '' "$(layer 'ln -s 2.0 srv/current')"
expect 'a link to a folder is removed' '' "$(layer 'rm srv/previous')"
expect 'a link from the root' '' "$(layer 'ln -s /srv/tool-2.0 srv/tool')"

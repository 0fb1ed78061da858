#!/bin/sh
# pyoci 0.2.1 (Python), seen 2026-11-30.
#
# Builds an image without a Dockerfile. It takes the layer with the application from a cache if the names, sizes and
# times of its files are the same. The folder that they go into does not count: with another `workdir`, the image starts
# in /srv while its files are still in /app.
#
# One would have guessed that another folder makes another layer, just as another WORKDIR does for the COPY behind it in
# a Dockerfile. It matters since the build succeeds, and the image does not start.
set -eu
. "$(dirname "$0")/common"

pip_install --no-deps pyoci==0.2.1

mkdir "$dir/context" "$dir/layers"
echo 'print(1)' > "$dir/context/main.py"
# The file in the layer with the application, for a folder.
layer() {
    python3 -c '
import sys, tarfile
from pathlib import Path
from pyoci.builder import ImageBuilder
from pyoci.config import BuildConfig

folder, workdir = sys.argv[1:]
config = BuildConfig(context_dir=folder + "/context", workdir=workdir, cache_dir=folder + "/cache")
layer = ImageBuilder(config)._create_app_layer(Path(folder, "layers"), ["main.py"])
with tarfile.open(layer.tar_path) as archive:
    for entry in archive:
        print(entry.name)' "$dir" "$1"
}

expect 'in /app' 'app/main.py' "$(layer /app)"
expect 'in /srv' 'app/main.py' "$(layer /srv)"
rm -r "$dir/cache"
expect 'in /srv, without a cache' 'srv/main.py' "$(layer /srv)"

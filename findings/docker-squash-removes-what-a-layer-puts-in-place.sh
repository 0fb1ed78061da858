#!/bin/sh
# docker-squash 1.2.2 (Python), seen 2026-11-30.
#
# Makes one layer of several. A whiteout removes a path of the layers below; here it removes that of its own layer as
# well: if a layer removes the file `opt/app` and adds a folder `opt/app`, neither is in the new layer. Besides, each
# file with `.wh.` anywhere in its name is taken for a whiteout: `opt/a.wh.b` is lost, and `opt/ab` with it.
#
# One would have guessed what the OCI specification says of layers: the name of a whiteout begins with `.wh.`, and only
# a whiteout in a later layer hides a file. It matters since the squashed image is the one that is published, and
# nothing says that files are missing.
set -eu
. "$(dirname "$0")/common"

pip_install docker-squash==1.2.2 docker==7.2.0

# Stands in for Docker, which saves the image given.
cat > "$dir/squash.py" <<'END'
import io, json, logging, sys, tarfile
from docker_squash.squash import Squash

archive, squashed = sys.argv[1:]
image = tarfile.open(archive)
[manifest] = json.load(image.extractfile("manifest.json"))
history = json.load(image.extractfile(manifest["Config"]))["history"]
name = "sha256:" + manifest["Config"].split(".")[0]

class Docker:
    def version(self):
        return {"Version": "24.0.9", "ApiVersion": "1.43"}

    def inspect_image(self, _):
        return {"Id": name}

    def history(self, _):
        return [{"Id": name}] + [{"Id": "<missing>"}] * (len(history) - 1)

    def get_image(self, _):
        saved = io.BytesIO()
        with tarfile.open(fileobj=saved, mode="w") as target:
            for entry in image:
                content = image.extractfile(entry).read()
                if entry.name.endswith("/json"):
                    content = json.dumps({"config": {}} | json.loads(content)).encode()
                    entry.size = len(content)
                target.addfile(entry, io.BytesIO(content))
        yield saved.getvalue()

log = logging.getLogger("squash")
log.setLevel(logging.CRITICAL)
Squash(log, "app:1", docker=Docker(), tag="app:2", output_path=squashed, load_image=False).run()
END
# The layer that comes of those given.
squashed() {
    image_archive "$dir/image.tar" "$@"
    python3 "$dir/squash.py" "$dir/image.tar" "$dir/squashed.tar" 2> "$dir/log"
    image_layers "$dir/squashed.tar"
}

expect 'a file in place of a file' 'opt/ opt/app=2 opt/b=1' "$(squashed 'opt/ opt/app=1 opt/b=1' 'opt/app=2')"
expect 'a folder in place of a file' 'opt/ opt/b=1' \
    "$(squashed 'opt/ opt/app=1 opt/b=1' 'opt/.wh.app opt/app/ opt/app/main=2')"
expect 'the folder in a layer of its own' 'opt/ opt/app/ opt/app/main=2 opt/b=1' \
    "$(squashed 'opt/ opt/app=1 opt/b=1' 'opt/.wh.app' 'opt/app/ opt/app/main=2')"
expect 'a name' 'opt/ opt/b=1 opt/c=2' "$(squashed 'opt/ opt/a.wh.b=1 opt/ab=1 opt/b=1' 'opt/c=2')"

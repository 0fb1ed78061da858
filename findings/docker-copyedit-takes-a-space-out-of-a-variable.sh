#!/bin/sh
# docker-copyedit 1.6.1171 (Python), seen 2026-11-30.
#
# Changes a setting of an image without a build, as its user. With `--docker=podman`, it takes the spaces out of the
# JSON that it writes, by putting `,{` for `, {` and `":` for `": ` wherever they are in the text. They are in values as
# well: the variable `GREETING=Hello, {name}` becomes `Hello,{name}`, and `say "hi": now` becomes `say "hi":now`. With
# Docker, it leaves them.
#
# One would have guessed that a variable of an image is what it was, where somebody changes the user; and if JSON is to
# have no spaces, that they are those between its parts. It matters to templates and formats of log lines in variables,
# labels and commands.
set -eu
. "$(dirname "$0")/common"

pip_install docker-copyedit==1.6.1171

# An image with a variable, as it is saved.
cat > "$dir/save.py" <<'END'
import io, json, sys, tarfile
file, variable = sys.argv[1:]
config = {"architecture": "amd64", "os": "linux", "config": {"Env": [variable]}, "history": [],
          "rootfs": {"type": "layers", "diff_ids": []}}
manifest = [{"Config": "config.json", "RepoTags": ["app:1"], "Layers": []}]
with tarfile.open(file, "w") as archive:
    for name, content in ("config.json", config), ("manifest.json", manifest):
        entry = tarfile.TarInfo(name)
        text = json.dumps(content).encode()
        entry.size = len(text)
        archive.addfile(entry, io.BytesIO(text))
END
# A program that stands in for Docker and for Podman: it saves that image, and keeps the one to be loaded.
cat > "$dir/docker" <<'END'
#!/bin/sh
folder=$(dirname "$0")
case $1 in
save) cat "$folder/image.tar" ;;
load) cp "$3" "$folder/loaded.tar" ;;
esac
END
cp "$dir/docker" "$dir/podman"
chmod +x "$dir/docker" "$dir/podman"
# The variable of the image after its user has been set.
variable() {
    python3 "$dir/save.py" "$dir/image.tar" "$2"
    (cd "$dir" && PATH="$dir:$PATH" python3 "$dir/py/bin/docker-copyedit" "--docker=$1" FROM app:1 INTO app:2 \
        SET user app > log 2>&1)
    python3 -c '
import json, sys, tarfile
with tarfile.open(sys.argv[1]) as archive:
    [manifest] = json.load(archive.extractfile("./manifest.json"))
    config = json.load(archive.extractfile("./" + manifest["Config"]))["config"]
    print(*config["Env"], "of", config["User"])' "$dir/loaded.tar"
}

expect 'Docker' 'GREETING=Hello, {name} of app' "$(variable docker 'GREETING=Hello, {name}')"
expect 'Podman' 'GREETING=Hello,{name} of app' "$(variable podman 'GREETING=Hello, {name}')"
expect 'Podman, quotes' 'NOTE=say "hi":now of app' "$(variable podman 'NOTE=say "hi": now')"

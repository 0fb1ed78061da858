#!/bin/sh
# snyk-docker-plugin 9.8.0 (Node), seen 2026-12-01.
#
# Lists the packages of an image by dpkg's status file. What `apt-get remove` took away is still in that file, as
# `deinstall ok config-files`, as long as its settings in `/etc` are there. It is in the list as if it were installed,
# with its version. `dpkg -l` shows it as `rc`, and `dpkg -s` says that it is not installed.
#
# One would have guessed that the list has what is in the image: the field says so in one word. It matters since
# taking a package out of an image is an answer to what is found in it: it is found again, in the version that it had,
# until it is removed with `purge`.
set -eu
. "$(dirname "$0")/common"

npm_install snyk-docker-plugin@9.8.0

cat > "$dir/image.py" <<'END'
import hashlib, io, json, sys, tarfile

def archive(files):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as writer:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            writer.addfile(entry, io.BytesIO(content))
    return stream.getvalue()

status = "\n".join(
    f"Package: {name}\nStatus: {state}\nArchitecture: amd64\nVersion: {version}\nDescription: a package\n"
    for name, state, version in [
        ("curl", "install ok installed", "8.14.1-2"),
        ("wget", "deinstall ok config-files", "1.25.0-2"),
    ])
layer = archive({
    "etc/os-release": b'ID=debian\nVERSION_ID="13"\nPRETTY_NAME="Debian GNU/Linux 13"\n',
    "var/lib/dpkg/status": status.encode(),
})
digest = hashlib.sha256(layer).hexdigest()
config = json.dumps({
    "architecture": "amd64", "os": "linux", "config": {}, "history": [{"created_by": "RUN"}],
    "rootfs": {"type": "layers", "diff_ids": ["sha256:" + digest]},
}).encode()
name = hashlib.sha256(config).hexdigest() + ".json"
manifest = [{"Config": name, "RepoTags": ["app:1"], "Layers": [digest + "/layer.tar"]}]
with open(sys.argv[1], "wb") as image:
    image.write(archive({
        name: config, "manifest.json": json.dumps(manifest).encode(), digest + "/layer.tar": layer}))
with open(sys.argv[2], "w") as file:
    file.write(status)
END
mkdir "$dir/dpkg"
python3 "$dir/image.py" "$dir/image.tar" "$dir/dpkg/status"
cat > "$dir/scan.js" <<'END'
require('snyk-docker-plugin').scan({ path: 'docker-archive:' + process.argv[2] }).then(({ scanResults: [debian] }) => {
    const { data } = debian.facts.find((fact) => fact.type === 'depGraph');
    console.log(data.getDepPkgs().map(({ name, version }) => name + ' ' + version).sort().join('; '));
});
END

expect 'the states' 'install ok installed; deinstall ok config-files' \
    "$(sed -n 's/^Status: //p' "$dir/dpkg/status" | paste -s -d '#' - | sed 's/#/; /')"
expect 'the list' 'curl 8.14.1-2; wget 1.25.0-2' "$(node "$dir/scan.js" "$dir/image.tar")"

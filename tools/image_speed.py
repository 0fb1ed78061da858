#!/usr/bin/env python3
"""Measures `dlint size --image` beside `tar -xO >/dev/null` on the layers of the same image, by turns.

    tools/image_speed.py /path/to/dlint IMAGE... [--runs N]    archives of `docker save`, OCI archives or folders

dlint reads the image as it is, with its digests. tar gets the layers as files of their own, one after the
other, with -z or --zstd as they are stored, and does no more than read them: what no program that looks at
the contents of an image can be much faster than. Prints a Markdown table: the best of the runs, the peak
of dlint's memory (resident, as the kernel counts it), and the processor time of both. All files are read
once before, so that no disk is measured. Linux only; needs tar, gzip, zstd and GNU time.
"""

import argparse
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path


def layers(image, folder):
    """The layers of an image as files, the lowest first."""
    if image.is_dir():
        root = image
    else:
        root = folder
        with tarfile.open(image) as archive:
            archive.extractall(root)
    read = lambda name: json.loads((root / name).read_text())
    blob = lambda digest: Path("blobs", *digest.split(":"))
    if (root / "manifest.json").exists():
        return [root / name for name in read("manifest.json")[0]["Layers"]]
    manifest = read("index.json")
    while "manifests" in manifest:
        manifest = read(blob(manifest["manifests"][0]["digest"]))
    return [root / blob(layer["digest"]) for layer in manifest["layers"]]


def compression(layer):
    """What a layer is compressed with, and tar's option for it."""
    with open(layer, "rb") as file:
        magic = file.read(4)
    if magic[:2] == b"\x1f\x8b":
        return "gzip", ["-z"]
    if magic == b"\x28\xb5\x2f\xfd":
        return "zstd", ["--zstd"]
    return "none", []


def run(command):
    """Runs once: wall seconds, and processor seconds of it and its children."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    complaint = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    if status:
        sys.exit(f"{command[0]}: {complaint.decode()}")
    return wall, usage.ru_utime + usage.ru_stime


def peak_mib(command):
    """Peak memory of one run. GNU time is a far smaller parent than Python, and a child's peak starts at its parent's."""
    with tempfile.NamedTemporaryFile() as report:
        subprocess.run(["/usr/bin/time", "-o", report.name, "-f", "%M", *command], check=True, stdout=subprocess.DEVNULL)
        return int(report.read().split()[-1]) / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dlint", type=os.path.abspath)
    parser.add_argument("images", nargs="+", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    print("| image | stored | contents | layers | dlint | tar | dlint / tar | processor: dlint | tar | peak memory |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    mega = lambda number: f"{number / 1e6:,.0f} MB"
    for image in args.images:
        with tempfile.TemporaryDirectory() as folder:
            files = layers(image, Path(folder))
            kind, option = compression(files[0])
            ours = [args.dlint, "size", "--image", str(image), "--format", "json"]
            # Where reading is cheap, most of the time goes into digests, which tar does not look at.
            variants = {kind: ours} | ({f"{kind}, --no-verify": [*ours, "--no-verify"]} if kind == "none" else {})
            theirs = [["tar", "-xO", *option, "-f", str(layer)] for layer in files]
            report = json.loads(subprocess.run(ours, check=True, capture_output=True).stdout)
            for command in theirs:
                run(command)
            dlint, tar = {name: [] for name in variants}, []
            for _ in range(args.runs):
                for name, command in variants.items():
                    dlint[name].append(run(command))
                tar.append([sum(values) for values in zip(*map(run, theirs))])
        tar_wall, tar_cpu = map(min, zip(*tar))
        for name, command in variants.items():
            wall, cpu = map(min, zip(*dlint[name]))
            print(
                f"| {image.name} ({name}) | {mega(report['stored'])} | {mega(report['bytes'])} | {len(files)} "
                f"| {wall:.2f} s | {tar_wall:.2f} s | {wall / tar_wall:.2f} | {cpu:.2f} s | {tar_cpu:.2f} s "
                f"| {peak_mib(command):.0f} MiB |",
                flush=True,
            )


if __name__ == "__main__":
    main()

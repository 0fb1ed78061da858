#!/usr/bin/env python3
"""Makes the catalogue of base images: rules/data/base_images.tsv.

    tools/base_images.py fetch --registry URL IMAGE:TAG... > records.json   asks a registry
    tools/base_images.py table records.json... > rules/data/base_images.tsv makes the table of records

`fetch` reads manifests of a registry (the OCI distribution API, no login) and writes one record per tag and
platform: compressed bytes are the sum of the layers of the manifest; with --unpack it also reads each
layer once and sums up the contents of its files. `table` keeps the newest figure of each kind per image,
tag and architecture. A record is {image, tag, arch, compressed_bytes and/or uncompressed_bytes, source,
source_date, method}; method is published, measured, reported, reconstructed or definition.
"""

import argparse
import datetime
import io
import json
import re
import sys
import tarfile
import urllib.request

ACCEPT = ", ".join(
    [
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    ]
)
ARCHITECTURES = ("amd64", "arm64")


def get(url):
    request = urllib.request.Request(url, headers={"Accept": ACCEPT})
    return urllib.request.urlopen(request, timeout=60)


def unpacked(url):
    """Bytes of the contents of the files of a layer."""
    with tarfile.open(fileobj=io.BufferedReader(get(url)), mode="r|*") as layer:
        return sum(member.size for member in layer if member.isfile())


def fetch(args):
    records = []
    today = datetime.date.today().isoformat()
    for reference in args.references:
        image, _, tag = reference.rpartition(":")
        path = image if "/" in image else f"library/{image}"
        base = f"{args.registry.rstrip('/')}/v2/{path}"
        index = json.load(get(f"{base}/manifests/{tag}"))
        manifests = {}
        for entry in index.get("manifests", []):
            platform = entry.get("platform", {})
            if platform.get("os") == "linux" and platform.get("architecture") in ARCHITECTURES:
                manifests.setdefault(platform["architecture"], json.load(get(f"{base}/manifests/{entry['digest']}")))
        if "layers" in index:
            manifests["amd64"] = index
        for arch, manifest in sorted(manifests.items()):
            record = {
                "image": image,
                "tag": tag,
                "arch": arch,
                "compressed_bytes": sum(layer["size"] for layer in manifest["layers"]),
                "source": "registry manifest",
                "source_date": today,
                "method": "measured",
            }
            if args.unpack:
                record["uncompressed_bytes"] = sum(
                    unpacked(f"{base}/blobs/{layer['digest']}") for layer in manifest["layers"]
                )
            records.append(record)
    json.dump(records, sys.stdout, indent=1)
    print()


def table(args):
    newest = {}
    for path in args.records:
        for record in json.load(open(path)):
            date = re.match(r"\d{4}(-\d{2})?", record["source_date"])
            if not date:
                # A figure without a date is none.
                print(f"left out: {record['image']}:{record['tag']} has no date", file=sys.stderr)
                continue
            for kind, key in [("compressed", "compressed_bytes"), ("unpacked", "uncompressed_bytes")]:
                if record.get(key) is None:
                    continue
                row = (record["image"], record["tag"], record["arch"], kind)
                figure = (date.group(0), int(record[key]), record["method"], source(record["source"]))
                newest[row] = max(newest.get(row, ("", 0, "", "")), figure)
    print("# Base images: bytes of one kind, compressed (what a registry sends) or unpacked (contents of files), one a line.")
    print("# Made by tools/base_images.py. Image, tag, architecture, kind, bytes, date of the figure, how it is known, source.")
    for row, (date, size, method, where) in sorted(newest.items()):
        print("\t".join([*row, str(size), date, method, where]))


def source(text):
    """Where a figure comes from, in few words."""
    for mark, words in [
        ("docker-library/repo-info", "docker-library/repo-info"),
        ("dotnet/dotnet-docker", "dotnet/dotnet-docker"),
        ("debuerreotype", "debuerreotype/docker-debian-artifacts"),
        ("alpinelinux", "alpinelinux/docker-alpine"),
        ("docker-library/busybox", "docker-library/busybox"),
        ("debootstrap", "debootstrap --variant=minbase"),
        ("reconstructed", "sum of its Debian packages"),
        ("sum of the layers", "sum of layers, docker-library/repo-info"),
        ("registry manifest", "registry manifest"),
        ("by definition", "by definition"),
        ("chainguard", "chainguard documentation"),
        ("github:", "documentation of the project"),
    ]:
        if mark in text:
            return words
    return "documentation"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    fetching = commands.add_parser("fetch")
    fetching.add_argument("--registry", required=True, metavar="URL")
    fetching.add_argument("--unpack", action="store_true")
    fetching.add_argument("references", nargs="+", metavar="IMAGE:TAG")
    fetching.set_defaults(run=fetch)
    tabling = commands.add_parser("table")
    tabling.add_argument("records", nargs="+")
    tabling.set_defaults(run=table)
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Makes the table of packages that dlint works out the installs of apk with: rules/data/apk/alpine.tsv.

    tools/apk_table.py INDEX... > rules/data/apk/alpine.tsv      indexes: APKINDEX, or APKINDEX.tar.gz
    tools/apk_table.py --show INDEX 'git curl'                   what the index says of an install

Reads the indexes of one release of Alpine for x86_64: main, and community where it is at hand (they lie at
MIRROR/v3.22/main/x86_64/APKINDEX.tar.gz). A line is NAME, installed size in KiB, what it depends on, nothing, and what
it provides by a name that people install; groups are separated by blanks. What a package needs by the name of a library
or a command is resolved to the package that brings it, as apk does. What the published image has is listed with a size
of 0. Packages that come on their own when two others are there (install_if) are left out.
"""

import argparse
import collections
import datetime
import io
import re
import sys
import tarfile

# What `alpine` has: its makefile installs these (alpinelinux/docker-alpine), and they need the rest.
IMAGE = ["alpine-baselayout", "alpine-keys", "alpine-release", "apk-tools", "busybox", "libc-utils", "musl-utils", "ssl_client", "ca-certificates-bundle"]


def text(path):
    """The text of an index."""
    data = open(path, "rb").read()
    if data[:2] != b"\x1f\x8b":
        return data.decode()
    with tarfile.open(fileobj=io.BytesIO(data), ignore_zeros=True) as archive:
        return archive.extractfile("APKINDEX").read().decode()


def packages(paths):
    """Name to record, and who provides what; the first index wins."""
    found, providers = {}, collections.defaultdict(list)
    for path in paths:
        for paragraph in text(path).split("\n\n"):
            fields = dict(line.split(":", 1) for line in paragraph.split("\n") if line[1:2] == ":")
            if "P" in fields and fields["P"] not in found:
                bare = lambda word: re.split(r"[<>=~]", word, maxsplit=1)[0]
                found[fields["P"]] = {
                    "size": int(fields["I"]),
                    "depends": [bare(word) for word in fields.get("D", "").split() if not word.startswith("!")],
                    "provides": [bare(word) for word in fields.get("p", "").split()],
                    "priority": int(fields.get("k", 0)),
                    "date": int(fields.get("t", 0)),
                }
    for name, record in found.items():
        for virtual in record["provides"]:
            providers[virtual].append(name)
    return found, providers


def provider(found, providers, name):
    """The package that brings a name: of that name, else the one with the highest priority, else the shortest."""
    if name in found:
        return name
    ordered = sorted(providers.get(name, ()), key=lambda p: (-found[p]["priority"], len(p), p))
    return ordered[0] if ordered else None


def closure(found, providers, roots, have):
    """What installing `roots` adds to `have`."""
    chosen, queue = set(), collections.deque(roots)
    while queue:
        name = queue.popleft()
        there = lambda p: p in have or p in chosen
        if there(name) or any(there(p) for p in providers.get(name, ())):
            continue
        name = provider(found, providers, name)
        if name is None:
            continue
        chosen.add(name)
        queue.extend(found[name]["depends"])
    return chosen


def table(found, providers):
    image = closure(found, providers, [n for n in IMAGE if n in found], set())
    lines = []
    for name in sorted(found):
        record = found[name]
        needs = dict.fromkeys(provider(found, providers, need) for need in record["depends"])
        needs = " ".join(need for need in needs if need and need != name and need not in image)
        people = " ".join(sorted({v for v in record["provides"] if ":" not in v and "/" not in v and v not in found}))
        size = 0 if name in image else max(1, -(-record["size"] // 1024))
        lines.append("\t".join([name, str(size), needs, "", people]).rstrip("\t"))
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", metavar="PACKAGES")
    parser.add_argument("indexes", nargs="+", metavar="INDEX")
    args = parser.parse_args()
    found, providers = packages(args.indexes)
    if args.show:
        image = closure(found, providers, [n for n in IMAGE if n in found], set())
        added = closure(found, providers, args.show.split(), image)
        size = sum(found[n]["size"] for n in added)
        print(f"{len(added)} packages, {size} bytes; the image: {len(image)}, {sum(found[n]['size'] for n in image)}")
        print(" ".join(sorted(added)))
        return
    release = found.get("alpine-release", found.get("alpine-base"))
    month = datetime.datetime.fromtimestamp(max(r["date"] for r in found.values()), datetime.timezone.utc)
    print(f"# alpine\tx86_64\t{month:%Y-%m}\tmade by tools/apk_table.py from the index of Alpine's main repository")
    print("\n".join(table(found, providers)))


if __name__ == "__main__":
    main()

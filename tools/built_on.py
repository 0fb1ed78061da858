#!/usr/bin/env python3
"""Writes `built_on` in rules/data/suites.toml: the tags of official images that stay on a release which is not the newest.

    tools/built_on.py OFFICIAL_IMAGES

OFFICIAL_IMAGES is a clone of docker-library/official-images with its history: the files in `library` say which tags are
one image. A tag without the name of a release (`php:7.2-fpm`) is built on the release that another tag of the same image
named last (`php:7.2-fpm-buster`). Tags that are still built are left out, and so are those whose variants differ.
"""

import collections
import pathlib
import re
import subprocess
import sys

TABLE = pathlib.Path(__file__).resolve().parent.parent / "rules/data/suites.toml"
IMAGES = ["gcc", "golang", "haskell", "julia", "nginx", "node", "openjdk", "perl", "php", "python", "redis"]
IMAGES += ["ruby", "rust"]
RELEASES = ["wheezy", "jessie", "stretch", "buster", "bullseye", "bookworm"]
SUITES = set(RELEASES) | {"trixie"}
VERSION = re.compile(r"(\d+(?:\.\d+)*)(-slim|-fpm|-cli|-apache|-zts|-jdk|-jre|-jdk-slim|-jre-slim)?")


def entries(text):
    """The tags and the folder of each image in a file of `library`."""
    for block in re.split(r"\n\s*\n", text):
        fields = dict(re.findall(r"^(Tags|SharedTags|Directory): *(.*)$", block, re.M))
        tags = [tag.strip() for name in ("Tags", "SharedTags") for tag in fields.get(name, "").split(",")]
        # An image of Windows shares tags with that of Debian.
        if not any(word in tag for tag in tags for word in ("windows", "nanoserver")):
            yield [tag for tag in tags if tag], fields.get("Directory", "")


def versions(git, image):
    """The versions that are built no more, with the release that they were built on last."""
    path = f"library/{image}"
    last, live = {}, set()
    for commit in git("log", "--reverse", "--format=%h", "--", path).split():
        live = set()
        for tags, folder in entries(git("show", f"{commit}:{path}")):
            live.update(tags)
            parts = {part for tag in tags for part in tag.split("-")} | set(re.split("[/-]", folder))
            named = SUITES & parts
            suite = min(named) if len(named) == 1 else None
            last.update((match.groups(), suite) for match in map(VERSION.fullmatch, tags) if match)
    live = {match[1] for match in map(VERSION.match, live) if match}
    by_version = collections.defaultdict(set)
    for (version, _), suite in last.items():
        by_version[version].add(suite)
    return {v: min(suites) for v, suites in by_version.items() if None not in suites and len(suites) == 1 and v not in live}


def ranges(found):
    """`7.2.20-34` for fifteen versions."""
    numbers = collections.defaultdict(list)
    for version in found:
        head, _, number = version.rpartition(".")
        numbers[head].append(int(number))
    for head in sorted(numbers, key=lambda head: [int(part) for part in head.split(".") if part]):
        runs = []
        for number in sorted(numbers[head]):
            if runs and number == runs[-1][1] + 1:
                runs[-1][1] = number
            else:
                runs.append([number, number])
        dot = "." if head else ""
        yield from (f"{head}{dot}{a}" if a == b else f"{head}{dot}{a}-{b}" for a, b in runs)


def main():
    def git(*args):
        command = ["git", "-C", sys.argv[1], *args]
        return subprocess.run(command, capture_output=True, check=True).stdout.decode(errors="replace")

    rows = {suite: [] for suite in RELEASES}
    for image in IMAGES:
        found = versions(git, image)
        for suite in RELEASES:
            if numbers := " ".join(ranges(v for v, s in found.items() if s == suite)):
                rows[suite].append(f'"{image} {numbers}"')
    text = re.sub(r"^built_on = .*\n", "", TABLE.read_text(), flags=re.M)
    for suite, row in rows.items():
        text = re.sub(rf'(name = "{suite}"\n(?:.+\n)*?images = .*\n)', rf"\g<1>built_on = [{', '.join(row)}]\n", text)
    TABLE.write_text(text)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main()

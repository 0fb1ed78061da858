#!/usr/bin/env python3
"""Says of how many layers `dlint size` knows the bytes.

    tools/coverage.py DLINT FOLDER...            a table: a line a folder, and all of them together
    tools/coverage.py --reasons 40 DLINT FOLDER  and why rows are not known, the most frequent first

Every Dockerfile below the folders is planned as it stands, with the build context that dlint finds for it. A row is an
instruction that makes a layer of the image (stages that the image is not made of are left out), and it is known if no part
of it is unknown. Dockerfiles that stand alone, without their contexts, say nothing of COPY and ADD: look at FROM and RUN.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import re
import subprocess
import sys

NAME = re.compile(r"(^|[._-])(Dockerfile|Containerfile)($|[._-])", re.IGNORECASE)
KINDS = {"FROM": "FROM", "RUN": "RUN", "COPY": "COPY, ADD", "ADD": "COPY, ADD"}
SKIPPED = {".git", "node_modules"}


def dockerfiles(folder):
    """The Dockerfiles below a folder."""
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - SKIPPED)
        for name in sorted(names):
            if NAME.search(name) and not name.lower().endswith((".dockerignore", ".md", ".sh", ".j2", ".tmpl", ".erb")):
                yield os.path.join(root, name)


def plan(dlint, path):
    """The plan of a Dockerfile; None if there is none. Where several builds are of it, it is planned by itself."""
    for more in [], ["--no-entries"]:
        command = [dlint, "size", "--format", "json", "--no-config", *more, path]
        out = subprocess.run(command, capture_output=True, timeout=120).stdout
        if out:
            return json.loads(out)
    return None


def rows(plan):
    """Of each row of the image: the kind of its instruction, and what of it is unknown."""
    for stage in plan["stages"]:
        for row in stage["rows"] if stage["in_image"] else []:
            keyword = row["instruction"].split(None, 1)[0].upper()
            unknown = [piece["what"] for piece in row["pieces"] if piece["bytes"] is None]
            yield KINDS[keyword], row["instruction"], unknown


def reason(what, instruction):
    """What is unknown, in the form that is counted."""
    if what.startswith("the base image, which is not"):
        return f"{what}: `{instruction.split()[-3 if ' as ' in instruction.lower() else -1]}`"
    what = re.sub(r"(stage) (`[^`]*`|\d+)", r"\1", what)
    return re.sub(r" to `[^`]*`$", "", what)


def share(known, all_):
    return f"{known} of {all_}, {100 * known / all_:.1f} %" if all_ else "-"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reasons", type=int, default=0, metavar="N")
    parser.add_argument("--list", metavar="FILE", help="write each row of the image to FILE as a line of JSON")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("dlint")
    parser.add_argument("folders", nargs="+")
    args = parser.parse_args()
    columns = ["FROM", "RUN", "COPY, ADD", "FROM, RUN", "all"]
    print("| | Dockerfiles | " + " | ".join(columns) + " |\n| --- | --: |" + " --: |" * len(columns))
    total, reasons, single, files = collections.Counter(), collections.Counter(), collections.Counter(), 0
    listed = open(args.list, "w") if args.list else None
    for folder in args.folders:
        count, paths = collections.Counter(), list(dockerfiles(folder))
        with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
            plans = pool.map(lambda path: plan(args.dlint, path), paths)
            for path, planned in zip(paths, plans):
                if planned is None:
                    print(f"no plan: {path}", file=sys.stderr)
                    continue
                count["files"] += 1
                for kind, instruction, unknown in rows(planned):
                    for column in {kind, "all", "all" if kind == "COPY, ADD" else "FROM, RUN"}:
                        count[column, "all"] += 1
                        count[column, "known"] += not unknown
                    found = {reason(what, instruction) for what in unknown}
                    reasons.update(found)
                    single.update(found if len(found) == 1 else ())
                    if listed:
                        print(json.dumps({"file": path, "row": instruction, "unknown": unknown}), file=listed)
        total += count
        line(os.path.basename(os.path.normpath(folder)), count, columns)
    if len(args.folders) > 1:
        line("all", total, columns)
    for what, times in reasons.most_common(args.reasons):
        print(f"{times:6} rows, of {single[what]} the only one: {what}")


def line(name, count, columns):
    cells = [share(count[column, "known"], count[column, "all"]) for column in columns]
    print(f"| {name} | {count['files']} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()

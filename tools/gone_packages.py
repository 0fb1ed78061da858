#!/usr/bin/env python3
"""Says which releases of Debian and Ubuntu lack the packages of rules/data/gone_packages.toml.

    tools/gone_packages.py FOLDER [--check]

FOLDER holds the published indexes of amd64 as SUITE-COMPONENT.xz and SUITE-POCKET-COMPONENT.xz: for Debian main with the
pockets updates and security, for Ubuntu main, universe, multiverse and restricted with the same pockets. The names and what
to install in their place are written by hand; this writes their `lacks` anew, and leaves out rows that every release has.
--check only says whether the table is as it would be written. A name that several packages provide and none has is
lacking as well: apt asks which of them is meant, and fails. A name with a `.` or `+` that no package has is a regular
expression to apt, which it holds against all names that it has heard of, so such a name is lacking only where none matches.
"""

import collections
import lzma
import pathlib
import re
import sys
import tomllib

TABLE = pathlib.Path(__file__).resolve().parent.parent / "rules/data/gone_packages.toml"
RELATIONS = re.compile(r"(Provides|Depends|Pre-Depends|Recommends|Suggests|Conflicts|Breaks|Replaces|Enhances): (.*)")
SUITES = ["bullseye", "bookworm", "trixie", "focal", "jammy", "noble", "resolute"]


class Index:
    """The packages of a suite, how many packages provide each other name, and all names that apt hears of."""

    def __init__(self, folder, suite):
        self.names, self.provided, self.heard = set(), collections.defaultdict(set), set()
        files = sorted(folder.glob(f"{suite}-*.xz"))
        if not files:
            sys.exit(f"{folder}: no index of {suite}")
        for file in files:
            name = None
            for line in lzma.open(file, "rt"):
                if line.startswith("Package: "):
                    name = line[9:].strip()
                    self.names.add(name)
                elif relation := RELATIONS.match(line):
                    others = [re.split(r"[ :(]", other.strip())[0] for other in re.split("[,|]", relation[2])]
                    self.heard.update(others)
                    if relation[1] == "Provides":
                        for other in others:
                            self.provided[other].add(name)
        self.heard |= self.names

    def has(self, name):
        """True if a package is called so, or one alone provides it."""
        return name in self.names or len(self.provided[name]) == 1

    def lacks(self, name):
        """True if apt cannot install what is called so."""
        pattern = re.search("[.+]", name) and re.compile(name.replace("++", "+"))
        return not self.has(name) and not (pattern and any(pattern.search(o) for o in self.heard if o != name))


def main():
    folder = pathlib.Path(next((a for a in sys.argv[1:] if not a.startswith("-")), None) or sys.exit(__doc__))
    old = TABLE.read_text()
    head = old[: old.index("[packages]\n")] + "[packages]\n"
    rows = tomllib.loads(old)["packages"]
    indexes = {suite: Index(folder, suite) for suite in SUITES}
    lines = []
    for name, row in sorted(rows.items()):
        lacking = [suite for suite, index in indexes.items() if index.lacks(name)]
        if not lacking:
            print(f"{name}: every release has it", file=sys.stderr)
            continue
        instead = row["instead"]
        for suite in lacking:
            if instead and not any(indexes[suite].has(other) for other in instead):
                print(f"{name}: {suite} has no {instead}", file=sys.stderr)
        suites, others = (", ".join(f'"{word}"' for word in words) for words in (lacking, instead))
        lines.append(f'"{name}" = {{ lacks = [{suites}], instead = [{others}] }}\n')
    new = head + "".join(lines)
    if "--check" in sys.argv:
        sys.exit(0 if new == old else "rules/data/gone_packages.toml is not as the indexes have it")
    TABLE.write_text(new)


if __name__ == "__main__":
    main()

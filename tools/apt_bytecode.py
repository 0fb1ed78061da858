#!/usr/bin/env python3
"""Measures the bytecode that Debian's Python packages get when they are installed: rules/data/apt/bytecode.tsv.

    tools/apt_bytecode.py rules/data/apt/bytecode.tsv [--suite bookworm] [--root FOLDER]

A package's installed size leaves out what its installation writes, and py3compile writes a file of bytecode
for each module: for pip as much again as the package itself. Reads the packages of the suite's table that
need Python, compiles their modules in memory as py3compile does, and lists NAME and KiB. In names the version
of Python is `3.#`, so that the list holds for suites with other versions, too, which differ by a few percent.
Downloads in a minimal system, which debootstrap makes; --root uses one that is there. Needs root, and to be
run by the suite's own version of Python.
"""

import argparse
import datetime
import importlib.util
import io
import marshal
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import warnings

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "..", "rules", "data", "apt")
# The standard library is compiled by the interpreter's own package.
STANDARD = re.compile(r"(lib)?python3\.\d+(-minimal|-stdlib)?$")
# What weighs less is nothing beside the package.
LEAST = 16


def candidates(suite):
    """The packages of the table that depend on Python."""
    for line in open(os.path.join(DATA, f"{suite}.tsv")).read().splitlines()[1:]:
        name, size, depends = (line.split("\t") + ["", ""])[:3]
        needs = re.findall(r"(?:^|[ |])python3(?:\.\d+)?(?:-minimal)?(?=$|[ |])", depends)
        if int(size) and (needs or re.match(r"(lib)?python3", name)):
            yield name


def bytecode(deb):
    """The bytes that compiling the modules of a package takes."""
    read = lambda what: tarfile.open(fileobj=io.BytesIO(subprocess.run(["dpkg-deb", what, deb], check=True, capture_output=True).stdout))
    name = os.path.basename(deb).split("_")[0]
    with read("--ctrl-tarfile") as control:
        script = next((control.extractfile(m).read().decode() for m in control if m.name.strip("./") == "postinst"), "")
    folders = [words.split()[0] if words.split() else "/usr/lib/python3/dist-packages"
               for words in re.findall(r"py3compile -p \S+([^\n;&|]*)", script)]
    if STANDARD.match(name):
        folders.append("/usr/lib/python3.")
    total = 0
    if folders:
        with read("--fsys-tarfile") as files:
            for member in files:
                path = member.name.removeprefix(".")
                if not member.isfile() or not path.endswith(".py") or not path.startswith(tuple(folders)):
                    continue
                try:
                    code = compile(files.extractfile(member).read(), path, "exec", dont_inherit=True)
                except (SyntaxError, ValueError):
                    continue
                # A header of 16 bytes, and the code.
                total += 16 + len(marshal.dumps(code))
    return name, total


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table")
    parser.add_argument("--suite", default="bookworm")
    parser.add_argument("--root", help="a minimal system of the suite")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    spec = importlib.util.spec_from_file_location("apt_table", os.path.join(HERE, "apt_table.py"))
    apt_table = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(apt_table)
    names = sorted(candidates(args.suite))
    with tempfile.TemporaryDirectory() as folder:
        root = args.root or os.path.join(folder, "root")
        if not args.root:
            mirror = apt_table.mirrors()["main"]
            subprocess.run(["debootstrap", "--variant=minbase", args.suite, root, mirror], check=True, stdout=subprocess.DEVNULL)
            subprocess.run(["chroot", root, "apt-get", "update", "-qq"], check=True)
        with tempfile.TemporaryDirectory(dir=os.path.join(root, "tmp")) as debs:
            os.chmod(debs, 0o777)
            inside = os.path.join("/tmp", os.path.basename(debs))
            # Versions of security updates are not in every archive: what cannot be had is left out.
            script = 'cd "$0"; for name; do apt-get download -qq "$name" 2>/dev/null || echo "without $name" >&2; done'
            subprocess.run(["chroot", root, "sh", "-c", script, inside, *names], check=True)
            measured = [bytecode(os.path.join(debs, deb)) for deb in sorted(os.listdir(debs))]
    rows = sorted({(re.sub(r"3\.\d+", "3.#", name), round(size / 1024)) for name, size in measured})
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    with open(args.table, "w") as out:
        out.write(f"# KiB of bytecode\tPython {version}, {args.suite}\t{datetime.date.today():%Y-%m}\tmade by tools/apt_bytecode.py\n")
        out.writelines(f"{name}\t{size}\n" for name, size in rows if size >= LEAST)
    print(f"{args.table}: {sum(size for _, size in rows) / 1024:.1f} MiB in {len(rows)} packages", file=sys.stderr)


if __name__ == "__main__":
    main()

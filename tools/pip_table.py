#!/usr/bin/env python3.12
"""Makes the table of what Python packages weigh: rules/data/pip/packages.tsv.

    tools/pip_table.py rules/data/pip/packages.tsv    reads the wheels of rules/data/pip/names.txt and of what they need
    tools/pip_table.py --check "flask gunicorn" ...   compares closures of the table with what pip really installs

It is run by CPython 3.12 on Linux, x86_64, and asks pip for the newest wheel of each package, as
`pip install` on python:3.12 does; a package without a wheel is built here. A row of the table is a package, its
version, and in bytes: what pip downloads and keeps in its cache, the unpacked files, what pip adds to them (byte
code and its lines in RECORD); then what it needs, with markers as they are on that platform. The byte code is
compiled here, from each file of the wheel. A row `name[extra]` has no bytes of its own. Wheels beyond
--most MB are not read, and what they need neither: such a package is unknown to the table.
"""

import argparse
import concurrent.futures
import datetime
import email
import glob
import marshal
import os
import re
import subprocess
import sys
import tempfile
import warnings
import zipfile

from pip._vendor.packaging.requirements import InvalidRequirement, Requirement

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "rules", "data", "pip")
# Wheels of hundreds of megabytes: what needs them is partly unknown.
LARGE = {"torch", "torchvision", "tensorflow", "jaxlib", "triton", "pyspark"}
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]


def comparable(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def split(name):
    found = re.fullmatch(r"([^\[]+)(?:\[(.+)\])?", name)
    return comparable(found[1]), comparable(found[2]) if found[2] else None


def run(*args):
    return subprocess.run([*PIP, *args], capture_output=True, text=True)


def fetch(names, folder):
    """Downloads wheels; returns the names that have none."""
    names, without, tries = list(names), [], 3
    while names:
        result = run("download", "--no-deps", "--only-binary", ":all:", "-d", folder, *names)
        if result.returncode == 0:
            break
        found = re.search(r"No matching distribution found for (\S+)", result.stderr)
        if found and found[1] in names:
            names.remove(found[1])
            without.append(found[1])
        elif tries := tries - 1:
            continue
        else:
            sys.exit(result.stderr)
    return without


def built(name, folder):
    """Downloads the sources and builds a wheel; returns the bytes of both."""
    if run("download", "--no-deps", "--no-binary", ":all:", "-d", folder, name).returncode:
        return None
    (sources,) = os.listdir(folder)
    sources = os.path.join(folder, sources)
    if run("wheel", "--no-deps", "-w", folder, sources).returncode:
        return None
    (wheel,) = glob.glob(os.path.join(folder, "*.whl"))
    return wheel, os.path.getsize(sources) + os.path.getsize(wheel)


def compiled(path, source):
    """The bytes of a file's byte code, with its line in RECORD."""
    try:
        code = compile(source, f"/usr/local/lib/python3.12/site-packages/{path}", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return 0
    line = len(path) + len("__pycache__/.cpython-312c,,\n")
    return 16 + len(marshal.dumps(code)) + line


def read(wheel, kept=None):
    """The row of a wheel."""
    files = added = 0
    with zipfile.ZipFile(wheel) as archive:
        for info in archive.infolist():
            files += info.file_size
            # Some have copies of others in them, deeper down.
            if info.filename.endswith(".dist-info/METADATA") and info.filename.count("/") == 1:
                metadata = email.message_from_bytes(archive.read(info))
            script = ".data/scripts/" in info.filename or ".data/data/" in info.filename
            if info.filename.endswith(".py") and not script:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    added += compiled(info.filename, archive.read(info))
    needs = []
    for line in metadata.get_all("Requires-Dist", []):
        try:
            needs.append(Requirement(line))
        except InvalidRequirement:
            print(f"{wheel}: {line}", file=sys.stderr)
    row = {
        "name": comparable(metadata["Name"]),
        "version": metadata["Version"],
        "kept": kept or os.path.getsize(wheel),
        "files": files,
        "added": added,
        "requires": needs,
        "extras": {comparable(e) for e in metadata.get_all("Provides-Extra", [])},
    }
    os.unlink(wheel)
    return row


def needed(row, extra):
    """The names that a package needs, with an extra or none."""
    names = set()
    for need in row["requires"]:
        marked = need.marker is not None and "extra" in str(need.marker)
        if marked != (extra is not None):
            continue
        # Some write an extra with `_` in markers.
        spelled = [extra or "", (extra or "").replace("-", "_")]
        if need.marker is None or any(need.marker.evaluate({"extra": s}) for s in spelled):
            name = comparable(need.name)
            names.add(name)
            names.update(f"{name}[{comparable(e)}]" for e in need.extras)
    # A name with an extra means the name alone, too.
    names -= {split(n)[0] for n in names if split(n)[1]}
    return sorted(names - {row["name"]})


def gather(names, most):
    rows, extras, seen, level = {}, {}, set(), list(names)
    pool = concurrent.futures.ThreadPoolExecutor(4)
    with tempfile.TemporaryDirectory() as work:
        while level:
            wanted = sorted({split(n)[0] for n in level} - set(rows) - LARGE - seen)
            seen.update(wanted)
            batches = [wanted[i : i + 12] for i in range(0, len(wanted), 12)]

            def batch(names):
                folder = tempfile.mkdtemp(dir=work)
                without = fetch(names, folder)
                found = []
                for wheel in sorted(glob.glob(os.path.join(folder, "*.whl"))):
                    if os.path.getsize(wheel) > most * 10**6:
                        print(f"too large: {os.path.basename(wheel)}", file=sys.stderr)
                        os.unlink(wheel)
                        continue
                    found.append(read(wheel))
                for name in without:
                    made = built(name, tempfile.mkdtemp(dir=work))
                    if made:
                        found.append(read(*made))
                    else:
                        print(f"no wheel and none could be built: {name}", file=sys.stderr)
                return found

            for found in pool.map(batch, batches):
                rows.update((row["name"], row) for row in found)
            print(f"{len(rows)} packages", file=sys.stderr)
            # An extra that is asked for before its package was read is looked at now.
            level, pending = [], level + [n for n in rows if n in seen]
            while pending:
                name = pending.pop()
                base, extra = split(name)
                key = f"{base}[{extra}]" if extra else base
                if base not in rows or key in extras:
                    continue
                extras[key] = needed(rows[base], extra)
                pending += extras[key]
                level += [n for n in extras[key] if split(n)[0] not in rows]
    return rows, extras


def table(names, most):
    rows, needs = gather(names, most)
    lines = []
    for key in sorted(needs):
        base, extra = split(key)
        row = rows[base]
        own = ["", "0", "0", "0"] if extra else [row["version"], *(str(row[f]) for f in ("kept", "files", "added"))]
        lines.append("\t".join([key, *own, " ".join(needs[key] + [base] * (extra is not None))]).rstrip("\t"))
    return lines


def load(path):
    rows = {}
    for line in open(path).read().split("\n")[1:-1]:
        name, version, kept, files, added, needs, *_ = line.split("\t") + [""]
        rows[name] = (int(kept), int(files), int(added), needs.split())
    return rows


def closure(rows, names):
    """What names need, and which of it is not in the table."""
    found, unknown, queue = set(), set(), [f"{b}[{e}]" if e else b for b, e in map(split, names)]
    while queue:
        name = queue.pop()
        if name in found:
            continue
        if name not in rows:
            unknown.add(name)
            continue
        found.add(name)
        queue += rows[name][3]
    return found, unknown


def check(path, sets):
    """Compares closures with what pip installs in an empty folder."""
    rows = load(path)
    print("| install | packages | by pip | files and byte code, MB | by pip, MB | off |")
    print("| --- | --: | --: | --: | --: | --: |")
    for names in sets:
        found, unknown = closure(rows, names.split())
        ours = {n for n in found if "[" not in n}
        bytes = sum(rows[n][1] + rows[n][2] for n in found)
        with tempfile.TemporaryDirectory() as target:
            subprocess.run([*PIP, "install", "--no-cache-dir", "--target", target, *names.split()], check=True)
            theirs = {
                comparable(os.path.basename(folder).split("-")[0])
                for folder in glob.glob(os.path.join(target, "*.dist-info"))
            }
            real = sum(
                os.lstat(os.path.join(folder, file)).st_size for folder, _, files in os.walk(target) for file in files
            )
        apart = f" apart: {' '.join(sorted(ours ^ theirs | unknown))}" if ours ^ theirs or unknown else ""
        off = (bytes - real) / real * 100
        print(
            f"| {names} | {len(ours)} | {len(theirs)}{apart} | {bytes / 1e6:.1f} | {real / 1e6:.1f} | {off:+.1f} % |",
            flush=True,
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", nargs="?", default=os.path.join(DATA, "packages.tsv"))
    parser.add_argument("--most", type=int, default=150, help="of a wheel, in MB")
    parser.add_argument("--check", nargs="+", metavar="PACKAGES")
    args = parser.parse_args()
    if args.check:
        return check(args.table, args.check)
    lines = open(os.path.join(DATA, "names.txt")).read().split("\n")
    lines = table([line for line in lines if line and not line.startswith("#")], args.most)
    today = datetime.date.today().strftime("%Y-%m")
    head = f"# wheels\tCPython 3.12, Linux, x86_64\t{today}\tmade by tools/pip_table.py from the Python package index\n"
    with open(args.table, "w") as out:
        out.write(head + "\n".join(lines) + "\n")
    print(f"{args.table}: {len(lines)} rows", file=sys.stderr)


if __name__ == "__main__":
    main()

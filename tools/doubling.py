#!/usr/bin/env python3
"""Holds dlint to a cost that is linear in the length of one instruction, and in the number of instructions and of builds.

    tools/doubling.py DLINT [--only REGEX] [--command REGEX] [--from KIB] [--to KIB] [--cpu]

Writes Dockerfiles in which one instruction repeats a shape (`pip install a;`, `COPY a a a …`), or which repeat a few
lines, until they are so and so long, and Compose, bake and CI files that repeat a service, a target or a step. Runs each
command of dlint on them, `compare` against a commit that has half of it, and prints a line for each shape and command:

- instructions of the last sizes, and how many times more each doubling takes (at most --times, 2.2); counted with
  valgrind, or, with --cpu or where there is none, user CPU in milliseconds, the least of three runs;
- seconds of user CPU and MiB at --to (1024 KiB), without valgrind (at most --seconds, 2, and --mib, 200).

Exit code 1 if a run takes more, fails or does not end. Linux only, no dependencies.
"""

import argparse
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from doubling_shapes import PROJECTS, SHAPES

COMMANDS = {
    "lint": ["--no-config", "--no-context", "--format", "json"],
    "all": ["--no-config", "--no-context", "--select", "all", "--format", "json"],
    "human": ["--no-config"],
    "diff": ["--no-config", "--no-context", "--select", "all", "--diff"],
    "size": ["size"],
    "suggest": ["size", "--suggest"],
    "cache": ["cache"],
    "context": ["context", "."],
    "compare": ["compare", "HEAD", "--format", "json"],
}
# On a folder with files that start builds.
PROJECT_COMMANDS = {
    "project": ["--no-config", "--format", "json"],
    "targets": ["targets", "--format", "json"],
    "sizes": ["size", "--all", "--format", "json"],
    "compare": ["compare", "HEAD", "--format", "json"],
}
GIT = ["git", "-c", "user.name=dlint", "-c", "user.email=dlint@example.invalid", "-c", "commit.gpgsign=false"]


def write(folder, made):
    for name, text in ({"Dockerfile": made} if isinstance(made, str) else made).items():
        file = Path(folder, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def place(folder, shape, size, commits):
    """Writes the files of a size into an empty folder; with commits, half of them are committed before."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    if commits:
        write(folder, shape(size // 2))
        for words in ["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "Before"]:
            subprocess.run([*GIT, *words], cwd=folder, check=True)
    write(folder, shape(size))


def once(argv, folder, limit):
    """Exit code, user seconds, and MiB at the peak; the code is None if it did not end."""
    pid = os.fork()
    if pid == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
        os.chdir(folder)
        null = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(null, fd)
        os.execv(argv[0], argv)
    _, status, usage = os.wait4(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    return (code if code >= 0 else None), usage.ru_utime, usage.ru_maxrss / 1024


def instructions(argv, folder):
    with tempfile.TemporaryDirectory() as out:
        valgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}/o", *argv]
        environment = {**os.environ, "RAYON_NUM_THREADS": "1"}
        done = subprocess.run(valgrind, cwd=folder, capture_output=True, text=True, env=environment)
    found = re.search(r"Collected : (\d+)", done.stderr)
    return int(found[1]) / 1e6 if found else None


def least_cpu(argv, folder, limit):
    runs = [once(argv, folder, limit) for _ in range(3)]
    return None if any(code is None for code, _, _ in runs) else min(seconds for _, seconds, _ in runs) * 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dlint")
    parser.add_argument("--only", default="", help="shapes whose name this finds")
    known = ", ".join({**COMMANDS, **PROJECT_COMMANDS})
    parser.add_argument("--command", default="", help=f"commands whose name this finds: {known}")
    parser.add_argument("--from", type=int, default=32, dest="first", help="the first size to count, in KiB")
    parser.add_argument("--last", type=int, default=128, help="the last size to count, in KiB")
    parser.add_argument("--to", type=int, default=1023, help="the size that is timed, in KiB; 0 for none")
    parser.add_argument("--times", type=float, default=2.2)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--mib", type=float, default=200)
    parser.add_argument("--cpu", action="store_true", help="user CPU in place of instructions")
    args = parser.parse_args()
    dlint = str(Path(args.dlint).resolve())
    by_cpu = args.cpu or not shutil.which("valgrind")
    limit = max(10, int(args.seconds * 10))
    failed = 0
    sizes = []
    size = args.first
    while size <= args.last:
        sizes.append(size)
        size *= 2
    print(f"{'shape':21} {'command':8} " + " ".join(f"{f'{s} KiB':>9}" for s in sizes) + f"  times  {args.to} KiB")
    rows = [(name, shape, COMMANDS, "Dockerfile") for name, shape in SHAPES.items()]
    rows += [(name, shape, PROJECT_COMMANDS, ".") for name, shape in PROJECTS.items()]
    for name, shape, commands, what in rows:
        if not re.search(args.only, name):
            continue
        for command, options in commands.items():
            if not re.search(args.command, command):
                continue
            counts = []
            with tempfile.TemporaryDirectory() as top:
                folder = Path(top, "project")
                argv = [dlint, *options] + ([] if command == "context" else [what])
                for kib in sizes:
                    place(folder, shape, kib << 10, command == "compare")
                    count = least_cpu(argv, folder, limit) if by_cpu else instructions(argv, folder)
                    counts.append(count)
                    if count is None:
                        break
                code, seconds, mib = 0, 0.0, 0.0
                if args.to:
                    place(folder, shape, args.to << 10, command == "compare")
                    code, seconds, mib = once(argv, folder, limit)
            known = [c for c in counts if c is not None]
            times = [b / a if a else 0 for a, b in zip(known, known[1:])]
            # The start of the program is in all of them, so that the last doubling tells most.
            bad = (
                len(known) < len(sizes)
                or any(t > args.times for t in times)
                or code not in (0, 1)
                or seconds > args.seconds
                or mib > args.mib
            )
            failed += bad
            row = " ".join(f"{c:9.1f}" for c in known) + " " * 10 * (len(sizes) - len(known))
            end = f"{seconds:6.2f} s {mib:5.0f} MiB" if code is not None else "  no end"
            print(
                f"{name:21} {command:8} {row}  {max(times, default=0):5.2f} {end}"
                + (f" exit {code}" if code not in (0, 1, None) else "")
                + ("  FAILS" if bad else ""),
                flush=True,
            )
    print(f"{failed} fail" if failed else "all hold")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

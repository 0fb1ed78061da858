#!/usr/bin/env python3
"""Holds dlint to a cost that is linear in the length of one instruction, and in the number of instructions.

    tools/doubling.py DLINT [--only REGEX] [--command REGEX] [--from KIB] [--to KIB] [--cpu]

Writes Dockerfiles in which one instruction repeats a shape (`pip install a;`, `COPY a a a …`), or which repeat a few
lines, until they are so and so long, runs each command of dlint on them, and prints a line for each shape and command:

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

LINE = 60_000


def run(piece, times_each=None):
    """A RUN that repeats a piece, on lines that BuildKit reads."""
    return lambda size: "FROM debian:12\nRUN " + continued(piece, size, "true") + "\n"


def continued(piece, size, end):
    out, length, line, number = [], 0, 0, 0
    while length < size:
        text = piece.replace("@", str(number))
        number += 1
        if line + len(text) > LINE:
            out.append("\\\n")
            line = 0
        out.append(text)
        length += len(text)
        line += len(text)
    return "".join(out) + end


def words(head, piece, end=""):
    return lambda size: head + continued(piece, size, end) + "\n"


def lines(head, line, end):
    def text(size):
        count = size // len(line)
        return head + "".join(line.replace("@", str(n)) for n in range(count)) + end

    return text


SHAPES = {
    "pip": run("pip install a; "),
    "pip-names": run("pip install name@; "),
    "pip-variable": run("pip install $x@; "),
    "pip-words": words("FROM python:3.13\nRUN pip install ", "name@ "),
    "apt": run("apt-get install -y curl; "),
    "apt-update": run("apt-get update && apt-get install -y curl && "),
    "apt-variable": run("apt-get install -y $x@; "),
    "apt-words": words("FROM debian:12\nRUN apt-get install -y ", "name@ "),
    "apt-remove": run("apt-get remove -y curl; "),
    "npm": run("npm install; "),
    "apk": lambda size: run("apk add curl; ")(size).replace("debian:12", "alpine:3.22"),
    "curl": run("curl -O http://example.com/a; "),
    "curl-out": run("curl -o /tmp/a@ https://example.com/a@.tar.gz; "),
    "wget": run("wget https://example.com/a@ && tar xf a@ && "),
    "git": run("git clone https://example.com/a@; "),
    "export": run("export A@=b; "),
    "assign": run("A@=b; echo $A@; "),
    "unset": run("echo $A@; "),
    "cd": run("cd /a@ && "),
    "rm": run("rm -rf /tmp/a@; "),
    "rm-words": words("FROM debian:12\nRUN rm -rf ", "/tmp/a@ "),
    "mkdir": run("mkdir -p /a@ && "),
    "find": run("find / -name a@ -delete; "),
    "chmod": run("chmod -R 777 /a@; "),
    "mv": run("mv a@ b@; "),
    "useradd": run("useradd a@; "),
    "sudo": run("sudo id; "),
    "echo": run("echo 'deb http://example.com/a a@' >> /etc/apt/sources.list; "),
    "pipes": run("a@ | b | c; "),
    "pipeline": run("a | "),
    "and-or": run("a && b || c && "),
    "groups": run("{ echo a@; } > /b@; "),
    "redirects": run("echo a@ >> /b@; "),
    "install-strip": run("apt-get install -y curl; rm -rf /usr/share/doc; "),
    "subshell": run("(cd a@; b); "),
    "substitution": run("echo $(a@); "),
    "nested": run("$($($(a)));"),
    "one-word": run("$(a@)"),
    "if": run("if a@; then b; fi; "),
    "functions": run("f@() { a; }; "),
    "sh-c": run("sh -c 'a@'; "),
    "heredoc": lines("FROM debian:12\nRUN <<E\n", "pip install a@\n", "E\n"),
    "heredoc-echo": lines("FROM debian:12\nRUN cat <<E > /a\n", "gpgcheck=0 a@\n", "E\n"),
    "here-strings": run("cat <<< a@; "),
    "heredocs": lines("FROM debian:12\nRUN ", "cat <<E@ && \\\n", "true\n"),
    "copy": words("FROM debian:12\nCOPY ", "src@ ", "/a/"),
    "copy-root": words("FROM debian:12\nCOPY ", "/etc/a@ ", "/a/"),
    "copy-variable": words("FROM debian:12\nCOPY ", "$x@ ", "/a/"),
    "copy-same": words("FROM debian:12\nCOPY ", "a ", "/a/"),
    "add-urls": words("FROM debian:12\nADD ", "http://example.com/a@ ", "/a/"),
    "mounts": words("FROM debian:12\nRUN ", "--mount=type=bind,source=a@,target=/a@ ", "true"),
    "env": words("FROM debian:12\nENV ", "A@=b "),
    "env-variable": words("FROM debian:12\nENV ", "A@=$B@ "),
    "env-secret": words("FROM debian:12\nENV ", "TOKEN@=hunter@22aB "),
    "label": words("FROM debian:12\nLABEL ", "a@=b "),
    "arg": words("FROM debian:12\nARG ", "A@=b "),
    "arg-names": words("FROM debian:12\nARG ", "A@ "),
    "expose": words("FROM debian:12\nEXPOSE ", "@ "),
    "expose-range": words("FROM debian:12\nEXPOSE ", "80/tcp "),
    "volume": words("FROM debian:12\nVOLUME ", "/a@ "),
    "exec": words('FROM debian:12\nCMD ["a"', ', "b@"', "]"),
    "shell": words('FROM debian:12\nSHELL ["a"', ', "b@"', "]"),
    "comment": lines("FROM debian:12\n", "# dlint ignore=a@\n", "USER a\n"),
    "fault-substitution": words("FROM debian:12\nENV ", 'a@="${b^} c" '),
    "fault-words": words("FROM debian:12\nENV ", "a@=b c "),
    "fault-mount": words("FROM debian:12\nRUN --mount=", 'a=1,"b",', " true"),
    "fault-mounts": words("FROM debian:12\nRUN ", "--mount=tipe=cache,target=/a@ ", "true"),
    "fault-flags": words("FROM debian:12\nCOPY ", "--form=a@ ", "a /b/"),
    "fault-ports": words("FROM debian:12\nEXPOSE ", "80@x "),
    "fault-json": words('FROM debian:12\nCOPY ["a"', ", 'b@'", "]"),
    "fault-health": words("FROM debian:12\nHEALTHCHECK ", "--timeout=1@ ", "CMD a"),
    "fault-shell": run("if a@; "),
    "unknown-lines": lines("FROM debian:12\n", "FORM a@\n", "USER a\n"),
    "run-lines": lines("FROM debian:12\n", "RUN apt-get update && apt-get install -y a@\n", "USER a\n"),
    "shell-lines": lines("FROM debian:12\n", 'SHELL ["/bin/bash", "-c"]\nRUN a@ | b\n', "USER a\n"),
    "env-lines": lines("FROM debian:12\n", "ENV A@=$B@\n", "USER a\n"),
    "arg-lines": lines("FROM debian:12\n", "ARG A@=$B@\n", "USER a\n"),
    "user-lines": lines("FROM debian:12\n", "USER a@\nWORKDIR b@\nCOPY a@ .\n", "USER a\n"),
    "label-lines": lines("FROM debian:12\n", "LABEL a@=b\n", "USER a\n"),
    "swallowed-lines": lines("FROM debian:12\n", "RUN a@ \\\n\nRUN b@\n", "USER a\n"),
    "stages": lines("FROM debian:12 AS s0\n", "FROM debian:12 AS a@\nCOPY --from=a@ /x /y\n", "USER a\n"),
    "stage-chain": lines("FROM debian:12 AS debian\n", "FROM debian AS debian\nENV A@=b\n", "USER a\n"),
    "heredoc-lines": lines("FROM debian:12\n", "RUN <<E@\napt-get install -y a@\nE@\n", "USER a\n"),
    "heredoc-quote": lines("FROM debian:12\n", "RUN echo don't <<E\nx\n", "USER a\n"),
    "onbuild-lines": lines("FROM debian:12\n", "ONBUILD ENV A@=$B@\n", "USER a\n"),
    "from-variable": lines("FROM debian:12\n", "FROM $A@:$B@\nRUN apt-get update\n", "USER a\n"),
    "copy-lines": lines("FROM debian:12\n", "COPY a@ /b@\nRUN rm /b@\n", "USER a\n"),
}

COMMANDS = {
    "lint": ["--no-config", "--no-context", "--format", "json"],
    "all": ["--no-config", "--no-context", "--select", "all", "--format", "json"],
    "human": ["--no-config"],
    "diff": ["--no-config", "--no-context", "--select", "all", "--diff"],
    "size": ["size"],
    "cache": ["cache"],
    "context": ["context", "."],
}


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
    parser.add_argument("--command", default="", help="commands whose name this finds: " + ", ".join(COMMANDS))
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
    print(f"{'shape':14} {'command':8} " + " ".join(f"{f'{s} KiB':>9}" for s in sizes) + f"  times  {args.to} KiB")
    for name, shape in SHAPES.items():
        if not re.search(args.only, name):
            continue
        for command, options in COMMANDS.items():
            if not re.search(args.command, command):
                continue
            counts = []
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder, "Dockerfile")
                argv = [dlint, *options] + ([] if command == "context" else ["Dockerfile"])
                for kib in sizes:
                    file.write_text(shape(kib << 10))
                    count = least_cpu(argv, folder, limit) if by_cpu else instructions(argv, folder)
                    counts.append(count)
                    if count is None:
                        break
                code, seconds, mib = 0, 0.0, 0.0
                if args.to:
                    file.write_text(shape(args.to << 10))
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
                f"{name:14} {command:8} {row}  {max(times, default=0):5.2f} {end}"
                + (f" exit {code}" if code not in (0, 1, None) else "")
                + ("  FAILS" if bad else ""),
                flush=True,
            )
    print(f"{failed} fail" if failed else "all hold")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Feeds dlint with bad input and holds it to its promises.

    tools/torture.py DIR /path/to/dlint [--format json ...] [--only REGEX] [--huge] [--failures] [--keep]
    tools/torture.py DIR --write-only [--only REGEX]

Writes each case of torture_cases.py into a folder of DIR and runs dlint on it, once for each output format
(and `dlint context` where the case is about a build context). A run passes if

- it ends within --seconds (2) and never has more than --mib (200) MiB in memory,
- its exit code is 0, 1 or 2, or what the case asks for, and exit code 2 comes with a message,
- nothing in it panics,
- its output is UTF-8 without control characters (bidirectional ones count in what people read),
- no line of it is a workflow command that comes from the input,
- JSON and SARIF parse.

Prints a table and exits with 1 if a run failed. Memory is the kernel's own peak for the process; what a
fork of this script weighs (about 15 MiB) is its floor. A DIR in memory (tmpfs) takes the many small files
far quicker than a disk. Linux only, no dependencies.
"""

import argparse
import ctypes
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
import traceback
from pathlib import Path

from torture_cases import BIDI, CASES, MARK, Run

FORMATS = ["human", "short", "json", "sarif", "github"]
CONTEXT = ["context", "context-json"]
MACHINE = ("json", "sarif", "context-json")
ANNOTATION = re.compile(
    r"::(error|warning|notice)( (file|line|endLine|col|endColumn|title)=[^,:]*(,(file|line|endLine|col|endColumn|title)=[^,:]*)*)?::"
)
RUNNER_COMMAND = re.compile(r"^[ \t]*(::|##vso\[|##\[)")
NOBODY = 65534


def in_child(function, *args):
    """Calls a function in a forked process, so that its memory is not ours, and returns its JSON-able result."""
    reader, writer = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        try:
            result = {"ok": function(*args)}
        except BaseException:
            result = {"error": traceback.format_exc()}
        with os.fdopen(writer, "w") as pipe:
            json.dump(result, pipe)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        text = pipe.read()
    os.waitpid(pid, 0)
    result = json.loads(text) if text else {"error": "the process was killed"}
    if "error" in result:
        raise RuntimeError(result["error"])
    return result["ok"]


def write_case(name, folder):
    """Writes a case and returns its `Run` as a dictionary; names that are not UTF-8 travel as surrogates."""
    run = CASES[name][0](folder) or Run()
    run.args = [os.fsdecode(argument) for argument in run.args]
    return vars(run)


def remove(folder):
    """Removes a case; rm can do that however deep it is, Python's rmtree cannot."""
    subprocess.run(["chmod", "-R", "u+rwX", "--", folder], stderr=subprocess.DEVNULL, check=False)
    subprocess.run(["rm", "-rf", "--", folder], check=True)


def grow(path):
    """Appends to a file until it is killed; stops at 2 GiB should nobody do that."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # end with the parent
    with open(path, "ab", buffering=0) as file:
        while file.tell() < 2 << 30:
            file.write(b"RUN echo one line more of many\n" * 3000)
            time.sleep(0.001)


def spawn(command, cwd, run, outputs):
    """Starts dlint with its outputs in files and returns its process id."""
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(cwd),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
    }
    pid = os.fork()
    if pid:
        return pid
    try:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.setsid()
        os.chdir(cwd)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 30, 1 << 30))
        if run["stdout"] == "closed":
            reader, stdout = os.pipe()
            os.close(reader)
        else:
            path = outputs[0] if run["stdout"] == "file" else run["stdout"]
            stdout = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(os.open(run["stdin"], os.O_RDONLY), 0)
        os.dup2(stdout, 1)
        os.dup2(os.open(outputs[1], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
        if run["as_nobody"] and os.getuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        os.execve(command[0], [os.fsencode(word) for word in command], environment)
    finally:
        os._exit(127)


def measure(command, cwd, run, outputs, options):
    """Runs dlint once and returns (wait status, seconds, peak MiB, was it stopped)."""
    writer = 0
    if run["writer"]:
        writer = os.fork()
        if writer == 0:
            grow(cwd / run["writer"])
            os._exit(0)
        time.sleep(0.05)
    start = time.monotonic()
    pid = spawn(command, cwd, run, outputs)
    done = []

    def wait():
        _, status, usage = os.wait4(pid, 0)
        done.extend((status, time.monotonic() - start, usage.ru_maxrss / 1024))

    waiter = threading.Thread(target=wait)
    waiter.start()
    stopped = ""
    while waiter.is_alive():
        waiter.join(0.02)
        if not waiter.is_alive() or stopped:
            continue
        # Well above the limits, so that the table can say how far a run was over.
        if time.monotonic() - start > 5 * options.seconds:
            stopped = "hangs"
        elif resident_mib(pid) > 5 * options.mib:
            stopped = "memory grows"
        if stopped:
            os.kill(pid, signal.SIGKILL)
    if writer:
        os.kill(writer, signal.SIGKILL)
        os.waitpid(writer, 0)
    return (*done, stopped)


def resident_mib(pid):
    """What a process has in memory now; 0 if it has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() / (1 << 20)
    except (OSError, IndexError, ValueError):
        return 0


def faults(outputs, form, code, stdout_kind):
    """What is wrong with the output of a run: a list of short texts."""
    found = []
    out, err = (Path(path).read_bytes() if Path(path).exists() else b"" for path in outputs)
    if re.search(rb"panicked at|RUST_BACKTRACE|stack overflow|memory allocation", err + out[-100_000:]):
        found.append("panic")
    if code == 2 and not err.strip() and not out.strip():
        found.append("exit 2 without a word")
    for name, data in (("stdout", out), ("stderr", err)):
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            found.append(f"{name}: not UTF-8 at byte {error.start}")
            continue
        read_by_people = name == "stderr" or form not in MACHINE
        raw = raw_character(text, read_by_people)
        if raw:
            found.append(f"{name}: raw U+{ord(text[raw.start()]):04X} at {raw.start()}")
        if read_by_people:
            # GitHub's runner reads both streams and takes CR for an end of line.
            forged = next((line for line in re.split("[\n\r]", text) if is_forged(line, form, name)), None)
            if forged:
                found.append(f"{name}: workflow command {forged[:60]!r}")
    if form in MACHINE and stdout_kind == "file" and (code != 2 or out.strip()):
        found += bad_json(out, form)
    return found


def raw_character(text, read_by_people):
    """The first character that should have been escaped."""
    bad = "[\x00-\x09\x0b-\x1f]" if not read_by_people else f"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029{BIDI}]"
    return re.search(bad, text)


def is_forged(line, form, stream):
    """Is the line a workflow command that dlint did not mean?"""
    if not RUNNER_COMMAND.match(line):
        return False
    own = form == "github" and stream == "stdout" and ANNOTATION.match(line)
    return not own or line[own.end() :].startswith(MARK)


def bad_json(data, form):
    try:
        value = json.loads(data)
    except ValueError as error:
        return [f"no JSON: {error}"]
    if form == "sarif" and (value.get("version") != "2.1.0" or not isinstance(value.get("runs"), list)):
        return ["no SARIF 2.1.0"]
    return []


def command_line(dlint, form, run):
    if form in CONTEXT:
        return [dlint, "context", ".", *(["--format", "json"] if form == "context-json" else [])]
    return [dlint, "--format", form, *run["args"]]


def judge(name, folder, form, run, options):
    """Runs one case in one format; a run that is only slow gets a second try, as the machine may be busy."""
    outputs = (str(options.directory / "stdout"), str(options.directory / "stderr"))
    for attempt in range(2):
        for path in outputs:
            Path(path).unlink(missing_ok=True)
        status, seconds, mib, stopped = measure(
            command_line(options.binary, form, run), folder, run, outputs, options
        )
        if seconds <= options.seconds or stopped or run["writer"]:
            break
    signalled = os.WIFSIGNALED(status)
    code = -os.WTERMSIG(status) if signalled else os.WEXITSTATUS(status)
    verdict = [stopped] if stopped else []
    if not stopped:
        closed_quietly = run["stdout"] == "closed" and code == -signal.SIGPIPE
        if code not in ((0, 1, 2) if form in CONTEXT else run["exits"]) and not closed_quietly:
            verdict.append("signal" if signalled else "exit code")
        verdict += in_child(faults, outputs, form, code, run["stdout"])
    if seconds > options.seconds:
        verdict.append("too slow")
    if mib > options.mib:
        verdict.append("too much memory")
    return code, seconds, mib, verdict


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("directory", type=Path, help="where the cases are written; made if it is not there")
    parser.add_argument("dlint", nargs="?", help="the program, by its absolute path")
    parser.add_argument(
        "--format", action="append", choices=FORMATS + CONTEXT, help="only this one; may be repeated"
    )
    parser.add_argument("--only", default="", metavar="REGEX", help="only cases whose name matches")
    parser.add_argument("--huge", action="store_true", help="the cases that take minutes to write, too")
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--mib", type=float, default=200.0)
    parser.add_argument("--failures", action="store_true", help="print failed runs only")
    parser.add_argument("--keep", action="store_true", help="leave the cases where they are")
    parser.add_argument("--write-only", action="store_true", help="write the cases and run nothing")
    parser.add_argument("--list", action="store_true", help="print the names of the cases")
    options = parser.parse_args()
    if not options.list and not options.write_only and not (options.dlint and os.path.isabs(options.dlint)):
        parser.error("name dlint by its absolute path")
    return options


def main():
    options = arguments()
    names = [
        name
        for name, (_, huge) in CASES.items()
        if re.search(options.only, name) and (options.huge or not huge)
    ]
    if options.list:
        print("\n".join(names))
        return 0
    options.directory = options.directory.absolute()
    options.directory.mkdir(parents=True, exist_ok=True)
    if not options.write_only:
        # A copy that an ordinary user may run, wherever the original lies.
        options.binary = str(options.directory / "dlint")
        shutil.copy(options.dlint, options.binary)
        os.chmod(options.binary, 0o755)
    runs = failed = 0
    worst = (0.0, 0.0)
    print(f"{'case':34} {'format':12} {'exit':>4} {'seconds':>8} {'MiB':>7}  verdict", flush=True)
    for name in names:
        folder = options.directory / name
        if folder.exists():
            remove(folder)
        folder.mkdir()
        run = in_child(write_case, name, folder)
        if options.write_only:
            print(name)
            continue
        for form in options.format or FORMATS + (CONTEXT if run["context"] else []):
            if form in CONTEXT and not run["context"]:
                continue
            if run["writer"]:
                in_child(write_case, name, folder)
            code, seconds, mib, verdict = judge(name, folder, form, run, options)
            runs += 1
            failed += bool(verdict)
            worst = (max(worst[0], seconds), max(worst[1], mib))
            if verdict or not options.failures:
                print(
                    f"{name:34} {form:12} {code:4} {seconds:8.3f} {mib:7.1f}  {'; '.join(verdict) or 'ok'}",
                    flush=True,
                )
        if not options.keep:
            remove(folder)
    if not options.write_only:
        for name in ("dlint", "stdout", "stderr"):
            (options.directory / name).unlink(missing_ok=True)
        print(
            f"{len(names)} cases, {runs} runs, {failed} failed; slowest {worst[0]:.3f} s, largest {worst[1]:.1f} MiB"
        )
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Feeds `dlint lsp` with garbage and floods, and holds it to its promises.

    tools/torture_lsp.py /path/to/dlint [--only REGEX] [--seconds 60] [--files 10000]

    frames     broken headers, lengths that are negative, huge or no numbers, texts that are no JSON or no message
    bombs      JSON that is deep, long, or takes far more memory than bytes
    order      requests before `initialize`, after `shutdown`, twice; leaving with and without a word
    shapes     each method with parameters of the wrong kind, documents that nobody has opened, positions outside
    many       --files open documents, each beside files of its own, that are saved, changed and closed
    flood      a thousand changes a second for --seconds, in a short and in a long document
    deaf       a client that asks and asks, and reads nothing
    gone       documents, contexts, settings and Compose files that are deleted, replaced or cannot be read while they are open

Each case has a server of its own, which has to answer to the end, to leave with the code that the protocol asks for,
and to have never more than the case allows in memory; nothing in it may panic. What it had at the end and at most is
printed, in MiB (of a debug build's, a good part is the program). Linux only, no dependencies. Exits with 1 if
something does not hold.
"""

import argparse
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path

MIB = 1 << 20
PATIENCE = 60
TEXT = "FROM debian:12-slim\nMAINTAINER Zoë 𝒳 <zoe@example.com>\nCOPY . /srv/\nUSER 1000\nCMD [\"/srv/run\"]\n"
COMPOSE = "services:\n  web:\n    build:\n      context: .\n      target: deb\n      args: {A: 1}\n      additional_contexts: {debian: 'service:web'}\n"
METHODS = """
codeAction completion definition diagnostic documentHighlight documentLink documentSymbol foldingRange formatting hover
inlayHint onTypeFormatting prepareRename rangeFormatting references rename selectionRange semanticTokens/full
semanticTokens/full/delta semanticTokens/range signatureHelp
""".split()


class Failed(Exception):
    """Something does not hold."""


def hold(condition, what):
    if not condition:
        raise Failed(what)


class Server:
    """A server and what it has said."""

    def __init__(self, dlint, folder):
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [dlint, "lsp"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors,
            env={**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": ""},
        )
        self.folder, self.number = folder, 0
        self.answers, self.published, self.notes = {}, {}, []
        self.came, self.ended = threading.Condition(), False
        self.reads = threading.Event()
        self.reads.set()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        output = self.process.stdout
        while line := output.readline():
            self.reads.wait()
            length = int(re.fullmatch(rb"Content-Length: (\d+)\r\n", line)[1])
            output.readline()
            message = json.loads(output.read(length))
            with self.came:
                if message.get("method") == "textDocument/publishDiagnostics":
                    params = message["params"]
                    self.published.setdefault(params["uri"], []).append((params.get("version"), params["diagnostics"]))
                elif "method" in message:
                    self.notes.append(message)
                else:
                    self.answers.setdefault(message["id"], []).append(message)
                self.came.notify_all()
        with self.came:
            self.ended = True
            self.came.notify_all()

    def until(self, what, done):
        with self.came:
            found = []
            self.came.wait_for(lambda: found.append(done()) or found[-1] or self.ended, PATIENCE)
            hold(found[-1], f"{what}: {'the server has ended' if self.ended else 'nothing came'}")
            return found[-1]

    def write(self, data):
        try:
            self.process.stdin.write(data)
            self.process.stdin.flush()
        except BrokenPipeError as error:
            raise Failed("the server has ended") from error

    def body(self, text):
        data = text if isinstance(text, bytes) else text.encode()
        self.write(b"Content-Length: %d\r\n\r\n" % len(data) + data)

    def send(self, **message):
        self.body(json.dumps({"jsonrpc": "2.0", **message}))

    def note(self, method, params=None):
        self.send(method=method, params=params)

    def request(self, method, params=None):
        self.number += 1
        self.send(id=self.number, method=method, params=params)
        return self.number

    def ask(self, method, params=None):
        number = self.request(method, params)
        return self.until(f"an answer to {method}", lambda: self.answers.pop(number, None))[0]

    def refused(self, code, method, params=None):
        answer = self.ask(method, params)
        got = answer.get("error", {}).get("code")
        hold(got == code, f"{method} {json.dumps(params)[:80]}: {got} instead of {code}")

    def ready(self, **capabilities):
        self.ask("initialize", {"processId": os.getpid(), "rootUri": self.folder.as_uri(), "capabilities": capabilities})
        self.note("initialized", {})
        return self

    def open(self, uri, text=TEXT, version=1, language="dockerfile"):
        document = {"uri": uri, "languageId": language, "version": version, "text": text}
        self.note("textDocument/didOpen", {"textDocument": document})

    def change(self, uri, version, *changes):
        self.note("textDocument/didChange", {"textDocument": {"uri": uri, "version": version}, "contentChanges": changes})

    def diagnostics(self, uri, version):
        """The last diagnostics of a version; they come after an answer that the change was sent before."""
        def found():
            return [rows for at, rows in self.published.get(uri, []) if at == version]
        return self.until(f"diagnostics of {uri} version {version}", found)[-1]

    def told(self, count):
        """Waits until there are diagnostics of so many documents; those of the one that was opened last come first."""
        while (seen := len(self.published)) < count:
            self.until(f"diagnostics of more than {seen} documents", lambda: len(self.published) >= min(seen + 200, count))

    def alive(self):
        hold("result" in self.ask("workspace/executeCommand", {"command": "dlint.explain", "arguments": ["no-user"]}), "no answer")

    def memory(self, row):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"^{row}:\s+(\d+) kB", status, re.M)[1]) / 1024

    def leave(self, code=0):
        """Shuts it down, and gives what it had in memory at the end and at most."""
        memory = self.memory("VmRSS"), self.memory("VmHWM")
        if code == 0:
            self.ask("shutdown")
        self.note("exit")
        self.ends(code)
        return memory

    def ends(self, code):
        try:
            got = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise Failed("it does not leave") from None
        hold(got == code, f"it leaves with {got} instead of {code}")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def said(self):
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace").strip()


def place(line, character):
    return {"line": line, "character": character}


def insertion(line, character, text):
    return {"range": {"start": place(line, character), "end": place(line, character)}, "text": text}


def frames(start, _):
    server = start().ready()
    good = b'{"jsonrpc":"2.0","method":"$/x"}'
    for header in [
        b"\r\n\r\n", b"\0\0\0\0", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"Content-Length\r\n\r\n", b"Content-Length: \r\n\r\n",
        b"Content-Length: -1\r\n\r\n", b"Content-Length: 0\r\n\r\n", b"Content-Length: 1e3\r\n\r\n",
        b"Content-Length: 99999999999999999999\r\n\r\n", b"content-type: x\r\nCONTENT-LENGTH:%d\r\n\r\n" % len(good) + good,
        b"Content-Length: 2\nContent-Length: 2\n\n{}", b"x" * MIB, b"\n", b"a: b\r\n" * 100_000, b"\xff\xfe\r\n",
        b"Content-Length: %d\r\n\r\n" % (100 * MIB) + bytes(100 * MIB),
    ]:
        server.write(header)
        server.write(b"\r\n")
        server.alive()
    for text in ["", " ", "null", "1", '"x"', "[]", "[{}]", "{}", '{"id":{}}', '{"id":1}', '{"method":1}', '{"method":null,"id":1}',
                 '{"id":true,"method":"x"}', '{"id":[],"method":"x"}', '{"id":1.5,"method":"x"}', "{", b"\xff\xff", b'{"a":"\xed\xa0\x80"}',
                 '{"method":"\\ud800"}', '{"id":1e999,"method":"x"}', '{"a":1,"a":2}', '{"id":7,"result":null}', '{"id":"dlint/1","error":{}}',
                 '{"jsonrpc":"1.0","id":8,"method":"shutdown","params":3}'[:-1]]:
        server.body(text)
        server.alive()
    # A length that nothing follows: the end of the input is the end of the server.
    memory = server.memory("VmRSS"), server.memory("VmHWM")
    server.write(b"Content-Length: 18446744073709551615\r\n\r\n{}")
    server.process.stdin.close()
    server.ends(1)
    return memory


def bombs(start, _):
    server = start().ready()
    for text in [
        "[" * 1_000_000, '{"a":' * 200_000, "[" * 200_000 + "]" * 200_000, '{"params":' + "[" * 10_000 + "]" * 10_000 + ',"method":"x"}',
        '{"method":"x","params":[' + "0," * (30 * MIB) + "0]}", '{"method":"x","params":[' + "{}," * (20 * MIB) + "0]}",
        '{"method":"x","params":{' + ",".join(f'"{n}":[]' for n in range(3_000_000)) + "}}",
        '{"method":"textDocument/didChange","params":{"textDocument":{"uri":"a","version":1},"contentChanges":['
        + ",".join(['{"text":""}'] * 3_000_000) + "]}}",
        '{"id":9,"method":"' + "x" * (60 * MIB) + '"}', '{"id":"' + "x" * (60 * MIB) + '","method":"x"}',
        '{"id":9,"method":"x","params":' + "9" * (60 * MIB) + "}", '{"id":9,"method":"x","params":"' + "\\u0000" * (10 * MIB) + '"}',
    ]:
        server.body(text)
        server.alive()
    server.open("untitled:large", "x" * (17 * MIB))
    server.refused(-32803, "textDocument/documentSymbol", {"textDocument": {"uri": "untitled:large"}})
    hold(len(server.diagnostics("untitled:large", 1)) == 1, "nothing is said of a text that is too large")
    server.alive()
    return server.leave()


def order(start, _):
    server = start()
    for method in ["shutdown", "textDocument/hover", "workspace/executeCommand", "x"]:
        server.refused(-32002, method, {})
    server.open("untitled:early")
    server.refused(-32602, "initialize", [])
    server.ready()
    server.refused(-32600, "initialize", {"capabilities": {}})
    server.refused(-32602, "textDocument/hover", {"textDocument": {"uri": "untitled:early"}, "position": place(0, 0)})
    server.note("$/cancelRequest", {"id": 77})
    server.note("$/cancelRequest", None)
    server.note("window/workDoneProgress/cancel", {"token": {}})
    hold(server.ask("shutdown")["result"] is None, "shutdown")
    for method in ["shutdown", "textDocument/hover", "initialize", "x"]:
        server.refused(-32600, method, {})
    server.open("untitled:late")
    memory = server.memory("VmRSS"), server.memory("VmHWM")
    server.note("exit")
    server.ends(0)
    # Without a word, and before anything: in no order.
    start().ready().leave(1)
    server = start()
    server.note("exit")
    server.ends(1)
    server = start()
    server.process.stdin.close()
    server.ends(1)
    return memory


def shapes(start, _):
    server = start().ready(workspace={"didChangeWatchedFiles": {"dynamicRegistration": True}, "configuration": True})
    uri = (server.folder / "Dockerfile").as_uri()
    entry = (server.folder / "compose.yaml").as_uri()
    server.open(uri)
    server.open(entry, COMPOSE, language="yaml")
    odd = [None, 1, -1, "x", [], {}, True, 1e300, {"textDocument": {}}, {"textDocument": {"uri": 1}}, {"textDocument": {"uri": uri}, "position": 1}]
    for method in METHODS:
        method = f"textDocument/{method}"
        for params in odd:
            server.ask(method, params)
        server.ask(method, {"textDocument": {"uri": "file:///nobody/opened/this"}, "position": place(0, 0), "range": {"start": place(0, 0), "end": place(0, 0)}})
        for number, document in itertools.product([0, 1, 5, 6, 2**31 - 1, 2**32 - 1, 2**32, 2**64, -1, 0.5], [uri, entry]):
            for at in [place(number, 0), place(0, number), place(number, number)]:
                around = {"start": at, "end": place(1, 1)}
                server.ask(method, {
                    "textDocument": {"uri": document}, "position": at, "positions": [at], "range": around, "previousResultId": "x", "ch": "\n",
                    "context": {"diagnostics": [], "includeDeclaration": True}, "newName": "x", "options": {"tabSize": number, "insertSpaces": True},
                })
    for method in ["didOpen", "didChange", "didClose", "didSave"]:
        for params in [*odd, {"textDocument": {"uri": "file:///nobody", "version": 1}, "contentChanges": [{"text": "x"}]}]:
            server.note(f"textDocument/{method}", params)
    for method in ["workspace/didChangeConfiguration", "workspace/didChangeWatchedFiles", "workspace/didChangeWorkspaceFolders", "initialized", "$/setTrace", "$/cancelRequest"]:
        for params in odd:
            server.note(method, params)
    for method in ["workspace/executeCommand", "workspace/symbol", "no/suchMethod"]:
        for params in [*odd, {"command": "x"}, {"command": "dlint.explain"}, {"command": "dlint.explain", "arguments": [{}]}]:
            server.ask(method, params)
    for name in ["", "file:", "file://", "file:///", "file:///%00", "file:///%ff", "http://x", "\0", "file:///" + "a/" * 5000, "file://nobody/share/Dockerfile"]:
        server.open(name)
        server.ask("textDocument/completion", {"textDocument": {"uri": name}, "position": place(2, 6)})
        server.note("textDocument/didClose", {"textDocument": {"uri": name}})
    # What does not fit the text is clamped, and the text stays the client's.
    server.open(uri)
    version = 1
    for start_at, end_at in [((9, 9), (9, 9)), ((0, 9999), (0, 9999)), ((5, 0), (0, 0)), ((2**31 - 1, 0), (2**31 - 1, 2**31 - 1)), ((0, 5), (0, 2))]:
        version += 1
        server.change(uri, version, {"range": {"start": place(*start_at), "end": place(*end_at)}, "text": "é"})
        server.diagnostics(uri, version)
    server.change(uri, version + 1, {"text": TEXT})
    rows = server.diagnostics(uri, version + 1)
    server.open(uri)
    hold(any(row.get("code") == "maintainer-deprecated" for row in rows), "the diagnostics of the whole text")
    server.alive()
    return server.leave()


def many(start, options):
    server = start().ready()
    count = options.files
    for number in range(count):
        folder = server.folder / f"services/{number // 100}/{number}"
        folder.mkdir(parents=True)
        (folder / "Dockerfile").write_text(TEXT)
        (folder / "run").write_bytes(bytes(1000 + number))
    uris = [path.as_uri() for path in sorted((server.folder / "services").glob("*/*/Dockerfile"))]
    begun = time.monotonic()
    for uri in uris:
        server.open(uri)
    server.told(count)
    opened, took = server.memory("VmRSS"), time.monotonic() - begun
    server.written = dict.fromkeys(uris, 1)

    def typed(uri):
        """Milliseconds from a change to its diagnostics."""
        server.written[uri] += 1
        begun = time.monotonic()
        server.change(uri, server.written[uri], insertion(0, 0, "#\n"))
        server.diagnostics(uri, server.written[uri])
        return (time.monotonic() - begun) * 1000

    def typing(when):
        times = sorted(typed(uri) for uri in uris[:: max(1, count // 50)] * 2)
        print(f"   a change {when}: diagnostics after {times[0]:.1f} ms at least, median {times[len(times) // 2]:.1f}, at most {times[-1]:.1f}")

    typing(f"with {count} documents open")

    def weighed(uri):
        everything = {"start": place(0, 0), "end": place(99, 0)}
        return any("label" in hint for hint in server.ask("textDocument/inlayHint", {"textDocument": {"uri": uri}, "range": everything})["result"])

    server.note("textDocument/didSave", {"textDocument": {"uri": uris[0]}})
    server.note("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri, "type": 2} for uri in uris]})
    typing("while all are checked again")
    for uri in uris[:: max(1, count // 50)]:
        version = server.written[uri] + 1
        server.change(uri, version, insertion(0, 0, "# ü𝒳\n"))
        rows = server.diagnostics(uri, version)
        hold(any(row["code"] == "maintainer-deprecated" and row["range"]["start"]["line"] == version for row in rows), "moved diagnostics")
        hold(weighed(uri), "hints")
    print(f"   {count} open documents: all checked after {took:.0f} s, {opened:.0f} MiB, later {server.memory('VmRSS'):.0f} MiB")
    for uri in uris:
        server.note("textDocument/didClose", {"textDocument": {"uri": uri}})
    server.alive()
    hold(all(server.published[uri][-1] == (None, []) for uri in uris), "a closed document has diagnostics")
    return server.leave()


def flood(start, options):
    server = start().ready()
    for name, lines in ("short", 30), ("long", 2000):
        uri = f"untitled:{name}"
        text = TEXT + "".join(f"RUN echo {number} && cd /tmp\n" for number in range(lines - TEXT.count("\n")))
        server.open(uri, text)
        server.diagnostics(uri, 1)
        before, begun, version = server.memory("VmRSS"), time.monotonic(), 1
        while (passed := time.monotonic() - begun) < options.seconds:
            # A client that types does not wait; one that sends more than is read is held up by the pipe.
            if version > passed * 1000:
                time.sleep(0.001)
                continue
            version += 1
            line = version % lines
            change = insertion(line, 0, "é𝒳") if version % 2 == 0 else {"range": {"start": place(line - 1, 0), "end": place(line - 1, 3)}, "text": ""}
            server.change(uri, version, change)
        if version % 2 == 0:
            version += 1
            server.change(uri, version, {"text": text})
        rows = server.diagnostics(uri, version)
        hold(rows == server.published[uri][0][1], "diagnostics after the flood differ from those before it")
        told = len(server.published[uri])
        rate = (version - 1) / (time.monotonic() - begun)
        print(f"   {lines} lines: {version - 1} changes, {rate:.0f} a second, diagnostics sent {told} times, {before:.0f} MiB before and {server.memory('VmRSS'):.0f} after")
        server.note("textDocument/didClose", {"textDocument": {"uri": uri}})
    return server.leave()


def deaf(start, _):
    server = start().ready()
    server.open("untitled:a", TEXT + "RUN cd /tmp\n" * 30)
    server.diagnostics("untitled:a", 1)
    server.reads.clear()
    numbers = []

    def asks():
        for _ in range(2000):
            numbers.append(server.request("textDocument/documentSymbol", {"textDocument": {"uri": "untitled:a"}}))

    asking = threading.Thread(target=asks)
    asking.start()
    asking.join(10)
    hold(asking.is_alive(), "the client is not held up")
    server.reads.set()
    asking.join(PATIENCE)
    server.until("all answers", lambda: all(number in server.answers for number in numbers))
    server.alive()
    return server.leave()


def gone(start, _):
    server = start().ready(window={"workDoneProgress": True})
    everything = {"start": place(0, 0), "end": place(99, 0)}

    def look(uri, version):
        rows = server.diagnostics(uri, version)
        for method in "inlayHint", "codeAction", "completion", "hover":
            asked = {"textDocument": {"uri": uri}, "position": place(2, 6), "range": everything, "context": {"diagnostics": []}}
            hold("result" in server.ask(f"textDocument/{method}", asked), method)
        # What is found there depends on what is broken; that there is an answer does not.
        entry = str(Path(uri).with_name("compose.yaml")).replace("file:/", "file:///", 1)
        server.open(entry, COMPOSE, language="yaml")
        for line, method in itertools.product(range(7), ["hover", "definition", "references", "completion", "documentLink"]):
            asked = {"textDocument": {"uri": entry}, "position": place(line, 16), "context": {"includeDeclaration": True}}
            hold("result" in server.ask(f"textDocument/{method}", asked), f"{method} in {entry}")
        server.note("textDocument/didClose", {"textDocument": {"uri": entry}})
        for method in "definition", "references":
            asked = {"textDocument": {"uri": uri}, "position": place(0, 6), "context": {"includeDeclaration": True}}
            hold("result" in server.ask(f"textDocument/{method}", asked), method)
        return rows

    def breaks(name, how, prepare=lambda folder: None):
        folder = server.folder / name
        folder.mkdir()
        (folder / "Dockerfile").write_text(TEXT)
        (folder / "data").write_bytes(bytes(100_000))
        prepare(folder)
        uri = (folder / "Dockerfile").as_uri()
        server.open(uri)
        look(uri, 1)
        how(folder)
        server.note("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri, "type": 3}]})
        server.note("textDocument/didSave", {"textDocument": {"uri": uri}})
        server.change(uri, 2, insertion(0, 0, "# é\n"))
        rows = look(uri, 2)
        hold(any(row.get("code") == "maintainer-deprecated" for row in rows), f"{name}: the text is checked no more")
        server.note("textDocument/didClose", {"textDocument": {"uri": uri}})
        server.alive()

    def replaced(path, make):
        def how(folder):
            (folder / path).unlink(missing_ok=True)
            make(folder / path)
        return how

    def wide(folder):
        for number in range(20_000):
            (folder / f"{number % 100}").mkdir(exist_ok=True)
            (folder / f"{number % 100}/{number}").touch()

    def deep(folder):
        here = folder
        for _ in range(200):
            here = here / "deep"
        here.mkdir(parents=True)

    breaks("file", lambda folder: (folder / "Dockerfile").unlink())
    breaks("folder", shutil.rmtree)
    breaks("walked", shutil.rmtree, wide)
    breaks("deep", lambda folder: None, deep)
    breaks("a-file-now", lambda folder: (shutil.rmtree(folder), folder.write_text("")))
    breaks("a-link-to-itself", lambda folder: (shutil.rmtree(folder), folder.symlink_to(folder)))
    for name in ".dockerignore", "dlint.toml", "Dockerfile", "data", "compose.yaml":
        breaks(f"a-pipe-{name}", replaced(name, os.mkfifo))
        breaks(f"a-folder-{name}", replaced(name, Path.mkdir))
        breaks(f"a-loop-{name}", replaced(name, lambda path: path.symlink_to(path)))
        breaks(f"not-text-{name}", replaced(name, lambda path: path.write_bytes(os.urandom(5000))))
        breaks(f"endless-{name}", replaced(name, lambda path: path.symlink_to("/dev/zero")))
    return server.leave()


# The most that a case may have in memory, in MiB.
CASES = {frames: 200, bombs: 400, order: 200, shapes: 200, many: 1000, flood: 200, deaf: 200, gone: 250}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dlint")
    parser.add_argument("--only", default="", help="cases whose names match")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--files", type=int, default=10_000)
    options = parser.parse_args()
    dlint, held = str(Path(options.dlint).resolve()), True
    for case, most in CASES.items():
        if not re.search(options.only, case.__name__):
            continue
        servers = []
        with tempfile.TemporaryDirectory(prefix="torture-lsp-") as name:

            def start():
                servers.append(Server(dlint, Path(name)))
                return servers[-1]

            try:
                now, peak = case(start, options)
                hold(peak <= most, f"{peak:.0f} MiB at most, of {most} allowed")
                print(f"== {case.__name__}: holds, {now:.0f} MiB at the end and {peak:.0f} at most")
            except Failed as failure:
                held = False
                print(f"== {case.__name__}: DOES NOT HOLD: {failure}")
            except Exception:
                held = False
                print(f"== {case.__name__}: DOES NOT HOLD")
                traceback.print_exc(file=sys.stdout)
            for server in servers:
                server.kill()
                if "panicked" in (said := server.said()):
                    held = False
                    print(f"== {case.__name__}: DOES NOT HOLD: {said[:2000]}")
        sys.stdout.flush()
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()

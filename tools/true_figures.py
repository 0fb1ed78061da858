#!/usr/bin/env python3
"""Builds Dockerfiles before and after an advice, and holds what dlint predicts against what it really saves.

    tools/true_figures.py /path/to/dlint [--only NAME...] [--folder FOLDER]

Every case is a Dockerfile with its files, once as people write it and once as dlint advises. dlint reads the
first and says what the advice saves; buildah builds both; the difference between the two images, in bytes of
file contents, is the truth. The images' bytes are counted twice: by `dlint size --image`, and by
tools/count_image.py, which shares no code with it. Prints a Markdown table, and exits with 1 if a prediction
misses its bound:

    exact     what is copied: equal to the byte
    10 %      what apt installs
    range     as dlint printed it, or a fifth more or less where it says "about"
    at least  where a part is unknown: no more than the layer has

A second table holds each instruction of the plan before the advice against the layer that it made.

The base image is made by debootstrap, with the apt configuration that the official image has, and goes by
the name of debian:bookworm in a storage of its own. Builds run by turns, in a temporary folder that is
removed at the end; nothing else is touched. What is downloaded comes from a server on the loopback, all but
Debian's packages, which come from the mirror of this machine's own sources (--mirror). Needs root, and of
Debian's packages buildah, debootstrap, git and python3.
"""

import argparse
import datetime
import http.server
import importlib.util
import io
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
BASE = "docker.io/library/debian:bookworm"
SUITES = "deb {mirror} bookworm main\ndeb {mirror} bookworm-updates main\ndeb {security} bookworm-security main\n"

# What the official image's apt is told, as debuerreotype writes it.
OFFICIAL = {
    "docker-clean": """\
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
APT::Update::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
""",
    "docker-gzip-indexes": 'Acquire::GzipIndexes "true";\n',
    "docker-no-languages": 'Acquire::Languages "none";\n',
    "docker-autoremove-suggests": 'Apt::AutoRemove::SuggestsImportant "false";\n',
}


def load(name):
    """Another script of this folder."""
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def noise(size, seed):
    """Bytes that nothing compresses, the same in each run."""
    return random.Random(seed).randbytes(size)


class Workshop:
    """The temporary folder, its storage of images, and the server of downloads."""

    def __init__(self, folder, dlint):
        self.folder, self.dlint = folder, dlint
        self.count = load("count_image").count
        self.storage = ["--root", folder / "storage", "--runroot", folder / "run", "--storage-driver", "vfs"]
        self.files = folder / "served"
        self.files.mkdir()

    def buildah(self, *words, **options):
        command = ["buildah", *self.storage, *words]
        environment = {**os.environ, "BUILDAH_ISOLATION": "chroot", "STORAGE_DRIVER": "vfs"}
        done = subprocess.run(
            [str(word) for word in command], env=environment, capture_output=True, text=True, **options
        )
        if done.returncode:
            sys.exit(f"{' '.join(map(str, command))}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
        return done.stdout

    def serve(self):
        """Serves the folder of downloads on the loopback, and returns where."""
        files = str(self.files)

        class Handler(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *args):
                super().__init__(*args, directory=files)

            def end_headers(self):
                # As a package index does, so that clients keep what they get.
                self.send_header("Cache-Control", "max-age=365000000, immutable, public")
                super().end_headers()

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}"

    def make_base(self, mirror, security):
        """The base image: a minimal Debian, configured as the official image; and one that is not."""
        root = self.folder / "rootfs"
        command = ["debootstrap", "--variant=minbase", "bookworm", root, mirror]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"debootstrap: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        sources = SUITES.format(mirror=mirror, security=security or mirror)
        if not security:
            sources = "".join(line + "\n" for line in sources.splitlines() if "security" not in line)
        (root / "etc/apt/sources.list").write_text(sources)
        # A mirror may be a snapshot.
        (root / "etc/apt/apt.conf.d/99snapshot").write_text('Acquire::Check-Valid-Until "false";\n')
        for folder in ["var/lib/apt/lists", "var/cache/apt"]:
            shutil.rmtree(root / folder)
            (root / folder).mkdir()
            (root / folder / "partial").mkdir()
        self.commit(root, "localhost/plain:bookworm")
        for name, text in OFFICIAL.items():
            (root / "etc/apt/apt.conf.d" / name).write_text(text)
        self.commit(root, BASE)
        shutil.rmtree(root)

    def commit(self, root, name):
        container = self.buildah("from", "scratch").strip()
        self.buildah("add", container, root, "/")
        self.buildah("config", "--cmd", "bash", container)
        self.buildah("commit", "--rm", container, name)

    def build(self, context, name):
        """Builds an image and returns its archive."""
        archive = self.folder / f"{name}.tar"
        self.buildah("bud", "--layers", "--pull-never", "--format", "docker", "-t", name, context)
        self.buildah("push", "-q", name, f"docker-archive:{archive}:{name}:1")
        self.buildah("rmi", "-f", name)
        self.buildah("rmi", "--prune")
        return archive

    def measure(self, archive, dockerfile):
        """The image as dlint reads it, after counting it a second time."""
        command = [self.dlint, "size", dockerfile, "--image", archive, "--format", "json"]
        report = json.loads(subprocess.run(list(map(str, command)), check=True, capture_output=True).stdout)
        table, visible = self.count(str(archive))
        counted = [(b, f, b - v) for (b, f), v in zip(table, visible)]
        read = [(layer["bytes"], layer["files"], layer["hidden"]) for layer in report["layers"]]
        if counted != read:
            sys.exit(f"{archive.name}: tools/count_image.py counts {counted}, dlint {read}")
        return report

    def plan(self, context):
        """What dlint says of a build that has not been done."""
        command = [self.dlint, "size", context / "Dockerfile", "--format", "json"]
        done = subprocess.run(list(map(str, command)), capture_output=True, cwd=context)
        if not done.stdout:
            sys.exit(f"{context}: {done.stderr.decode()}")
        return json.loads(done.stdout)


class Case:
    """A Dockerfile before and after an advice, and where dlint says what it saves."""

    def __init__(self, name, bound, rules, before, after, files=None, ignore=None, make=None, read="plan"):
        self.name, self.bound, self.rules = name, bound, rules
        self.before, self.after, self.ignore = before, after, ignore
        self.files, self.make, self.read = files or {}, make, read

    def write(self, folder, dockerfile, ignore):
        """A build context."""
        folder.mkdir(parents=True)
        for path, size in self.files.items():
            path = folder / path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(size if isinstance(size, bytes) else noise(size, str(path.relative_to(folder))))
        if self.make:
            self.make(folder)
        (folder / "Dockerfile").write_text(dockerfile)
        if ignore:
            (folder / ".dockerignore").write_text(ignore)

    def run(self, shop, server):
        """One row of the table."""
        folder = shop.folder / self.name.replace(" ", "-")
        before, after = folder / "before", folder / "after"
        self.write(before, self.before.replace("SERVER", server), None)
        self.write(after, self.after.replace("SERVER", server), self.ignore)
        plan = shop.plan(before)
        images = []
        for context in [before, after]:
            archive = shop.build(context, context.name)
            images.append(shop.measure(archive, context / "Dockerfile"))
            archive.unlink()
        figures = self.predict(plan, images[0])
        shutil.rmtree(folder)
        return Row(self, figures, images[0]["bytes"], images[1]["bytes"]), layers(self, plan, images[0])

    def predict(self, plan, image):
        """What dlint says that the advice saves: bytes, their range if it names one, and how it knows."""
        if self.read == "image":
            hidden = sum(layer["hidden"] for layer in image["layers"] if layer["from"] != "base")
            left = sum(row["bytes"] for row in image["leftovers"] if row["what"] in self.rules)
            return [(left if self.rules else hidden, None, "measured in the image")]
        said = [advice for advice in plan["advice"] if advice["rule"] in self.rules]
        return [(advice["bytes"], advice["range"], advice["how"]) for advice in said]


def layers(case, plan, image):
    """Each instruction of the plan beside the layer that it made."""
    made = {tuple(layer["lines"]): layer["bytes"] for layer in image["layers"] if layer["lines"] and layer["from"] != "base"}
    for row in (row for stage in plan["stages"] if stage["in_image"] for row in stage["rows"]):
        bytes_ = made.get(tuple(row["lines"]))
        if bytes_ is not None and not row["instruction"].startswith("FROM"):
            yield Layer(case, row, bytes_)


class Layer:
    """What the plan says of an instruction, and the bytes of its layer."""

    def __init__(self, case, row, bytes_):
        self.case, self.row, self.bytes = case, row, bytes_
        self.planned, self.unknown = row["sum"]["bytes"], row["sum"]["unknown"] > 0
        self.bound = {"measured": "exact", "index": "10 %"}.get(row["known_by"], "range")
        if self.unknown:
            self.bound = "at least"
        elif not row["pieces"]:
            # It says that nothing is added that is worth a word.
            self.bound = "0.1 MB"

    def holds(self):
        least, most = self.row["sum"]["least"], self.row["sum"]["most"]
        if self.unknown:
            return least <= self.bytes
        allowed = {"exact": 0, "0.1 MB": 100_000, "10 %": self.bytes // 10, "range": -1}[self.bound]
        return abs(self.planned - self.bytes) <= allowed or self.bound == "range" and least <= self.bytes <= most

    def line(self):
        text = " ".join(self.row["instruction"].replace("DEBIAN_FRONTEND=noninteractive ", "").split())
        # A server has another port each time.
        text = re.sub(r"http://127.0.0.1:\d+", "http://127.0.0.1", text)
        text = text if len(text) <= 90 else text[:89] + "…"
        planned = "unknown" if self.unknown and not self.planned else f"{self.planned:,}"
        off = self.planned - self.bytes
        cells = [
            self.case.name,
            f"`{text}`".replace("|", "\\|"),
            planned,
            self.row["known_by"],
            f"{self.bytes:,}",
            "" if self.unknown else f"{off / self.bytes:+.1%}" if off and self.bytes else "0",
            self.bound,
            "holds" if self.holds() else "**MISSED**",
        ]
        return f"| {' | '.join(cells)} |"


class Row:
    """A case and its figures."""

    def __init__(self, case, figures, before, after):
        self.case, self.before, self.after = case, before, after
        self.predicted = sum(figure[0] for figure in figures)
        self.range = [sum((f[1] or (f[0], f[0]))[end] for f in figures) for end in (0, 1)]
        self.how = ", ".join(sorted({figure[2] for figure in figures})) or "nothing said"
        self.saved = before - after
        self.off = self.predicted - self.saved

    def holds(self):
        if self.case.bound == "range" and self.range[0] < self.range[1]:
            return self.range[0] <= self.saved <= self.range[1]
        allowed = {"exact": 0, "10 %": self.saved // 10, "range": self.saved // 5}[self.case.bound]
        return abs(self.off) <= allowed

    def line(self):
        predicted = f"{self.predicted:,}"
        if self.range[0] < self.range[1]:
            predicted += f" ({self.range[0]:,} to {self.range[1]:,})"
        cells = [
            self.case.name,
            predicted,
            self.how,
            f"{self.before:,}",
            f"{self.after:,}",
            f"{self.saved:,}",
            f"{self.off / self.saved:+.1%}" if self.saved and self.off else "0",
            self.case.bound,
            "holds" if self.holds() else "**MISSED**",
        ]
        return f"| {' | '.join(cells)} |"


def install(names, recommends, clean=True):
    """A RUN that installs packages."""
    option = "" if recommends else "--no-install-recommends "
    end = " && rm -rf /var/lib/apt/lists/*" if clean else ""
    return f"RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y {option}{names}{end}\n"


def repository(folder):
    """A history of a few large commits."""
    git = ["git", "-C", folder, "-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run([*git, "init", "-q"], check=True)
    for commit in range(5):
        (folder / "data.bin").write_bytes(noise(1_000_000, commit))
        subprocess.run([*git, "add", "."], check=True)
        subprocess.run([*git, "commit", "-qm", f"{commit}"], check=True)


def wheel(folder, name):
    """A package for pip, three megabytes of it."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    files = {
        f"{name}/__init__.py": b"",
        f"{name}/data.bin": noise(3_000_000, name),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: by hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(path, "w") as archive:
        for file, contents in {**files, f"{info}/RECORD": record.encode()}.items():
            archive.writestr(file, contents)
    index = folder / "simple" / name
    index.mkdir(parents=True)
    (index / "index.html").write_text(f'<a href="../../{path.name}">{path.name}</a>\n')


FROM = "FROM debian:bookworm\n"
APP = {"app/server": 8_000_000, "app/lib/one": 3_000_000, "app/lib/two": 1_234_567, "app/static/page": 4_321}
PROGRAM = b'#include <stdio.h>\nint main(void) { puts("hello"); }\n'


def cases():
    """All cases."""
    lists = ["package lists of apt"]
    # pip keeps only what comes from hosts that it trusts.
    index = "--trusted-host 127.0.0.1 --index-url SERVER/simple"
    fetch = "wget -q -O /tmp/tool.tar SERVER/tool.tar && tar -C /opt -xf /tmp/tool.tar"
    yield Case(
        "apt lists left", "10 %", ["cache-left-in-layer"],
        FROM + install("file", False, clean=False),
        FROM + install("file", False),
    )
    yield Case(
        "apt lists removed in a later layer", "10 %", ["cleanup-in-later-layer"],
        FROM + install("file", False, clean=False) + "RUN rm -rf /var/lib/apt/lists/*\n",
        FROM + install("file", False),
    )
    for name in ["git", "build-essential", "imagemagick", "python3-pip"]:
        yield Case(
            f"{name} with what it recommends", "10 %", ["heavy-recommends"],
            FROM + install(name, True),
            FROM + install(name, False),
        )
    yield Case(
        "compiler left in the image", "range", ["missing-multi-stage"],
        FROM + install("gcc libc6-dev", False) + "COPY hello.c /\nRUN gcc -o /hello /hello.c\nCMD [\"/hello\"]\n",
        FROM.replace("\n", " AS build\n") + install("gcc libc6-dev", False)
        + "COPY hello.c /\nRUN gcc -o /hello /hello.c\n" + FROM + "COPY --from=build /hello /hello\nCMD [\"/hello\"]\n",
        files={"hello.c": PROGRAM},
    )
    yield Case(
        "chown in a later layer", "exact", ["run-wastes-layer"],
        FROM + "COPY app /app\nRUN chown -R 1000:1000 /app\n",
        FROM + "COPY --chown=1000:1000 app /app\n",
        files=APP,
    )
    yield Case(
        "chmod in a later layer", "exact", ["run-wastes-layer"],
        FROM + "COPY app /app\nRUN chmod -R a+rX,u+x /app\n",
        FROM + "COPY --chmod=755 app /app\n",
        files=APP,
    )
    yield Case(
        "mv in a later layer", "exact", ["run-wastes-layer"],
        FROM + "COPY app /tmp/app\nRUN mv /tmp/app /srv/app\n",
        FROM + "COPY app /srv/app\n",
        files=APP,
    )
    yield Case(
        "copied files removed later", "exact", ["cleanup-in-later-layer"],
        FROM + "COPY app /tmp/app\nRUN sha256sum /tmp/app/server > /sum && rm -rf /tmp/app\n",
        FROM + "RUN --mount=type=bind,source=app,target=/tmp/app sha256sum /tmp/app/server > /sum\n",
        files=APP,
    )
    yield Case(
        "what an ignore file leaves out", "exact", ["wasteful-context"],
        FROM + "COPY . /srv\n",
        FROM + "COPY . /srv\n",
        files={
            **{f".venv/lib/package{i}/module.py": 400_000 + i for i in range(12)},
            "src/__pycache__/a.cpython-311.pyc": 30_001,
            "src/.pytest_cache/v/cache/lastfailed": 777,
            "build.log": 654_321,
            "src/a.py": 2_000,
            "README.md": 3_000,
        },
        ignore=".venv\n**/__pycache__\n**/.pytest_cache\n*.log\n.dockerignore\n",
    )
    yield Case(
        ".git copied along", "exact", ["wasteful-context"],
        FROM + "COPY . /srv\n",
        FROM + "COPY . /srv\n",
        ignore=".git\n.dockerignore\n",
        make=repository,
    )
    yield Case(
        "a file that a later COPY overwrites", "exact", [],
        FROM + "COPY app /srv\nCOPY patched/server /srv/server\n",
        FROM + "COPY app/lib /srv/lib\nCOPY app/static /srv/static\nCOPY patched/server /srv/server\n",
        files={**APP, "patched/server": 8_100_000},
        read="image",
    )
    yield Case(
        "apt's caches on a plain base", "range", ["apt's index caches", *lists],
        "FROM localhost/plain:bookworm\n" + install("file", False, clean=False),
        "FROM localhost/plain:bookworm\n" + install("file", False).rstrip() + " /var/cache/apt/*.bin\n",
        read="image",
    )
    yield Case(
        "an archive fetched, and removed later", "exact", [],
        FROM + install("wget", False) + f"RUN {fetch}\nRUN rm /tmp/tool.tar\n",
        FROM + install("wget", False) + f"RUN {fetch} && rm /tmp/tool.tar\n",
        read="image",
    )
    yield Case(
        "pip's cache", "range", ["cache of pip"],
        FROM + install("python3-pip", False) + f"RUN pip install --break-system-packages {index} one two\n",
        FROM + install("python3-pip", False)
        + f"RUN pip install --break-system-packages --no-cache-dir {index} one two\n",
        read="image",
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dlint", type=os.path.abspath)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="cases whose names hold any of these")
    parser.add_argument("--folder", type=Path, help="where the temporary folder is made; needs 10 GB")
    parser.add_argument("--mirror", help="a mirror of Debian")
    parser.add_argument("--security", help="a mirror of its security updates")
    args = parser.parse_args()
    found = load("apt_table").mirrors()
    mirror, security = args.mirror or found.get("main"), args.security or found.get("security")
    if not mirror:
        sys.exit("no mirror of Debian is known: name one with --mirror")
    chosen = [c for c in cases() if not args.only or any(word in c.name for word in args.only)]
    folder = Path(tempfile.mkdtemp(prefix="true-figures-", dir=args.folder))
    missed = 0
    try:
        shop = Workshop(folder, args.dlint)
        for name in ["one", "two"]:
            wheel(shop.files, name)
        with tarfile.open(shop.files / "tool.tar", "w") as archive:
            member = tarfile.TarInfo("tool")
            member.size = 4_000_000
            archive.addfile(member, io.BytesIO(noise(member.size, "tool")))
        server = shop.serve()
        shop.make_base(mirror, security)
        version = subprocess.run([args.dlint, "--version"], capture_output=True, text=True).stdout.strip()
        print(f"{version}, Debian 12, {datetime.date.today():%Y-%m}\n")
        print("| case | dlint predicts | how | before | after | saved | off by | bound | |")
        print("| --- | ---: | --- | ---: | ---: | ---: | ---: | --- | --- |")
        made = []
        for case in chosen:
            row, layers_ = case.run(shop, server)
            made += layers_
            missed += not row.holds()
            print(row.line(), flush=True)
        print("\n| case | instruction, before | dlint plans | known by | layer | off by | bound | |")
        print("| --- | --- | ---: | --- | ---: | ---: | --- | --- |")
        for layer in made:
            missed += not layer.holds()
            print(layer.line())
    finally:
        # The storage is a folder like any other; builds in a chroot leave no mounts behind.
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(missed > 0)


if __name__ == "__main__":
    main()

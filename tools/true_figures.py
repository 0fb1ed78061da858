#!/usr/bin/env python3
"""Builds Dockerfiles before and after an advice, and holds what dlint predicts against what it really saves.

    tools/true_figures.py /path/to/dlint [--only NAME...] [--folder FOLDER] [--record FILE]

The cases are in tools/true_figures_cases.py. Some are a Dockerfile with its files, once as people write it and
once as dlint advises: dlint reads the first and says what the advice saves, buildah builds both, and the
difference between the two images, in bytes of file contents, is the truth. The images' bytes are counted twice:
by `dlint size --image`, and by tools/count_image.py, which shares no code with it. Prints a Markdown table, and
exits with 1 if a prediction misses its bound:

    exact     what is copied: equal to the byte
    10 %      what apt installs
    range     as dlint printed it, or a fifth more or less where it says "about"

A second table holds each instruction of the plan of all cases against the layer that it made. Its bytes have to
lie within the range that the plan prints, and no range may be wider than a factor of 1.5 or 3 MB, whichever is
more; where a part is unknown, the layer has at least what the plan says.

With --record the builds and their layers are written to a file, which a test holds against the plan without
building anything.

The base images are made by debootstrap, with the apt configuration that the official ones have, and go by the
names of debian:bookworm, debian:trixie-slim and python:3.13-slim in a storage of their own. Builds run by turns,
in a temporary folder that is removed at the end; nothing else is touched. What is downloaded comes from a server
on the loopback, all but packages of Debian, from the mirror of this machine's own sources (--mirror), and of
Python. Needs root, and of Debian's packages buildah, netavark, debootstrap, git, python3, ca-certificates and zstd.
"""

import argparse
import base64
import datetime
import functools
import http.server
import importlib.util
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import zipfile
from pathlib import Path

import engine_limits
from true_figures_cases import Link, cases, noise

HERE = Path(__file__).resolve().parent
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
SUITES = {
    "bookworm": "deb {mirror} bookworm main\ndeb {mirror} bookworm-updates main\ndeb {security} bookworm-security main\n",
    "trixie": "deb {mirror} trixie main\ndeb {mirror} trixie-updates main\ndeb {security} trixie-security main\n",
}

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

# What the slim images leave out of every package, as debuerreotype writes it.
EXCLUDES = """\
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/info/*
path-exclude /usr/share/linda/*
path-exclude /usr/share/lintian/*
path-exclude /usr/share/locale/*
path-exclude /usr/share/man/*
"""

# No range may be wider than the larger of these.
WIDEST_FACTOR, WIDEST_BYTES = 1.5, 3_000_000


def load(name):
    """Another script of this folder."""
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Workshop:
    """The temporary folder, its storage of images, and the server of downloads."""

    def __init__(self, folder, dlint):
        self.folder, self.dlint = folder, dlint
        self.count = load("count_image").count
        # Where the system has overlays, as engines use them: what differs is what was copied up.
        self.driver = "overlay" if "overlay" in Path("/proc/filesystems").read_text() else "vfs"
        self.storage = ["--root", folder / "storage", "--runroot", folder / "run", "--storage-driver", self.driver]
        self.files = folder / "served"
        self.files.mkdir()
        self.settings = engine_limits.settings(folder)

    def run(self, *command, **options):
        environment = {**os.environ, "BUILDAH_ISOLATION": "chroot", "STORAGE_DRIVER": self.driver}
        environment["CONTAINERS_CONF"] = str(self.settings)
        done = subprocess.run(
            [str(word) for word in command], env=environment, capture_output=True, text=True, **options
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(map(str, command))}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
        return done.stdout

    def buildah(self, *words):
        return self.run("buildah", *self.storage, *words)

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

    def make_bases(self, mirrors):
        """The base images: minimal Debians, configured as the official images; one that is not; and one
        with Python."""
        root = self.bootstrap("bookworm", mirrors)
        self.commit(root, "localhost/plain:bookworm")
        self.configure(root)
        self.commit(root, "docker.io/library/debian:bookworm")
        shutil.rmtree(root)
        root = self.bootstrap("trixie", mirrors)
        self.configure(root)
        (root / "etc/dpkg/dpkg.cfg.d/docker").write_text(EXCLUDES)
        for name in ["doc", "info", "locale", "man"]:
            shutil.rmtree(root / "usr/share" / name, ignore_errors=True)
        self.commit(root, "docker.io/library/debian:trixie-slim")
        shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
        inside = functools.partial(self.run, "chroot", root)
        inside("apt-get", "update", "-q")
        inside("apt-get", "install", "-yq", "--no-install-recommends", "ca-certificates", "python3-pip", "python3-venv")
        for mark in root.glob("usr/lib/python3*/EXTERNALLY-MANAGED"):
            mark.unlink()
        self.run(sys.executable, "-m", "pip", "install", "-q", "--break-system-packages", "--target", root / "opt/uv", "uv")
        os.link(root / "opt/uv/bin/uv", root / "usr/local/bin/uv")
        shutil.copy(CERTIFICATES, root / "etc/ssl/certs/ca-certificates.crt")
        self.forget(root)
        self.commit(root, "docker.io/library/python:3.13-slim")
        shutil.rmtree(root)

    def bootstrap(self, suite, mirrors):
        """A minimal Debian with its sources."""
        root = self.folder / "rootfs"
        self.run("debootstrap", "--variant=minbase", suite, root, mirrors["main"])
        text = SUITES[suite].format(mirror=mirrors["main"], security=mirrors.get("security", ""))
        (root / "etc/apt/sources.list").write_text(
            "".join(line + "\n" for line in text.splitlines() if not line.startswith("deb  "))
        )
        # A mirror may be a snapshot.
        (root / "etc/apt/apt.conf.d/99snapshot").write_text('Acquire::Check-Valid-Until "false";\n')
        self.forget(root)
        return root

    def forget(self, root):
        """Removes what apt has kept."""
        for folder in ["var/lib/apt/lists", "var/cache/apt"]:
            shutil.rmtree(root / folder)
            (root / folder).mkdir()
            (root / folder / "partial").mkdir()

    def configure(self, root):
        for name, text in OFFICIAL.items():
            (root / "etc/apt/apt.conf.d" / name).write_text(text)

    def commit(self, root, name):
        container = self.buildah("from", "scratch").strip()
        self.buildah("add", container, root, "/")
        variables = ["--env", f"SSL_CERT_FILE={CERTIFICATES}", "--env", "DEBIAN_FRONTEND=noninteractive"]
        self.buildah("config", "--cmd", "bash", *variables, container)
        self.buildah("commit", "--rm", container, name)

    def build(self, context, name):
        """Builds an image and returns its archive."""
        archive = self.folder / f"{name}.tar"
        # What a build that failed has left.
        archive.unlink(missing_ok=True)
        self.buildah("rm", "--all")
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
            raise RuntimeError(f"{archive.name}: tools/count_image.py counts {counted}, dlint {read}")
        return report

    def plan(self, context):
        """What dlint says of a build that has not been done."""
        command = [self.dlint, "size", context / "Dockerfile", "--format", "json"]
        done = subprocess.run(list(map(str, command)), capture_output=True, cwd=context)
        if not done.stdout:
            raise RuntimeError(f"{context}: {done.stderr.decode()}")
        return json.loads(done.stdout)


class Try:
    """A case, built."""

    def __init__(self, case, shop, server):
        self.case = case
        folder = shop.folder / re.sub(r"\W+", "-", case.name)
        self.images, self.plans = [], []
        for name, dockerfile, ignore in [("before", case.before, ""), ("after", case.after, case.ignore)]:
            if not dockerfile:
                continue
            context = folder / name
            self.write(context, dockerfile.replace("SERVER", server), ignore)
            self.plans.append(shop.plan(context))
            archive = shop.build(context, name)
            self.images.append(shop.measure(archive, context / "Dockerfile"))
            archive.unlink()
        shutil.rmtree(folder)

    def write(self, folder, dockerfile, ignore):
        """A build context."""
        folder.mkdir(parents=True)
        links = []
        for name, what in self.case.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            match what:
                case Link(to, hard):
                    links.append((path, to, hard))
                case bytes():
                    path.write_bytes(what)
                    path.chmod(0o755 if what.startswith(b"#!") else 0o644)
                case size:
                    path.write_bytes(noise(size, name))
        for path, to, hard in links:
            os.link(folder / to, path) if hard else path.symlink_to(to)
        if self.case.make:
            self.case.make(folder)
        (folder / "Dockerfile").write_text(dockerfile)
        if ignore:
            (folder / ".dockerignore").write_text(ignore)

    def layers(self):
        """Each instruction of the plan beside the layer that it made."""
        made = self.made()
        for stage in self.plans[0]["stages"]:
            for row in stage["rows"] if stage["in_image"] else []:
                bytes_ = made.get(tuple(row["lines"]))
                if bytes_ is not None and not row["instruction"].startswith("FROM"):
                    yield Layer(self.case, row, bytes_)

    def made(self):
        """The bytes of the layers by their lines."""
        layers = [l for l in self.images[0]["layers"] if l["lines"] and l["from"] != "base"]
        return {tuple(layer["lines"]): layer["bytes"] for layer in layers}

    def predicted(self):
        """What dlint says that the advice saves: bytes, their range if it names one, and how it knows."""
        if self.case.read == "image":
            image = self.images[0]
            hidden = sum(layer["hidden"] for layer in image["layers"] if layer["from"] != "base")
            left = sum(row["bytes"] for row in image["leftovers"] if row["what"] in self.case.rules)
            return [(left if self.case.rules else hidden, None, "measured in the image")]
        said = [advice for advice in self.plans[0]["advice"] if advice["rule"] in self.case.rules]
        return [(advice["bytes"], advice["range"], advice["how"]) for advice in said]

    def record(self):
        """What a test needs to hold the plan against the layers again."""
        files = {}
        for name, what in self.case.files.items():
            match what:
                case Link(to, hard):
                    files[name] = {"hard" if hard else "link": to}
                case bytes():
                    files[name] = {"base64": base64.b64encode(what).decode()}
                case size:
                    files[name] = {"bytes": size}
        layers = [{"lines": lines, "bytes": size} for lines, size in self.made().items()]
        # The server has another port each time.
        dockerfile = self.case.before.replace("SERVER", "http://127.0.0.1:80")
        return {"name": self.case.name, "dockerfile": dockerfile, "files": files, "layers": layers}


class Layer:
    """What the plan says of an instruction, and the bytes of its layer."""

    def __init__(self, case, row, bytes_):
        self.case, self.row, self.bytes = case, row, bytes_
        self.planned, self.unknown = row["sum"]["bytes"], row["sum"]["unknown"] > 0
        self.least, self.most = row["sum"]["least"], row["sum"]["most"]
        # What depends on the version of a tool may be nothing at all, and is no part of the width.
        self.maybe = sum(piece["range"][1] for piece in row["pieces"] if piece["bytes"] == 0)
        # Nothing is known of how a base image is set up that is none of the official ones.
        self.official = "localhost/" not in case.before

    def verdict(self):
        # Folders and a few kilobytes of accounts or indexes are not worth a word.
        few = 100_000 if self.row["known_by"] != "measured" or not self.row["pieces"] else 0
        if self.bytes < self.least or not self.unknown and self.bytes > self.most + few:
            return "**MISSED**"
        wide = self.most - self.maybe > max(self.least * WIDEST_FACTOR, self.least + WIDEST_BYTES)
        return "**WIDE**" if wide and self.official and not self.unknown else "holds"

    def line(self):
        text = " ".join(self.row["instruction"].replace("DEBIAN_FRONTEND=noninteractive ", "").split())
        # A server has another port each time.
        text = re.sub(r"http://127.0.0.1:\d+", "http://127.0.0.1", text)
        text = text if len(text) <= 90 else text[:89] + "…"
        known = "unknown" if self.unknown and not self.planned else f"{self.planned:,}"
        span = f"{self.least:,} to {self.most:,}" if self.least < self.most else ""
        if self.unknown:
            known, span = known if known == "unknown" else f"{known} and more", f"at least {self.least:,}"
        cells = [
            self.case.name,
            f"`{text}`".replace("|", "\\|"),
            known,
            span,
            self.row["known_by"],
            f"{self.bytes:,}",
            self.verdict(),
        ]
        return f"| {' | '.join(cells)} |"


class Row:
    """A case with advice, and its figures."""

    def __init__(self, made):
        self.case = made.case
        self.before, self.after = (image["bytes"] for image in made.images)
        figures = made.predicted()
        self.predicted = sum(figure[0] for figure in figures)
        self.range = [sum((f[1] or (f[0], f[0]))[end] for f in figures) for end in (0, 1)]
        self.how = ", ".join(sorted({figure[2] for figure in figures})) or "nothing said"
        self.saved = self.before - self.after
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


def serve(shop):
    """Makes what is downloaded, and serves it."""
    for name in ["one", "two"]:
        wheel(shop.files, name)
    with tarfile.open(shop.files / "tool.tar", "w") as archive:
        member = tarfile.TarInfo("tool")
        member.size = 4_000_000
        archive.addfile(member, io.BytesIO(noise(member.size, "tool")))
    return shop.serve()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dlint", type=os.path.abspath)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="cases whose names hold any of these")
    parser.add_argument("--folder", type=Path, help="where the temporary folder is made; needs 10 GB")
    parser.add_argument("--record", type=Path, metavar="FILE", help="write the builds and their layers to this file")
    parser.add_argument("--mirror", help="a mirror of Debian")
    parser.add_argument("--security", help="a mirror of its security updates")
    args = parser.parse_args()
    found = load("apt_table").mirrors()
    mirrors = {"main": args.mirror or found.get("main"), "security": args.security or found.get("security")}
    mirrors = {name: mirror for name, mirror in mirrors.items() if mirror}
    if "main" not in mirrors:
        sys.exit("no mirror of Debian is known: name one with --mirror")
    chosen = [c for c in cases() if not args.only or any(word in c.name for word in args.only)]
    folder = Path(tempfile.mkdtemp(prefix="true-figures-", dir=args.folder))
    missed, made, failed = 0, [], []
    try:
        shop = Workshop(folder, args.dlint)
        server = serve(shop)
        shop.make_bases(mirrors)
        version = subprocess.run([args.dlint, "--version"], capture_output=True, text=True).stdout.strip()
        builder = shop.buildah("--version").split("(")[0].strip()
        when = f"{datetime.date.today():%Y-%m}"
        print(f"{version}, {builder}, {when}: {len(chosen)} builds\n")
        print("| case | dlint predicts | how | before | after | saved | off by | bound | |")
        print("| --- | ---: | --- | ---: | ---: | ---: | ---: | --- | --- |")
        for case in chosen:
            try:
                made.append(Try(case, shop, server))
            except RuntimeError as error:
                failed.append(f"{case.name}: {error}")
                continue
            if case.after:
                row = Row(made[-1])
                missed += not row.holds()
                print(row.line(), flush=True)
        print("\n| case | instruction | dlint plans | range | known by | layer | |")
        print("| --- | --- | ---: | --- | --- | ---: | --- |")
        for layer in (layer for one in made for layer in one.layers()):
            missed += layer.verdict() != "holds"
            print(layer.line())
        if args.record:
            builds = [one.record() for one in made if one.case.recorded]
            text = json.dumps({"builder": builder, "date": when, "builds": builds}, indent=1)
            args.record.write_text(text + "\n")
    finally:
        # The storage is a folder like any other; builds in a chroot leave no mounts behind.
        shutil.rmtree(folder, ignore_errors=True)
    for text in failed:
        print(f"\nnot built: {text}", file=sys.stderr)
    sys.exit(missed > 0 or bool(failed))


if __name__ == "__main__":
    main()

"""The builds of tools/true_figures.py: Dockerfiles with the files of their contexts."""

import bz2
import dataclasses
import gzip
import io
import lzma
import random
import subprocess
import tarfile

FROM = "FROM debian:bookworm\n"
SLIM = "FROM debian:trixie-slim\n"
PYTHON = "FROM python:3.13-slim\n"
LISTS = "rm -rf /var/lib/apt/lists/*"
APP = {"app/server": 8_000_000, "app/lib/one": 3_000_000, "app/lib/two": 1_234_567, "app/static/page": 4_321}
PROGRAM = b'#include <stdio.h>\nint main(void) { puts("hello"); }\n'


def noise(size, seed):
    """Bytes that nothing compresses, the same in each run."""
    return random.Random(seed).randbytes(size)


@dataclasses.dataclass
class Link:
    """A file of the context that is a link: to another path, or another name of a file."""

    to: str
    hard: bool = False


@dataclasses.dataclass
class Case:
    """A Dockerfile before and after an advice, and where dlint says what it saves; or one alone."""

    name: str
    before: str
    bound: str = ""
    rules: tuple = ()
    after: str = ""
    files: dict = dataclasses.field(default_factory=dict)
    ignore: str = ""
    make: object = None
    # Where the figure comes from: the plan, or the image as it was built.
    read: str = "plan"
    # False where the context cannot be made again from what is recorded.
    recorded: bool = True


def install(names, recommends=False, clean=True):
    """A RUN that installs packages."""
    option = "" if recommends else "--no-install-recommends "
    end = f" && {LISTS}" if clean else ""
    return f"RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y {option}{names}{end}\n"


def transient(names, then, base=FROM):
    """A RUN that installs packages and removes them again."""
    return (
        f"{base}RUN apt-get update && apt-get install -y --no-install-recommends {names} \\\n"
        f"    && {then} \\\n    && {LISTS}\n"
    )


def repository(folder):
    """A history of a few large commits."""
    git = ["git", "-C", folder, "-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run([*git, "init", "-q"], check=True)
    for commit in range(5):
        (folder / "data.bin").write_bytes(noise(1_000_000, commit))
        subprocess.run([*git, "add", "."], check=True)
        subprocess.run([*git, "commit", "-qm", f"{commit}"], check=True)


def archive(form, files):
    """An archive of files that hold nothing but zeros, so that it is small itself."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as made:
        for name, size in files.items():
            member = tarfile.TarInfo(name)
            member.size = size
            made.addfile(member, io.BytesIO(bytes(size)))
    plain = out.getvalue()
    match form:
        case "gz":
            return gzip.compress(plain, mtime=0)
        case "bz2":
            return bz2.compress(plain)
        case "xz":
            return lzma.compress(plain)
        case "zst":
            return subprocess.run(["zstd", "-q", "-c"], input=plain, capture_output=True, check=True).stdout
    return plain


def advised():
    """Advice, and what it really saves."""
    lists = ("package lists of apt",)
    # pip keeps only what comes from hosts that it trusts.
    index = "--trusted-host 127.0.0.1 --index-url SERVER/simple"
    fetch = "wget -q -O /tmp/tool.tar SERVER/tool.tar && tar -C /opt -xf /tmp/tool.tar"
    yield Case(
        "apt lists left", bound="10 %", rules=("cache-left-in-layer",),
        before=FROM + install("file", clean=False),
        after=FROM + install("file"),
    )
    yield Case(
        "apt lists removed in a later layer", bound="10 %", rules=("cleanup-in-later-layer",),
        before=FROM + install("file", clean=False) + f"RUN {LISTS}\n",
        after=FROM + install("file"),
    )
    for name in ["git", "build-essential", "imagemagick", "python3-pip"]:
        yield Case(
            f"{name} with what it recommends", bound="10 %", rules=("heavy-recommends",),
            before=FROM + install(name, True),
            after=FROM + install(name),
        )
    yield Case(
        "compiler left in the image", bound="range", rules=("missing-multi-stage",),
        before=FROM + install("gcc libc6-dev")
        + 'COPY hello.c /\nRUN gcc -o /hello /hello.c\nCMD ["/hello"]\n',
        after=FROM.replace("\n", " AS build\n") + install("gcc libc6-dev")
        + f'COPY hello.c /\nRUN gcc -o /hello /hello.c\n{FROM}COPY --from=build /hello /hello\nCMD ["/hello"]\n',
        files={"hello.c": PROGRAM},
    )
    for name, run, copy in [
        ("chown", "COPY app /app\nRUN chown -R 1000:1000 /app\n", "COPY --chown=1000:1000 app /app\n"),
        ("chmod", "COPY app /app\nRUN chmod -R a+rX,u+x /app\n", "COPY --chmod=755 app /app\n"),
        ("mv", "COPY app /tmp/app\nRUN mv /tmp/app /srv/app\n", "COPY app /srv/app\n"),
    ]:
        yield Case(
            f"{name} in a later layer", bound="exact", rules=("run-wastes-layer",), files=APP,
            before=FROM + run, after=FROM + copy,
        )
    yield Case(
        "copied files removed later", bound="exact", rules=("cleanup-in-later-layer",), files=APP,
        before=FROM + "COPY app /tmp/app\nRUN sha256sum /tmp/app/server > /sum && rm -rf /tmp/app\n",
        after=FROM + "RUN --mount=type=bind,source=app,target=/tmp/app sha256sum /tmp/app/server > /sum\n",
    )
    yield Case(
        "what an ignore file leaves out", bound="exact", rules=("wasteful-context",),
        before=FROM + "COPY . /srv\n",
        after=FROM + "COPY . /srv\n",
        files={
            **{f"src/__pycache__/module{i}.cpython-311.pyc": 400_000 + i for i in range(12)},
            "src/.pytest_cache/v/cache/lastfailed": 777,
            "build.log": 654_321,
            "src/a.py": 2_000,
            "README.md": 3_000,
        },
        ignore="**/__pycache__\n**/.pytest_cache\n*.log\n.dockerignore\n",
    )
    yield Case(
        ".git copied along", bound="exact", rules=("wasteful-context",), make=repository, recorded=False,
        before=FROM + "COPY . /srv\n",
        after=FROM + "COPY . /srv\n",
        ignore=".git\n.dockerignore\n",
    )
    yield Case(
        "a file that a later COPY overwrites", bound="exact", read="image",
        before=FROM + "COPY app /srv\nCOPY patched/server /srv/server\n",
        after=FROM
        + "COPY app/lib /srv/lib\nCOPY app/static /srv/static\nCOPY patched/server /srv/server\n",
        files={**APP, "patched/server": 8_100_000},
    )
    yield Case(
        "apt's caches on a plain base", bound="range", rules=("apt's index caches", *lists), read="image",
        before="FROM localhost/plain:bookworm\n" + install("file", clean=False),
        after="FROM localhost/plain:bookworm\n" + install("file").rstrip() + " /var/cache/apt/*.bin\n",
    )
    yield Case(
        "an archive fetched, and removed later", bound="exact", read="image",
        before=FROM + install("wget") + f"RUN {fetch}\nRUN rm /tmp/tool.tar\n",
        after=FROM + install("wget") + f"RUN {fetch} && rm /tmp/tool.tar\n",
    )
    yield Case(
        "pip's cache", bound="range", rules=("cache of pip",), read="image",
        before=FROM + install("python3-pip") + f"RUN pip install --break-system-packages {index} one two\n",
        after=FROM + install("python3-pip")
        + f"RUN pip install --break-system-packages --no-cache-dir {index} one two\n",
    )


def layered():
    """Builds whose layers are held against the plan."""
    yield Case("purged in its RUN", transient("gcc libc6-dev", "apt-get purge -y --auto-remove gcc libc6-dev"))
    yield Case(
        "removed but one package, then autoremove",
        transient("curl make gcc", "apt-get remove -y make gcc && apt-get autoremove -y"),
    )
    yield Case(
        "removed by a variable",
        FROM + 'RUN buildDeps="make gcc libc6-dev" && apt-get update \\\n'
        "    && apt-get install -y --no-install-recommends $buildDeps ca-certificates \\\n"
        f"    && apt-get purge -y --auto-remove $buildDeps && {LISTS}\n",
    )
    yield Case(
        "marked as automatic, then removed",
        transient("python3-minimal wget", "apt-mark auto python3-minimal && apt-get autoremove -y --purge"),
    )
    yield Case("removed in a later RUN", FROM + install("wget gcc") + "RUN apt-get purge -y gcc\n")
    yield Case(
        "purged on a slim base", transient("make gcc", "apt-get purge -y --auto-remove make gcc", base=SLIM)
    )
    yield Case("small packages", FROM + install("less") + install("tini"))
    yield Case("packages on a slim base", SLIM + install("gnupg dirmngr") + install("git"))
    yield Case("a large package on a slim base", SLIM + install("imagemagick"))
    yield Case(
        "documentation and byte code removed in its RUN",
        FROM + install("python3-minimal python3-yaml").rstrip()
        + " && find / -xdev -name __pycache__ -prune -exec rm -rf {} + && rm -rf /usr/share/doc /usr/share/man\n",
    )
    yield Case(
        "a copied file changed again and again",
        FROM + "COPY data.json /d\nRUN touch /d\nRUN sed -i s/a/b/ /d\nRUN echo more >> /d\nRUN ln /d /e\n"
        "RUN chmod 600 /d\nRUN chown 33 /d\nRUN cp /d /f\nRUN mv /d /g\n",
        files={"data.json": 1_234_567},
    )
    yield Case(
        "files copied into a folder, then changed",
        FROM + "COPY tool helper /opt/bin/\nRUN chmod +x /opt/bin/tool\nRUN chown 1000:1000 /opt/bin/helper\n"
        "RUN mv /opt/bin/tool /usr/local/bin/\nRUN touch /opt/bin/helper && chmod a+x /opt/bin/helper\n",
        files={"tool": 5_000_000, "helper": 700_001},
    )
    yield Case(
        "a file of a copied folder changed",
        FROM + "WORKDIR /app\nCOPY . .\nRUN chmod +x entrypoint.bin\nRUN chown -R 1000 /app/lib\n"
        "RUN sed -i 's/x/y/' lib/one && chmod +x lib/one\n",
        files={"entrypoint.bin": 4_000_003, "lib/one": 2_000_000, "lib/two": 50_000, "other": 999_999},
    )
    yield Case(
        "written by redirection",
        FROM + "RUN head -c 3000000 /dev/zero | tr '\\0' x > /w\nRUN echo one line > /l && echo two >> /l\n"
        "RUN printf 'a\\nb\\n' | tee /t\nRUN seq 100000 > /s\nRUN cat /w /s > /both && rm /both\n"
        "RUN { echo a; cat /s; } > /group\nRUN for i in 1 2 3; do cat /s; done >> /loop\n",
    )
    yield Case(
        "sizes that a command names",
        FROM + "RUN truncate -s 3000000 /hole\nRUN fallocate -l 2M /room\nRUN truncate --size=1K /small\n"
        "RUN touch /empty && ln -s /hole /link\n",
    )
    yield Case(
        "hard links in what is copied",
        FROM + "COPY d /d\nRUN chown -R 1000 /d\nCOPY d/a d/b /n/\nRUN mv /d /opt/d\n",
        files={"d/a": 2_000_000, "d/b": Link("d/a", hard=True), "d/c": 500_000},
    )
    yield Case(
        "links as sources",
        FROM + "COPY l* /o/\nCOPY one /p/\nCOPY lfolder /q/\n",
        files={"one": Link("file"), "lone": Link("file"), "lfolder": Link("folder"), "file": 600_000,
               "folder/x": 250_000, "folder/y": Link("x")},
    )
    yield Case(
        "archives that ADD unpacks",
        FROM + "ADD a.tar /a/\nADD b.tar.gz /b/\nADD c.tbz /c/\nADD d.tar.xz /d/\nADD e.tar.zst /e/\n"
        "ADD named.bin /f/\nADD text.tar.gz /g/\nADD plain.gz /h/\nADD z/* /z/\nCOPY b.tar.gz /copied\n"
        "ADD b.tar.gz plain.gz /mixed/\n",
        files={
            "a.tar": archive("", {"x": 5_000, "y/z": 2_222}),
            "b.tar.gz": archive("gz", {"x": 3_000_000, "y/z": 1_000}),
            "c.tbz": archive("bz2", {"x": 1_500_000}),
            "d.tar.xz": archive("xz", {"x": 2_500_000, "w": 4}),
            "e.tar.zst": archive("zst", {"x": 2_000_001}),
            "named.bin": archive("gz", {"x": 1_000_000}),
            "text.tar.gz": b"this is no archive\n" * 40,
            "plain.gz": gzip.compress(bytes(400_000), mtime=0),
            "z/one.tar": archive("", {"x": 9_000}),
            "z/two.txt": b"two\n",
        },
    )
    yield Case(
        "changes that change nothing",
        FROM + "COPY --chmod=755 d /d\nRUN chmod -R 755 /d\nRUN chown -R root:root /d\nRUN chown -R 0:0 /d\n",
        files={"d/a": 1_000_000, "d/b": 1_200_000},
    )
    yield Case(
        "moved into another folder", FROM + "COPY app /app/\nRUN mkdir -p /opt/app && mv /app/* /opt/app/\n"
        "RUN cp -r /opt/app /backup\n", files=APP,
    )
    yield Case(
        "a stage called scratch",
        "FROM debian:bookworm AS scratch\nCOPY one /one\nFROM scratch\nCOPY two /two\n",
        files={"one": 300_000, "two": 400_000},
    )
    yield Case(
        "pip twice",
        PYTHON + "RUN pip install --no-cache-dir django==5.2.8\nRUN pip install --no-cache-dir django==5.2.8\n"
        "RUN pip install --no-cache-dir django==5.1.1\n"
        "RUN pip install --no-cache-dir --force-reinstall --no-deps django==5.1.1\n",
    )
    yield Case(
        "pip uninstalls again",
        PYTHON + "RUN pip install --no-cache-dir flask && pip uninstall -y flask\n"
        "RUN pip install --no-cache-dir requests\n",
    )
    yield Case("pip without byte code", PYTHON + "RUN pip install --no-cache-dir --no-compile django\n")
    yield Case(
        "an environment", PYTHON + "RUN python3 -m venv /venv && /venv/bin/pip install --no-cache-dir flask\n"
    )
    yield Case(
        "uv compiles byte code",
        PYTHON + "RUN uv pip install --system --no-cache django==5.2.8\n"
        "RUN uv pip install --system --no-cache --compile-bytecode six==1.17.0\n",
    )
    yield Case("uv links", PYTHON + "RUN uv pip install --system flask\n")
    yield Case(
        "uv copies", PYTHON + "ENV UV_LINK_MODE=copy\nRUN uv pip install --system django==5.2.8 requests\n"
    )
    yield Case(
        "a program that a variable names",
        FROM + "ENV TOOL=head\nRUN $TOOL -c 1000000 /usr/bin/bash > /x\nRUN \"$TOOL\" --version\n"
        "COPY run /run.sh\nRUN sh /run.sh && cd /opt && /run.sh\n",
        files={"run": b"#!/bin/sh\nhead -c 500000 /dev/zero > made\n"},
    )
    yield Case(
        "a user", FROM + "RUN useradd -u 200000 -m app && groupadd -r others && mkdir -p /srv/app\n"
        "RUN echo app > /etc/app.conf && echo more >> /etc/issue\n",
    )
    yield Case(
        "copied from a stage",
        FROM.replace("\n", " AS build\n") + "COPY app /app\nRUN chmod -R 700 /app/lib\n"
        + FROM + "COPY --from=build /app /app\nCOPY --from=build /app/server /server\nRUN chmod +x /server\n",
        files=APP,
    )


def cases():
    """All builds."""
    yield from advised()
    yield from layered()

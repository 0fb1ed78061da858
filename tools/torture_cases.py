"""The inputs of torture.py: what nobody should feed to a linter, and somebody will.

Every case is a function that fills an empty directory and may return a `Run` that says how dlint is to be
called; without one it is `dlint Dockerfile` in that directory. Nothing is random: the same call writes the
same bytes. The functions run in a process of their own, so they may use memory freely.
"""

import os
import socket
from dataclasses import dataclass, field
from pathlib import Path

MARK = "INJECTED"  # what every forged workflow command carries
FORGED = [
    f"::error::{MARK}",
    f"::set-output name={MARK}::x",
    f"##vso[task.setvariable variable={MARK}]x",
    f"##[error]{MARK}",
]
CONTROLS = "".join(map(chr, [*range(0x00, 0x0A), *range(0x0B, 0x20), *range(0x7F, 0xA0)]))
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
MANY = 100_000


@dataclass
class Run:
    """How dlint is called on a case."""

    args: list = field(default_factory=lambda: ["Dockerfile"])  # after the format
    exits: tuple = (0, 1, 2)
    stdin: str = "/dev/null"
    stdout: str = "file"  # or "closed" (nobody reads), or the path of a device
    writer: str = ""  # a file that grows while dlint runs
    context: bool = False  # run `dlint context` as well
    as_nobody: bool = False  # permissions mean nothing to root


CASES = {}  # name: (function, is it only for --huge)


def case(name, huge=False):
    """Registers a function as the case of this name."""

    def register(function):
        assert name not in CASES, name
        CASES[name] = (function, huge)
        return function

    return register


def text_case(name, make, **run):
    """A case that is one Dockerfile, made by `make()` as text or bytes."""

    def write(folder):
        content = make()
        (folder / "Dockerfile").write_bytes(content if isinstance(content, bytes) else content.encode())
        return Run(**run)

    case(name)(write)


def lines(template, count=MANY, head="FROM alpine:3.20\n"):
    """`head`, then `template` with {} as a number, `count` times."""
    return lambda: head + "".join(template.replace("{}", str(i)) + "\n" for i in range(count))


SMALL = "FROM alpine:3.20\nCOPY . /app\nUSER 1000\n"


def small(folder, text=SMALL):
    """Writes a Dockerfile that uses its whole context."""
    (folder / "Dockerfile").write_text(text)


# --- paths that are no Dockerfile -------------------------------------------------------------------


@case("missing-file")
def _(folder):
    return Run(["nowhere/Dockerfile"], exits=(2,))


@case("missing-beside-good")
def _(folder):
    small(folder)
    return Run(["Dockerfile", "nowhere", "Dockerfile"], exits=(2,))


@case("folder-without-dockerfiles")
def _(folder):
    (folder / "README").write_text("nothing to build\n")
    return Run(["."])


@case("folder-named-dockerfile")
def _(folder):
    (folder / "Dockerfile").mkdir()


@case("fifo")
def _(folder):
    os.mkfifo(folder / "Dockerfile")
    return Run(exits=(2,))


@case("fifo-in-searched-folder")
def _(folder):
    os.mkfifo(folder / "Dockerfile")
    (folder / "app").mkdir()
    small(folder / "app")
    return Run(["."])


@case("socket")
def _(folder):
    os.chdir(folder)  # a socket's path may have 107 bytes only
    with socket.socket(socket.AF_UNIX) as end:
        end.bind("Dockerfile")
    return Run(exits=(2,))


for device in ("zero", "urandom", "null", "full"):
    case(f"dev-{device}")(lambda folder, device=device: Run([f"/dev/{device}"]))
case("stdin-dev-zero")(lambda folder: Run(["-"], stdin="/dev/zero", exits=(2,)))
case("stdin-dev-urandom")(lambda folder: Run(["-"], stdin="/dev/urandom", exits=(2,)))
case("stdin-empty")(lambda folder: Run(["-"]))


@case("symlink-to-dev-zero")
def _(folder):
    (folder / "Dockerfile").symlink_to("/dev/zero")


@case("symlink-dangling")
def _(folder):
    (folder / "Dockerfile").symlink_to("gone")
    return Run(exits=(2,))


@case("symlink-to-itself")
def _(folder):
    (folder / "Dockerfile").symlink_to("Dockerfile")
    return Run(exits=(2,))


@case("sparse-4gb")
def _(folder):
    with open(folder / "Dockerfile", "wb") as file:
        file.truncate(4 << 30)
    return Run(exits=(2,))


@case("grows-while-read")
def _(folder):
    small(folder)
    return Run(writer="Dockerfile")


@case("unreadable-file")
def _(folder):
    small(folder)
    (folder / "Dockerfile").chmod(0)
    return Run(exits=(2,), as_nobody=True)


@case("file-names")
def _(folder):
    names = [f"{mark.replace('/', '')}.Dockerfile" for mark in FORGED]
    names += [f"a\n{mark}\n.Dockerfile" for mark in FORGED]
    names += [
        f"a\x1b[31m{BIDI}\r\x07.Dockerfile",
        "a,line=1::b%0A.Dockerfile",
        "-rf.Dockerfile",
        " .Dockerfile",
        "n" * 244 + ".Dockerfile",
        b"\xff\xfe\xc3(.Dockerfile",
    ]
    for name in names:
        path = os.path.join(os.fsencode(folder), name if isinstance(name, bytes) else name.encode())
        Path(os.fsdecode(path)).write_text("FROM alpine:latest\nRUN cd /\n")
    return Run(["."])


@case("file-names-missing")
def _(folder):
    return Run(["./a\n" + FORGED[0], "./\x1b[31mred" + BIDI, b"./\xff\xfe"], exits=(2,))


@case("dockerfiles-10000")
def _(folder):
    for i in range(10_000):
        sub = folder / f"d{i // 100}" / f"s{i % 100}"
        sub.mkdir(parents=True)
        (sub / "Dockerfile").write_text("FROM alpine\nRUN cd /\n")
    return Run(["."])


@case("stdout-closed")
def _(folder):
    small(folder, lines("RUN cd /x{}", 10_000)())  # the report is more than a pipe holds
    return Run(stdout="closed")


@case("stdout-full")
def _(folder):
    small(folder, "FROM alpine:latest\nRUN cd /x\n")
    return Run(stdout="/dev/full", exits=(2,))


@case("config-control-characters")
def _(folder):
    small(folder)
    (folder / "dlint.toml").write_text(f'"\x1b[31m{BIDI}" = 1\n"a\\n{FORGED[0]}" = 2\n')
    return Run(exits=(2,))


# --- bytes and sizes --------------------------------------------------------------------------------


def noise(count):
    """Bytes that look random and are always the same."""
    import random

    return random.Random(2).randbytes(count)


text_case("empty", lambda: "")
text_case("newlines-only", lambda: "\n" * 1_000_000)
text_case("backslashes-only", lambda: "\\\n" * 1_000_000)
text_case("carriage-returns-only", lambda: "FROM alpine\rRUN true\r" * 1000)
text_case("binary", lambda: noise(1 << 20))
text_case("binary-10mb", lambda: noise(10 << 20))
text_case("nul-bytes", lambda: b"FROM alpine\x00:3\nRUN a\x00b\n" * 1000)
text_case("elf", lambda: b"\x7fELF\x02\x01\x01" + bytes(9) + noise(100_000))
text_case("utf16-le", lambda: b"\xff\xfe" + ("FROM alpine\nRUN cd /\n" * 1000).encode("utf-16-le"))
text_case("utf16-be", lambda: b"\xfe\xff" + ("FROM alpine\nRUN cd /\n" * 1000).encode("utf-16-be"))
text_case("utf16-no-mark", lambda: ("FROM alpine\nRUN cd /\n" * 1000).encode("utf-16-le"))
text_case("utf32", lambda: ("FROM alpine\nRUN cd /\n" * 1000).encode("utf-32"))
text_case(
    "not-utf8",
    lambda: (
        b"FROM alpine\nLABEL a=\xe9\xff b=\xc0\xaf c=\xed\xa0\x80 d=\xf4\x90\x80\x80\nRUN cd /\xfe\n" * 1000
    ),
)
text_case(
    "comments-50mb",
    lambda: "FROM alpine:3.20\n" + "# nothing to see here, in fifty million bytes\n" * 1_150_000,
)
text_case(
    "heredoc-50mb",
    lambda: (
        "FROM alpine:3.20\nRUN <<EOF\n" + "echo one of very many lines of a script\n" * 1_300_000 + "EOF\n"
    ),
)
text_case(
    "heredoc-copy-50mb",
    lambda: "FROM alpine:3.20\nCOPY <<EOF /a\n" + "${x:-y} only some text\n" * 2_200_000 + "EOF\n",
)
text_case("one-line-50mb", lambda: "FROM alpine:3.20\nRUN echo " + "a" * 50_000_000 + "\n")
text_case("words-1m", lambda: "FROM alpine:3.20\nRUN echo " + "word " * 1_000_000 + "\n")
text_case("copy-sources-1m", lambda: "FROM alpine:3.20\nCOPY " + "file " * 1_000_000 + "/\n")
text_case(
    "label-pairs-100k", lambda: "FROM alpine:3.20\nLABEL " + " ".join(f"k{i}=v" for i in range(MANY)) + "\n"
)
text_case(
    "words-continued-1m",
    lambda: "FROM alpine:3.20\nRUN apt-get install -y \\\n" + "  package \\\n" * 1_000_000 + "  last\n",
)
text_case("continuations-1m", lambda: "FROM alpine:3.20\nRUN true" + " \\\n" * 1_000_000 + " end\n")
text_case(
    "continuations-comments-1m",
    lambda: "FROM alpine:3.20\nRUN true \\\n" + "# why\n\n" * 500_000 + " && cd /\n",
)
text_case("continuations-never-end", lambda: "FROM alpine:3.20\nRUN true" + " \\\n" * 1_000_000)
text_case("json-items-1m", lambda: 'FROM alpine:3.20\nCMD ["a"' + ',"b"' * 1_000_000 + "]\n")
text_case("json-nested-100k", lambda: "FROM alpine:3.20\nCMD " + "[" * MANY + "]" * MANY + "\n")
text_case("flags-100k", lambda: "FROM alpine:3.20\nCOPY " + "--link --chown=1:1 " * (MANY // 2) + "a b\n")
text_case("mounts-100k", lambda: "FROM alpine:3.20\nRUN " + "--mount=type=cache,target=/a " * MANY + "true\n")
text_case("image-name-1mb", lambda: "FROM " + "a/" * 500_000 + "b:c@sha256:d\n")
text_case("stage-name-1mb", lambda: "FROM alpine AS " + "a" * 1_000_000 + "\nFROM " + "a" * 1_000_000 + "\n")
text_case("unknown-instructions-100k", lines("RUNN cd /x{}"))
text_case("unclosed-quotes-100k", lines("ENV a{}=\"open\nRUN echo 'open"))


# --- many of each -----------------------------------------------------------------------------------

for line in (
    "ADD a{}.tar.gz /b",
    "ARG a{}=$a",
    "CMD echo {}",
    "COPY a{} b{}",
    "ENTRYPOINT run {}",
    "ENV a{}=$a{}",
    "EXPOSE {}/tcp",
    "FROM alpine AS s{}",
    "HEALTHCHECK CMD wget {}",
    "LABEL a{}=b",
    "MAINTAINER m{}",
    "ONBUILD RUN cd /x{}",
    "RUN apt-get update && apt-get install p{}",
    'SHELL ["sh", "-c", "{}"]',
    "STOPSIGNAL SIG{}",
    "USER u{}",
    "VOLUME /v{}",
    "WORKDIR w{}",
):
    text_case(f"many-{line.split()[0].lower()}-100k", lines(line))
text_case("many-run-equal-100k", lines("RUN apk add curl"))
text_case("many-env-equal-100k", lines("ENV PATH=$PATH:/x"))
text_case("many-suppressions-100k", lines("# dlint ignore=a{},b{} because\nRUN cd /"))
text_case("many-hadolint-ignores-100k", lines("# hadolint ignore=DL3006,DL{}\nRUN cd /"))
text_case("suppression-1mb", lambda: "# dlint ignore=" + "a," * 500_000 + "\nFROM alpine\n")
text_case("check-skip-1mb", lambda: "# check=skip=" + "A," * 500_000 + "\nFROM alpine\n")
text_case("directives-100k", lines("# syntax=docker/dockerfile:{}", head=""))
text_case(
    "stages-20000-chain",
    lambda: "FROM alpine AS s0\n" + "".join(f"FROM s{i} AS s{i + 1}\n" for i in range(20_000)),
)
text_case(
    "stages-20000-copied",
    lambda: (
        "FROM alpine AS s0\n"
        + "".join(f"FROM alpine AS s{i + 1}\nCOPY --from=s{i} / /\n" for i in range(20_000))
    ),
)
text_case(
    "stages-20000-into-one",
    lambda: (
        "".join(f"FROM alpine AS s{i}\n" for i in range(20_000))
        + "FROM scratch\n"
        + "".join(f"COPY --from=s{i} / /\n" for i in range(20_000))
    ),
)
text_case("stages-20000-same-name", lambda: "FROM alpine AS a\nCOPY --from=a / /\n" * 20_000)
text_case(
    "stages-20000-with-env",
    lambda: (
        "FROM alpine AS s0\n"
        + "".join(f"FROM s{i} AS s{i + 1}\nENV v{i}=1\nWORKDIR d\n" for i in range(20_000))
    ),
)
text_case(
    "stages-circular",
    lambda: (
        "FROM b AS a\nCOPY --from=c / /\nFROM a AS b\nFROM c AS c\nCOPY --from=c / /\n"
        "COPY --from=3 / /\nRUN --mount=type=bind,from=b true\nFROM d AS e\nFROM e AS d\nCOPY --from=99999999999999999999 / /\n"
    ),
)
text_case(
    "many-heredocs-in-one",
    lambda: (
        "FROM alpine\nRUN cat "
        + " ".join(f"<<E{i}" for i in range(10_000))
        + "\n"
        + "".join(f"text\nE{i}\n" for i in range(10_000))
    ),
)
text_case("many-heredocs-100k", lines("RUN <<E{}\ncd /\nE{}"))
text_case("heredoc-unterminated", lambda: "FROM alpine\nRUN <<EOF\ncd /\n")
text_case("heredocs-unterminated-10000", lines("RUN <<E{}\ncd /", 10_000))
text_case("heredocs-unterminated-in-one", lambda: "FROM alpine\nRUN cat " + "<<E " * 10_000 + "\ncd /\n")
text_case(
    "heredoc-delimiter-1mb", lambda: "FROM alpine\nRUN <<" + "E" * 1_000_000 + "\n" + "E" * 999_999 + "\n"
)


# --- nesting and growth -----------------------------------------------------------------------------

for depth in (1_000, MANY):
    text_case(
        f"onbuild-nested-{depth}", lambda depth=depth: "FROM alpine\n" + "ONBUILD " * depth + "RUN cd /\n"
    )
    text_case(
        f"default-nested-{depth}",
        lambda depth=depth: "FROM alpine\nENV x=" + "${a:-" * depth + "b" + "}" * depth + "\n",
    )
    text_case(
        f"default-nested-in-from-{depth}",
        lambda depth=depth: "FROM " + "${a:-" * depth + "b" + "}" * depth + "\n",
    )
    text_case(f"default-unclosed-{depth}", lambda depth=depth: "FROM alpine\nENV x=" + "${a:-" * depth + "\n")
    for name, opening, closing in (
        ("command", "$(echo ", ")"),
        ("subshell", "( ", ")"),
        ("brace", "{ ", "; }"),
        ("if", "if true; then ", "; fi"),
        ("quoted", '"$(echo ', ')"'),
        ("arithmetic", "$((", "))"),
        ("default", "${a:-", "}"),
        ("sh-c", "sh -c '", "'"),
        ("sudo", "sudo ", ""),
        ("backtick", "`\\", "`"),
        ("case", "case a in a) ", ";; esac"),
    ):
        text_case(
            f"shell-{name}-nested-{depth}",
            lambda o=opening, c=closing, depth=depth: (
                "FROM alpine\nRUN " + o * depth + "cd /" + c * depth + "\n"
            ),
        )
        text_case(
            f"shell-{name}-unclosed-{depth}",
            lambda o=opening, depth=depth: "FROM alpine\nRUN " + o * depth + "\n",
        )
text_case("onbuild-nested-10000", lambda: "FROM alpine\n" + "ONBUILD " * 10_000 + "RUN cd /\n")
text_case("shell-and-100k", lambda: "FROM alpine\nRUN cd /" + " && cd /" * MANY + "\n")
text_case(
    "shell-lines-100k",
    lambda: "FROM alpine\nRUN cd / \\\n" + " && apt-get install -y curl \\\n" * MANY + " && true\n",
)
text_case("shell-pipe-100k", lambda: "FROM alpine\nRUN cat" + " | cat" * MANY + "\n")
text_case("shell-redirects-100k", lambda: "FROM alpine\nRUN cat " + "<<<a >b 2>&1 " * (MANY // 4) + "\n")
for word, line in (
    ("env", "ENV @b=${@a}${@a}"),
    ("arg", "ARG @b=${@a}${@a}"),
    ("label", "ENV @b=${@a}${@a}\nLABEL @b=${@b}"),
    ("workdir", "ENV @b=${@a}/${@a}\nWORKDIR ${@b}"),
    ("copy", "ENV @b=${@a}${@a}\nCOPY ${@b} ${@b}"),
    ("default", "ENV @b=${none:-${@a}${@a}}"),
    ("replace", "ENV @b=${@a//x/${@a}${@a}}"),
):
    text_case(
        f"doubling-{word}-34",
        lambda line=line: (
            "FROM alpine\nENV v0=xxxxxxxx\n"
            + "".join(line.replace("@a", f"v{i}").replace("@b", f"v{i + 1}") + "\n" for i in range(34))
            + "RUN echo ${v34}\nUSER ${v34}\n"
        ),
    )
text_case(
    "doubling-from-34",
    lambda: "ARG v0=x\n" + "".join(f"ARG v{i + 1}=${{v{i}}}${{v{i}}}\n" for i in range(34)) + "FROM ${v34}\n",
)
text_case("doubling-same-name-34", lambda: "FROM alpine\nENV a=xx\n" + "ENV a=$a$a\n" * 34 + "WORKDIR $a\n")
text_case("env-circular", lambda: "FROM alpine\nARG a=$b\nARG b=$a\nENV a=$b b=$a\nWORKDIR $a/$b\n")
text_case("workdir-relative-100k", lambda: "FROM alpine\n" + "WORKDIR d\n" * MANY)
text_case(
    "patterns-catastrophic",
    lambda: (
        "FROM alpine\nENV a="
        + "a" * 50_000
        + "\n"
        + "".join(f"ENV b=${{a{op}{'*a' * 50}*b}}\n" for op in ("#", "##", "%", "%%", "/", "//"))
    ),
)


# --- what must not reach a terminal or a runner as it is ----------------------------------------------


def hostile(payload):
    """A Dockerfile that has `payload` wherever text can stand."""
    flat = payload.replace("\n", " ")
    return (
        f"# {flat}\n# dlint ignore={flat}\n# check=skip={flat}\nFROM {flat} AS {flat}\nFROM alpine AS x{flat}\n"
        f"COPY --from={flat} {flat} /{flat}\nCOPY --{flat}=1 a b\nRUN --mount=type={flat} cd {flat} && sudo {flat}\n"
        f'RUN apt-get install {flat}\nLABEL "{flat}"={flat} {flat}\nENV {flat}={flat}\nENV SECRET_{flat}=a\nUSER {flat}\n'
        f'WORKDIR {flat}\nEXPOSE {flat}\nCMD ["{flat}", {flat}]\nHEALTHCHECK --{flat} CMD a\nSTOPSIGNAL {flat}\n{flat} a\n'
        f'SHELL {flat}\nRUN <<"{flat}"\n{payload}\ncd /\n{flat}\nRUN echo \\\n{payload}\n  && cd /\nMAINTAINER {flat}\n'
    )


text_case("hostile-controls", lambda: hostile(CONTROLS))
text_case("hostile-each-control", lambda: "".join(hostile(f"a{c}b") for c in CONTROLS))
text_case(
    "hostile-escapes",
    lambda: hostile("\x1b[2J\x1b]0;title\x07\x1b]8;;http://example.invalid\x1b\\link\x9b31m"),
)
text_case("hostile-bidi", lambda: hostile(BIDI + "/* } \u202e\u2066 if admin */"))
text_case("hostile-separators", lambda: hostile("a\u0085b\u2028c\u2029d\x0be\x0cf"))
text_case("hostile-combining", lambda: hostile("e" + "\u0301" * 10_000))
text_case("hostile-wide", lambda: hostile("漢字👩‍👩‍👧‍👦\ufe0f\u200d\u3000"))
text_case("hostile-percent", lambda: hostile("%0A%0D%25%3A%2C"))
for number, forged in enumerate(FORGED):
    text_case(f"hostile-command-{number}", lambda forged=forged: hostile(forged))
    text_case(f"hostile-command-line-{number}", lambda forged=forged: hostile(f"a\n{forged}\nb"))
    text_case(f"hostile-command-cr-{number}", lambda forged=forged: hostile(f"a\r{forged}\rb"))


# --- build contexts ---------------------------------------------------------------------------------


def context_case(name, make, ignore=None, dockerfile=SMALL, huge=False, **run):
    """A case that is a build context, filled by `make(folder)`."""

    def write(folder):
        small(folder, dockerfile)
        if ignore is not None:
            content = ignore()
            (folder / ".dockerignore").write_bytes(
                content if isinstance(content, bytes) else content.encode()
            )
        make(folder)
        return Run(context=True, **run)

    case(name, huge)(write)


def files(count):
    """Fills a folder with `count` small files, 1000 to a folder."""

    def make(folder):
        for i in range(count):
            if i % 1000 == 0:
                sub = folder / f"d{i // 1000}"
                sub.mkdir()
            os.close(os.open(f"{sub}/f{i}", os.O_CREAT | os.O_WRONLY))

    return make


def symlinks(folder):
    sub = folder / "a" / "b"
    sub.mkdir(parents=True)
    (sub / "up").symlink_to("../..")
    (sub / "self").symlink_to("self")
    (folder / "root").symlink_to("/")
    (folder / "x").symlink_to("y")
    (folder / "y").symlink_to("x")
    (folder / "gone").symlink_to("/nowhere")


def special(folder):
    os.chdir(folder)
    for name in ("pipe", ".env", "id_rsa", "package.json", "requirements.txt"):
        os.mkfifo(name)  # whoever looks inside waits for ever
    with socket.socket(socket.AF_UNIX) as end:
        end.bind("socket")
    os.symlink("/dev/zero", ".npmrc")
    os.symlink("/dev/zero", "key.pem")


def unreadable(folder):
    for name in ("locked", "locked-too"):
        (folder / name).mkdir()
        (folder / name / "file").write_text("x")
        (folder / name).chmod(0)
    (folder / ".env").write_text("KEY=x\n")
    (folder / ".env").chmod(0)


def sparse(folder):
    for name in ("big.bin", ".env", "id_rsa", "package-lock.json"):
        with open(folder / name, "wb") as file:
            file.truncate(4 << 30)


def odd_names(folder):
    os.chdir(folder)
    names = [
        b"n" * 255,
        b"\xff\xfe\xc3(",
        b"a\nb",
        b"\x1b[31mred",
        *(f"x\n{mark.replace('/', '')}".encode() for mark in FORGED),
        BIDI.encode(),
        b"-rf",
        b"*",
        b"[",
        b"\\",
        b"a\\b",
        b"C:",
        b" ",
        "\u0301".encode(),
        b"#",
        b"!",
    ]
    for name in names:
        os.mkdir(name + b"d" if len(name) < 255 else b"m" * 255)
        Path(os.fsdecode(name)).write_text("x")


def hard_links(folder):
    (folder / "first").write_bytes(bytes(1 << 20))
    for i in range(10_000):
        os.link(folder / "first", folder / f"link{i}")


def deep(levels):
    """A chain of folders far beyond the longest path that the system takes at once."""

    def make(folder):
        os.chdir(folder)
        for _ in range(levels):
            os.mkdir("d" * 100)
            os.chdir("d" * 100)
        Path("bottom").write_text("x")

    return make


def fifo_ignore(folder):
    os.mkfifo(folder / ".dockerignore")


def zero_ignore(folder):
    (folder / ".dockerignore").symlink_to("/dev/zero")


def folder_ignore(folder):
    (folder / ".dockerignore").mkdir()


def long_names(folder):
    for i in range(100):
        (folder / ("a" * 200 + str(i))).write_text("x")
    files(10_000)(folder)


CATASTROPHIC = [
    "**/" * 500 + "b",
    "*a" * 100 + "*b",
    "**a" * 100 + "**b",
    "?*" * 100 + "b",
    "a**/" * 100 + "b",
    "[a-z]*" * 100 + "!",
    "(a+)+$",
    "**/*a*/**/*a*/**/*a*/**/*a*/**/*a*/**/b",
    "a" * 60_000,
    "\\a" * 10_000,
]

context_case("context-symlink-loops", symlinks)
context_case("context-special-files", special)
context_case("context-unreadable", unreadable, as_nobody=True)
context_case("context-sparse", sparse)
context_case("context-odd-names", odd_names)
context_case("context-hard-links", hard_links)
context_case("context-deep-1000", deep(1000))
context_case("context-deep-20000", deep(20_000), huge=True)
context_case("context-files-100k", files(100_000))
context_case("context-files-100k-pruned", files(100_000), ignore=lambda: "d*\n")
context_case("context-files-100k-negated", files(100_000), ignore=lambda: "*\n!**/f7\n")
context_case("context-files-1m", files(1_000_000), huge=True)
context_case(
    "ignore-patterns-100k", files(10_000), ignore=lambda: "".join(f"x{i}/**/y{i}*\n" for i in range(MANY))
)
context_case("ignore-literals-100k", files(10_000), ignore=lambda: "".join(f"d{i}\n" for i in range(MANY)))
context_case(
    "ignore-negations-100k", files(10_000), ignore=lambda: "*\n" + "".join(f"!x{i}*\n" for i in range(MANY))
)
context_case("ignore-alternating-10k", files(10_000), ignore=lambda: "d*/f*\n!d*/f*\n" * 5_000)
context_case("ignore-catastrophic", long_names, ignore=lambda: "\n".join(CATASTROPHIC) + "\n")
context_case(
    "ignore-catastrophic-negated", long_names, ignore=lambda: "*\n" + "".join(f"!{p}\n" for p in CATASTROPHIC)
)
context_case(
    "ignore-50mb", lambda folder: None, ignore=lambda: "# nothing but remarks in this file\n" * 1_450_000
)
context_case("ignore-line-1mb", lambda folder: None, ignore=lambda: "a" * 1_000_000)
context_case("ignore-binary", lambda folder: None, ignore=lambda: noise(1 << 20))
context_case("ignore-utf16", lambda folder: None, ignore=lambda: "node_modules\n.git\n".encode("utf-16"))
context_case(
    "ignore-hostile",
    odd_names,
    ignore=lambda: f"{CONTROLS}\n[{BIDI}\n" + "\n".join(FORGED) + "\n!\n[z-a]\n\\\n",
)
context_case("ignore-is-fifo", fifo_ignore)
context_case("ignore-is-dev-zero", zero_ignore)
context_case("ignore-is-folder", folder_ignore)
context_case(
    "copy-catastrophic",
    long_names,
    dockerfile="FROM alpine\n" + "".join(f"COPY {'*a' * 60}*b{i} /\n" for i in range(100)),
)
context_case(
    "copy-sources-10k",
    files(10_000),
    dockerfile="FROM alpine\n" + "".join(f"COPY d1/f{i}* /\n" for i in range(10_000)),
)
context_case(
    "copy-outside",
    lambda folder: None,
    dockerfile="FROM alpine\nCOPY " + "../" * 100_000 + "etc/passwd /\nADD / /\nCOPY //../.. /\n",
)


@case("gitignore-hostile")
def _(folder):
    (folder / ".git").mkdir()
    (folder / ".gitignore").write_text(
        "\n".join(CATASTROPHIC) + "\n" + "".join(f"x{i}*y\n" for i in range(10_000))
    )
    (folder / "app").mkdir()
    os.mkfifo(folder / "app" / ".gitignore")
    small(folder / "app")
    return Run(["."])

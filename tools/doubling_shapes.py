"""The shapes of tools/doubling.py: what a size in bytes makes of each, a Dockerfile or the files of a project.

In a piece or a line, `@` is its number, `@-` the number before it, and `@@` an at sign.
"""

LINE = 60_000


def run(piece, times_each=None):
    """A RUN that repeats a piece, on lines that BuildKit reads."""
    return lambda size: "FROM debian:12\nRUN " + continued(piece, size, "true") + "\n"


def continued(piece, size, end):
    out, length, line, number = [], 0, 0, 0
    while length < size:
        text = numbered(piece, number)
        number += 1
        if line + len(text) > LINE:
            out.append("\\\n")
            line = 0
        out.append(text)
        length += len(text)
        line += len(text)
    return "".join(out) + end


def numbered(text, number):
    return text.replace("@@", "\0").replace("@-", str(number - 1)).replace("@", str(number)).replace("\0", "@")


def words(head, piece, end=""):
    return lambda size: head + continued(piece, size, end) + "\n"


def lines(head, *parts):
    """A head, then lines and what ends them, by turns: of each so many that all are of the size. They count from 1."""
    repeated, ends = parts[0::2], parts[1::2]

    def text(size):
        count = size // sum(map(len, repeated))
        each = ("".join(numbered(line, n) for n in range(1, count + 1)) + end for line, end in zip(repeated, ends))
        return head + "".join(each)

    return text


def chains(head, first, line, length):
    """Lines that each build on the one before, in chains of a length that no reader refuses."""

    def text(size):
        count = size // len(line)
        return head + "".join(numbered(line if n % length else first, n) for n in range(count))

    return text


def beside(shape, files):
    """A Dockerfile of a shape, with files of its context."""
    return lambda size: {"Dockerfile": shape(size), **files}


def project(name, shape, files=None):
    """A file of a shape that starts builds, with the files that it needs."""
    beside = files or {"Dockerfile": BUILT}
    return lambda size: {
        name: shape(size),
        **{path: text(size) if callable(text) else text for path, text in beside.items()},
    }


def folders(files):
    """Folders with the same files, until all are of the size."""

    def all_of(size):
        count = max(1, size // sum(map(len, files.values())))
        return {f"a{n}/{name}": numbered(text, n) for n in range(count) for name, text in files.items()}

    return all_of


NODE = {
    "package.json": '{"name": "a", "version": "1.0.0", "scripts": {"build": "tsc"}, "devDependencies": {"tsc": "1"}}\n',
    "package-lock.json": '{"lockfileVersion": 3, "packages": {}}\n',
    "a.js": "require('a');\n",
}
GO = {"go.mod": "module a\n\ngo 1.25\n", "main.go": "package main\n\nfunc main() {}\n"}

# Dockerfiles, some of them with files of their context.
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
    "stage-links": lines("FROM debian:12 AS a0\n", "FROM a@- AS a@\nRUN apt-get update\n", "USER a\n"),
    "stage-copies": lines("FROM debian:12 AS a0\n", "FROM debian:12 AS a@\nCOPY --from=a@- /x /x\n", "USER a\n"),
    "stage-one": lines("FROM debian:12 AS a0\n", "FROM a0 AS a@\nRUN make\n", "USER a\n"),
    "stage-many": lines(
        "", "FROM debian:12 AS a@\nRUN make\n", "FROM debian:12\n", "COPY --from=a@ /x /x@\n", "USER a\n"
    ),
    "python": beside(
        lines("FROM python:3.13\nCOPY . .\n", "RUN pip install name@\n", 'CMD ["python", "a.py"]\n'),
        {"a.py": "import name0\n"},
    ),
    "python-copies": beside(
        lines("FROM python:3.13\n", "COPY a@ .\n", 'RUN pip install -r a1\nCMD ["python", "a2"]\n'), {"a1": "name\n"}
    ),
    "python-needs": lambda size: {
        "Dockerfile": 'FROM python:3.13\nCOPY . .\nRUN pip install -r requirements.txt\nCMD ["python", "a.py"]\n',
        "requirements.txt": lines("", "name@==1.@\n", "")(size),
        "a.py": "import name1\n",
    },
    "node": beside(
        lines("FROM node:22\nCOPY . .\nRUN npm ci\n", "RUN npm run a@\n", 'CMD ["node", "dist/a.js"]\n'), NODE
    ),
    "node-stages": beside(
        lines(
            "",
            "FROM node:22 AS a@\nWORKDIR /app\nCOPY . .\nRUN npm ci\n",
            "FROM node:22\n",
            "COPY --from=a@ /app/node_modules /a@/node_modules\n",
            'CMD ["node", "a.js"]\n',
        ),
        NODE,
    ),
    "node-needs": lambda size: {
        "Dockerfile": 'FROM node:22\nCOPY . .\nRUN npm ci && npm run build\nCMD ["node", "dist/a.js"]\n',
        **NODE,
        "package.json": lines('{"scripts": {"build": "tsc"}, "devDependencies": {', '"a@": "1.@",\n', '"tsc": "1"}}')(
            size
        ),
    },
    "go": beside(lines("FROM golang:1.25\nCOPY . .\n", "RUN go build -o /bin/a@ ./a@\n", 'CMD ["/bin/a1"]\n'), GO),
    "go-stages": beside(
        lines(
            "",
            "FROM golang:1.25 AS a@\nCOPY . .\nRUN go build -o /bin/a .\n",
            "FROM golang:1.25\n",
            "COPY --from=a@ /bin/a /bin/a@\n",
            'CMD ["/bin/a1"]\n',
        ),
        GO,
    ),
    "rust": beside(
        lines("FROM rust:1.90\nCOPY . .\n", "RUN cargo build --release --bin a@\n", 'CMD ["target/release/a1"]\n'),
        {"Cargo.toml": '[package]\nname = "a1"\nversion = "1.0.0"\n', "src/main.rs": "fn main() {}\n"},
    ),
}

BUILT = "FROM debian:12\nARG A\nCOPY . /srv\nRUN make\nUSER 1\n"
STAGES = lines("", "FROM debian:12 AS a@\nARG A\nRUN make\n", "USER 1\n")
STEPS = "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: actions/checkout@v4\n"

# Projects in which a file that starts builds is long, or of which there are many.
PROJECTS = {
    "compose": project("compose.yaml", lines("services:\n", "  a@: {build: {context: ., args: {A: b@}}}\n", "")),
    "compose-same": project("compose.yaml", lines("services:\n", "  a@: {build: .}\n", "")),
    "compose-gone": project("compose.yaml", lines("services:\n", "  a@: {build: a@}\n", "")),
    "compose-stages": project(
        "compose.yaml", lines("services:\n", "  a@: {build: {context: ., target: a@}}\n", ""), {"Dockerfile": STAGES}
    ),
    "compose-images": project("compose.yaml", lines("services:\n", "  a@: {image: 'a@:1'}\n", "")),
    "compose-extends": project(
        "compose.yaml", chains("services:\n", "  a@: {build: .}\n", "  a@: {extends: a@-, user: 'b@'}\n", 50)
    ),
    "compose-extends-long": project(
        "compose.yaml", lines("services:\n  a0: {build: .}\n", "  a@: {extends: a@-}\n", "")
    ),
    "compose-extends-one": project(
        "compose.yaml", lines("services:\n  a0: {build: .}\n", "  a@: {extends: a0, user: 'b@'}\n", "")
    ),
    "compose-aliases": project("compose.yaml", lines("x-a: &a {build: .}\nservices:\n", "  a@: *a\n", "")),
    "compose-anchors": project(
        "compose.yaml", lines("x-a0: &a0 {build: .}\n", "x-a@: &a@ {<<: *a@-}\n", "services: {a: *a0}\n")
    ),
    "compose-contexts": project(
        "compose.yaml",
        chains(
            "services:\n",
            "  a@: {build: .}\n",
            "  a@: {build: {context: ., additional_contexts: {b: 'service:a@-'}}}\n",
            50,
        ),
    ),
    "compose-contexts-long": project(
        "compose.yaml",
        lines(
            "services:\n  a0: {build: .}\n",
            "  a@: {build: {context: ., additional_contexts: {b: 'service:a@-'}}}\n",
            "",
        ),
    ),
    "compose-depends": project(
        "compose.yaml", lines("services:\n  a0: {build: .}\n", "  a@: {build: ., depends_on: [a@-]}\n", "")
    ),
    "compose-args": project(
        "compose.yaml", lines("services:\n  a:\n    build:\n      context: .\n      args:\n", "        A@: b\n", "")
    ),
    "compose-variables": project(
        "compose.yaml",
        lines("services:\n  a:\n    build:\n      context: .\n      args:\n", "        A@: ${B@:-c}\n", ""),
    ),
    "compose-env": project(
        ".env",
        lines("A0=b\n", "A@=${A@-}\n", ""),
        {"compose.yaml": "services: {a: {build: {args: {A: $A1}}}}\n", "Dockerfile": BUILT},
    ),
    "compose-environment": project(
        "compose.yaml", lines("services:\n  a:\n    build: .\n    environment:\n", "      A@: b\n", "")
    ),
    "compose-ports": project(
        "compose.yaml", lines("services:\n  a:\n    build: .\n    ports:\n", "      - '@:80'\n", "")
    ),
    "compose-volumes": project(
        "compose.yaml", lines("services:\n  a:\n    build: .\n    volumes:\n", "      - ./a@:/srv/a@\n", "")
    ),
    "compose-secrets": project(
        "compose.yaml",
        lines(
            "services:\n  a:\n    build:\n      context: .\n      secrets:\n",
            "        - a@\n",
            "secrets:\n",
            "  a@: {file: a@}\n",
            "",
        ),
    ),
    "compose-inline": project(
        "compose.yaml",
        lines(
            "services:\n",
            '  a@: {build: {dockerfile_inline: "FROM debian:12\\nRUN apt-get install -y a@\\n"}}\n',
            "",
        ),
    ),
    "compose-inline-long": project(
        "compose.yaml",
        lines(
            "services:\n  a:\n    build:\n      dockerfile_inline: |\n        FROM debian:12\n",
            "        RUN apt-get install -y a@\n",
            "",
        ),
    ),
    "compose-include": project(
        "compose.yaml",
        lines("include:\n", "  - b.yaml\n", "services: {a: {build: .}}\n"),
        {"b.yaml": "services: {b: {build: .}}\n", "Dockerfile": BUILT},
    ),
    "compose-override": project(
        "compose.yaml",
        lines("services:\n", "  a@: {build: .}\n", ""),
        {"compose.override.yaml": lines("services:\n", "  a@: {user: b}\n", ""), "Dockerfile": BUILT},
    ),
    "compose-words": project("compose.yaml", lines("services:\n  a:\n    build: .\n", "    a@: b\n", "")),
    "bake": project("docker-bake.hcl", lines("", 'target "a@" {\n  args = {A = "b@"}\n}\n', "")),
    "bake-same": project("docker-bake.hcl", lines("", 'target "a@" {\n  context = "."\n}\n', "")),
    "bake-stages": project(
        "docker-bake.hcl", lines("", 'target "a@" {\n  target = "a@"\n}\n', ""), {"Dockerfile": STAGES}
    ),
    "bake-group": project(
        "docker-bake.hcl",
        lines('group "default" {\n  targets = [', '"a@",', "]\n}\n", 'target "a@" {\n  tags = ["a@"]\n}\n', ""),
    ),
    "bake-groups": project("docker-bake.hcl", lines('target "a0" {}\n', 'group "a@" {\n  targets = ["a@-"]\n}\n', "")),
    "bake-inherits": project(
        "docker-bake.hcl",
        chains("", 'target "a@" {}\n', 'target "a@" {\n  inherits = ["a@-"]\n  tags = ["a@"]\n}\n', 50),
    ),
    "bake-inherits-long": project(
        "docker-bake.hcl", lines('target "a0" {}\n', 'target "a@" {\n  inherits = ["a@-"]\n}\n', "")
    ),
    "bake-inherits-all": project(
        "docker-bake.hcl",
        lines('target "a" {\n  inherits = [', '"a@",', "]\n}\n", 'target "a@" {\n  tags = ["a@"]\n}\n', ""),
    ),
    "bake-inherits-one": project(
        "docker-bake.hcl", lines('target "a0" {}\n', 'target "a@" {\n  inherits = ["a0"]\n  tags = ["a@"]\n}\n', "")
    ),
    "bake-contexts": project(
        "docker-bake.hcl",
        chains("", 'target "a@" {}\n', 'target "a@" {\n  contexts = {b = "target:a@-"}\n}\n', 50),
    ),
    "bake-contexts-long": project(
        "docker-bake.hcl", lines('target "a0" {}\n', 'target "a@" {\n  contexts = {b = "target:a@-"}\n}\n', "")
    ),
    "bake-variables": project(
        "docker-bake.hcl", lines("", 'variable "A@" {\n  default = "b"\n}\ntarget "a@" {\n  args = {A = A@}\n}\n', "")
    ),
    "bake-variables-chain": project(
        "docker-bake.hcl",
        chains(
            'target "a" {\n  args = {A = A49}\n}\n',
            'variable "A@" {\n  default = "b"\n}\n',
            'variable "A@" {\n  default = "${A@-}"\n}\n',
            50,
        ),
    ),
    "bake-functions": project(
        "docker-bake.hcl",
        lines(
            "", 'function "f@" {\n  params = [a]\n  result = "${a}b"\n}\ntarget "a@" {\n  args = {A = f@("c")}\n}\n', ""
        ),
    ),
    "bake-args": project("docker-bake.hcl", lines('target "a" {\n  args = {\n', '    A@ = "b"\n', "  }\n}\n")),
    "bake-matrix": project(
        "docker-bake.hcl",
        lines('target "a" {\n  name = "a-${b}"\n  args = {A = b}\n  matrix = {\n    b = [', '"c@",', "]\n  }\n}\n"),
    ),
    "bake-matrices": project(
        "docker-bake.hcl",
        lines("", 'target "a@" {\n  name = "a@-${b}"\n  args = {A = b}\n  matrix = {b = ["c", "d"]}\n}\n', ""),
    ),
    "bake-inline": project(
        "docker-bake.hcl",
        lines("", 'target "a@" {\n  dockerfile-inline = "FROM debian:12\\nRUN make a@\\n"\n}\n', ""),
    ),
    "bake-template": project("docker-bake.hcl", lines('target "a" {\n  tags = ["', '${upper("a@")}', '"]\n}\n')),
    "bake-json": project("docker-bake.json", lines('{"target": {', '"a@": {"args": {"A": "b@"}},\n', '"a": {}}}\n')),
    "devcontainer": project(
        ".devcontainer.json",
        lines('{"build": {"dockerfile": "Dockerfile", "args": {', '"A@": "b",\n', '"A": "b"}}}\n'),
    ),
    "github-steps": project(
        ".github/workflows/a.yml",
        lines(STEPS, "      - uses: docker/build-push-action@@v6\n        with: {context: ., build-args: A=@}\n", ""),
    ),
    "github-jobs": project(
        ".github/workflows/a.yml",
        lines(
            "on: push\njobs:\n",
            "  a@:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: actions/checkout@@v4\n      - run: docker build -t a@ .\n",
            "",
        ),
    ),
    "github-matrix": project(
        ".github/workflows/a.yml",
        lines(
            "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    strategy:\n      matrix:\n        b:\n",
            "          - c@\n",
            "    steps:\n      - run: docker build --build-arg A=${{ matrix.b }} .\n",
        ),
    ),
    "github-include": project(
        ".github/workflows/a.yml",
        lines(
            "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    strategy:\n      matrix:\n        b: [c]\n        include:\n",
            "          - {b: c@, d: e@}\n",
            "    steps:\n      - run: docker build --build-arg A=${{ matrix.b }} .\n",
        ),
    ),
    "github-script": project(
        ".github/workflows/a.yml", lines(STEPS + "      - run: |\n", "          docker build --build-arg A=b@ .\n", "")
    ),
    "gitlab": project(".gitlab-ci.yml", lines("", "a@:\n  script:\n    - docker build -t a@ .\n", "")),
    "script": project("build.sh", lines("#!/bin/sh\n", "podman build --build-arg A=b@ -t a@ .\n", "")),
    "makefile": project("Makefile", lines("", "a@:\n\tpodman build -t a@ .\n", "")),
    "folders": folders({"Dockerfile": BUILT}),
    "folders-compose": folders({"Dockerfile": BUILT, "compose.yaml": "services: {a: {build: .}}\n"}),
    "folders-bake": folders({"Dockerfile": BUILT, "docker-bake.hcl": 'target "default" {}\n'}),
    "folders-quadlet": folders({"Dockerfile": BUILT, "a.build": "[Build]\nImageTag=localhost/a@\nFile=Dockerfile\n"}),
    "folders-one": lambda size: {
        **folders({"Dockerfile": BUILT, "src/a": "b\n"})(size),
        "compose.yaml": "services:\n" + "".join(f"  a{n}: {{build: a{n}}}\n" for n in range(size // len(BUILT))),
    },
}

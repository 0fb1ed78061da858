"""The pages of rules, made from rules/*.md: what a reader wants to know first, and the tests last."""

import html
import json
import re
import subprocess
import tempfile
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import dockerfile

# Stands where the tests go, which are put in when the search index is made.
TESTS = '<div class="tests-go-here"></div>'

CATEGORIES = {
    "correctness": "The build fails, or the image does not do what the line says.",
    "security": "Somebody can read, change or run what they should not.",
    "reproducibility": "The same Dockerfile gives another image tomorrow.",
    "cache": "Steps run again though nothing that they need has changed.",
    "size": "Bytes that nobody needs are built, pushed and pulled.",
    "style": "It works, and is clearer when written another way.",
    "portability": "Another builder refuses the line, or makes something else of it.",
    "policy": "What your organisation requires; silent without a `[policy]` in `dlint.toml`.",
}
PRESETS = {
    "default": "on by default",
    "strict": "off unless selected: preset `strict`",
    "asked": "off unless selected by name",
}
TOOLS = {
    "buildkit": "docker build --check",
    "checkov": "Checkov",
    "dockerfilelint": "dockerfilelint",
    "hadolint": "hadolint",
    "kics": "KICS",
    "semgrep": "Semgrep",
    "slim": "slim",
    "trivy": "Trivy",
}
NEEDS = {
    "context": "the build context: silent with `--no-context`",
    "policy": "a requirement in the table `[policy]` of `dlint.toml`",
    "shellcheck": "the program ShellCheck: silent without `--shellcheck`",
    "entry": "files that start builds: silent with `--no-entries`",
}
# What examples are, by the first word of their block: a Dockerfile, or a file that starts builds.
FILES = {
    "dockerfile": "Dockerfile",
    "yaml": "compose.yaml",
    "hcl": "docker-bake.hcl",
    "json": ".devcontainer/devcontainer.json",
    "ini": "app.build",
}
BLOCK = re.compile(
    rf"^```((?:{'|'.join(FILES)}) (?:bad|good|fixed)(?: \S+)?|tree|dockerignore|config)\n(.*?)^```$", re.M | re.S
)
LABELS = {
    "bad": "Reported",
    "good": "Not reported",
    "fixed": "After the fix",
    "tree": "Files of the build context",
    "dockerignore": ".dockerignore",
    "config": "dlint.toml",
}
# Tests have names that are not ASCII on purpose; readers need not wonder about them.
PLAIN = {"größe": "data", "앱": "app", "시작": "start", "소스": "src"}
# The most lines that an example for readers has, if there is a choice.
SHORT = 12


def inline(text):
    """A sentence of dlint's as HTML."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", html.escape(text, quote=False))


def sentence(text):
    return text[0].upper() + text[1:]


def size(count):
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= factor:
            return f"{float(f'{count / factor:.3g}'):g} {unit}"
    return f"{count} B"


def fixes(page):
    """The rows of the table in docs/fixes.md, by rule."""
    rows = {}
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if len(cells) == 5 and cells[2] in ("safe", "unsafe"):
            for rule in cells[1].strip("`").split(","):
                rows.setdefault(rule, []).append(cells)
    return rows


def write_tree(folder, text):
    """Makes the files of a `tree` block."""
    for line in filter(None, map(str.strip, text.splitlines())):
        path, _, rest = line.partition(" ")
        file = folder / path.rstrip("*/")
        file.parent.mkdir(parents=True, exist_ok=True)
        count = re.fullmatch(r"(\d+)(B|kB|MB|GB)?", rest.strip())
        if path.endswith("/"):
            file.mkdir(exist_ok=True)
        elif rest.startswith("-> "):
            file.symlink_to(rest[3:])
        elif count:
            with open(file, "wb") as sparse:
                sparse.truncate(int(count[1]) * {"kB": 10**3, "MB": 10**6, "GB": 10**9}.get(count[2], 1))
        else:
            file.write_text(rest.strip().replace("\\r", "\r").replace("\\n", "\n"), newline="")
        if path.endswith("*"):
            file.chmod(0o755)


@dataclass
class Block:
    kind: str
    text: str
    # What sets it up: a tree, an ignore file, a configuration.
    before: dict
    # The path of the file that it is.
    file: str = "Dockerfile"

    @classmethod
    def of(cls, info, text, before=()):
        """The block of an example; nothing for what sets one up."""
        language, *rest = info.split()
        return cls(rest[0], text, dict(before), (rest[1:] or [FILES[language]])[0]) if rest else None

    @property
    def comment(self):
        return "//" if self.file.endswith(".json") else "#"

    def label(self):
        """What stands above it."""
        where = "" if self.file == "Dockerfile" else f"{self.file}: "
        label = LABELS[self.kind]
        return f"{where}{label.lower()}" if where else label

    def plain(self):
        """The same for readers."""

        def text(words):
            for odd, word in PLAIN.items():
                words = words.replace(odd, word)
            return words

        return Block(self.kind, text(self.text), {kind: text(words) for kind, words in self.before.items()}, self.file)


@dataclass
class Rule:
    name: str
    front: dict
    what: str
    why: str
    examples: str
    blocks: list
    tried: list = field(default_factory=list)

    @classmethod
    def read(cls, path, tried):
        _, front, page = path.read_text().split("+++\n", 2)
        front = tomllib.loads(front)
        what, rest = page.split("## What it does\n", 1)[1].split("\n## Why\n", 1)
        why, examples = rest.split("\n## Examples\n", 1)
        blocks, before, at = [], {}, 0
        for found in BLOCK.finditer(examples):
            if re.search(r"^#+ ", examples[at : found.start()], re.M):
                before = {}
            at = found.end()
            block = Block.of(found[1], found[2], before)
            if block:
                blocks.append(block)
            else:
                # A new tree stands for another context.
                before = ({} if found[1] == "tree" else dict(before)) | {found[1]: found[2]}
        return cls(path.stem, front, what.strip(), why.strip(), examples, blocks, tried.get(path.stem, []))

    @property
    def category(self):
        return self.front["category"]

    # What readers see first.

    def examples_for_readers(self):
        """The first example that is short and in plain letters, what the fix makes of it, and one that is fine."""

        def cost(block):
            plain = block.plain()
            text = plain.text + "".join(plain.before.values())
            return (not text.isascii(), len(block.text.splitlines()) > SHORT + block.text.count("^"), len(block.before) > 2)

        bad = [block for block in self.blocks if block.kind == "bad"]
        if not bad:
            return None, None, min((b for b in self.blocks if b.kind == "good"), key=cost, default=None)
        first = min(bad, key=cost)
        at = self.blocks.index(first)
        fixed = self.blocks[at + 1] if at + 1 < len(self.blocks) and self.blocks[at + 1].kind == "fixed" else None
        good = [block for block in self.blocks if block.kind == "good"]
        same = [block for block in good if block.before == first.before] or [b for b in good if not b.before] or good
        words = set(re.findall(r"\S+", first.text))
        near = lambda block: (*cost(block), -len(words & set(re.findall(r"\S+", block.text))))
        return first, fixed, min(same, key=near, default=None)

    def findings(self, program, block, text=None):
        """What dlint says of an example, as its JSON has it."""
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder) / "app"
            folder.mkdir()
            write_tree(folder, block.before.get("tree", ""))
            if "dockerignore" in block.before:
                (folder / ".dockerignore").write_text(dockerfile.parts(block.before["dockerignore"])[0])
            (folder / block.file).parent.mkdir(exist_ok=True)
            (folder / block.file).write_text(text or dockerfile.parts(block.text)[0], newline="")
            settings = block.before.get("config")
            if settings:
                (folder.parent / "dlint.toml").write_text(settings)
            config = ["--config", "../dlint.toml"] if settings else ["--no-config"]
            context = [] if {"tree", "dockerignore"} & set(block.before) or block.file != "Dockerfile" else ["--no-context"]
            ran = subprocess.run(
                [program, *config, *context, "--select", self.name, "--format", "json", block.file],
                cwd=folder, capture_output=True, text=True,
            )
        report = json.loads(ran.stdout)
        files = {file["path"]: file["findings"] for file in report["files"]}
        return {path: [f for f in found if f["rule"] == self.name] for path, found in files.items()}

    def setup(self, block, skip=()):
        shown = []
        for kind, text in block.before.items():
            if kind in skip:
                continue
            body = dockerfile.code(*dockerfile.parts(text)) if kind == "dockerignore" else dockerfile.plain(files(text) if kind == "tree" else text)
            shown.append(figure("setup", LABELS[kind], body))
        return "".join(shown)

    def bad(self, program, block):
        """An example that is reported, with what dlint says of it; its findings; the Dockerfile."""
        clean, marks = dockerfile.parts(block.text)
        found = self.findings(program, block)
        shown = []
        for path, text, label in ((".dockerignore", block.before.get("dockerignore"), ".dockerignore"), (block.file, clean, block.file)):
            findings = next((f for name, f in found.items() if name.endswith(path)), [])
            if text is None:
                continue
            text = dockerfile.parts(text)[0]
            if findings:
                label = block.label() if path == block.file else f"{label}: {LABELS['bad'].lower()}"
                shown.append(figure("bad", label, dockerfile.code(text, places(text, findings)), said(findings)))
            elif path == block.file and not any(found.values()):
                messages = dict.fromkeys((line, message) for line, _, _, message in marks if message)
                words = "".join(f"<p>line {line + 1}: {inline(message)}</p>" for line, message in messages)
                shown.append(figure("bad", block.label(), dockerfile.code(clean, marks), words))
            else:
                shown.append(figure("setup", label, dockerfile.code(text)))
        return self.setup(block, skip=["dockerignore"]) + "".join(shown), found, clean

    def suppressed(self, program, block, found, clean):
        """The instruction of the first finding below a comment that suppresses it; nothing if none does."""
        findings = next((f for path, f in found.items() if path.endswith(block.file) and f), None)
        if not findings:
            return None
        lines = clean.rstrip("\n").split("\n")
        comment = f"{block.comment} dlint ignore={self.name} why this is fine here"
        if block.file != "Dockerfile":
            at = findings[0]["start"]["line"] - 1
            comment = lines[at][: len(lines[at]) - len(lines[at].lstrip())] + comment
            left = self.findings(program, block, "\n".join([*lines[:at], comment, *lines[at:]]) + "\n")
            return "\n".join([comment, lines[at]]) if sum(map(len, left.values())) < len(findings) else None
        for at in range(min(findings[0]["start"]["line"], len(lines)) - 1, -1, -1):
            if not dockerfile.KEYWORD.match(lines[at]):
                continue
            text = "\n".join([*lines[:at], comment, *lines[at:]]) + "\n"
            left = self.findings(program, block, text)
            if sum(map(len, left.values())) < sum(map(len, found.values())):
                shown = lines[at : at + 1]
                while re.search(r"\\\s*$", shown[-1]) and at + len(shown) < len(lines):
                    shown.append(lines[at + len(shown)])
                return "\n".join([comment, *shown])
        return None

    def suppressed_in_file(self, program, block, found, clean):
        """Whether a comment for the whole file suppresses the findings."""
        text = clean.rstrip("\n") + f"\n{block.comment} dlint ignore-file={self.name} why\n"
        return any(found.values()) and not any(self.findings(program, block, text).values())

    def facts(self):
        front = self.front
        rows = [
            ("Severity", f'<span class="severity at-{front["severity"]}">{front["severity"]}</span>'),
            ("Preset", inline("on where the policy asks for it" if self.category == "policy" else PRESETS[front["preset"]])),
            ("Category", f'<a href="category/{self.category}.html">{self.category}</a>'),
            ("Fix", {"none": "none", "safe": "safe", "unsafe": "unsafe: needs review"}[front["fix"]]),
        ]
        if front.get("needs") in NEEDS:
            rows.append(("Needs", inline(NEEDS[front["needs"]])))
        builders = self.builders()
        if builders:
            rows.append(("Seen with", ", ".join(builders)))
        rows.append(("Since", f'dlint {front["since"]}'))
        if front.get("renamed-from"):
            rows.append(("Old names", ", ".join(f"<code>{name}</code>" for name in front["renamed-from"])))
        if front.get("status") == "deprecated":
            instead = front.get("replaced-by")
            reason = inline(front.get("reason", ""))
            rows.append(("Deprecated", f'use <a href="{instead}.html"><code>{instead}</code></a>. {reason}' if instead else reason))
        cells = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in rows)
        return f'<dl class="facts">{cells}</dl>\n\n'

    def builders(self):
        """The builders whose behaviour the page tells, where it gives their versions."""
        text = " ".join(f"{self.what} {self.why}".split())
        named = [f"Docker Engine {v}" for v in re.findall(r"Docker Engine (\d+(?:\.\d+)+)", text)]
        if re.search(r"(?:source|BuildKit|that|and) of August 2026", text):
            named.append("BuildKit of August 2026")
        for builder in ("buildah", "podman"):
            named += [f"{builder.capitalize()} {v}" for v in re.findall(rf"{builder} \(?(\d+(?:\.\d+)+)", text, re.I)]
        if named and "classic builder" in text:
            named.append("the classic builder")
        return list(dict.fromkeys(named))

    def fix(self):
        kind = self.front["fix"]
        if kind == "none":
            return "There is no automatic fix: what to write depends on what you want.\n\n"
        how = {
            "safe": "`dlint --fix` applies it. It keeps the build working, and changes nothing in the image but what the finding is about.",
            "unsafe": "`dlint --unsafe-fixes` applies it, and `--diff` shows it first: it may change more than the finding is about.",
        }[kind]
        out = [how, ""]
        if self.tried:
            table = ["| case | fix | what differs |", "| --- | --- | --- |"]
            table += [f"| {case} | {fix} | {differs} |" for case, _, fix, _, differs in self.tried]
            out += ["Images were built before and after it, and compared ([how](../docs/fixes.md)).", ""]
            few = len(self.tried) < 4
            out += table if few else [f"<details><summary>{len(table) - 2} cases</summary>", "", *table, "", "</details>"]
            out.append("")
        return "\n".join(out) + "\n"

    def settings(self):
        front, name = self.front, self.name
        off = front["preset"] == "default" and self.category != "policy"
        lines = [f'ignore = ["{name}"]' if off else f'extend-select = ["{name}"]', "", "[severity]"]
        other = "warning" if front["severity"] == "error" else "error"
        lines.append(f'{name} = "{other}"')
        if front.get("options"):
            lines += ["", f"[rules.{name}]"]
            lines += [f"{option} = {json.dumps(default)}   # the default" for option, default in front["options"].items()]
        if front.get("needs") == "policy":
            before = next((b.before["config"] for b in self.blocks if "config" in b.before), "")
            lines = before.rstrip("\n").split("\n") + ["", "[severity]", f'{name} = "warning"']
            say = "The requirement turns the rule on, as an error:"
        elif off:
            say = "To turn it off, or to change its severity:"
        else:
            say = "To turn it on, or to change its severity:"
        word = "ignore" if off else "extend-select"
        after = "" if front.get("needs") == "policy" else f"\n\nFor one run: `dlint --{word} {name}`."
        return f"{say}\n\n```toml\n# dlint.toml\n" + "\n".join(lines) + f"\n```{after}\n\n"

    def others(self):
        tools = {}
        for tool, _, name in (alias.partition(":") for alias in self.front["aliases"]):
            tools.setdefault(TOOLS.get(tool, tool), []).append(f"`{name}`")
        if not tools:
            return ""
        table = "\n".join(f"| {tool} | {' '.join(names)} |" for tool, names in tools.items())
        return (
            "## In other tools\n\nThese names work wherever the name of the rule does: in settings, on the command line and in comments.\n\n"
            f"| tool | names |\n| --- | --- |\n{table}\n\n"
        )

    def page(self, program, prose):
        """The page as Markdown, and the tests as HTML; `prose` makes text of the rule file text of the site."""
        summary = self.front["summary"]
        bad, fixed, good = (block and block.plain() for block in self.examples_for_readers())
        out = [f"# {self.name}\n\n<p class=\"summary\">{inline(sentence(summary))}.</p>\n\n", self.facts()]
        out += [f"## What it does\n\n{prose(self.what)}\n\n## Why\n\n{prose(self.why)}\n\n"]
        found, clean = {}, ""
        examples = []
        if bad:
            shown, found, clean = self.bad(program, bad)
            examples.append(shown)
            if fixed:
                examples.append(figure("fixed", fixed.label(), dockerfile.code(fixed.text)))
        if good:
            if not bad or good.before != bad.before:
                examples.append(self.setup(good))
            examples.append(figure("good", good.label(), dockerfile.code(good.text)))
        if examples:
            out.append("## Example\n\n" + "".join(examples) + "\n")
        out += ["## Fix\n\n", self.fix(), "## Configure\n\n", self.settings()]
        comment = bad and self.suppressed(program, bad, found, clean)
        out.append("## Suppress\n\n")
        whole = bad and self.suppressed_in_file(program, bad, found, clean)
        if comment:
            above = "A comment above suppresses the rule there"
            out += [
                f"{above}; `{bad.comment} dlint ignore-file={self.name} why` does so for the whole file.\n\n" if whole else f"{above}.\n\n",
                dockerfile.block(comment) + "\n",
            ]
        else:
            out.append(
                f"`{bad.comment} dlint ignore-file={self.name} why`, anywhere in the {'Dockerfile' if bad.file == 'Dockerfile' else 'file'}.\n\n"
                if whole
                else f"{'No comment suppresses this rule: turn' if any(found.values()) else 'Turn'} it off in `dlint.toml`, for some files with `[[overrides]]`.\n\n"
            )
        out += [self.others(), "## Tests\n\n", TESTS, "\n"]
        return "".join(out), self.tests()

    def tests(self):
        """All examples of the rule file, in its order, with what is said between them."""
        out, at, count = [], 0, 0

        def prose(text):
            for part in filter(None, map(str.strip, re.split(r"\n\s*\n", text))):
                head = re.match(r"#+ (.*)", part)
                if head:
                    out.append(f"<h3>{inline(head[1])}</h3>")
                    part = part[head.end() :].strip()
                if part:
                    out.append(f"<p>{inline(' '.join(part.split()))}</p>")

        for found in BLOCK.finditer(self.examples):
            prose(self.examples[at : found.start()])
            at = found.end()
            kind, text = found[1], found[2]
            block = Block.of(kind, text)
            if block:
                count += block.kind != "fixed"
                clean, marks = dockerfile.parts(text)
                said = "".join(
                    f"<p>line {line + 1}: {inline(message)}</p>"
                    for line, message in dict.fromkeys((line, message) for line, _, _, message in marks if message)
                )
                out.append(figure(block.kind, block.label(), dockerfile.code(clean, marks), said))
            elif kind == "dockerignore":
                out.append(figure("setup", LABELS[kind], dockerfile.code(*dockerfile.parts(text))))
            else:
                out.append(figure("setup", LABELS[kind], dockerfile.plain(files(text) if kind == "tree" else text)))
        prose(self.examples[at:])
        return (
            f'<details class="tests"><summary>The {count} examples that dlint is tested with</summary>'
            "<p>They run with every build of dlint. Marked is exactly what must be found; the sentences are parts of the messages.</p>"
            f'{"".join(out)}</details>'
        )


def files(tree):
    """A `tree` block as a list of files."""
    out = []
    for line in filter(None, map(str.strip, tree.splitlines())):
        path, _, rest = line.partition(" ")
        rest = rest.strip()
        notes = ["executable"] if path.endswith("*") else []
        if re.fullmatch(r"\d+(B|kB|MB|GB)?", rest):
            notes.append(re.sub(r"(\d+)(\D*)", lambda found: f"{found[1]} {found[2] or 'B'}", rest))
            rest = ""
        if "\\r" in rest:
            notes.append("Windows line endings")
        text = re.sub(r"(\\r)?\\n", "; ", rest).rstrip("; ")
        note = f" ({', '.join(notes)})" if notes else ""
        out.append(f"{path.rstrip('*')}{note}" + (f" {text}" if text.startswith("->") else f": {text}" if text else ""))
    return "\n".join(out)


def places(text, findings):
    """What findings mark, as (line, start, end) from 0."""
    marks = []
    for f in findings:
        first, last = f["start"]["line"] - 1, f["end"]["line"] - 1
        for line in range(first, last + 1):
            length = len(text.split("\n")[line]) if line < len(text.split("\n")) else 0
            start = f["start"]["column"] - 1 if line == first else 0
            end = f["end"]["column"] - 1 if line == last else length
            marks.append((line, start, end))
    return marks


def said(findings):
    """What dlint says, as HTML."""
    out = []
    for f in findings[:6]:
        severity = f["severity"]
        out.append(f'<p><strong class="at-{severity}">{severity}</strong> line {f["start"]["line"]}: {inline(f["message"])}</p>')
        if f["saving"]:
            saving = f["saving"]
            about = "about " if saving["how"] == "estimated" else ""
            out.append(f'<p>saves {about}{size(saving["bytes"])} ({saving["how"]}, {html.escape(saving["source"])})</p>')
        if f["help"] and f["help"] not in (other["help"] for other in findings[: findings.index(f)]):
            out.append(f'<p>help: {inline(f["help"])}</p>')
    if len(findings) > 6:
        out.append(f"<p>and {len(findings) - 6} more</p>")
    return "".join(out)


def figure(kind, label, code, said=""):
    said = f'<div class="said">{said}</div>' if said else ""
    return f'<figure class="example {kind}"><figcaption>{label}</figcaption><pre><code class="nohighlight">{code}{dockerfile.NEWLINE}</code></pre>{said}</figure>\n'


def row(rule, up):
    front = rule.front
    aliases = " ".join(alias for alias in front["aliases"])
    return (
        f'<tr data-more="{html.escape(aliases)}" data-category="{rule.category}" data-preset="{front["preset"]}" data-fix="{front["fix"]}">'
        f'<td><a href="{up}{rule.name}.html"><code>{rule.name}</code></a><br>{inline(sentence(front["summary"]))}</td>'
        f'<td><span class="severity at-{front["severity"]}">{front["severity"]}</span></td>'
        f'<td>{front["preset"]}</td><td>{front["fix"]}</td></tr>'
    )


def table(rules, up):
    rows = "\n".join(row(rule, up) for rule in rules)
    head = "<th>rule</th><th>severity</th><th>preset</th><th>fix</th>"
    return f'<table class="rules"><thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody></table>\n'


def index(rules):
    count = {key: sum(rule.front["preset"] == key for rule in rules) for key in PRESETS}
    parts = [
        f"# All rules\n\n{len(rules)} rules: {count['default']} are on by default, {count['strict']} more with "
        f"`--select strict`, and {count['asked']} only if they are selected by name. `dlint explain RULE` shows the text of a page in the "
        "terminal.\n\n"
        '<div id="filter"></div>\n\n'
    ]
    for category, about in CATEGORIES.items():
        own = [rule for rule in rules if rule.category == category]
        parts.append(f"## {category.capitalize()}\n\n{about}\n\n{table(own, '')}\n")
    return "".join(parts)


def category(name, about, rules):
    own = [rule for rule in rules if rule.category == name]
    return (
        f"# {name.capitalize()}\n\n{about}\n\n`{name}` names all {len(own)} of these rules: `dlint --select {name}`, "
        f'`ignore = ["{name}"]`.\n\n{table(own, "../")}'
    )

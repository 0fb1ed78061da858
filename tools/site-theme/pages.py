"""What a page of the repository needs to be one of the site: links that lead to pages, and names of rules that are links."""

import os
import posixpath
import re
from pathlib import Path

import dockerfile

FENCE = re.compile(r"^(`{3,}|~{3,})([^\n`]*)\n(.*?)^\1[ \t]*$", re.M | re.S)
LINK = re.compile(r"(!?)\[((?:`[^`\n]*`|[^\[\]`])*)\]\(([^()\s]+)\)")
NAME = re.compile(r"(?<![\[`\w])`([a-z][a-z0-9-]*)`(?![`\]])")

# What mdBook's highlighter knows, of what is used.
COLOURED = {"bash", "console", "diff", "html", "ini", "javascript", "json", "markdown", "python", "sh", "shell", "text", "toml", "xml", "yaml"}


class Site:
    def __init__(self, root, texts, rules, repository):
        self.root, self.texts, self.rules, self.repository = Path(root), texts, rules, repository

    def page(self, path):
        """Where the file at `path` of the repository is in the book; nothing if it is not."""
        if path == "README.md":
            return "index.md"
        if path in self.texts:
            return path
        if path == "rules":
            return "rules/index.md"
        name = path.removeprefix("rules/").removesuffix(".md")
        return path if path == f"rules/{name}.md" and name in self.rules else None

    def link(self, path, target):
        """What `target` is on the site, said in the file at `path`; nothing if the site does not have it."""
        if re.match(r"[a-z]+:", target) or target.startswith("#"):
            return target
        to, _, anchor = target.partition("#")
        to = posixpath.normpath(posixpath.join(posixpath.dirname(path), to))
        page = self.page(to)
        if page:
            relative = os.path.relpath(page, os.path.dirname(self.page(path)) or ".")
            return relative + (f"#{anchor}" if anchor else "")
        if not (self.root / to).exists():
            raise SystemExit(f"{path}: {target} does not exist")
        return f"{self.repository.rstrip('/')}/{to}" if self.repository else None

    def prose(self, path, text, own):
        def link(found):
            target = self.link(path, found[3])
            return f"{found[1]}[{found[2]}]({target})" if target else found[2]

        def rule(found):
            if found[1] not in self.rules or found[1] == own:
                return found[0]
            return f"[{found[0]}]({self.link(path, f'/rules/{found[1]}.md'.lstrip('/') if '/' not in path else f'../rules/{found[1]}.md')})"

        # What is a link already stays one.
        out, at = [], 0
        for found in LINK.finditer(text):
            out += [NAME.sub(rule, text[at : found.start()]), link(found)]
            at = found.end()
        return "".join(out) + NAME.sub(rule, text[at:])

    @staticmethod
    def fence(found):
        marks, kind, text = found[1], found[2].strip(), found[3]
        if kind == "dockerfile":
            return dockerfile.block(text)
        # mdBook would ask a server what it can run.
        if kind == "rust":
            return f"{marks}rust,noplayground\n{text}{marks}"
        return found[0] if kind in COLOURED else f"{marks}text\n{text}{marks}"

    def rewritten(self, path, text, own=None):
        """The text of the file at `path` as a page of the book."""
        out, at = [], 0
        for found in FENCE.finditer(text):
            out.append(self.prose(path, text[at : found.start()], own))
            out.append(self.fence(found))
            at = found.end()
        out.append(self.prose(path, text[at:], own))
        return re.sub(r"<!--.*?-->\n?", "", "".join(out), flags=re.S)

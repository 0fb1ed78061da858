"""Dockerfiles as HTML: keywords and comments in colour, and what findings are about marked."""

import html
import re

# An empty line would end HTML that stands in Markdown.
NEWLINE = "&#10;"

KEYWORD = re.compile(
    r"(\s*)((?:ONBUILD\s+)?(?:ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|MAINTAINER|RUN|SHELL|STOPSIGNAL|USER"
    r"|VOLUME|WORKDIR))(?=\s)",
    re.I,
)


def carets(line):
    """The marks of a caret line as columns from 0, and its text; nothing for another line."""
    # JSON has comments of another kind.
    line = re.sub(r"^(\s*)//", r"\1# ", line)
    indent = len(line) - len(line.lstrip())
    tail = line[indent + 1 :]
    if not line[indent:].startswith("#") or not tail.lstrip().startswith("^"):
        return None
    # `#^^` marks from the `#` on.
    begun = indent if tail.startswith("^") else None
    marks, message = [], ""
    for column, letter in enumerate(tail + " ", indent + 1):
        if letter == "^":
            begun = column if begun is None else begun
            continue
        if begun is not None:
            marks.append((begun, column))
            begun = None
        if not letter.isspace():
            message = line[column:].strip()
            break
    return marks, message


def parts(text):
    """The text without caret lines, and the marks: line from 0, first and last column, message."""
    lines, marks = [], []
    for line in text.split("\n"):
        found = carets(line)
        if found is None:
            lines.append(line)
        else:
            marks += [(len(lines) - 1, start, end, found[1]) for start, end in found[0]]
    return "\n".join(lines), marks


def code(text, marks=()):
    """The text as HTML; marks are (line, start, end, …)."""
    out = []
    goes_on = False
    for number, line in enumerate(text.rstrip("\n").split("\n")):
        classes = [""] * len(line)
        if re.match(r"\s*#", line):
            classes = ["comment"] * len(line)
        elif not goes_on and (found := KEYWORD.match(line)):
            classes[found.start(2) : found.end(2)] = ["keyword"] * (found.end(2) - found.start(2))
        if not re.match(r"\s*(#|$)", line):
            goes_on = bool(re.search(r"\\\s*$", line))
        marked = [False] * len(line)
        for at, start, end, *_ in marks:
            if at == number:
                marked[start:end] = [True] * len(marked[start:end])
        piece, row = "", []
        for column, letter in enumerate([*line, None]):
            here = None if letter is None else (classes[column], marked[column])
            if piece and here != state:
                shown = html.escape(piece, quote=False)
                shown = f'<span class="{state[0]}">{shown}</span>' if state[0] else shown
                row.append(f"<mark>{shown}</mark>" if state[1] else shown)
                piece = ""
            if letter is not None:
                piece, state = piece + letter, here
        out.append("".join(row))
    return NEWLINE.join(out)


def plain(text):
    """Other text as HTML."""
    return html.escape(text.rstrip("\n"), quote=False).replace("\n", NEWLINE)


def block(text, marks=()):
    return f'<pre><code class="nohighlight">{code(text, marks)}{NEWLINE}</code></pre>\n'

//! Reads the comments that suppress findings.

use crate::syntax::{DirectiveKind, File, ItemKind, Keyword};
use crate::text::Span;

/// Whose comment it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// `# dlint ignore=…`.
    Dlint,
    /// `# hadolint ignore=…`.
    Hadolint,
    /// `# check=skip=…`.
    Buildkit,
    /// `# shellcheck disable=…`.
    Shellcheck,
}

/// What a comment is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// The whole file.
    File,
    /// The stage that starts with this instruction.
    Stage(usize),
    /// This instruction.
    Instruction(usize),
    /// Nothing: no instruction follows.
    Nothing,
}

/// A comment that suppresses findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// Whose it is.
    pub dialect: Dialect,
    /// What it is about.
    pub reach: Reach,
    /// The comment from its `#` on, without the line ending.
    pub span: Span,
    /// Where the names stand; empty if the comment is malformed.
    pub names: Vec<Span>,
    /// Why, in the writer's words.
    pub reason: Option<Span>,
}

/// All suppressing comments of a file, in the order of the text; the `check` directive is one.
#[must_use]
pub fn read(file: &File) -> Vec<Suppression> {
    let mut all = Vec::new();
    let directive = file.directive(DirectiveKind::Check);
    // Most files have none: comments start with `dlint`, `hadolint` or `check`.
    if directive.is_none() && !["lint", "check"].iter().any(|word| file.text().contains(word)) {
        return all;
    }
    // BuildKit ignores a second `check` directive.
    if let Some(directive) = directive {
        let names = skipped(file.text(), directive.value_span);
        let span = directive.span;
        all.push(Suppression { dialect: Dialect::Buildkit, reach: Reach::File, span, names, reason: None });
    }
    let mut next = 0;
    for item in &file.items {
        match item.kind {
            ItemKind::Comment => {
                all.extend(file.comment_lines(item.span).filter_map(|line| comment(file, line, next, true)));
            }
            ItemKind::Instruction(index) => {
                inner(file, index, &mut all);
                next = index + 1;
            }
            _ => {}
        }
    }
    all.sort_by_key(|s| s.span);
    all
}

/// Comments inside the continuations of an instruction.
fn inner(file: &File, index: usize, all: &mut Vec<Suppression>) {
    let Some(instruction) = file.instructions.get(index) else { return };
    if instruction.logical.is_contiguous() {
        return;
    }
    let span = Span::new(instruction.span.start, instruction.effective().arguments.end);
    let mut start = span.start;
    for (i, line) in span.text(file.text()).split_inclusive('\n').enumerate() {
        let end = start + Span::of(0..line.len()).end;
        if i > 0 && line.trim_start().starts_with('#') {
            all.extend(comment(file, Span::new(start, end), index, false));
        }
        start = end;
    }
}

/// Reads one comment; `next` is the instruction that it is before or in.
fn comment(file: &File, line: Span, next: usize, before: bool) -> Option<Suppression> {
    let text = line.text(file.text());
    let start = text.len() - text.trim_start().len();
    let text = text.trim();
    let span = Span::of(0..text.len()).shift(line.start + Span::of(start..start).start);
    let mut words = Cursor { text, at: 1 };
    words.blanks();
    let instruction = file.instructions.get(next);
    let here = if instruction.is_some() { Reach::Instruction(next) } else { Reach::Nothing };
    if words.eat("check") && words.equals() {
        let value = Span::of(words.at..text.len()).shift(span.start);
        let names = skipped(file.text(), value);
        let stage = before && instruction.is_some_and(|i| i.keyword == Keyword::From);
        let reach = if stage { Reach::Stage(next) } else { here };
        return (!names.is_empty()).then_some(Suppression {
            dialect: Dialect::Buildkit,
            reach,
            span,
            names,
            reason: None,
        });
    }
    if let Some(names) = disabled(text) {
        let names = names.into_iter().map(|name| name.shift(span.start)).collect();
        return Some(Suppression { dialect: Dialect::Shellcheck, reach: here, span, names, reason: None });
    }
    let mut words = Cursor { text, at: 1 };
    words.blanks();
    let dialect = if words.eat("dlint") {
        Dialect::Dlint
    } else if words.eat("hadolint") {
        Dialect::Hadolint
    } else {
        return None;
    };
    if !words.blanks() {
        return None;
    }
    let mut reach = here;
    if words.eat("global") {
        words.blanks();
        reach = Reach::File;
    }
    let verb = words.at;
    if dialect == Dialect::Dlint && words.eat("ignore-file") {
        reach = Reach::File;
    } else if !words.eat("ignore") {
        // `# dlint disable=x` is a mistake, `# dlint is a linter` is prose.
        let assigns = text[verb..].split_whitespace().next().is_some_and(|w| w.contains('='));
        return (dialect == Dialect::Dlint && assigns).then_some(Suppression {
            dialect,
            reach,
            span,
            names: Vec::new(),
            reason: None,
        });
    }
    if !words.equals() {
        let prose = dialect != Dialect::Dlint || words.at < text.len();
        return (!prose).then_some(Suppression { dialect, reach, span, names: Vec::new(), reason: None });
    }
    let names = words.names().into_iter().map(|s| s.shift(span.start)).collect();
    let reason = text[words.at..].trim_start_matches([' ', '\t', '-', ':', '#']);
    let reason = reason.strip_prefix("reason=").unwrap_or(reason);
    let reason =
        (!reason.is_empty()).then(|| Span::of(text.len() - reason.len()..text.len()).shift(span.start));
    Some(Suppression { dialect, reach, span, names, reason })
}

/// The names in `skip=A,B;error=true`; text behind a blank does not count.
fn skipped(text: &str, value: Span) -> Vec<Span> {
    let shown = value.text(text);
    let shown = shown.split([' ', '\t']).next().unwrap_or("");
    let mut names = Vec::new();
    let mut at = value.start;
    for part in shown.split(';') {
        if let Some(list) = part.strip_prefix("skip=") {
            let mut start = at + 5;
            for name in list.split(',') {
                let end = start + Span::of(0..name.len()).end;
                if !name.is_empty() {
                    names.push(Span::new(start, end));
                }
                start = end + 1;
            }
        }
        at += Span::of(0..part.len()).end + 1;
    }
    names
}

/// The codes in `# shellcheck shell=dash disable=SC2086,SC2046 # why`; `None` if it disables none.
fn disabled(comment: &str) -> Option<Vec<Span>> {
    let mut words = Cursor { text: comment, at: 1 };
    words.blanks();
    let mut names = Vec::new();
    if !words.eat("shellcheck") {
        return None;
    }
    while words.blanks() {
        let rest = words.rest();
        let word = rest.split([' ', '\t']).next().unwrap_or("");
        if word.starts_with('#') {
            break;
        }
        if let Some(list) = word.strip_prefix("disable=") {
            let mut start = words.at + word.len() - list.len();
            for name in list.split(',') {
                if !name.is_empty() {
                    names.push(Span::of(start..start + name.len()));
                }
                start += name.len() + 1;
            }
        }
        words.at += word.len();
    }
    (!names.is_empty()).then_some(names)
}

/// A place in a comment's text.
struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    /// Skips blanks; true if there were any.
    fn blanks(&mut self) -> bool {
        let rest = self.rest();
        let skipped = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        self.at += skipped;
        skipped > 0
    }

    /// Skips `word` if it stands here as a whole.
    fn eat(&mut self, word: &str) -> bool {
        let Some(after) = self.rest().strip_prefix(word) else { return false };
        let whole = !after.starts_with(|c: char| c.is_alphanumeric() || c == '-' || c == '_');
        self.at += if whole { word.len() } else { 0 };
        whole
    }

    /// Skips a `=` and the blanks around it.
    fn equals(&mut self) -> bool {
        let start = self.at;
        self.blanks();
        if !self.rest().starts_with('=') {
            self.at = start;
            return false;
        }
        self.at += 1;
        self.blanks();
        true
    }

    /// Names between commas, up to the first blank that no comma stands beside.
    fn names(&mut self) -> Vec<Span> {
        let mut names = Vec::new();
        loop {
            let rest = self.rest();
            let len = rest.find([' ', '\t', ',']).unwrap_or(rest.len());
            // `a,b: why` names `b`.
            let name = rest[..len].trim_end_matches(':');
            if !name.is_empty() {
                names.push(Span::of(self.at..self.at + name.len()));
            }
            self.at += len;
            let end = self.at;
            self.blanks();
            if !self.rest().starts_with(',') {
                self.at = end;
                return names;
            }
            self.at += 1;
            self.blanks();
        }
    }
}

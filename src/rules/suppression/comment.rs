//! Reads the comments that suppress findings, and those by which a file asks for more.

use std::sync::LazyLock;

use memchr::memmem;

use crate::syntax::{DirectiveKind, File, ItemKind, Keyword};
use crate::text::{Arrange, Span, lines_with_ends, trim_start};

/// Whose comment it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// `# dlint ignore=…`, also with a colon after `dlint`.
    Dlint,
    /// `# hadolint ignore=…`, `# hadolint stage ignore=…`.
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
    /// The line that begins at this offset, of a file that is no Dockerfile.
    Line(u32),
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
    /// Where the names stand; empty if the comment is malformed, or prose.
    pub names: Vec<Span>,
    /// Why, in the writer's words. Without names, what stands behind `ignore` in the place of a `=`.
    pub reason: Option<Span>,
}

/// What a `# check=…` asks for beside skipping checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// What it is about.
    pub reach: Reach,
    /// `error=true`: what BuildKit finds there fails the build.
    pub error: bool,
    /// `experimental=…`: checks that are off unless a file asks for them.
    pub experimental: Vec<Span>,
}

/// The comments of a file that are more than words.
#[derive(Debug, Clone, Default)]
pub struct Comments {
    /// Those that suppress findings, in the order of the text; the `check` directive is one.
    pub suppressions: Vec<Suppression>,
    /// What `# check=…` asks for.
    pub demands: Vec<Demand>,
}

/// What every comment of interest has in it.
static MARKS: LazyLock<[memmem::Finder<'_>; 2]> =
    LazyLock::new(|| ["lint", "check"].map(memmem::Finder::new));

/// Reads the comments of a file.
#[must_use]
pub fn read(file: &File) -> Comments {
    let mut all = Comments::default();
    let directive = file.directive(DirectiveKind::Check);
    // Most files have none: comments start with `dlint`, `hadolint`, `shellcheck` or `check`.
    let text = file.text().as_bytes();
    if directive.is_none() && !MARKS.iter().any(|mark| mark.find(text).is_some()) {
        return all;
    }
    // BuildKit ignores a second `check` directive.
    if let Some(directive) = directive {
        all.check(file, directive.span, directive.value_span, Reach::File);
    }
    let mut reader = Reader { file, stage: None, all };
    let mut next = 0;
    for item in &file.items {
        match item.kind {
            ItemKind::Comment => {
                for line in file.comment_lines(item.span) {
                    reader.comment(line, next, true);
                }
            }
            ItemKind::Instruction(index) => {
                if file.instructions.get(index).is_some_and(|i| i.keyword == Keyword::From) {
                    reader.stage = Some(index);
                }
                reader.inner(index);
                next = index + 1;
            }
            _ => {}
        }
    }
    let mut all = reader.all;
    all.suppressions.arrange_by_key(|s| s.span);
    all
}

impl Comments {
    /// Takes a `check` and its value.
    fn check(&mut self, file: &File, span: Span, value: Span, reach: Reach) {
        let text = file.text();
        let names = listed(text, value, "skip");
        if !names.is_empty() || reach == Reach::File {
            let dialect = Dialect::Buildkit;
            self.suppressions.push(Suppression { dialect, reach, span, names, reason: None });
        }
        let experimental = listed(text, value, "experimental");
        // As Go's `strconv.ParseBool` has it.
        let is_true = |v: &Span| matches!(v.text(text), "1" | "t" | "T" | "TRUE" | "true" | "True");
        let error = listed(text, value, "error").first().is_some_and(is_true);
        if error || !experimental.is_empty() {
            self.demands.push(Demand { reach, error, experimental });
        }
    }
}

struct Reader<'a> {
    file: &'a File,
    /// The FROM of the stage that is read.
    stage: Option<usize>,
    all: Comments,
}

impl Reader<'_> {
    /// Comments inside the continuations of an instruction.
    fn inner(&mut self, index: usize) {
        let Some(instruction) = self.file.instructions.get(index) else { return };
        if instruction.logical.is_contiguous() {
            return;
        }
        let span = Span::new(instruction.span.start, instruction.arguments.end);
        let mut start = span.start;
        for (i, line) in lines_with_ends(span.text(self.file.text())).enumerate() {
            let end = start + Span::of(0..line.len()).end;
            if i > 0 && trim_start(line).starts_with('#') {
                self.comment(Span::new(start, end), index, false);
            }
            start = end;
        }
    }

    /// The stage that a comment speaks of which names its stage: the one whose FROM follows, or the one
    /// that it is in; above all stages it is the first.
    fn stage(&self, next: usize) -> Reach {
        let is_from = |i: &usize| self.file.instructions.get(*i).is_some_and(|i| i.keyword == Keyword::From);
        let follows = Some(next).filter(is_from);
        let first = || (next..self.file.instructions.len()).find(is_from);
        follows.or(self.stage).or_else(first).map_or(Reach::Nothing, Reach::Stage)
    }

    /// Reads one comment; `next` is the instruction that it is before or in.
    fn comment(&mut self, line: Span, next: usize, before: bool) {
        let file = self.file;
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
            let stage = before && instruction.is_some_and(|i| i.keyword == Keyword::From);
            let reach = if stage { Reach::Stage(next) } else { here };
            self.all.check(file, span, value, reach);
            return;
        }
        if let Some(names) = disabled(text) {
            let names = names.into_iter().map(|name| name.shift(span.start)).collect();
            let dialect = Dialect::Shellcheck;
            self.all.suppressions.push(Suppression { dialect, reach: here, span, names, reason: None });
            return;
        }
        let mut words = Cursor { text, at: 1 };
        words.blanks();
        let dialect = if words.eat("dlint") {
            Dialect::Dlint
        } else if words.eat("hadolint") {
            Dialect::Hadolint
        } else {
            return;
        };
        // `# dlint: ignore=…`, as many linters have it.
        let colon = dialect == Dialect::Dlint && words.rest().starts_with(':');
        words.at += usize::from(colon);
        if !words.blanks() && !colon {
            return;
        }
        let mut reach = here;
        if words.eat("global") {
            words.blanks();
            reach = Reach::File;
        } else if words.eat("stage") {
            words.blanks();
            reach = self.stage(next);
        }
        let found = ignore(dialect, reach, span, words);
        self.all.suppressions.extend(found);
    }
}

/// Reads a comment of dlint's, `# dlint ignore=…` or with `//`, which is about `here` if it is not about the file. `text`
/// is the comment, and `span` its place.
pub(super) fn of_dlint(text: &str, mark: usize, span: Span, here: Reach) -> Option<Suppression> {
    let mut words = Cursor { text, at: mark };
    words.blanks();
    if !words.eat("dlint") {
        return None;
    }
    let colon = words.rest().starts_with(':');
    words.at += usize::from(colon);
    if !words.blanks() && !colon {
        return None;
    }
    let is_global = words.eat("global");
    words.blanks();
    ignore(Dialect::Dlint, if is_global { Reach::File } else { here }, span, words)
}

/// Reads a comment from its verb on.
fn ignore(dialect: Dialect, reach: Reach, span: Span, mut words: Cursor<'_>) -> Option<Suppression> {
    let text = words.text;
    let mut reach = reach;
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
        words.blanks();
        let reason = (words.at < text.len()).then(|| Span::of(words.at..text.len()).shift(span.start));
        return (dialect == Dialect::Dlint).then_some(Suppression {
            dialect,
            reach,
            span,
            names: Vec::new(),
            reason,
        });
    }
    let names = words.names().into_iter().map(|s| s.shift(span.start)).collect();
    let reason = text[words.at..].trim_start_matches([' ', '\t', '-', ':', '#']);
    let reason = reason.strip_prefix("reason=").unwrap_or(reason);
    let reason =
        (!reason.is_empty()).then(|| Span::of(text.len() - reason.len()..text.len()).shift(span.start));
    Some(Suppression { dialect, reach, span, names, reason })
}

/// The names that `option` has in `skip=A,B;error=true`; text behind a blank does not count.
fn listed(text: &str, value: Span, option: &str) -> Vec<Span> {
    let shown = value.text(text);
    let shown = shown.split([' ', '\t']).next().unwrap_or("");
    let mut names = Vec::new();
    let mut at = value.start;
    for part in shown.split(';') {
        if let Some((_, list)) = part.split_once('=').filter(|(name, _)| *name == option) {
            let mut start = at + Span::of(0..option.len()).end + 1;
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
            let name = rest[..len].trim_end_matches([':', ';']);
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

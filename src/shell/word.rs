use std::borrow::Cow;

use super::origin::Origin;
use super::skip;
use crate::text::{ShortText, Span};

/// One word of a command: its place, its static text and its expansions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The word as written, quotes included.
    pub span: Span,
    /// The pieces in source order; empty for a word of plain unquoted characters.
    pub parts: Box<[Part]>,
    /// False if `span` is that of an enclosing literal, because escapes moved the offsets.
    pub exact: bool,
    /// The value after quote removal, up to the first expansion.
    value: ShortText,
    literal: bool,
    quoted: bool,
    glob: bool,
    braces: bool,
}

/// One piece of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The piece as written, without the quotes around it.
    pub span: Span,
    /// What it is.
    pub kind: PartKind,
    /// True if it stands in single or double quotes.
    pub quoted: bool,
}

/// The kinds of [`Part`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartKind {
    /// Fixed text.
    Literal,
    /// `$name`, `${name}` or a special parameter.
    Variable(ShortText),
    /// `${name<operator>…}`, `${#name}` or `${!name}`.
    Parameter(ShortText),
    /// A variable inside the operand of the [`PartKind::Parameter`] before it; the spans nest.
    Nested(ShortText),
    /// `$( )` or backticks.
    Command,
    /// `$(( ))`.
    Arithmetic,
    /// `<( )` or `>( )`.
    Process,
}

impl Word {
    /// The value after quote removal, if no expansion is in it. Globs, braces and `~` stay as written.
    #[must_use]
    pub fn literal(&self) -> Option<Cow<'_, str>> {
        self.as_str().map(Cow::Borrowed)
    }

    /// Like [`Word::literal`], borrowed.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.literal.then_some(&*self.value)
    }

    /// True if the word is the fixed text `text`.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        self.literal && &*self.value == text
    }

    /// The value after quote removal up to the first expansion: all of it for a literal.
    #[must_use]
    pub fn static_prefix(&self) -> &str {
        &self.value
    }

    /// The word as written, quotes included.
    #[must_use]
    pub fn text<'a>(&self, file_text: &'a str) -> &'a str {
        self.span.text(file_text)
    }

    /// True if a quote or a backslash is in it.
    #[must_use]
    pub fn is_quoted(&self) -> bool {
        self.quoted
    }

    /// True if its value depends on a variable or a command.
    #[must_use]
    pub fn has_expansion(&self) -> bool {
        !self.literal
    }

    /// True if `*`, `?` or `[` stands in it outside quotes.
    #[must_use]
    pub fn has_glob(&self) -> bool {
        self.glob
    }

    /// True if a brace list or sequence (`{a,b}`, `{1..3}`) stands in it outside quotes.
    #[must_use]
    pub fn has_braces(&self) -> bool {
        self.braces
    }

    /// The names of the variables used, those in operands of `${…}` included.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match &part.kind {
            PartKind::Variable(name) | PartKind::Parameter(name) | PartKind::Nested(name) => Some(&**name),
            _ => None,
        })
    }

    /// A word of fixed text, as the exec form has them.
    pub(super) fn fixed(span: Span, value: &str, exact: bool) -> Self {
        Self {
            span,
            parts: Box::default(),
            exact,
            value: value.into(),
            literal: true,
            quoted: true,
            glob: false,
            braces: false,
        }
    }

    /// The word at `start..end` of the text of `origin`, all of whose bytes are plain.
    pub(super) fn plain(origin: Origin<'_>, start: usize, end: usize) -> Self {
        Self {
            span: origin.span(start, end),
            parts: Box::default(),
            exact: origin.is_exact(),
            value: origin.text.get(start..end).unwrap_or("").into(),
            literal: true,
            quoted: false,
            glob: false,
            braces: false,
        }
    }

    /// Reads the word that lies at `range` of the text of `origin`.
    pub(super) fn read(origin: Origin<'_>, start: usize, end: usize) -> Self {
        let mut raw = origin.text.get(start..end).unwrap_or("");
        // A line continuation at the end is not a part of it.
        while let Some(rest) = raw.strip_suffix("\\\n") {
            raw = rest;
        }
        let end = start + raw.len();
        let span = origin.span(start, end);
        if raw.bytes().all(is_plain) {
            return Self::plain(origin, start, end);
        }
        if let Some(inner) = simply_quoted(raw) {
            let from = start + 1;
            let kind = PartKind::Literal;
            return Self {
                span,
                parts: Box::new([Part { span: origin.span(from, from + inner.len()), kind, quoted: true }]),
                exact: origin.is_exact(),
                value: inner.into(),
                literal: true,
                quoted: true,
                glob: false,
                braces: false,
            };
        }
        let mut reader = Reader {
            origin,
            raw,
            start,
            at: 0,
            literal_from: 0,
            value: String::with_capacity(raw.len()),
            parts: Vec::new(),
            expanded: false,
            quoted: false,
            glob: false,
            braces: false,
        };
        reader.unquoted();
        Self {
            span,
            parts: reader.parts.into_boxed_slice(),
            exact: origin.is_exact(),
            value: reader.value.into(),
            literal: !reader.expanded,
            quoted: reader.quoted,
            glob: reader.glob,
            braces: reader.braces,
        }
    }
}

/// The content of `raw` if it is one pair of quotes around text in which nothing has a meaning.
fn simply_quoted(raw: &str) -> Option<&str> {
    let inner = match raw.as_bytes() {
        [quote @ (b'\'' | b'"'), inner @ .., close] if quote == close => inner,
        _ => return None,
    };
    let fixed = inner.iter().all(|byte| !matches!(byte, b'\'' | b'"' | b'\\' | b'$' | b'`'));
    fixed.then(|| raw.get(1..raw.len() - 1))?
}

/// True for what has no meaning to a shell anywhere in a word.
pub(super) const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'-' | b'_' | b'.' | b'/' | b':' | b'=' | b',' | b'+' | b'@' | b'%')
}

struct Reader<'a> {
    origin: Origin<'a>,
    raw: &'a str,
    start: usize,
    at: usize,
    literal_from: usize,
    value: String,
    parts: Vec<Part>,
    expanded: bool,
    quoted: bool,
    glob: bool,
    braces: bool,
}

impl Reader<'_> {
    fn byte(&self, ahead: usize) -> Option<u8> {
        self.raw.as_bytes().get(self.at + ahead).copied()
    }

    /// Adds text to the static value, which ends at the first expansion.
    fn keep(&mut self, text: &str) {
        if !self.expanded {
            self.value.push_str(text);
        }
    }

    fn keep_raw(&mut self, start: usize, end: usize) {
        let text = self.raw.get(start..end).unwrap_or("");
        self.keep(text);
    }

    fn part(&mut self, start: usize, end: usize, kind: PartKind, quoted: bool) {
        let span = self.origin.span(self.start + start, self.start + end);
        self.parts.push(Part { span, kind, quoted });
    }

    /// Closes the run of fixed text that ends here.
    fn end_literal(&mut self, quoted: bool) {
        if self.literal_from < self.at {
            self.part(self.literal_from, self.at, PartKind::Literal, quoted);
        }
    }

    fn unquoted(&mut self) {
        while let Some(byte) = self.byte(0) {
            match byte {
                b'\\' => self.escape(|_| true),
                b'\'' => {
                    self.end_literal(false);
                    self.single(self.at + 1);
                }
                b'"' => {
                    self.end_literal(false);
                    self.double(self.at + 1);
                }
                b'$' if self.byte(1) == Some(b'\'') => {
                    self.end_literal(false);
                    self.ansi_c(self.at + 2);
                }
                b'$' if self.byte(1) == Some(b'"') => {
                    self.end_literal(false);
                    self.double(self.at + 2);
                }
                b'$' | b'`' => self.expansion(false),
                b'<' | b'>' if self.byte(1) == Some(b'(') => {
                    self.end_literal(false);
                    let end = skip::balanced(self.raw.as_bytes(), self.at + 2, b')');
                    self.expand(end, PartKind::Process, false);
                }
                _ => {
                    match byte {
                        b'*' | b'?' | b'[' => self.glob = true,
                        b'{' => self.braces |= is_brace_list(self.raw.get(self.at..).unwrap_or("")),
                        _ => {}
                    }
                    self.run(|byte| {
                        matches!(
                            byte,
                            b'\\' | b'\'' | b'"' | b'$' | b'`' | b'<' | b'>' | b'*' | b'?' | b'[' | b'{'
                        )
                    });
                }
            }
        }
        self.end_literal(false);
    }

    /// Keeps this byte and those behind it that do not `stop` the run.
    fn run(&mut self, stop: impl Fn(u8) -> bool) {
        let from = self.at;
        self.at += 1;
        while self.byte(0).is_some_and(|byte| !stop(byte)) {
            self.at += 1;
        }
        self.keep_raw(from, self.at);
    }

    /// A backslash: it quotes the next character if `quotes` says so, and joins lines.
    fn escape(&mut self, quotes: impl Fn(u8) -> bool) {
        match self.byte(1) {
            Some(b'\n') => self.at += 2,
            Some(next) if quotes(next) => {
                self.quoted = true;
                let from = self.at + 1;
                let len = self.raw.get(from..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
                self.at = from + len;
                self.keep_raw(from, self.at);
            }
            _ => {
                self.at += 1;
                self.keep("\\");
            }
        }
    }

    fn single(&mut self, from: usize) {
        self.quoted = true;
        let rest = self.raw.as_bytes().get(from..).unwrap_or(&[]);
        let end = rest.iter().position(|&byte| byte == b'\'').map_or(self.raw.len(), |n| from + n);
        // The builder joins continued lines before a shell sees the quotes.
        for line in self.raw.get(from..end).unwrap_or("").split("\\\n") {
            self.keep(line);
        }
        self.part(from, end, PartKind::Literal, true);
        self.resume(end + 1);
    }

    fn double(&mut self, from: usize) {
        self.quoted = true;
        self.at = from;
        self.literal_from = from;
        let mut empty = true;
        while let Some(byte) = self.byte(0) {
            match byte {
                b'"' => break,
                b'\\' => self.escape(|next| matches!(next, b'$' | b'`' | b'"' | b'\\')),
                b'$' | b'`' => self.expansion(true),
                _ => self.run(|byte| matches!(byte, b'"' | b'\\' | b'$' | b'`')),
            }
            empty = false;
        }
        if empty {
            self.part(from, from, PartKind::Literal, true);
        }
        self.end_literal(true);
        self.resume(self.at + 1);
    }

    /// `$'…'`: the common escapes are resolved, the others kept as written.
    fn ansi_c(&mut self, from: usize) {
        self.quoted = true;
        self.at = from;
        while let Some(byte) = self.byte(0) {
            match byte {
                b'\'' => break,
                b'\\' => {
                    let known = match self.byte(1) {
                        Some(b'n') => Some("\n"),
                        Some(b't') => Some("\t"),
                        Some(b'r') => Some("\r"),
                        Some(b'\\') => Some("\\"),
                        Some(b'\'') => Some("'"),
                        Some(b'"') => Some("\""),
                        Some(b'e' | b'E') => Some("\x1b"),
                        _ => None,
                    };
                    self.keep(known.unwrap_or("\\"));
                    self.at += if known.is_some() { 2 } else { 1 };
                }
                _ => self.run(|byte| matches!(byte, b'\'' | b'\\')),
            }
        }
        self.part(from, self.at, PartKind::Literal, true);
        self.resume(self.at + 1);
    }

    fn resume(&mut self, at: usize) {
        self.at = at.min(self.raw.len());
        self.literal_from = self.at;
    }

    fn expand(&mut self, end: usize, kind: PartKind, quoted: bool) {
        self.expanded = true;
        self.part(self.at, end, kind, quoted);
        self.resume(end);
    }

    /// At `$` or a backtick: an expansion, or a plain `$`.
    fn expansion(&mut self, quoted: bool) {
        let bytes = self.raw.as_bytes();
        match (self.byte(0), self.byte(1)) {
            (Some(b'`'), _) => {
                self.end_literal(quoted);
                let end = skip::balanced(bytes, self.at + 1, b'`');
                self.expand(end, PartKind::Command, quoted);
            }
            (_, Some(b'(')) => {
                self.end_literal(quoted);
                let end = skip::balanced(bytes, self.at + 2, b')');
                let double =
                    self.byte(2) == Some(b'(') && bytes.get(..end).is_some_and(|b| b.ends_with(b"))"));
                self.expand(end, if double { PartKind::Arithmetic } else { PartKind::Command }, quoted);
            }
            (_, Some(b'{')) => {
                self.end_literal(quoted);
                self.braced(quoted);
            }
            (_, Some(next)) if is_name_start(next) => {
                self.end_literal(quoted);
                let end = name_end(bytes, self.at + 1);
                let name = self.raw.get(self.at + 1..end).unwrap_or("").into();
                self.expand(end, PartKind::Variable(name), quoted);
            }
            (_, Some(next)) if is_special(next) => {
                self.end_literal(quoted);
                let name = self.raw.get(self.at + 1..self.at + 2).unwrap_or("").into();
                self.expand(self.at + 2, PartKind::Variable(name), quoted);
            }
            _ => {
                self.at += 1;
                self.keep("$");
            }
        }
    }

    /// At `${`.
    fn braced(&mut self, quoted: bool) {
        let raw = self.raw;
        let bytes = raw.as_bytes();
        let from = self.at;
        let end = skip::balanced(bytes, from + 2, b'}');
        let mut name_from = from + 2;
        // `${#name}` and `${!name}`; `${#}` and `${!}` are parameters of their own.
        let marked =
            matches!(bytes.get(name_from), Some(b'#' | b'!')) && bytes.get(name_from + 1) != Some(&b'}');
        if marked {
            name_from += 1;
        }
        let name_to = match bytes.get(name_from) {
            Some(&byte) if is_name_start(byte) => name_end(bytes, name_from),
            Some(&byte) if is_special(byte) => {
                name_from + bytes.iter().skip(name_from).take_while(|b| b.is_ascii_digit()).count().max(1)
            }
            _ => name_from,
        };
        let name: ShortText = raw.get(name_from..name_to).unwrap_or("").into();
        if !marked && name_to + 1 == end {
            self.expand(end, PartKind::Variable(name), quoted);
            return;
        }
        self.expand(end, PartKind::Parameter(name), quoted);
        let mut at = name_to;
        while at < end {
            let name_from = match (bytes.get(at), bytes.get(at + 1)) {
                (Some(b'\\'), _) => {
                    at += 2;
                    continue;
                }
                (Some(b'$'), Some(b'{')) => at + 2,
                (Some(b'$'), _) => at + 1,
                _ => {
                    at += 1;
                    continue;
                }
            };
            let name_to = if bytes.get(name_from).is_some_and(|&b| is_name_start(b)) {
                name_end(bytes, name_from)
            } else {
                name_from
            };
            if name_from < name_to {
                let name = raw.get(name_from..name_to).unwrap_or("").into();
                self.part(at, name_to, PartKind::Nested(name), quoted);
            }
            at = name_to;
        }
    }
}

pub(super) const fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

pub(super) const fn is_special(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!')
}

pub(super) fn name_end(bytes: &[u8], from: usize) -> usize {
    let name = bytes.get(from..).unwrap_or(&[]);
    from + name.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count()
}

/// True if `text`, which begins with `{`, begins with a brace list or sequence. Looks at most 4 KiB ahead
/// so that a run of braces stays linear.
fn is_brace_list(text: &str) -> bool {
    let mut previous = b'{';
    for &byte in text.as_bytes().iter().skip(1).take(4096) {
        match byte {
            b',' => return true,
            b'.' if previous == b'.' => return true,
            b'}' | b'{' | b' ' | b'"' | b'\'' => return false,
            _ => previous = byte,
        }
    }
    false
}

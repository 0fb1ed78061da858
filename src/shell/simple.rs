//! Reads scripts of simple commands without `shuck`, in one pass and with the same result.
//!
//! Most scripts of a Dockerfile are words, quotes, variables, `$( )` and redirections joined by operators.
//! Whatever else is met, or may be an error, ends the attempt with `None`: then `shuck` reads it all.

use super::Script;
use super::command::{
    Assignment, Command, Connector, Link, List, ListKind, Pipeline, Place, Redirect, RedirectKind, Seat,
    Within,
};
use super::lower::{Root, enter};
use super::origin::Origin;
use super::word::{Word, is_name_start, is_plain, is_special, name_end};
use crate::text::Span;

/// `$( )` within `$( )` is read to this depth, which bounds the recursion.
const MAX_DEPTH: usize = 4;
/// Longer chains of `&&`, `||` and `|` are left to `shuck`, which has a limit of its own.
const MAX_CHAIN: usize = 200;

/// What begins or ends something else than a simple command, or changes how the rest is read.
const KEYWORDS: &[&str] = &[
    "if", "then", "elif", "else", "fi", "for", "while", "until", "do", "done", "case", "esac", "in",
    "select", "function", "time", "coproc", "foreach", "repeat", "always", "end", "shopt", "alias",
    "unalias",
];

/// A sequence of simple commands that is in no [`Script`] yet: lists and pipelines count from 0.
#[derive(Default)]
pub(super) struct Sequence {
    commands: Vec<Command>,
    pipelines: Vec<Pipeline>,
    substitutions: Vec<Substitution>,
}

/// A `$( )` in the words of a command.
struct Substitution {
    command: usize,
    span: Span,
    body: Sequence,
}

/// Reads all of `origin`, if it is simple.
pub(super) fn read(origin: Origin<'_>) -> Option<Sequence> {
    let mut scanner = Scanner { origin, bytes: origin.text.as_bytes(), at: 0, depth: 0, found: Vec::new() };
    scanner.sequence()
}

impl Sequence {
    /// Adds the commands to `script` as the list at `span`.
    pub(super) fn add(self, script: &mut Script, root: Root, span: Span) {
        let list = script.lists.len();
        let first_pipeline = script.pipelines.len();
        let within = enter(root.place.as_ref().map_or_else(Within::default, |place| place.within), root.kind);
        let len = self.commands.len();
        let Root { kind, place, owner } = root;
        script.lists.push(List { kind, span, place, owner, redirects: Vec::new(), len });
        script.pipelines.extend(self.pipelines);
        script.commands.reserve(len);
        let mut substitutions = self.substitutions.into_iter().peekable();
        for (index, mut command) in self.commands.into_iter().enumerate() {
            command.place.list = list;
            command.place.within = within;
            if let Some(seat) = &mut command.place.pipeline {
                seat.pipeline += first_pipeline;
            }
            let owner = script.push(command);
            while let Some(inner) = substitutions.next_if(|inner| inner.command == index) {
                let place = script.commands.get(owner).map(|command| command.place.clone());
                let root = Root { kind: ListKind::CommandSubstitution, place, owner: Some(owner) };
                inner.body.add(script, root, inner.span);
            }
        }
    }
}

struct Scanner<'a> {
    origin: Origin<'a>,
    bytes: &'a [u8],
    at: usize,
    /// The number of `$(` that are open.
    depth: usize,
    /// The substitutions in the command that is being read.
    found: Vec<(Span, Sequence)>,
}

impl Scanner<'_> {
    fn byte(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    /// True at the end of the text or at the `)` of the substitution.
    fn at_end(&self) -> bool {
        match self.byte(0) {
            None => self.depth == 0,
            Some(byte) => byte == b')' && self.depth > 0,
        }
    }

    fn sequence(&mut self) -> Option<Sequence> {
        let mut sequence = Sequence::default();
        self.gap()?;
        if self.at_end() {
            return (self.depth == 0).then_some(sequence);
        }
        let mut before =
            Link { connector: Connector::Start, span: Span::at(self.origin.span(self.at, self.at).start) };
        let (mut chain, mut pipes) = (0, false);
        loop {
            let index = sequence.commands.len();
            if index - chain > MAX_CHAIN {
                return None;
            }
            let mut command =
                self.command(Place { index, ..Place::start(0, before.span, Within::default()) })?;
            command.place.before = before;
            let found = self.found.drain(..);
            sequence.substitutions.extend(found.map(|(span, body)| Substitution {
                command: index,
                span,
                body,
            }));
            let after = self.operator()?;
            command.place.after = after;
            sequence.commands.push(command);
            let Some(link) = after else { break };
            match link.connector {
                Connector::Seq => chain = index + 1,
                Connector::Background => {
                    for command in sequence.commands.iter_mut().skip(chain) {
                        command.place.background = true;
                    }
                    chain = index + 1;
                }
                connector => pipes |= connector.is_pipe(),
            }
            if self.at_end() {
                if chain != index + 1 {
                    return None;
                }
                break;
            }
            before = link;
        }
        if pipes {
            sequence.seat_pipelines();
        }
        Some(sequence)
    }

    /// Behind a command: the operator that ends it, with the space that follows; none at the end.
    fn operator(&mut self) -> Option<Option<Link>> {
        let Some(byte) = self.byte(0) else { return (self.depth == 0).then_some(None) };
        let (connector, len) = match (byte, self.byte(1)) {
            (b')', _) => return (self.depth > 0).then_some(None),
            (b'\n', _) => {
                // Behind an escaped backslash it looks like a continuation.
                if self.at.checked_sub(1).and_then(|at| self.bytes.get(at)) == Some(&b'\\') {
                    return None;
                }
                let newline = self.gap()??;
                let span = self.origin.span(newline, newline + 1);
                let end = self.at_end();
                return Some((!end).then_some(Link { connector: Connector::Seq, span }));
            }
            (b';', Some(b';' | b'&' | b'|')) | (b'&', Some(b'|' | b'!' | b'>')) => return None,
            (b';', _) => (Connector::Seq, 1),
            (b'&', Some(b'&')) => (Connector::And, 2),
            (b'&', _) => (Connector::Background, 1),
            (b'|', Some(b'|')) => (Connector::Or, 2),
            (b'|', Some(b'&')) => (Connector::PipeBoth, 2),
            (b'|', _) => (Connector::Pipe, 1),
            _ => return None,
        };
        let span = self.origin.span(self.at, self.at + len);
        self.at += len;
        self.gap()?;
        Some(Some(Link { connector, span }))
    }

    /// Skips spaces, continuations and newlines; says where the last newline is.
    fn gap(&mut self) -> Option<Option<usize>> {
        let mut newline = None;
        loop {
            self.blanks();
            match self.byte(0) {
                Some(b'\n') => {
                    newline = Some(self.at);
                    self.at += 1;
                }
                _ => return Some(newline),
            }
        }
    }

    /// Skips spaces and continuations.
    fn blanks(&mut self) {
        loop {
            match (self.byte(0), self.byte(1)) {
                (Some(b' ' | b'\t'), _) => self.at += 1,
                (Some(b'\\'), Some(b'\n')) => self.at += 2,
                _ => return,
            }
        }
    }

    fn command(&mut self, place: Place) -> Option<Command> {
        let (mut assignments, mut words, mut redirects) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            self.blanks();
            let start = self.at;
            match (self.byte(0), self.byte(1)) {
                (None | Some(b'\n' | b';' | b'|' | b')'), _) => break,
                (Some(b'&'), next) if next != Some(b'>') => break,
                (Some(b'<' | b'>' | b'&'), _) => redirects.push(self.redirect(start, &words)?),
                (Some(b'(' | b'#'), _) => return None,
                _ => {
                    let word = self.word()?;
                    let raw = self.origin.text.get(start..self.at)?;
                    if matches!(self.byte(0), Some(b'<' | b'>')) {
                        // A descriptor: a number, or `{name}` which is not modelled.
                        if raw.bytes().all(|byte| byte.is_ascii_digit()) {
                            redirects.push(self.redirect(start, &words)?);
                            continue;
                        }
                        if raw.ends_with(|c: char| c.is_ascii_digit() || matches!(c, '}' | '\n')) {
                            return None;
                        }
                    }
                    if words.is_empty() {
                        match self.assignment(start, raw) {
                            Some(_) if raw.ends_with('\n') => return None,
                            Some(assignment) => {
                                assignments.push(assignment);
                                continue;
                            }
                            None if !is_name(raw) => return None,
                            None => words.reserve(4),
                        }
                    } else if is_odd(raw) {
                        return None;
                    }
                    words.push(word);
                }
            }
        }
        (!words.is_empty() || !assignments.is_empty())
            .then(|| Command::new(assignments, words, redirects, place))
    }

    /// `raw`, at `start`, as `NAME=value` or `NAME+=value`.
    fn assignment(&self, start: usize, raw: &str) -> Option<Assignment> {
        let bytes = raw.as_bytes();
        let name = bytes.first().filter(|&&byte| is_name_start(byte)).map(|_| name_end(bytes, 0))?;
        let append = bytes.get(name) == Some(&b'+');
        let equals = name + usize::from(append);
        if bytes.get(equals) != Some(&b'=') {
            return None;
        }
        let value = Word::read(self.origin, start + equals + 1, self.at);
        let span = self.origin.span(start, start).to(value.span);
        Some(Assignment { name: raw.get(..name)?.into(), span, value: Some(value), append })
    }

    /// At the operator of a redirection that begins at `start`.
    fn redirect(&mut self, start: usize, words: &[Word]) -> Option<Redirect> {
        // Before the name of the command they are rare.
        words.first()?;
        let fd = match self.origin.text.get(start..self.at)? {
            "" => None,
            digits if digits.len() <= 2 => Some(digits.parse().ok()?),
            _ => return None,
        };
        let rest = self.bytes.get(self.at..)?;
        let (kind, len) = match rest {
            [b'&', b'>', b'>', ..] => return None,
            [b'&', b'>', ..] => (RedirectKind::WriteBoth, 2),
            [b'>', b'>', ..] => (RedirectKind::Append, 2),
            [b'>', b'&', b'0'..=b'9', ..] => (RedirectKind::Dup, 2),
            [b'>', b'|' | b'&', ..] | [b'<', b'<' | b'>' | b'&', ..] => return None,
            [b'>', ..] => (RedirectKind::Write, 1),
            _ => (RedirectKind::Read, 1),
        };
        self.at += len;
        while matches!(self.byte(0), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        let from = self.at;
        let target = self.word()?;
        let raw = self.origin.text.get(from..self.at)?;
        let simple = !raw.is_empty()
            && !raw.starts_with(['#', '\\'])
            && !raw.ends_with('\n')
            && !is_odd(raw)
            && self.found.is_empty()
            && !matches!(self.byte(0), Some(b'<' | b'>' | b'('));
        if !simple || kind == RedirectKind::Dup && !target.static_prefix().bytes().all(|b| b.is_ascii_digit())
        {
            return None;
        }
        let span = self.origin.span(start, start).to(target.span);
        Some(Redirect { span, fd, kind, target: Some(target), heredoc_body: None, quoted: false })
    }

    /// Reads the word here, which may be empty at an operator.
    fn word(&mut self) -> Option<Word> {
        let start = self.at;
        self.plain();
        if self.at_word_end() {
            return Some(Word::plain(self.origin, start, self.at));
        }
        let mut braces: usize = 0;
        while !self.at_word_end() {
            let byte = self.byte(0)?;
            match byte {
                b'\\' => self.escape()?,
                b'\'' => self.single()?,
                b'"' => self.double()?,
                b'$' => self.dollar(false)?,
                b'`' => return None,
                b'!'..=b'~' => {
                    match byte {
                        b'{' => braces += 1,
                        b'}' => braces = braces.checked_sub(1)?,
                        _ => {}
                    }
                    self.at += 1;
                }
                _ => return None,
            }
            self.plain();
        }
        if braces > 0 {
            return None;
        }
        Some(Word::read(self.origin, start, self.at))
    }

    fn plain(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        self.at += rest.iter().position(|&byte| !is_plain(byte)).unwrap_or(rest.len());
    }

    fn at_word_end(&self) -> bool {
        matches!(
            self.byte(0),
            None | Some(b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>')
        )
    }

    /// A backslash outside quotes.
    fn escape(&mut self) -> Option<()> {
        match (self.byte(1)?, self.byte(2)) {
            (b'\n', None | Some(b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'\\')) => {}
            (b' '..=b'~', _) => {}
            _ => return None,
        }
        self.at += 2;
        Some(())
    }

    fn single(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            match self.byte(0)? {
                b'\'' => break,
                byte if is_text(byte) => self.at += 1,
                _ => return None,
            }
        }
        self.at += 1;
        Some(())
    }

    fn double(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            match self.byte(0)? {
                b'"' => break,
                b'\\' if is_text(self.byte(1)?) => self.at += 2,
                b'$' => self.dollar(true)?,
                b'`' | b'\\' => return None,
                byte if is_text(byte) => self.at += 1,
                _ => return None,
            }
        }
        self.at += 1;
        Some(())
    }

    fn dollar(&mut self, quoted: bool) -> Option<()> {
        match self.byte(1) {
            Some(b'(') => return self.substitution(),
            Some(b'{') => return self.parameter(),
            Some(byte) if is_name_start(byte) => self.at = name_end(self.bytes, self.at + 1),
            // `shuck` takes the second `$` for that of a `$'…'`.
            Some(b'$') if !quoted && matches!(self.byte(2), Some(b'\'' | b'"')) => return None,
            Some(byte) if is_special(byte) => self.at += 2,
            Some(b'[') => return None,
            _ if quoted => self.at += 1,
            _ => return None,
        }
        Some(())
    }

    fn substitution(&mut self) -> Option<()> {
        if self.depth >= MAX_DEPTH || self.byte(2) == Some(b'(') {
            return None;
        }
        let start = self.at;
        let outer = std::mem::take(&mut self.found);
        self.at += 2;
        self.depth += 1;
        let body = self.sequence()?;
        self.depth -= 1;
        self.at += 1;
        self.found = outer;
        self.found.push((self.origin.span(start, self.at), body));
        Some(())
    }

    /// `${name}`, `${#name}` or `${name<operator>…}` with a plain operand.
    fn parameter(&mut self) -> Option<()> {
        let from = self.at + 2 + usize::from(self.byte(2) == Some(b'#'));
        let byte = self.bytes.get(from).copied()?;
        self.at = match byte {
            _ if is_name_start(byte) => name_end(self.bytes, from),
            b'0'..=b'9' | b'@' | b'*' | b'?' => from + 1,
            _ => return None,
        };
        let length = self.bytes.get(from.checked_sub(1)?) == Some(&b'#');
        match (self.byte(0)?, self.byte(1)) {
            (b'}', _) => {}
            _ if length => return None,
            (b':', Some(b'-' | b'=' | b'?' | b'+')) | (b'-' | b'=' | b'?' | b'+' | b'%' | b'#' | b'/', _) => {
                self.at += 1;
                while self.byte(0).is_some_and(|byte| is_plain(byte) || matches!(byte, b'*' | b'#' | b'?')) {
                    self.at += 1;
                }
            }
            _ => return None,
        }
        if self.byte(0)? != b'}' {
            return None;
        }
        self.at += 1;
        Some(())
    }
}

impl Sequence {
    /// Finds the pipelines and gives their members a seat.
    fn seat_pipelines(&mut self) {
        for run in self.commands.chunk_by_mut(|_, next| next.place.before.connector.is_pipe()) {
            let length = run.len();
            let [first, .., last] = &*run else { continue };
            let pipeline = self.pipelines.len();
            self.pipelines.push(Pipeline {
                span: first.span.to(last.span),
                members: vec![None; length],
                pipes: run.iter().skip(1).map(|command| command.place.before).collect(),
            });
            for (position, command) in run.iter_mut().enumerate() {
                command.place.pipeline = Some(Seat { pipeline, position, length });
            }
        }
    }
}

/// True if `raw` at the start of a command can only be the name of one: no keyword, no assignment to an
/// element, nothing that changes how the rest is read, no quotes.
fn is_name(raw: &str) -> bool {
    if raw.starts_with(['{', '}', '!', '[', ']']) && raw != "[" || raw.contains(['\\', '\'', '"', '=']) {
        return false;
    }
    !(raw.len() <= 8 && KEYWORDS.contains(&raw))
}

/// True for a word behind the name whose first token `shuck` may take on its own.
fn is_odd(raw: &str) -> bool {
    match raw.as_bytes() {
        [b'[', b'[', ..] => true,
        [b']', rest @ ..] => !rest.is_empty(),
        [b'{', rest @ ..] => rest.iter().any(|byte| matches!(byte, b'\\' | b'\'' | b'"' | b'$' | b'{')),
        _ => false,
    }
}

/// True for text in quotes that nothing treats in its own way: control characters are left to `shuck`.
const fn is_text(byte: u8) -> bool {
    byte >= b' ' && byte != 0x7f || matches!(byte, b'\t' | b'\n')
}

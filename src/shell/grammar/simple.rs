//! Simple commands: assignments, words and redirections.

use super::{Bodies, Node, Parser, Simple, Substitution};
use crate::shell::command::{Assignment, Redirect, RedirectKind};
use crate::shell::word::{Word, is_name_start, name_end};
use crate::text::Span;

/// Commands that `shuck` finds by their value; it has no place for the name.
const BUILTINS: &[&str] =
    &["exit", "return", "break", "continue", "export", "declare", "local", "readonly", "typeset"];

impl Parser<'_> {
    pub(super) fn simple(&mut self) -> Option<Node> {
        let mut simple = Simple::default();
        let first = self.words.len();
        loop {
            self.blanks();
            let start = self.at;
            let named = first < self.words.len();
            match (self.byte(0), self.byte(1)) {
                (None | Some(b'\n' | b';' | b'|' | b')' | b'#'), _) => break,
                (Some(b'&'), next) if next != Some(b'>') => break,
                (Some(b'('), _) => return None,
                (Some(b'<' | b'>'), Some(b'(')) if named => {}
                (Some(b'<' | b'>' | b'&'), _) => {
                    self.redirect(start, &mut simple)?;
                    continue;
                }
                _ => {}
            }
            if !named && self.at_assignment() {
                simple.assignments.push(self.assignment()?);
                continue;
            }
            let word = self.word()?;
            let raw = self.since(start);
            if matches!(self.byte(0), Some(b'<' | b'>')) && start < self.at {
                // A descriptor: a number, or `{name}` which is not modelled.
                if raw.bytes().all(|byte| byte.is_ascii_digit()) {
                    self.redirect(start, &mut simple)?;
                    continue;
                }
                if raw.ends_with(is_odd_before_redirect) {
                    return None;
                }
            }
            let unclear = if named { is_odd(raw) } else { !is_name(raw, &word) };
            if unclear {
                return None;
            }
            self.words.push(word);
        }
        simple.words = self.words.drain(first..).collect();
        if simple.words.is_empty() && simple.assignments.is_empty() && simple.redirects.is_empty() {
            return None;
        }
        take(&mut self.substitutions, &mut simple.substitutions);
        Some(Node::Simple(simple))
    }

    /// True at `NAME=` or `NAME+=`.
    fn at_assignment(&self) -> bool {
        self.byte(0).is_some_and(is_name_start) && {
            let rest = self.bytes.get(name_end(self.bytes, self.at)..).unwrap_or(&[]);
            rest.starts_with(b"=") || rest.starts_with(b"+=")
        }
    }

    /// `NAME=value`, `NAME+=value` or `NAME=(…)`.
    fn assignment(&mut self) -> Option<Assignment> {
        let start = self.at;
        self.at = name_end(self.bytes, start);
        let name = self.since(start).into();
        let append = self.byte(0) == Some(b'+');
        self.at += 1 + usize::from(append);
        let from = self.at;
        let (end, value) = match self.byte(0) {
            Some(b'(') => {
                self.array()?;
                (self.origin.span(self.at, self.at), None)
            }
            Some(b'<' | b'>') => return None,
            _ => {
                let value = self.word()?;
                (value.span, Some(value))
            }
        };
        let raw = self.since(from);
        if raw.ends_with('\n')
            || matches!(self.byte(0), Some(b'<' | b'>')) && raw.ends_with(is_odd_before_redirect)
        {
            return None;
        }
        Some(Assignment { name, span: self.origin.span(start, start).to(end), value, append })
    }

    /// The values of an array, at `(`.
    fn array(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            self.gap()?;
            let start = self.at;
            match self.byte(0)? {
                b')' => break,
                b'[' | b'#' => return None,
                _ => self.word()?,
            };
            if start == self.at || is_odd(self.since(start)) {
                return None;
            }
        }
        self.at += 1;
        self.byte(0).is_none_or(super::scanner::is_word_end).then_some(())
    }

    /// The redirections behind a compound command, without substitutions.
    pub(super) fn redirects(&mut self) -> Option<Vec<Redirect>> {
        let mut simple = Simple::default();
        loop {
            self.blanks();
            let start = self.at;
            match (self.byte(0), self.byte(1)) {
                (Some(b'0'..=b'9'), Some(b'<' | b'>')) => self.at += 1,
                (Some(b'<' | b'>'), Some(b'(')) => return None,
                (Some(b'<' | b'>'), _) | (Some(b'&'), Some(b'>')) => {}
                _ => break,
            }
            self.redirect(start, &mut simple)?;
        }
        simple.redirected.is_empty().then_some(simple.redirects)
    }

    /// Adds the redirection that begins at `start`; its operator stands here.
    fn redirect(&mut self, start: usize, simple: &mut Simple) -> Option<()> {
        let fd = match self.since(start) {
            "" => None,
            digits if digits.len() <= 2 => Some(digits.parse().ok()?),
            _ => return None,
        };
        let rest = self.bytes.get(self.at..)?;
        let (kind, len) = match rest {
            [b'<', b'<', b'<', ..] => (RedirectKind::HereString, 3),
            [b'<', b'<', ..] if fd.is_some() => return None,
            [b'<', b'<', b'-', ..] => (RedirectKind::HereDoc, 3),
            [b'<', b'<', ..] => (RedirectKind::HereDoc, 2),
            [b'&', b'>', b'>', ..] => (RedirectKind::AppendBoth, 3),
            [b'&', b'>', ..] => (RedirectKind::WriteBoth, 2),
            [b'>', b'>', b'|', ..] => return None,
            [b'>', b'>', ..] => (RedirectKind::Append, 2),
            [b'>' | b'<', b'&', ..] => (RedirectKind::Dup, 2),
            [b'<', b'>', ..] => (RedirectKind::ReadWrite, 2),
            [b'>', b'|', ..] => (RedirectKind::Write, 2),
            [b'>', ..] => (RedirectKind::Write, 1),
            _ => (RedirectKind::Read, 1),
        };
        if kind == RedirectKind::HereString && fd.is_some() {
            return None;
        }
        self.at += len;
        while matches!(self.byte(0), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        take(&mut self.substitutions, &mut simple.substitutions);
        let from = self.at;
        let target = self.word()?;
        let raw = self.since(from);
        if raw.is_empty()
            || raw.starts_with(['#', '\\'])
            || raw.ends_with('\n')
            || is_odd(raw)
            || matches!(self.byte(0), Some(b'<' | b'>' | b'('))
        {
            return None;
        }
        if kind == RedirectKind::Dup {
            let digits = raw.strip_suffix('-').unwrap_or(raw);
            // A file name or a variable behind `>&` is rare.
            if !digits.bytes().all(|b| b.is_ascii_digit()) || digits.len() > 2 || self.at - len > from {
                return None;
            }
        }
        take(&mut self.substitutions, &mut simple.redirected);
        let span = self.origin.span(start, start).to(target.span);
        let quoted = kind == RedirectKind::HereDoc && target.is_quoted();
        let heredoc_body = match kind {
            RedirectKind::HereDoc => Some(self.document(target.as_str()?, quoted, len == 3)?),
            _ => None,
        };
        simple.redirects.push(Redirect { span, fd, kind, target: Some(target), heredoc_body, quoted });
        Some(())
    }

    /// Finds the body of a here-document, which is read when its line ends.
    fn document(&mut self, delimiter: &str, quoted: bool, tabs: bool) -> Option<Span> {
        let bodies = match self.bodies {
            Some(bodies) if self.at <= bodies.newline => bodies,
            Some(_) => return None,
            None => {
                let newline = self.at + self.bytes.get(self.at..)?.iter().position(|&byte| byte == b'\n')?;
                Bodies { newline, end: newline + 1 }
            }
        };
        let text = self.origin.text.get(..self.bytes.len())?;
        let (start, mut end) = (bodies.end, bodies.end);
        for line in text.get(start..)?.split_inclusive('\n') {
            let bare = line.strip_suffix('\n').unwrap_or(line);
            let bare = if tabs { bare.trim_start_matches('\t') } else { bare };
            if bare.strip_prefix(delimiter).is_some_and(|rest| rest.bytes().all(|b| b == b' ' || b == b'\t'))
            {
                let body = text.get(start..end)?;
                // Substitutions are left to `shuck`.
                if !quoted && (body.contains('`') || body.contains("$(")) {
                    return None;
                }
                self.bodies = Some(Bodies { end: end + line.len(), ..bodies });
                return Some(self.origin.span(start, end));
            }
            end += line.len();
        }
        None
    }
}

/// Moves all that was found to what was found before, without new room where nothing was.
fn take(found: &mut Vec<Substitution>, before: &mut Vec<Substitution>) {
    if before.is_empty() {
        std::mem::swap(found, before);
    } else {
        before.append(found);
    }
}

/// True for an end of a word that `shuck` may take for the descriptor of the redirection behind it.
fn is_odd_before_redirect(end: char) -> bool {
    end.is_ascii_digit() || matches!(end, '}' | '\n')
}

/// True if `name` begins or ends something else than a simple command, or changes how the rest is read.
#[rustfmt::skip]
pub(super) fn is_keyword(name: &str) -> bool {
    matches!(
        name,
        "if" | "then" | "elif" | "else" | "fi" | "for" | "while" | "until" | "do" | "done" | "case" | "esac"
            | "in" | "select" | "function" | "time" | "coproc" | "foreach" | "repeat" | "always" | "end"
            | "shopt" | "alias" | "unalias"
    )
}

/// True if `raw` at the start of a command can only be the name of one: no keyword, no assignment to an
/// element, nothing that changes how the rest is read.
fn is_name(raw: &str, word: &Word) -> bool {
    if raw.starts_with(['{', '}', '!', '[', ']']) && raw != "[" || raw.contains('=') {
        return false;
    }
    let special = |name: &str| is_keyword(name) || word.is_quoted() && BUILTINS.contains(&name);
    !word.as_str().is_some_and(special)
}

/// True for a word behind the name whose first token `shuck` may take on its own.
pub(super) fn is_odd(raw: &str) -> bool {
    match raw.as_bytes() {
        [b'[', b'[', ..] => true,
        [b']', rest @ ..] => !rest.is_empty(),
        [b'{', rest @ ..] => rest.iter().any(|byte| matches!(byte, b'\\' | b'\'' | b'"' | b'$' | b'{')),
        _ => false,
    }
}

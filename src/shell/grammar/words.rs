//! Words: where they end, and the substitutions in them.

use super::scanner::{is_text, is_word_end};
use super::{Parser, Substitution};
use crate::shell::command::ListKind;
use crate::shell::lower::has_backtick_escape;
use crate::shell::word::{Word, is_name_start, is_plain, is_special, name_end};

/// `${ }` within `${ }` is read to this depth.
const MAX_PARAMETER_DEPTH: usize = 2;

impl Parser<'_> {
    /// Reads the word here, which may be empty at an operator.
    pub(super) fn word(&mut self) -> Option<Word> {
        let start = self.at;
        self.plain();
        if self.at_word_end() && !self.at_process(start) {
            return Some(Word::plain(self.origin, start, self.at));
        }
        let mut braces: usize = 0;
        if self.at_process(start) {
            self.process()?;
            // What follows is another word.
            if !self.at_word_end() {
                return None;
            }
        }
        while !self.at_word_end() {
            let byte = self.byte(0)?;
            match byte {
                b'\\' => self.escape()?,
                b'\'' => self.single()?,
                b'"' => self.double()?,
                b'$' => self.dollar(false)?,
                b'`' => self.backticks()?,
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
        (braces == 0).then(|| Word::read(self.origin, start, self.at))
    }

    fn plain(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        self.at += rest.iter().position(|&byte| !is_plain(byte)).unwrap_or(rest.len());
    }

    fn at_word_end(&self) -> bool {
        self.byte(0).is_none_or(is_word_end)
    }

    /// True at the `<(` of a process substitution that begins the word at `start`.
    fn at_process(&self, start: usize) -> bool {
        self.at == start && matches!(self.byte(0), Some(b'<' | b'>')) && self.byte(1) == Some(b'(')
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

    /// `$'…'`
    fn ansi_c(&mut self) -> Option<()> {
        self.at += 2;
        loop {
            match self.byte(0)? {
                b'\'' => break,
                b'\\' if is_text(self.byte(1)?) => self.at += 2,
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
                b'`' => self.backticks()?,
                byte if is_text(byte) && byte != b'\\' => self.at += 1,
                _ => return None,
            }
        }
        self.at += 1;
        Some(())
    }

    fn dollar(&mut self, quoted: bool) -> Option<()> {
        match self.byte(1) {
            Some(b'(') if self.byte(2) == Some(b'(') => return self.arithmetic(),
            Some(b'(') => return self.command_substitution(),
            Some(b'{') => return self.parameter(quoted, 0),
            Some(b'\'') if !quoted => return self.ansi_c(),
            Some(byte) if is_name_start(byte) => self.at = name_end(self.bytes, self.at + 1),
            // `shuck` takes the second `$` for that of a `$'…'`.
            Some(b'$') if !quoted && matches!(self.byte(2), Some(b'\'' | b'"')) => return None,
            Some(byte) if is_special(byte) => self.at += 2,
            Some(b'[') => return None,
            next if quoted || next.is_none_or(is_word_end) => self.at += 1,
            _ => return None,
        }
        Some(())
    }

    fn command_substitution(&mut self) -> Option<()> {
        self.substitution(ListKind::CommandSubstitution, 2, |parser| (parser.byte(0)? == b')').then_some(()))
    }

    fn process(&mut self) -> Option<()> {
        self.substitution(ListKind::ProcessSubstitution, 2, |parser| (parser.byte(0)? == b')').then_some(()))
    }

    /// Backticks without an escape in them: those have no places.
    fn backticks(&mut self) -> Option<()> {
        let from = self.at + 1;
        let len = self.bytes.get(from..)?.iter().position(|&byte| byte == b'`')?;
        let text = self.origin.text.get(from..from + len)?;
        if has_backtick_escape(text) || text.ends_with('\\') {
            return None;
        }
        let all = self.bytes;
        self.bytes = all.get(..from + len)?;
        let read = self
            .substitution(ListKind::Backticks, 1, |parser| (parser.at == parser.bytes.len()).then_some(()));
        self.bytes = all;
        read
    }

    /// Reads a list that begins behind `open` bytes and ends before one byte that `closed` approves of.
    fn substitution(
        &mut self,
        kind: ListKind,
        open: usize,
        closed: impl FnOnce(&Self) -> Option<()>,
    ) -> Option<()> {
        let start = self.at;
        let outer = std::mem::take(&mut self.substitutions);
        let bodies = self.bodies.take();
        self.at += open;
        let items = self.deeper(Self::list)?;
        closed(self)?;
        if items.is_empty() || self.bodies.is_some() {
            return None;
        }
        self.at += 1;
        self.bodies = bodies;
        self.substitutions = outer;
        if self.substitutions.is_empty() {
            self.substitutions.reserve_exact(1);
        }
        self.substitutions.push(Substitution { kind, span: self.origin.span(start, self.at), items });
        Some(())
    }

    /// `$(( ))` without quotes and substitutions in it.
    fn arithmetic(&mut self) -> Option<()> {
        let mut open = 0;
        self.at += 1;
        loop {
            match self.byte(0)? {
                b'(' => open += 1,
                b')' if open == 1 => return None,
                b')' if open == 2 && self.byte(1)? == b')' => break,
                b')' => open -= 1,
                b'$' => match self.byte(1)? {
                    b'{' => {
                        self.parameter(false, 0)?;
                        continue;
                    }
                    byte if is_name_start(byte) || is_special(byte) => self.at += 1,
                    _ => return None,
                },
                byte if is_plain(byte) => {}
                b' ' | b'\t' | b'*' | b'<' | b'>' | b'!' | b'&' | b'|' | b'?' | b'~' | b'^' => {}
                _ => return None,
            }
            self.at += 1;
        }
        self.at += 2;
        Some(())
    }

    /// `${name}`, `${#name}` or `${name<operator>…}`, with an operand without substitutions.
    fn parameter(&mut self, quoted: bool, depth: usize) -> Option<()> {
        let mark = matches!(self.byte(2), Some(b'#' | b'!')) && self.byte(3) != Some(b'}');
        let from = self.at + 2 + usize::from(mark);
        let byte = self.bytes.get(from).copied()?;
        self.at = match byte {
            _ if is_name_start(byte) => name_end(self.bytes, from),
            b'0'..=b'9' | b'@' | b'*' | b'?' | b'#' => from + 1,
            _ => return None,
        };
        if self.byte(0)? == b'[' {
            match (self.byte(1)?, self.byte(2)?) {
                (b'@' | b'*' | b'0'..=b'9', b']') => self.at += 3,
                _ => return None,
            }
        }
        match (self.byte(0)?, self.byte(1)) {
            (b'}', _) => {
                self.at += 1;
                return Some(());
            }
            _ if mark => return None,
            (b':', _) | (b'-' | b'=' | b'?' | b'+' | b'%' | b'#' | b'/' | b'^' | b',', _) => self.at += 1,
            _ => return None,
        }
        loop {
            match self.byte(0)? {
                b'}' => break,
                b'$' => match self.byte(1)? {
                    b'{' if depth < MAX_PARAMETER_DEPTH => self.parameter(quoted, depth + 1)?,
                    byte if is_name_start(byte) || is_special(byte) => self.at += 2,
                    _ => return None,
                },
                b'\\' if is_text(self.byte(1)?) => self.at += 2,
                b'"' if !quoted => self.literal_string()?,
                b'\'' | b'"' | b'`' | b'\\' | b'{' | b'(' | b')' | b'<' | b'>' => return None,
                byte if is_text(byte) => self.at += 1,
                _ => return None,
            }
        }
        self.at += 1;
        Some(())
    }

    /// A double-quoted string within an operand: fixed text and variables.
    fn literal_string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            match self.byte(0)? {
                b'"' => break,
                b'$' if is_name_start(self.byte(1)?) => self.at += 2,
                b'$' | b'`' | b'\\' | b'{' | b'}' => return None,
                byte if is_text(byte) => self.at += 1,
                _ => return None,
            }
        }
        self.at += 1;
        Some(())
    }
}

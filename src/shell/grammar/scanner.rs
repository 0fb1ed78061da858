//! What stands between words: blanks, continuations, newlines, comments, and the bodies of here-documents.

use super::Parser;

/// What closes a compound command, or begins its next part: no command begins with it.
const CLOSING: &[&str] = &["then", "elif", "else", "fi", "do", "done", "esac"];

impl<'a> Parser<'a> {
    pub(super) fn byte(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    /// The text from `start` to here.
    pub(super) fn since(&self, start: usize) -> &'a str {
        self.origin.text.get(start..self.at).unwrap_or("")
    }

    /// Skips spaces and continuations.
    pub(super) fn blanks(&mut self) {
        loop {
            match self.byte(0) {
                Some(b' ' | b'\t') => self.at += 1,
                Some(b'\\') if self.byte(1) == Some(b'\n') => self.at += 2,
                _ => return,
            }
        }
    }

    /// Skips blanks, newlines and comments; says where the last newline is.
    pub(super) fn gap(&mut self) -> Option<Option<usize>> {
        let mut newline = None;
        loop {
            self.blanks();
            match self.byte(0) {
                Some(b'\n') => newline = Some(self.newline()?),
                Some(b'#') => self.comment()?,
                _ => return Some(newline),
            }
        }
    }

    /// Skips a newline and the bodies of here-documents behind it; says where the last newline was.
    fn newline(&mut self) -> Option<usize> {
        // Behind an escaped backslash it looks like a continuation.
        if self.at.checked_sub(1).and_then(|at| self.bytes.get(at)) == Some(&b'\\') {
            return None;
        }
        self.at = match self.bodies.take() {
            None => self.at + 1,
            Some(bodies) if bodies.newline == self.at => bodies.end,
            // It was skipped in quotes or as a continuation.
            Some(_) => return None,
        };
        Some(self.at - 1)
    }

    /// Skips a comment up to the newline.
    fn comment(&mut self) -> Option<()> {
        let rest = self.bytes.get(self.at..)?;
        let line = rest.iter().position(|&byte| byte == b'\n').map_or(rest, |end| &rest[..end]);
        // `shuck` and shells differ over control characters and a backslash at the end.
        if line.last() == Some(&b'\\') || !line.iter().all(|&byte| is_text(byte)) {
            return None;
        }
        self.at += line.len();
        Some(())
    }

    /// True where no command can begin: at the end, a closing bracket or keyword, or a `;;`.
    pub(super) fn at_list_end(&self) -> bool {
        match self.byte(0) {
            None | Some(b')' | b'}') => true,
            Some(b';') => matches!(self.byte(1), Some(b';' | b'&')),
            _ => self.at_closing_word(),
        }
    }

    /// True at a keyword that closes a compound command or begins its next part.
    pub(super) fn at_closing_word(&self) -> bool {
        matches!(self.byte(0), Some(b't' | b'e' | b'f' | b'd')) && CLOSING.contains(&self.bare_word())
    }

    /// The word here if it is of letters only, else nothing.
    pub(super) fn bare_word(&self) -> &'a str {
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        let len = rest.iter().take(9).take_while(|byte| byte.is_ascii_lowercase()).count();
        if rest.get(len).is_none_or(|&byte| is_word_end(byte)) {
            self.origin.text.get(self.at..self.at + len).unwrap_or("")
        } else {
            ""
        }
    }

    /// Skips `word` if it stands here on its own.
    pub(super) fn keyword(&mut self, word: &str) -> Option<()> {
        (self.bare_word() == word).then(|| self.at += word.len())
    }

    /// Skips the bracket `byte` if it stands here on its own.
    pub(super) fn bracket(&mut self, byte: u8) -> Option<()> {
        let alone = self.byte(1).is_none_or(|next| byte == b'(' || byte == b')' || is_word_end(next));
        (self.byte(0) == Some(byte) && alone).then(|| self.at += 1)
    }

    /// Reads something that is one level deeper.
    pub(super) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.depth >= super::MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let found = read(self);
        self.depth -= 1;
        found
    }
}

/// True for what ends a word outside quotes.
pub(super) const fn is_word_end(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>')
}

/// True for text in quotes that nothing treats in its own way: control characters are left to `shuck`.
pub(super) const fn is_text(byte: u8) -> bool {
    byte >= b' ' && byte != 0x7f || matches!(byte, b'\t' | b'\n')
}

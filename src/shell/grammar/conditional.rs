//! `[[ … ]]`

use super::scanner::is_word_end;
use super::{Node, Parser, Simple};

/// Operators between two words.
const BINARY: &[&str] = &["=", "==", "!=", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"];

impl Parser<'_> {
    /// `[[ … ]]` as a command of that name whose words are its operands.
    pub(super) fn conditional(&mut self) -> Option<Node> {
        let mut simple = Simple::default();
        self.brackets(b"[[", &mut simple)?;
        loop {
            self.test(&mut simple)?;
            match (self.byte(0)?, self.byte(1)?) {
                (b'&', b'&') | (b'|', b'|') => self.at += 2,
                _ => break,
            }
        }
        self.brackets(b"]]", &mut simple)?;
        simple.substitutions.append(&mut self.substitutions);
        simple.redirects = self.redirects()?;
        Some(Node::Simple(simple))
    }

    fn brackets(&mut self, brackets: &[u8], simple: &mut Simple) -> Option<()> {
        let alone = self.byte(2).is_none_or(is_word_end);
        if !alone || !self.bytes.get(self.at..)?.starts_with(brackets) {
            return None;
        }
        simple.words.push(self.word()?);
        Some(())
    }

    /// `! … word`, `! … -f word` or `! … word = pattern`, and the gap behind it.
    fn test(&mut self, simple: &mut Simple) -> Option<()> {
        self.blanks();
        while self.byte(0)? == b'!' && self.byte(1)? == b' ' {
            self.at += 1;
            self.blanks();
        }
        let first = self.operand(simple)?;
        let unary = matches!(first.as_bytes(), [b'-', letter] if letter.is_ascii_alphabetic());
        if unary {
            // The name of a variable may be an element.
            if first == "-v" || first == "-R" {
                return None;
            }
            simple.words.pop();
            self.operand(simple)?;
            return Some(());
        }
        if matches!(self.byte(0)?, b'&' | b'|' | b']') {
            return Some(());
        }
        let start = self.at;
        self.word()?;
        if !BINARY.contains(&self.since(start)) {
            return None;
        }
        self.blanks();
        let found = self.substitutions.len();
        self.operand(simple)?;
        // Nothing is looked for in patterns.
        (found == self.substitutions.len()).then_some(())
    }

    /// A word and the blanks behind it.
    fn operand(&mut self, simple: &mut Simple) -> Option<&str> {
        let start = self.at;
        let word = self.word()?;
        let end = self.at;
        let raw = self.origin.text.get(start..end)?;
        if raw.is_empty() || raw.starts_with([']', '[', '!', '{']) || raw.ends_with('\n') {
            return None;
        }
        self.blanks();
        simple.words.push(word);
        Some(raw)
    }
}

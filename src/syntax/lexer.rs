//! BuildKit's word lexer (`frontend/dockerfile/shell/lex.go`): quotes, escapes and `$` substitutions.
//!
//! One walk serves evaluation, the list of variables, and the search for here-document markers.

use std::ops::Range;

use super::expand::{ExpandError, Found, Lookup, MAX_EXPANSION_BYTES};
use super::glob::Pattern;
use super::word::{Escape, Operator, Variable};

/// Deepest nesting of `${a:-${b:-…}}` that is followed.
const MAX_DEPTH: u32 = 100;

/// What quotes are in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quotes {
    /// They keep together what stands between them.
    Read,
    /// They are letters like others, as in the lines of a here-document.
    Keep,
}

pub(super) struct Lexer<'a, L: Lookup> {
    text: &'a str,
    pos: usize,
    escape: char,
    raw_escapes: bool,
    depth: u32,
    env: &'a L,
    pub(super) quotes: Quotes,
    /// Where the innermost `${` stands that is open.
    open: usize,
    /// What an error is about.
    pub(super) fault: Range<usize>,
    /// Uses of variables, where somebody asked for them.
    pub(super) uses: Option<Vec<Variable>>,
    /// True once a part of the value could not be known.
    pub(super) unknown: bool,
}

impl<'a, L: Lookup> Lexer<'a, L> {
    pub(super) fn new(text: &'a str, escape: Escape, env: &'a L) -> Self {
        Self {
            text,
            pos: 0,
            escape: escape.char(),
            raw_escapes: false,
            depth: 0,
            env,
            quotes: Quotes::Read,
            open: 0,
            fault: 0..0,
            uses: None,
            unknown: false,
        }
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.pos..)?.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.pos += c.len_utf8();
        Some(c)
    }

    /// Skips bytes that `wanted` names, up to the escape character, and gives them.
    fn run(&mut self, wanted: impl Fn(u8) -> bool) -> &'a str {
        let rest = self.text.get(self.pos..).unwrap_or("");
        let len = rest.bytes().position(|b| !wanted(b) || char::from(b) == self.escape).unwrap_or(rest.len());
        self.pos += len;
        rest.get(..len).unwrap_or("")
    }

    /// An error about the text from `start` on, up to here.
    fn fail<T>(&mut self, start: usize, error: ExpandError) -> Result<T, ExpandError> {
        self.fault = start..self.pos;
        Err(error)
    }

    /// An error about all of the text from `start` on: a closing character is missing.
    fn unclosed<T>(&mut self, start: usize, closing: char) -> Result<T, ExpandError> {
        self.fault = start..self.text.len();
        Err(ExpandError::Unclosed(Some(closing)))
    }

    /// Reads until `stop` (and behind it) or the end of the text.
    pub(super) fn until(&mut self, stop: Option<char>, raw_escapes: bool) -> Result<String, ExpandError> {
        let outer = std::mem::replace(&mut self.raw_escapes, raw_escapes);
        let result = self.until_inner(stop);
        self.raw_escapes = outer;
        result
    }

    fn until_inner(&mut self, stop: Option<char>) -> Result<String, ExpandError> {
        let mut out = String::with_capacity(if stop.is_none() { self.text.len() - self.pos } else { 0 });
        loop {
            let quotes = self.quotes == Quotes::Read;
            let plain = self.run(|b| {
                b != b'$' && !(quotes && matches!(b, b'"' | b'\'')) && stop.is_none_or(|s| s != char::from(b))
            });
            out.push_str(plain);
            let Some(c) = self.peek() else { break };
            if Some(c) == stop {
                self.next();
                return Ok(out);
            }
            match c {
                '$' => {
                    let value = self.dollar()?;
                    out.push_str(&value);
                }
                '\'' => out.push_str(self.single_quoted()?),
                '"' => {
                    let value = self.double_quoted()?;
                    out.push_str(&value);
                }
                // The escape character.
                _ => {
                    self.next();
                    if self.raw_escapes {
                        out.push(c);
                    }
                    match self.next() {
                        Some(c) => out.push(c),
                        None => break,
                    }
                }
            }
            if out.len() > MAX_EXPANSION_BYTES {
                self.unknown = true;
                out.clear();
            }
        }
        match stop {
            Some(stop) => self.unclosed(self.open, stop),
            None => Ok(out),
        }
    }

    fn single_quoted(&mut self) -> Result<&'a str, ExpandError> {
        let start = self.pos + 1;
        let Some(len) = self.text[start..].find('\'') else { return self.unclosed(start - 1, '\'') };
        self.pos = start + len + 1;
        Ok(&self.text[start..start + len])
    }

    fn double_quoted(&mut self) -> Result<String, ExpandError> {
        let mut out = String::new();
        let start = self.pos;
        self.next();
        loop {
            let plain = self.run(|b| !matches!(b, b'"' | b'$'));
            out.push_str(plain);
            match self.peek() {
                None => return self.unclosed(start, '"'),
                Some('"') => {
                    self.next();
                    return Ok(out);
                }
                Some('$') => {
                    let value = self.dollar()?;
                    out.push_str(&value);
                }
                // The escape character.
                Some(c) => {
                    self.next();
                    if self.raw_escapes {
                        out.push(c);
                    }
                    match self.peek() {
                        None => {}
                        Some(n) if n == '"' || n == '$' || n == self.escape => {
                            self.next();
                            out.push(n);
                        }
                        Some(_) => out.push(c),
                    }
                }
            }
        }
    }

    fn name(&mut self) -> &'a str {
        let start = self.pos;
        match self.peek() {
            Some(c) if c.is_numeric() => {
                while self.peek().is_some_and(char::is_numeric) {
                    self.next();
                }
            }
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => {
                self.next();
            }
            _ => {
                while self.peek().is_some_and(|c| c.is_alphanumeric() || c == '_') {
                    self.next();
                }
            }
        }
        &self.text[start..self.pos]
    }

    fn record(&mut self, name: &str, operator: Operator, start: usize) {
        let range = start..self.pos;
        if let Some(uses) = &mut self.uses {
            uses.push(Variable { name: name.into(), operator, range });
        }
    }

    fn dollar(&mut self) -> Result<String, ExpandError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.fail(self.pos, ExpandError::TooDeep);
        }
        let outer = std::mem::replace(&mut self.open, self.pos);
        let result = self.dollar_inner();
        self.open = outer;
        self.depth -= 1;
        result
    }

    fn dollar_inner(&mut self) -> Result<String, ExpandError> {
        let start = self.pos;
        self.next();
        if self.peek() != Some('{') {
            let name = self.name();
            if name.is_empty() {
                return Ok("$".to_owned());
            }
            self.record(name, Operator::Plain, start);
            return Ok(self.value(name).1);
        }
        self.next();
        match self.peek() {
            None => return self.unclosed(start, '}'),
            Some('{' | '}' | ':') => {
                let len = self.text[self.pos..].find('}').map_or(1, |i| i + 1);
                self.fault = start..self.pos + len;
                return Err(ExpandError::BadSubstitution);
            }
            Some(_) => {}
        }
        let name = self.name();
        // Keep the uses in the order of their starts, also when a default holds more of them.
        let slot = self.uses.as_ref().map(Vec::len);
        let behind_name = self.pos;
        let Some(mut operator) = self.next() else { return self.unclosed(start, '}') };
        if operator == '}' {
            self.record(name, Operator::Plain, start);
            return Ok(self.value(name).1);
        }
        if operator == '/' {
            let result = self.replacement(name, start);
            self.place(slot, name, Operator::Replace, start);
            return result;
        }
        let or_empty = operator == ':';
        if or_empty {
            let Some(next) = self.next() else { return self.unclosed(start, '}') };
            operator = next;
        }
        let kind = match operator {
            '-' => Operator::Default,
            '+' => Operator::Alternative,
            '?' => Operator::Required,
            '#' => Operator::Prefix,
            '%' => Operator::Suffix,
            _ => {
                let modifier = ExpandError::Modifier(self.text[behind_name..self.pos].into());
                let from = if operator == '}' { start } else { self.pos - operator.len_utf8() };
                return self.fail(from, modifier);
            }
        };
        let known_before = self.unknown;
        let word = self.until(Some('}'), matches!(kind, Operator::Prefix | Operator::Suffix))?;
        let word_unknown = std::mem::replace(&mut self.unknown, known_before) != known_before;
        self.place(slot, name, kind, start);
        let found = self.env.get(name);
        let missing = matches!(found, Found::Unset) || (or_empty && matches!(found, Found::Known("")));
        if matches!(found, Found::Unknown) {
            self.unknown = true;
            return Ok(String::new());
        }
        let value = if let Found::Known(value) = found { value } else { "" };
        match kind {
            Operator::Default if missing => {
                self.unknown |= word_unknown;
                Ok(word)
            }
            Operator::Alternative if missing => Ok(String::new()),
            Operator::Alternative => {
                self.unknown |= word_unknown;
                Ok(word)
            }
            Operator::Required if missing => Err(ExpandError::Unset(name.into())),
            Operator::Prefix | Operator::Suffix => {
                self.unknown |= word_unknown;
                let mark = if kind == Operator::Prefix { '#' } else { '%' };
                let (longest, pattern) = word.strip_prefix(mark).map_or((false, &*word), |rest| (true, rest));
                let Some(pattern) = Pattern::parse(pattern) else {
                    return self.fail(start, ExpandError::BadPattern);
                };
                let result = if kind == Operator::Prefix {
                    pattern.trim_prefix(value, longest)
                } else {
                    pattern.trim_suffix(value, longest)
                };
                self.unknown |= result.is_none();
                Ok(result.unwrap_or_default())
            }
            _ => Ok(value.to_owned()),
        }
    }

    fn replacement(&mut self, name: &str, start: usize) -> Result<String, ExpandError> {
        let all = self.peek() == Some('/');
        if all {
            self.next();
        }
        let pattern = self.until(Some('/'), true)?;
        let by = self.until(Some('}'), true)?;
        let (known, value) = self.value(name);
        let Some(pattern) = Pattern::parse(&pattern) else {
            return self.fail(start, ExpandError::BadPattern);
        };
        if !known {
            return Ok(String::new());
        }
        let result = pattern.replace(&value, &by, all);
        self.unknown |= result.is_none();
        Ok(result.unwrap_or_default())
    }

    fn place(&mut self, slot: Option<usize>, name: &str, operator: Operator, start: usize) {
        let range = start..self.pos;
        if let (Some(uses), Some(slot)) = (&mut self.uses, slot) {
            uses.insert(slot.min(uses.len()), Variable { name: name.into(), operator, range });
        }
    }

    /// Is the value known, and what is it; empty if the variable is unset.
    fn value(&mut self, name: &str) -> (bool, String) {
        match self.env.get(name) {
            Found::Unset => (true, String::new()),
            Found::Known(value) => (true, value.to_owned()),
            Found::Unknown => {
                self.unknown = true;
                (false, String::new())
            }
        }
    }
}

/// The variables used in `text`.
pub(super) fn variables(text: &str, escape: Escape, quotes: Quotes) -> Result<Vec<Variable>, ExpandError> {
    let mut lexer = Lexer::new(text, escape, &());
    lexer.quotes = quotes;
    lexer.uses = Some(Vec::new());
    lexer.until(None, false)?;
    Ok(lexer.uses.unwrap_or_default())
}

/// The words of a whole line as the search for here-documents sees them: split at blanks outside of
/// quotes, quotes kept. `None` where the lexer does not get through the line.
pub(super) fn line_words(line: &str) -> Option<Vec<Range<usize>>> {
    let mut lexer = Lexer::new(line, Escape::Backslash, &());
    let mut words = Vec::new();
    let mut start = None;
    while let Some(c) = lexer.peek() {
        let at = lexer.pos;
        if c.is_whitespace() {
            lexer.next();
            words.extend(start.take().map(|s| s..at));
            continue;
        }
        start.get_or_insert(at);
        match c {
            '$' => {
                lexer.dollar().ok()?;
            }
            '\'' => {
                lexer.single_quoted().ok()?;
            }
            '"' => {
                lexer.double_quoted().ok()?;
            }
            '\\' => {
                lexer.next();
                lexer.next();
            }
            // Blanks between `<<` and its delimiter do not end the word.
            '<' if line[at..].starts_with("<<") => {
                lexer.pos = line.len() - line[at + 2..].trim_start().len();
            }
            _ => {
                lexer.next();
            }
        }
    }
    words.extend(start.map(|s| s..line.len()));
    Some(words)
}

/// Words between blanks outside of quotes, quotes and escapes kept (BuildKit's `parseWords`).
pub(super) fn quoted_words(text: &str, escape: Escape) -> Vec<Range<usize>> {
    let escape = escape.char();
    let mut words = Vec::new();
    let mut start = None;
    let mut quote = None;
    let mut chars = text.char_indices();
    while let Some((i, c)) = chars.next() {
        if quote.is_none() && c.is_whitespace() {
            words.extend(start.take().map(|s| s..i));
            continue;
        }
        start.get_or_insert(i);
        match quote {
            Some(q) if c == q => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            q if c == escape && q != Some('\'') => {
                chars.next();
            }
            _ => {}
        }
    }
    words.extend(start.map(|s| s..text.len()));
    words
}

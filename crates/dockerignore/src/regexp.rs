//! The part of Go's regexp syntax that a translated ignore pattern can hold.

use crate::automaton::{Automaton, Category, Class, Set, Step};

/// Reads `source`; None where Go refuses it.
pub(crate) fn parse(source: &str) -> Option<Automaton> {
    let mut reader = Reader::new(source);
    let mut steps = Vec::new();
    while let Some(c) = reader.rest.chars().next() {
        match c {
            '^' => {
                reader.skip(1);
                steps.push(Step::Start);
            }
            '$' => {
                reader.skip(1);
                steps.push(Step::End);
            }
            '(' => {
                // Only the translation writes a group, and always this one.
                reader.rest = reader.rest.strip_prefix("(.*/)?")?;
                steps.extend([Step::Folders, Step::Inside]);
            }
            '[' => {
                let class = reader.class()?;
                steps.push(Step::One(Set::Class(Box::new(class))));
            }
            '.' => {
                reader.skip(1);
                steps.push(Step::One(Set::Any));
            }
            '*' => {
                reader.skip(1);
                match steps.pop()? {
                    Step::One(set) => steps.push(Step::Star(set)),
                    _ => return None,
                }
                if reader.rest.starts_with(['*', '+', '?']) {
                    return None;
                }
            }
            '?' | '+' | ')' | '|' => return None,
            '\\' => reader.escape(&mut steps)?,
            _ => {
                reader.skip(c.len_utf8());
                steps.push(Step::One(Set::Char(u32::from(c))));
            }
        }
    }
    if steps.last() != Some(&Step::End) {
        // A `\Q` swallowed the `$`: anything may follow.
        let all = Class { negated: true, ..Class::default() };
        steps.push(Step::Star(Set::Class(Box::new(all))));
    }
    Some(Automaton::new(steps))
}

pub(crate) struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(rest: &'a str) -> Self {
        Self { rest }
    }

    /// What is not read yet.
    pub(crate) const fn rest(&self) -> &'a str {
        self.rest
    }

    pub(crate) fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or("");
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.skip(c.len_utf8());
        Some(c)
    }

    /// A backslash outside a class.
    pub(crate) fn escape(&mut self, steps: &mut Vec<Step>) -> Option<()> {
        match self.rest.as_bytes().get(1) {
            Some(b'A') => steps.push(Step::Start),
            Some(b'z') => steps.push(Step::End),
            Some(b'b') => steps.push(Step::Boundary),
            Some(b'B') => steps.push(Step::NoBoundary),
            Some(b'Q') => {
                let rest = self.rest.get(2..)?;
                let (quoted, rest) = rest.split_once("\\E").unwrap_or((rest, ""));
                steps.extend(quoted.chars().map(|c| Step::One(Set::Char(u32::from(c)))));
                self.rest = rest;
                return Some(());
            }
            _ => {
                let mut class = Class::default();
                let set = if self.group(&mut class)? {
                    Set::Class(Box::new(class))
                } else {
                    Set::Char(self.escaped_char()?)
                };
                steps.push(Step::One(set));
                return Some(());
            }
        }
        self.skip(2);
        Some(())
    }

    /// Adds `\d`, `\pL` and the like to `class`; false if something else stands here.
    fn group(&mut self, class: &mut Class) -> Option<bool> {
        let bytes = self.rest.as_bytes();
        let (Some(b'\\'), Some(letter)) = (bytes.first(), bytes.get(1)) else { return Some(false) };
        let ranges: &[(char, char)] = match letter.to_ascii_lowercase() {
            b'd' => &[('0', '9')],
            b's' => &[('\t', '\n'), ('\x0c', '\r'), (' ', ' ')],
            b'w' => &WORD,
            b'p' => {
                let category = match bytes.get(2)? {
                    b'L' => Category::Letter,
                    b'N' => Category::Number,
                    b'Z' => Category::Separator,
                    b'C' => Category::Other,
                    b'P' => Category::Punctuation,
                    b'S' => Category::Symbol,
                    b'M' => Category::Mark,
                    _ => return None,
                };
                class.categories.push((category, *letter == b'p'));
                self.skip(3);
                return Some(true);
            }
            _ => return Some(false),
        };
        let ranges = ranges.iter().map(|(low, high)| (u32::from(*low), u32::from(*high)));
        if letter.is_ascii_lowercase() {
            class.ranges.extend(ranges);
        } else {
            class.outside.push(ranges.collect());
        }
        self.skip(2);
        Some(true)
    }

    /// `\n`, `\x41`, `\07`, `\.`: one character.
    fn escaped_char(&mut self) -> Option<u32> {
        self.skip(1);
        let c = self.next()?;
        Some(match c {
            '0'..='7' => {
                let more = self.rest.bytes().take(2).take_while(|b| (b'0'..=b'7').contains(b)).count();
                if c != '0' && more == 0 {
                    return None;
                }
                let mut value = u32::from(c) - u32::from('0');
                for digit in self.rest.bytes().take(more) {
                    value = value * 8 + u32::from(digit - b'0');
                }
                self.skip(more);
                value
            }
            'x' => {
                let value = u32::from_str_radix(self.rest.get(..2)?, 16).ok()?;
                if !self.rest.bytes().take(2).all(|b| b.is_ascii_hexdigit()) {
                    return None;
                }
                self.skip(2);
                value
            }
            'a' => 7,
            'f' => 12,
            'n' => 10,
            'r' => 13,
            't' => 9,
            'v' => 11,
            _ if c.is_ascii() && !c.is_ascii_alphanumeric() => u32::from(c),
            _ => return None,
        })
    }

    /// A bracket class.
    pub(crate) fn class(&mut self) -> Option<Class> {
        self.skip(1);
        let mut class = Class::default();
        if self.rest.starts_with('^') {
            self.skip(1);
            class.negated = true;
        }
        let mut first = true;
        while first || !self.rest.starts_with(']') {
            first = false;
            if self.named(&mut class)? || self.group(&mut class)? {
                continue;
            }
            let low = self.class_char()?;
            let mut high = low;
            if self.rest.len() >= 2 && self.rest.starts_with('-') && !self.rest.starts_with("-]") {
                self.skip(1);
                high = self.class_char()?;
                if high < low {
                    return None;
                }
            }
            class.ranges.push((low, high));
        }
        self.skip(1);
        Some(class)
    }

    fn class_char(&mut self) -> Option<u32> {
        if self.rest.starts_with('\\') { self.escaped_char() } else { self.next().map(u32::from) }
    }

    /// Adds `[:alpha:]` and the like to `class`; false if something else stands here.
    fn named(&mut self, class: &mut Class) -> Option<bool> {
        let Some((name, rest)) = self.rest.strip_prefix("[:").and_then(|r| r.split_once(":]")) else {
            return Some(false);
        };
        let (negated, name) = name.strip_prefix('^').map_or((false, name), |name| (true, name));
        let ranges: &[(char, char)] = match name {
            "alnum" => &[('0', '9'), ('A', 'Z'), ('a', 'z')],
            "alpha" => &[('A', 'Z'), ('a', 'z')],
            "ascii" => &[('\0', '\x7f')],
            "blank" => &[('\t', '\t'), (' ', ' ')],
            "cntrl" => &[('\0', '\x1f'), ('\x7f', '\x7f')],
            "digit" => &[('0', '9')],
            "graph" => &[('!', '~')],
            "lower" => &[('a', 'z')],
            "print" => &[(' ', '~')],
            "punct" => &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
            "space" => &[('\t', '\r'), (' ', ' ')],
            "upper" => &[('A', 'Z')],
            "word" => &WORD,
            "xdigit" => &[('0', '9'), ('A', 'F'), ('a', 'f')],
            _ => return None,
        };
        let ranges = ranges.iter().map(|(low, high)| (u32::from(*low), u32::from(*high)));
        if negated {
            class.outside.push(ranges.collect());
        } else {
            class.ranges.extend(ranges);
        }
        self.rest = rest;
        Some(true)
    }
}

const WORD: [(char, char); 4] = [('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];

//! Unit files as systemd writes them.

use crate::source::{FileId, Place};
use crate::target::Text;

/// A unit file.
pub(super) struct Unit {
    pub(super) entries: Vec<Entry>,
    /// Where `[Build]` is written.
    pub(super) build: Option<Place>,
}

/// `Key=value`
pub(super) struct Entry {
    pub(super) section: String,
    pub(super) key: String,
    value: Text,
    /// The value as it is written.
    written: String,
    pub(super) place: Place,
}

impl Unit {
    pub(super) fn parse(text: &str, file: FileId) -> Self {
        let mut unit = Self { entries: Vec::new(), build: None };
        let mut section = String::new();
        let mut at = 0;
        while at < text.len() {
            let (logical, end) = logical_line(text, at);
            let start = at + (text[at..].len() - text[at..].trim_start_matches([' ', '\t']).len());
            let line = logical.trim();
            if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                name.clone_into(&mut section);
                if name == "Build" {
                    unit.build.get_or_insert(Place::new(file, start..start + line.len()));
                }
            } else if !line.starts_with(['#', ';'])
                && let Some((key, value)) = line.split_once('=')
            {
                let key = key.trim_end();
                let written = text[start..end].find('=').map_or(start, |equals| start + equals + 1);
                let blank = text[written..end].len() - text[written..end].trim_start().len();
                let value_end = written + text[written..end].trim_end().len();
                let place = Place::new(file, (written + blank).min(value_end)..value_end);
                unit.entries.push(Entry {
                    section: section.clone(),
                    key: key.to_owned(),
                    value: text_of(value.trim(), place),
                    written: value.trim().to_owned(),
                    place: Place::new(file, start..start + key.len()),
                });
            }
            at = end;
        }
        unit
    }

    /// The last value of a key.
    pub(super) fn last(&self, section: &str, key: &str) -> Option<&Text> {
        let mut of = self.entries.iter().rev().filter(|entry| entry.section == section && entry.key == key);
        of.next().map(|entry| &entry.value).filter(|value| value.value.as_deref() != Some(""))
    }

    /// All values of a key; an empty one forgets those before it.
    pub(super) fn all(&self, key: &str) -> Vec<&Text> {
        self.entries_of(key).into_iter().map(|entry| &entry.value).collect()
    }

    /// The words of all values of a key, as they are written but for the quotes, and the place of their value.
    pub(super) fn words(&self, key: &str) -> Vec<(String, Place)> {
        let entries = self.entries_of(key).into_iter();
        entries
            .flat_map(|entry| words(&entry.written).into_iter().map(|word| (word, entry.value.place)))
            .collect()
    }

    fn entries_of(&self, key: &str) -> Vec<&Entry> {
        let mut all = Vec::new();
        for entry in self.entries.iter().filter(|entry| entry.section == "Build" && entry.key == key) {
            if entry.written.is_empty() {
                all.clear();
            } else {
                all.push(entry);
            }
        }
        all
    }
}

/// A line and those that continue it after a backslash, and where the next begins.
fn logical_line(text: &str, start: usize) -> (String, usize) {
    let mut line = String::new();
    let mut at = start;
    loop {
        let end = text[at..].find('\n').map_or(text.len(), |end| at + end + 1);
        let part = text[at..end].trim_end_matches(['\n', '\r']);
        let comment = at > start && part.trim_start().starts_with(['#', ';']);
        at = end;
        if comment {
            // A comment within a continued line is left out.
        } else if let Some(part) = part.strip_suffix('\\') {
            line.push_str(part);
            line.push(' ');
        } else {
            line.push_str(part);
            return (line, at);
        }
        if at >= text.len() {
            return (line, at);
        }
    }
}

/// A value; one with a specifier of systemd (`%h`) cannot be known.
pub(super) fn text_of(value: &str, place: Place) -> Text {
    let mut text = Text::literal(value.replace("%%", "%"), place);
    if value.replace("%%", "").contains('%') {
        text.value = None;
    }
    text
}

/// The words of a value, by the quotes and escapes of systemd; none if an escape is none that it knows.
fn words(value: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut rest = value;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            ('\\', _) => {
                let Some((escaped, length)) = unescaped(rest) else { return Vec::new() };
                word.get_or_insert_default().push(escaped);
                rest = &rest[length..];
            }
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, None) if c.is_whitespace() => words.extend(word.take()),
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// What an escape stands for whose backslash is read, and how many bytes follow that.
fn unescaped(rest: &str) -> Option<(char, usize)> {
    let number = |start: usize, digits: usize, radix: u32| {
        let digits = rest.get(start..start + digits)?;
        let is_number = digits.chars().all(|digit| digit.is_digit(radix));
        let code = u32::from_str_radix(digits, radix).ok().filter(|_| is_number)?;
        let character = char::from_u32(code).filter(|c| *c != '\0')?;
        Some((character, start + digits.len()))
    };
    let plain = |character: char| Some((character, 1));
    match rest.chars().next()? {
        'a' => plain('\x07'),
        'b' => plain('\x08'),
        'f' => plain('\x0c'),
        'n' => plain('\n'),
        'r' => plain('\r'),
        't' => plain('\t'),
        'v' => plain('\x0b'),
        's' => plain(' '),
        c @ ('\\' | '"' | '\'') => plain(c),
        'x' => number(1, 2, 16),
        'u' => number(1, 4, 16),
        'U' => number(1, 8, 16),
        '0'..='7' => number(0, 3, 8),
        _ => None,
    }
}

//! TOML with places: every fault names the bytes that are at fault, and reading goes on behind it.

use std::fmt::Write as _;

use toml::de::{DeTable, DeValue};

use super::{Span, nearest};

/// A text as a string of TOML.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Something wrong in a TOML text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The bytes at fault.
    pub span: Span,
    /// One sentence that says what is wrong.
    pub message: String,
    /// What to write instead, where that is known.
    pub help: Option<String>,
}

impl Fault {
    /// A fault at `span`.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: None }
    }

    /// Says what to write instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Suggests `near`, if there is one.
    #[must_use]
    pub fn suggest(self, near: Option<&str>) -> Self {
        match near {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None => self,
        }
    }
}

/// A value with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

/// Reads `text` and hands its top table to `read`; gives all faults in the order of the text, the first one
/// if it is no TOML.
/// `offset` is added to the places of the faults.
pub fn read<T>(
    text: &str,
    offset: u32,
    read: impl FnOnce(&mut Fields<'_>, &mut Vec<Fault>) -> T,
) -> (T, Vec<Fault>) {
    let (table, errors) = DeTable::parse_recoverable(text);
    let faults: Vec<Fault> = errors
        .iter()
        .map(|e| Fault::new(Span::of(e.span().unwrap_or(0..0)), one_line(e.message())))
        .collect();
    let mut more = Vec::new();
    let mut fields = Fields::new(table.get_ref(), Span::at(0), "");
    let value = read(&mut fields, &mut more);
    fields.finish(&mut more);
    (value, said(faults, more, offset))
}

/// What is said of a text: what TOML refuses, or else what is missing or odd, at their places in the file.
fn said(errors: Vec<Fault>, odd: Vec<Fault>, offset: u32) -> Vec<Fault> {
    let broken = !errors.is_empty();
    let mut faults = if broken { errors } else { odd };
    faults.sort_by_key(|fault| fault.span);
    // What is missing or odd in a text that TOML itself refuses is mostly a consequence, and so is what it
    // refuses behind the first place.
    if broken {
        faults.truncate(1);
    }
    for fault in &mut faults {
        fault.span = fault.span.shift(offset);
    }
    faults
}

/// Reads a file that dlint writes, of which nothing may be wrong.
///
/// # Errors
/// The first fault, in one sentence with its line. What a merge left behind is said as such.
pub fn read_strictly<T>(
    text: &str,
    make: impl FnOnce(&mut Fields<'_>, &mut Vec<Fault>) -> T,
) -> Result<T, String> {
    if let Some(at) = text.lines().position(|line| line.starts_with("<<<<<<< ")) {
        return Err(format!(
            "line {}: a merge left both sides here: keep the lines of both, and remove the marks",
            at + 1
        ));
    }
    let (value, faults) = read(text, 0, make);
    let Some(fault) = faults.first() else { return Ok(value) };
    let before = text.get(..fault.span.start as usize).unwrap_or(text);
    let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
    let help = fault.help.as_deref().map(|help| format!(": {help}")).unwrap_or_default();
    Err(format!("line {line}: {}{help}", fault.message))
}

fn one_line(message: &str) -> String {
    message.lines().map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>().join(", ")
}

/// The keys of a table; each is taken once, and what was not taken is unknown.
pub struct Fields<'t> {
    table: &'t DeTable<'t>,
    span: Span,
    path: String,
    known: Vec<&'static str>,
}

/// What turns something on or off, perhaps with settings.
pub enum Switch<'t> {
    /// On or off.
    Plain(bool),
    /// Its settings.
    Table(Fields<'t>),
}

impl<'t> Fields<'t> {
    fn new(table: &'t DeTable<'_>, span: Span, path: &str) -> Self {
        Self { table, span, path: path.to_owned(), known: Vec::new() }
    }

    /// Where the table stands.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span
    }

    /// True if the table has this key.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.entries().any(|e| e.key == key)
    }

    fn take(&mut self, key: &'static str) -> Option<Entry<'t>> {
        self.known.push(key);
        self.entries().find(|e| e.key == key)
    }

    fn entries(&self) -> impl Iterator<Item = Entry<'t>> + use<'t> {
        self.table.iter().map(|(key, value)| Entry {
            key: key.get_ref(),
            key_span: Span::of(key.span()),
            value: value.get_ref(),
            span: Span::of(value.span()),
        })
    }

    /// All keys of a table whose keys are names of the user's choice.
    pub fn all(&mut self) -> Vec<Entry<'t>> {
        let mut entries: Vec<_> = self.entries().collect();
        entries.sort_unstable_by_key(|e| e.key_span);
        self.known.push("*");
        entries
    }

    /// A string.
    pub fn string(&mut self, key: &'static str, faults: &mut Vec<Fault>) -> Option<At<String>> {
        self.take(key)?.string(faults)
    }

    /// A string that must be there.
    pub fn required(&mut self, key: &'static str, faults: &mut Vec<Fault>) -> Option<At<String>> {
        match self.take(key) {
            Some(entry) => entry.string(faults),
            None => {
                faults.push(Fault::new(self.span, format!("`{key}` is missing")));
                None
            }
        }
    }

    /// A list of strings.
    pub fn strings(&mut self, key: &'static str, faults: &mut Vec<Fault>) -> Option<Vec<At<String>>> {
        self.take(key)?.strings(faults)
    }

    /// A string, or a list of strings.
    pub fn words(&mut self, key: &'static str, faults: &mut Vec<Fault>) -> Option<Vec<At<String>>> {
        let entry = self.take(key)?;
        match entry.value {
            DeValue::String(_) => entry.string(faults).map(|s| vec![s]),
            _ => entry.strings(faults),
        }
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, key: &'static str, faults: &mut Vec<Fault>) -> Option<bool> {
        self.take(key)?.boolean(faults)
    }

    /// A value of any type.
    pub fn value(&mut self, key: &'static str) -> Option<Entry<'t>> {
        self.take(key)
    }

    /// A table.
    pub fn table(&mut self, key: &'static str, faults: &mut Vec<Fault>) -> Option<Fields<'t>> {
        let path = format!("{}{key}.", self.path);
        self.take(key)?.table(&path, faults)
    }

    /// `true`, `false`, or a table.
    pub fn switch(&mut self, key: &'static str, faults: &mut Vec<Fault>) -> Option<Switch<'t>> {
        let path = format!("{}{key}.", self.path);
        let entry = self.take(key)?;
        match entry.value {
            DeValue::Boolean(on) => Some(Switch::Plain(*on)),
            DeValue::Table(_) => entry.table(&path, faults).map(Switch::Table),
            _ => {
                faults.push(entry.wrong("true, false or a table"));
                None
            }
        }
    }

    /// A list of tables.
    pub fn tables(&mut self, key: &'static str, faults: &mut Vec<Fault>) -> Vec<Fields<'t>> {
        let path = format!("{}{key}.", self.path);
        self.take(key).map(|entry| entry.tables(&path, faults)).unwrap_or_default()
    }

    /// Reports what was not taken.
    pub fn finish(self, faults: &mut Vec<Fault>) {
        if self.known.contains(&"*") {
            return;
        }
        for entry in self.entries().filter(|e| !self.known.contains(&e.key)) {
            let near = nearest(entry.key, self.known.iter().copied());
            faults.push(
                Fault::new(entry.key_span, format!("unknown key `{}{}`", self.path, shown(entry.key)))
                    .suggest(near),
            );
        }
    }
}

fn shown(key: &str) -> String {
    key.chars().take(60).collect()
}

/// A key and its value.
#[derive(Clone, Copy)]
pub struct Entry<'t> {
    /// The key.
    pub key: &'t str,
    /// Where the key stands.
    pub key_span: Span,
    /// Where the value stands.
    pub span: Span,
    /// The value.
    pub value: &'t DeValue<'t>,
}

impl<'t> Entry<'t> {
    /// Says that the value must be `want`.
    #[must_use]
    pub fn wrong(&self, want: &str) -> Fault {
        let got = match self.value {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        Fault::new(self.span, format!("`{}` must be {want}, not {got}", shown(self.key)))
    }

    /// The value as string.
    pub fn string(&self, faults: &mut Vec<Fault>) -> Option<At<String>> {
        match self.value {
            DeValue::String(s) => Some(At { value: s.to_string(), span: self.span }),
            _ => {
                faults.push(self.wrong("a string"));
                None
            }
        }
    }

    /// The value as `true` or `false`.
    pub fn boolean(&self, faults: &mut Vec<Fault>) -> Option<bool> {
        match self.value {
            DeValue::Boolean(value) => Some(*value),
            _ => {
                faults.push(self.wrong("true or false"));
                None
            }
        }
    }

    /// The value as list of strings.
    pub fn strings(&self, faults: &mut Vec<Fault>) -> Option<Vec<At<String>>> {
        let DeValue::Array(array) = self.value else {
            faults.push(self.wrong("a list of strings"));
            return None;
        };
        let mut strings = Vec::new();
        for value in array.iter() {
            let item = Self { value: value.get_ref(), span: Span::of(value.span()), ..*self };
            match item.value {
                DeValue::String(s) => strings.push(At { value: s.to_string(), span: item.span }),
                _ => faults.push(item.wrong("a list of strings")),
            }
        }
        Some(strings)
    }

    /// The value as list of tables; `path` is how they are called in messages.
    pub fn tables(&self, path: &str, faults: &mut Vec<Fault>) -> Vec<Fields<'t>> {
        let DeValue::Array(array) = self.value else {
            faults.push(self.wrong("a list of tables"));
            return Vec::new();
        };
        let mut tables = Vec::new();
        for value in array.iter() {
            let item = Self { value: value.get_ref(), span: Span::of(value.span()), ..*self };
            tables.extend(item.table(path, faults));
        }
        tables
    }

    /// The value as table; `path` is how it is called in messages.
    pub fn table(&self, path: &str, faults: &mut Vec<Fault>) -> Option<Fields<'t>> {
        match self.value {
            DeValue::Table(table) => Some(Fields::new(table, self.span, path)),
            _ => {
                faults.push(self.wrong("a table"));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_have_places_and_suggestions() {
        let text = "name = 1\nlits = [\"a\", 2]\nlist = [\"b\", 3]\n";
        let ((), faults) = read(text, 100, |fields, faults| {
            assert_eq!(fields.string("name", faults), None);
            let list = fields.strings("list", faults).unwrap();
            assert_eq!(list, [At { value: "b".to_owned(), span: Span::new(33, 36) }]);
            fields.required("since", faults);
        });
        let got: Vec<_> = faults.iter().map(|f| (f.span.start - 100, f.message.as_str())).collect();
        assert_eq!(
            got,
            [
                (0, "`since` is missing"),
                (7, "`name` must be a string, not a number"),
                (9, "unknown key `lits`"),
                (38, "`list` must be a list of strings, not a number"),
            ]
        );
        assert_eq!(faults[2].help.as_deref(), Some("did you mean `list`?"));
        let ((), faults) = read("a = \nb = 1", 0, |_, _| ());
        assert_eq!(faults[0].span.start, 4);
        let ((), faults) = read("a = { b = 1\nc = 2\nd = 3\n", 0, |_, _| ());
        assert_eq!(faults.iter().map(|f| f.span.start).collect::<Vec<_>>(), [12]);
    }
}

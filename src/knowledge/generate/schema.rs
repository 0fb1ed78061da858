//! What the TOML tables hold, and how it is written as Rust.

use std::fmt::Write as _;

use toml::de::DeValue;

use super::toml_table;
use super::{Fault, File};
use crate::text::toml::{At, Entry, Fault as TomlFault, Fields};

/// A whole number that is not negative.
fn number(entry: &Entry<'_>, faults: &mut Vec<TomlFault>) -> Option<u64> {
    let number = match entry.value {
        DeValue::Integer(i) => u64::from_str_radix(i.as_str(), i.radix()).ok(),
        _ => None,
    };
    if number.is_none() {
        faults.push(entry.wrong("a whole number"));
    }
    number
}

/// One table: its name below `rules/data/`, and the statics that are made of it.
pub struct Table {
    /// `images.toml`; the statics are in `images.rs`.
    pub name: &'static str,
    /// A static and what it holds, by the key that it is read from; the key `*` is the whole table.
    pub statics: &'static [(&'static str, &'static str, Type)],
    /// An enum of the ids of all rows of a list: its name, and the list.
    pub ids: Option<(&'static str, &'static str)>,
}

/// A struct of the program.
pub struct Struct {
    /// Its name.
    pub name: &'static str,
    /// Its fields.
    pub keys: &'static [(&'static str, Need, Type)],
}

/// An enum of the program; the table has its variants in lower case, with `-` between words.
pub struct Enum {
    /// Its name.
    pub name: &'static str,
    /// The words that are allowed; all if there are none.
    pub words: &'static [&'static str],
}

/// What a key that is not there means.
pub enum Need {
    /// It must be there.
    Must,
    /// It is an option.
    May,
    /// This, in Rust.
    Else(&'static str),
}

/// What stands under a key.
pub enum Type {
    /// `&str`
    Text,
    /// `&str`, a year and a month: `2026-11`
    Month,
    /// `&[&str]`
    Texts,
    /// `&[&str]`, sorted, of the words of a text.
    Words,
    /// `bool`
    Flag,
    /// A number of this type.
    Number(&'static str),
    /// An enum.
    One(&'static Enum),
    /// A variant of this enum, which is made of the table.
    Variant(&'static str),
    /// Several of an enum.
    Some(&'static Enum),
    /// A set of this type, of the variants of an enum.
    Set(&'static str, &'static Enum),
    /// A struct.
    Row(&'static Struct),
    /// `&[STRUCT]`, a list of tables.
    Rows(&'static Struct),
    /// `&[(&str, T)]`, sorted, of a table with any keys.
    Map(&'static Self),
    /// A variant of an enum for a plain value, and one for a table.
    Either(&'static str, [(&'static str, &'static Self); 2]),
}

impl Table {
    /// The statics as Rust.
    pub fn file(&self, text: &str) -> Result<File, Fault> {
        let code = toml_table::read(self.name, text, |top, faults| {
            let mut code = String::new();
            if let Some((name, list)) = self.ids {
                let rows = top.value(list).map(|l| l.tables(list, faults)).unwrap_or_default();
                let ids = rows.into_iter().filter_map(|mut row| row.required("id", faults));
                enumeration(name, ids.map(|id| id.value).collect(), &mut code);
            }
            for (name, key, of) in self.statics {
                write(&mut code, format_args!("pub(super) static {name}: {} = ", of.rust()));
                match (*key, of) {
                    ("*", Type::Map(of)) => map(of, top.all(), "", &mut code, faults),
                    _ => match top.value(key) {
                        Some(entry) => of.write(&entry, &format!("{key}."), &mut code, faults),
                        None => faults.push(TomlFault::new(top.span(), format!("`{key}` is missing"))),
                    },
                }
                code += ";\n";
            }
            code
        })?;
        Ok((self.name.replace(".toml", ".rs"), code.into_bytes()))
    }
}

impl Type {
    /// The type in Rust.
    fn rust(&self) -> String {
        match self {
            Self::Text | Self::Month => "&str".to_owned(),
            Self::Texts | Self::Words => "&[&str]".to_owned(),
            Self::Flag => "bool".to_owned(),
            Self::Number(name) | Self::Variant(name) | Self::Set(name, _) | Self::Either(name, _) => {
                (*name).to_owned()
            }
            Self::One(of) => of.name.to_owned(),
            Self::Some(of) => format!("&[{}]", of.name),
            Self::Row(of) => of.name.to_owned(),
            Self::Rows(of) => format!("&[{}]", of.name),
            Self::Map(of) => format!("&[(&str, {})]", of.rust()),
        }
    }

    /// Writes a value; `path` is how its key is called in messages.
    fn write(&self, entry: &Entry<'_>, path: &str, code: &mut String, faults: &mut Vec<TomlFault>) {
        match self {
            Self::Text => {
                if let Some(text) = entry.string(faults) {
                    write(code, format_args!("{:?}", text.value));
                }
            }
            Self::Month => {
                let text = entry.string(faults).map(|t| t.value).unwrap_or_default();
                if !is_month(&text) {
                    faults.push(TomlFault::new(entry.span, "this must be a month, as 2026-11"));
                }
                write(code, format_args!("{text:?}"));
            }
            Self::Texts => {
                let texts = entry.strings(faults).unwrap_or_default().into_iter().map(|t| t.value);
                write(code, format_args!("&{:?}", texts.collect::<Vec<_>>()));
            }
            Self::Words => {
                let text = entry.string(faults).map(|t| t.value).unwrap_or_default();
                let mut words: Vec<&str> = text.split_whitespace().collect();
                words.sort_unstable_by_key(|w| w.to_ascii_lowercase());
                write(code, format_args!("&{words:?}"));
            }
            Self::Flag => write(code, format_args!("{}", entry.boolean(faults).unwrap_or_default())),
            Self::Number(_) => write(code, format_args!("{}", number(entry, faults).unwrap_or_default())),
            Self::One(of) => {
                if let Some(word) = entry.string(faults) {
                    of.write(&word, code, faults);
                }
            }
            Self::Variant(name) => {
                let id = entry.string(faults).map(|t| t.value).unwrap_or_default();
                write(code, format_args!("{name}::{}", variant(&id)));
            }
            Self::Some(of) => of.write_all(entry, code, faults),
            Self::Set(name, of) => {
                write(code, format_args!("{name}::of("));
                of.write_all(entry, code, faults);
                *code += ")";
            }
            Self::Row(of) => {
                if let Some(fields) = entry.table(path, faults) {
                    of.write(fields, path, code, faults);
                }
            }
            Self::Rows(of) => {
                *code += "&[\n";
                for fields in entry.tables(path, faults) {
                    of.write(fields, path, code, faults);
                    *code += ",\n";
                }
                *code += "]";
            }
            Self::Map(of) => {
                let entries = entry.table(path, faults).map(|mut t| t.all()).unwrap_or_default();
                map(of, entries, path, code, faults);
            }
            Self::Either(name, variants) => {
                let (variant, of) = variants[usize::from(matches!(entry.value, DeValue::Table(_)))];
                write(code, format_args!("{name}::{variant}("));
                of.write(entry, path, code, faults);
                *code += ")";
            }
        }
    }
}

impl Struct {
    fn write(&self, mut fields: Fields<'_>, path: &str, code: &mut String, faults: &mut Vec<TomlFault>) {
        write(code, format_args!("{} {{ ", self.name));
        for (key, need, of) in self.keys {
            write(code, format_args!("{key}: "));
            let path = format!("{path}{key}.");
            match (fields.value(key), need) {
                (Some(entry), Need::May) => {
                    *code += "Some(";
                    of.write(&entry, &path, code, faults);
                    *code += ")";
                }
                (Some(entry), Need::Must | Need::Else(_)) => of.write(&entry, &path, code, faults),
                (None, Need::May) => *code += "None",
                (None, Need::Else(value)) => *code += value,
                (None, Need::Must) => {
                    faults.push(TomlFault::new(fields.span(), format!("`{key}` is missing")));
                }
            }
            *code += ", ";
        }
        *code += "}";
        fields.finish(faults);
    }
}

impl Enum {
    fn write_all(&self, entry: &Entry<'_>, code: &mut String, faults: &mut Vec<TomlFault>) {
        *code += "&[";
        for word in entry.strings(faults).unwrap_or_default() {
            self.write(&word, code, faults);
            *code += ", ";
        }
        *code += "]";
    }

    fn write(&self, word: &At<String>, code: &mut String, faults: &mut Vec<TomlFault>) {
        if !self.words.is_empty() && !self.words.contains(&word.value.as_str()) {
            let known = self.words.join(", ");
            faults.push(TomlFault::new(word.span, format!("`{}` must be one of {known}", word.value)));
        }
        write(code, format_args!("{}::{}", self.name, variant(&word.value)));
    }
}

fn map(of: &Type, mut entries: Vec<Entry<'_>>, path: &str, code: &mut String, faults: &mut Vec<TomlFault>) {
    entries.sort_by_key(|entry| entry.key);
    *code += "&[\n";
    for entry in entries {
        write(code, format_args!("({:?}, ", entry.key));
        of.write(&entry, &format!("{path}{}.", entry.key), code, faults);
        *code += "),\n";
    }
    *code += "]";
}

/// An enum with a variant for each name, and its names.
fn enumeration(name: &str, mut names: Vec<String>, code: &mut String) {
    names.sort_unstable();
    names.dedup();
    *code += "/// The name of a row of the table.\n";
    *code += "#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]\n";
    *code += "#[allow(missing_docs, reason = \"the names say it\")]\n";
    write(code, format_args!("pub enum {name} {{\n"));
    names.iter().for_each(|n| write(code, format_args!("    {},\n", variant(n))));
    write(code, format_args!("}}\nimpl {name} {{\n/// The name as people write it.\n#[must_use]\n"));
    *code += "pub const fn name(self) -> &'static str {\nmatch self {\n";
    names.iter().for_each(|n| write(code, format_args!("Self::{} => {n:?},\n", variant(n))));
    *code += "}\n}\n}\n";
}

/// `red-hat` as `RedHat`.
fn variant(word: &str) -> String {
    let mut start = true;
    let mut variant = String::new();
    for c in word.chars() {
        if !c.is_ascii_alphanumeric() {
            start = true;
        } else if std::mem::take(&mut start) {
            variant.push(c.to_ascii_uppercase());
        } else {
            variant.push(c);
        }
    }
    variant
}

fn is_month(text: &str) -> bool {
    let number = |n: &str, digits: usize| n.len() == digits && n.bytes().all(|b| b.is_ascii_digit());
    text.split_once('-').is_some_and(|(year, month)| number(year, 4) && number(month, 2))
}

/// Appends to `code`; writing to a string cannot fail.
fn write(code: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = code.write_fmt(text);
}

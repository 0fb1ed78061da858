use crate::text::{ShortText, Span};

use super::error::{SyntaxError, SyntaxErrorKind};
use super::keyword::Keyword;
use super::logical::Logical;
use super::word::{Escape, Word};

/// A `--name=value` in front of an instruction's arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// The name without its dashes.
    pub name: ShortText,
    /// The whole flag.
    pub span: Span,
    /// The name with its dashes.
    pub name_span: Span,
    /// The value with quotes and escapes resolved; `None` without a `=`.
    pub value: Option<ShortText>,
    /// The value as written; empty behind the flag if there is none.
    pub value_span: Span,
    /// True if an edit of the spans edits just the flag, and the value is as written.
    pub exact: bool,
}

impl Flag {
    /// Where the name stands, without its dashes.
    #[must_use]
    pub fn bare_name(&self) -> Span {
        let start = if self.exact { self.name_span.start + 2 } else { self.name_span.start };
        Span::new(start.min(self.name_span.end), self.name_span.end)
    }

    /// Where a byte range of the value stands; the whole value where quotes move things.
    pub(super) fn part_of_value(&self, range: std::ops::Range<usize>) -> Span {
        if self.exact { Span::of(range).shift(self.value_span.start) } else { self.value_span }
    }

    /// The value as a word, whose variables BuildKit expands.
    #[must_use]
    pub fn word(&self, escape: Escape) -> Option<Word> {
        let text = self.value.clone()?;
        Some(Word { span: self.value_span, exact: self.exact, text, escape })
    }
}

/// Splits the flags off the arguments in `line` from `start` on (BuildKit's `extractBuilderFlags`):
/// the flags and where the rest starts.
pub(super) fn split(line: &Logical, start: usize) -> (Vec<Flag>, usize) {
    let text = line.text();
    let mut flags = Vec::new();
    let mut at = start;
    loop {
        at = text.len() - text[at..].trim_start().len();
        if !text[at..].starts_with("--") {
            return (flags, at);
        }
        let begin = at;
        let mut word = String::new();
        let mut quote = None;
        let mut chars = text[at..].char_indices();
        let mut end = text.len();
        while let Some((i, c)) = chars.next() {
            match (quote, c) {
                (None, c) if c.is_whitespace() => {
                    end = begin + i;
                    break;
                }
                (None, '"' | '\'') => quote = Some(c),
                (Some(q), c) if c == q => quote = None,
                (_, '\\') => word.extend(chars.next().map(|(_, c)| c)),
                (_, c) => word.push(c),
            }
        }
        at = end;
        if word == "--" {
            return (flags, text.len() - text[at..].trim_start().len());
        }
        let raw = &text[begin..end];
        let (name, value) = match word[2..].split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.into())),
            None => (word[2..].to_owned(), None),
        };
        let equals = raw.find('=').map_or(end, |i| begin + i);
        let value_range = if value.is_some() { (equals + 1).min(end)..end } else { end..end };
        flags.push(Flag {
            name: name.into(),
            span: line.span(begin..end),
            name_span: line.span(begin..equals),
            value,
            value_span: line.span(value_range),
            exact: raw == word && line.is_exact(&(begin..end)),
        });
    }
}

/// What a flag takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Bool,
    One,
    Many,
}

/// The flags of an instruction (BuildKit's `instructions/parse.go`, with those of the labs frontend).
fn known(keyword: Keyword) -> &'static [(&'static str, Takes)] {
    use Takes::{Bool, Many, One};
    match keyword {
        Keyword::Add => &[
            ("chown", One),
            ("chmod", One),
            ("link", Bool),
            ("keep-git-dir", Bool),
            ("checksum", One),
            ("unpack", Bool),
            ("exclude", Many),
        ],
        Keyword::Copy => &[
            ("from", One),
            ("chown", One),
            ("chmod", One),
            ("link", Bool),
            ("parents", Bool),
            ("exclude", Many),
        ],
        Keyword::From => &[("platform", One)],
        Keyword::Run => &[("mount", Many), ("network", One), ("security", One), ("device", Many)],
        Keyword::Healthcheck => &[
            ("interval", One),
            ("timeout", One),
            ("start-period", One),
            ("start-interval", One),
            ("retries", One),
        ],
        _ => &[],
    }
}

impl Keyword {
    /// The names of the flags that it has, without their dashes.
    pub fn flags(self) -> impl Iterator<Item = &'static str> {
        known(self).iter().map(|(name, _)| *name)
    }
}

/// Where the arguments start, if the last flag lacks its value, and that stands behind a blank: `--platform linux/amd64`. It
/// is said of the flag, and reading goes on as if it was written right.
pub(super) fn behind_lost_value(keyword: Keyword, flags: &[Flag], text: &str, at: usize) -> usize {
    let lacks = |flag: &&Flag| {
        let mut known = known(keyword).iter();
        flag.value.is_none() && known.any(|(name, takes)| *name == &*flag.name && *takes != Takes::Bool)
    };
    if flags.last().filter(lacks).is_none() {
        return at;
    }
    let rest = text.get(at..).unwrap_or("");
    let mut words = rest.split_whitespace();
    let (Some(value), second) = (words.next(), words.next()) else { return at };
    let is_value = match keyword {
        Keyword::From => second.is_some_and(|word| !word.eq_ignore_ascii_case("as")),
        Keyword::Add | Keyword::Copy => {
            second.is_some() && words.next().is_some() && !value.starts_with("<<")
        }
        Keyword::Healthcheck => {
            second.is_some() && !["cmd", "none"].iter().any(|name| value.eq_ignore_ascii_case(name))
        }
        Keyword::Run => second.is_some() && value.contains('='),
        _ => false,
    };
    let behind = rest.get(value.len()..).unwrap_or("");
    if is_value { at + value.len() + (behind.len() - behind.trim_start().len()) } else { at }
}

/// Checks flags as BuildKit's `BFlags.Parse` does. ARG and STOPSIGNAL drop theirs unread.
pub(super) fn check(keyword: Keyword, flags: &[Flag], errors: &mut Vec<SyntaxError>) {
    if matches!(keyword, Keyword::Arg | Keyword::Stopsignal) {
        return;
    }
    let known = known(keyword);
    for (i, flag) in flags.iter().enumerate() {
        let Some((_, takes)) = known.iter().find(|(name, _)| *name == &*flag.name) else {
            errors.push(unknown(keyword, flag, known));
            continue;
        };
        if let Some(first) = flags[..i].iter().find(|f| *takes != Takes::Many && f.name == flag.name) {
            errors.push(
                SyntaxError::new(
                    SyntaxErrorKind::DuplicateFlag,
                    flag.bare_name(),
                    format!("`--{}` is given twice", flag.name),
                )
                .related(first.bare_name(), "the first one")
                .help("keep one of them"),
            );
        }
        match (takes, flag.value.as_deref()) {
            (Takes::Bool, Some("")) | (Takes::One | Takes::Many, None) => {
                let value = if *takes == Takes::Bool { "true" } else { "VALUE" };
                errors.push(
                    SyntaxError::new(
                        SyntaxErrorKind::MissingFlagValue,
                        flag.bare_name(),
                        format!("`--{}` needs a value", flag.name),
                    )
                    .help(format!("write `--{}={value}`", flag.name)),
                );
            }
            (Takes::Bool, Some(v)) if !v.eq_ignore_ascii_case("true") && !v.eq_ignore_ascii_case("false") => {
                let message = format!("`--{}` takes `true` or `false`", flag.name);
                errors.push(
                    SyntaxError::new(SyntaxErrorKind::InvalidFlagValue, flag.value_span, message)
                        .help(format!("write `--{}` for true", flag.name)),
                );
            }
            _ => {}
        }
    }
}

fn unknown(keyword: Keyword, flag: &Flag, known: &[(&str, Takes)]) -> SyntaxError {
    let error = SyntaxError::new(
        SyntaxErrorKind::UnknownFlag,
        flag.name_span,
        format!("{} has no flag `--{}`", keyword.name(), flag.name),
    );
    if let Some(near) = crate::text::nearest(&flag.name, known.iter().map(|(name, _)| *name)) {
        return error.meant(&format!("--{near}"));
    }
    // The flag of another instruction, which was perhaps meant.
    let other =
        Keyword::ALL.iter().find(|(_, k)| self::known(*k).iter().any(|(name, _)| *name == &*flag.name));
    match (other, known) {
        (_, []) if matches!(keyword, Keyword::Cmd | Keyword::Entrypoint) => {
            error.help("use the JSON form for a command whose name starts with dashes")
        }
        (Some((name, _)), []) => {
            error.help(format!("it is a flag of {name}; {} does not have it", keyword.name()))
        }
        (None, []) => error.help(format!("{} has no flags", keyword.name())),
        _ => {
            let list: Vec<String> = known.iter().map(|(name, _)| format!("`--{name}`")).collect();
            error.help(format!("it has {}", list.join(", ")))
        }
    }
}

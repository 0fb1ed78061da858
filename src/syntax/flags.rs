use crate::text::Span;

use super::error::{SyntaxError, SyntaxErrorKind};
use super::keyword::Keyword;
use super::logical::Logical;
use super::word::{Escape, Word};

/// A `--name=value` in front of an instruction's arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// The name without its dashes.
    pub name: Box<str>,
    /// The whole flag.
    pub span: Span,
    /// The name with its dashes.
    pub name_span: Span,
    /// The value with quotes and escapes resolved; `None` without a `=`.
    pub value: Option<Box<str>>,
    /// The value as written; empty behind the flag if there is none.
    pub value_span: Span,
    /// True if an edit of the spans edits just the flag, and the value is as written.
    pub exact: bool,
}

impl Flag {
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
            name: name.into_boxed_str(),
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

/// Checks flags as BuildKit's `BFlags.Parse` does.
pub(super) fn check(keyword: Keyword, flags: &[Flag], errors: &mut Vec<SyntaxError>) {
    let known = known(keyword);
    for (i, flag) in flags.iter().enumerate() {
        let Some((_, takes)) = known.iter().find(|(name, _)| *name == &*flag.name) else {
            let mut error = SyntaxError::new(
                SyntaxErrorKind::UnknownFlag,
                flag.name_span,
                format!("{} has no flag `--{}`", keyword.name(), flag.name),
            );
            let names = known.iter().map(|(name, _)| *name);
            if let Some(near) = crate::text::nearest(&flag.name, names) {
                error = error.help(format!("did you mean `--{near}`?"));
            } else if known.is_empty() {
                error = error.help("quote the word if it is meant as an argument");
            } else {
                let list: Vec<String> = known.iter().map(|(name, _)| format!("`--{name}`")).collect();
                error = error.help(format!("it has {}", list.join(", ")));
            }
            errors.push(error);
            continue;
        };
        if *takes != Takes::Many && flags[..i].iter().any(|f| f.name == flag.name) {
            errors.push(
                SyntaxError::new(
                    SyntaxErrorKind::DuplicateFlag,
                    flag.name_span,
                    format!("`--{}` is given twice", flag.name),
                )
                .help("keep one of them"),
            );
        }
        let message = match (takes, flag.value.as_deref()) {
            (Takes::Bool, Some(v)) if !v.eq_ignore_ascii_case("true") && !v.eq_ignore_ascii_case("false") => {
                format!("`--{}` takes `true` or `false`", flag.name)
            }
            (Takes::One | Takes::Many, None) => format!("`--{}` needs a value", flag.name),
            _ => continue,
        };
        let span = if flag.value_span.is_empty() { flag.name_span } else { flag.value_span };
        errors.push(
            SyntaxError::new(SyntaxErrorKind::FlagValue, span, message)
                .help(format!("write `--{}=VALUE`", flag.name)),
        );
    }
}

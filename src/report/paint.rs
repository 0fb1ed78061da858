use std::fmt;
use std::io::{self, Write};

use colored::{ColoredString, Colorize};
use unicode_width::UnicodeWidthChar;

use crate::diag::Severity;

/// How a piece of text is drawn where colours are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Error,
    Warning,
    Info,
    Label,
    Bold,
    Dim,
    Good,
}

impl From<Severity> for Ink {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Info => Self::Info,
            Severity::Warning => Self::Warning,
            Severity::Error => Self::Error,
        }
    }
}

impl Ink {
    /// The basic colours only: a terminal's theme knows them.
    fn apply(self, text: &str) -> ColoredString {
        match self {
            Self::Error => text.red().bold(),
            Self::Warning => text.yellow().bold(),
            Self::Info => text.cyan().bold(),
            Self::Label => text.magenta().bold(),
            Self::Bold => text.bold(),
            Self::Dim => text.dimmed(),
            Self::Good => text.green(),
        }
    }
}

/// Draws with colours, or without. Nothing global decides: a report is a function of its arguments.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint {
    pub(super) color: bool,
}

impl Paint {
    pub(super) const fn ink<T: fmt::Display>(self, ink: Ink, text: T) -> Inked<T> {
        Inked { ink: if self.color { Some(ink) } else { None }, text }
    }
}

pub(super) struct Inked<T> {
    ink: Option<Ink>,
    text: T,
}

impl<T: fmt::Display> fmt::Display for Inked<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ink {
            Some(ink) => {
                // The style of the stream has decided; `colored` would look at the environment again.
                colored::control::set_override(true);
                ink.apply(&self.text.to_string()).fmt(f)
            }
            None => self.text.fmt(f),
        }
    }
}

/// `text`, which leads to `url` where there is one: a link as terminals read it (OSC 8).
pub(super) fn link(text: &str, url: Option<&str>) -> String {
    match url {
        Some(url) => format!("\u{1b}]8;;{url}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\"),
        None => text.to_owned(),
    }
}

/// Columns that a character takes on a terminal: wide ones take two, marks none.
pub(super) fn columns(c: char) -> usize {
    c.width().unwrap_or(0)
}

/// The columns that text takes, without the sequences that colour it or make a link of it.
pub(super) fn visible(text: &str) -> usize {
    let mut rest = text.chars();
    let mut sum = 0;
    while let Some(c) = rest.next() {
        match c {
            '\u{1b}' => match rest.next() {
                Some('[') => while rest.next().is_some_and(|c| !c.is_ascii_alphabetic()) {},
                Some(']') => while rest.next().is_some_and(|c| c != '\\' && c != '\u{7}') {},
                _ => {}
            },
            '\n' => {}
            c => sum += columns(c),
        }
    }
    sum
}

/// Writes `text` in lines of at most `width` columns, each behind `indent` blanks; the cursor is
/// behind `used` columns already. A word that is too long stands alone, unbroken.
///
/// No line starts with `::`, which a build log would take for a command.
pub(crate) fn wrap(
    out: &mut dyn Write,
    text: &str,
    indent: usize,
    used: usize,
    width: usize,
) -> io::Result<()> {
    let mut column = used;
    let mut first = true;
    for word in text.split(' ') {
        let len = visible(word);
        if first {
            if used == indent && word.starts_with("::") {
                write!(out, "\\")?;
                column += 1;
            }
        } else if column + 1 + len > width && !word.is_empty() && !word.starts_with("::") {
            write!(out, "\n{:indent$}", "")?;
            column = indent;
        } else {
            write!(out, " ")?;
            column += 1;
        }
        write!(out, "{word}")?;
        column += len;
        first = false;
    }
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(text: &str) -> String {
        let mut out = b"  ".to_vec();
        wrap(&mut out, text, 2, 2, 20).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn text_wraps_between_words() {
        assert_eq!(wrapped("one two three four five"), "  one two three four\n  five\n");
        assert_eq!(wrapped("a aVeryLongWordThatDoesNotFit b"), "  a\n  aVeryLongWordThatDoesNotFit\n  b\n");
        assert_eq!(wrapped("소스 소스 소스 소스"), "  소스 소스 소스\n  소스\n");
        assert_eq!(wrapped("a  b"), "  a  b\n");
    }

    #[test]
    fn no_line_starts_a_command() {
        assert_eq!(wrapped("::error::x"), "  \\::error::x\n");
        assert_eq!(wrapped("one two three four ::error::"), "  one two three four ::error::\n");
    }
}

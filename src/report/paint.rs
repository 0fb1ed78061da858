use std::fmt;
use std::io::{self, Write};

use crate::diag::Severity;

/// How a piece of text is drawn where colours are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Error,
    Warning,
    Info,
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
    /// The parameter of the ANSI sequence. The basic colours only: a terminal's theme knows them.
    const fn code(self) -> &'static str {
        match self {
            Self::Error => "1;31",
            Self::Warning => "1;33",
            Self::Info => "1;36",
            Self::Bold => "1",
            Self::Dim => "2",
            Self::Good => "32",
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
            Some(ink) => write!(f, "\x1b[{}m{}\x1b[0m", ink.code(), self.text),
            None => self.text.fmt(f),
        }
    }
}

/// Columns that a character takes: wide ones take two (UAX 11, by blocks), marks none.
pub(super) const fn columns(c: char) -> usize {
    match c {
        '\u{300}'..='\u{36f}' | '\u{fe00}'..='\u{fe0f}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{303e}'
        | '\u{3041}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1f64f}'
        | '\u{1f680}'..='\u{1f6ff}'
        | '\u{1f900}'..='\u{1f9ff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

/// Writes `text` in lines of at most `width` columns, each behind `indent` blanks; the cursor is
/// behind `used` columns already. A word that is too long stands alone, unbroken.
///
/// No line starts with `::`, which a build log would take for a command.
pub(super) fn wrap(
    out: &mut dyn Write,
    text: &str,
    indent: usize,
    used: usize,
    width: usize,
) -> io::Result<()> {
    let mut column = used;
    let mut first = true;
    for word in text.split(' ') {
        let len = word.chars().map(columns).sum::<usize>();
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

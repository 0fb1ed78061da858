use std::borrow::Cow;

use crate::text::{ShortText, Span};

use super::expand::{self, ExpandError, Lookup, Value};
use super::lexer;

/// The escape character of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Escape {
    /// `\`, the default.
    #[default]
    Backslash,
    /// `` ` ``, for Windows paths.
    Backtick,
}

impl Escape {
    /// The character itself.
    #[must_use]
    pub const fn char(self) -> char {
        match self {
            Self::Backslash => '\\',
            Self::Backtick => '`',
        }
    }

    /// The character as a byte.
    pub(super) const fn byte(self) -> u8 {
        match self {
            Self::Backslash => b'\\',
            Self::Backtick => b'`',
        }
    }
}

/// One argument of an instruction, as written: quotes, escapes and variables are still in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Where it stands in the source. Covers a continuation that cuts it.
    pub span: Span,
    /// True if no continuation cuts the word, so that an edit of the span edits just the word.
    pub exact: bool,
    /// The text with continuations removed.
    pub text: ShortText,
    /// The escape character of the file.
    pub escape: Escape,
}

/// How a variable is used: `${name:-word}` and the like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `$name` or `${name}`.
    Plain,
    /// `-` or `:-`: the word if the variable is unset (`:` or empty).
    Default,
    /// `+` or `:+`: the word if the variable is set (`:` and not empty).
    Alternative,
    /// `?` or `:?`: an error if the variable is unset (`:` or empty).
    Required,
    /// `#`, `##`: without a prefix that matches the word.
    Prefix,
    /// `%`, `%%`: without a suffix that matches the word.
    Suffix,
    /// `/`, `//`: a match of the pattern is replaced.
    Replace,
}

/// One use of a variable in a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// The variable's name.
    pub name: ShortText,
    /// How it is used.
    pub operator: Operator,
    /// Where it stands, from `$` on, as byte range of [`Word::text`].
    pub range: std::ops::Range<usize>,
}

impl Word {
    /// The value if it holds no variable: quotes and escapes are resolved as BuildKit does.
    /// `None` with variables, or where BuildKit would refuse the word.
    #[must_use]
    pub fn literal(&self) -> Option<Cow<'_, str>> {
        if self.is_plain() {
            return Some(Cow::Borrowed(&self.text));
        }
        if self.text.contains('$') && !self.variables().is_ok_and(|v| v.is_empty()) {
            return None;
        }
        match expand::expand(&self.text, self.escape, &()) {
            Ok(Value::Known(value)) => Some(Cow::Owned(value)),
            _ => None,
        }
    }

    /// True if the word stands for itself: without quotes, escapes and variables.
    pub(super) fn is_plain(&self) -> bool {
        expand::is_plain(&self.text, self.escape)
    }

    /// The value with the variables that `env` knows.
    ///
    /// # Errors
    /// Where BuildKit refuses the word: an open quote, a bad substitution, an unset `${x:?}`.
    pub fn expand(&self, env: &impl Lookup) -> Result<Value, ExpandError> {
        expand::expand(&self.text, self.escape, env)
    }

    /// Why BuildKit refuses the word whatever its variables hold, and where.
    pub(super) fn fault(&self) -> Option<(ExpandError, Span)> {
        let (error, range) = expand::fault(&self.text, self.escape, lexer::Quotes::Read)?;
        Some((error, self.part(range)))
    }

    /// The variables in the word, in order, those in defaults and patterns included.
    ///
    /// # Errors
    /// Where BuildKit refuses the word.
    pub fn variables(&self) -> Result<Vec<Variable>, ExpandError> {
        if !self.text.contains('$') {
            return Ok(Vec::new());
        }
        lexer::variables(&self.text, self.escape, lexer::Quotes::Read)
    }

    /// True if the word holds a `$` that is neither escaped nor in single quotes.
    #[must_use]
    pub fn has_variables(&self) -> bool {
        !self.variables().is_ok_and(|v| v.is_empty())
    }

    /// The source span of a byte range of [`Word::text`]; the whole word if a continuation cuts it.
    #[must_use]
    pub fn part(&self, range: std::ops::Range<usize>) -> Span {
        if !self.exact {
            return self.span;
        }
        Span::of(range).shift(self.span.start)
    }
}

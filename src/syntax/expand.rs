//! Values of words: BuildKit's variable substitution, bounded.

use std::fmt;
use std::ops::Range;

use super::lexer::{Lexer, Quotes};
use super::word::Escape;

/// The longest value that is computed, in bytes. A longer one counts as unknown, so that variables
/// which double each other cost nothing.
pub const MAX_EXPANSION_BYTES: usize = 64 << 10;

/// What is known of a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found<'a> {
    /// Not set.
    Unset,
    /// Set to this value.
    Known(&'a str),
    /// Perhaps set; its value cannot be known before the build.
    Unknown,
}

/// Where a word's variables get their values.
pub trait Lookup {
    /// What is known of the variable `name`.
    fn get(&self, name: &str) -> Found<'_>;
}

/// Knows nothing.
impl Lookup for () {
    fn get(&self, _: &str) -> Found<'_> {
        Found::Unknown
    }
}

/// The value of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Exactly this text.
    Known(String),
    /// It depends on something that cannot be known before the build, or is too long.
    Unknown,
}

impl Value {
    /// The text, where it is known.
    #[must_use]
    pub fn known(&self) -> Option<&str> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown => None,
        }
    }
}

/// Why BuildKit would refuse a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpandError {
    /// The text ends before the closing character.
    Unclosed(Option<char>),
    /// `${` is not followed by a name.
    BadSubstitution,
    /// This stands between name and word, and BuildKit knows no such substitution.
    Modifier(Box<str>),
    /// The pattern of a substitution is none.
    BadPattern,
    /// `${name:?}` with an unset variable.
    Unset(Box<str>),
    /// Nested deeper than dlint follows (100 levels).
    TooDeep,
}

impl fmt::Display for ExpandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unclosed(Some(c)) => write!(f, "the closing `{c}` is missing"),
            Self::Unclosed(None) => f.write_str("the text ends too early"),
            Self::BadSubstitution => f.write_str("`${` needs the name of a variable"),
            Self::Modifier(modifier) => write!(f, "BuildKit does not support the substitution `{modifier}`"),
            Self::BadPattern => f.write_str("the pattern of this substitution is not valid"),
            Self::Unset(name) => write!(f, "`{name}` must be set"),
            Self::TooDeep => {
                f.write_str("substitutions are nested more than 100 deep, which dlint does not follow")
            }
        }
    }
}

impl std::error::Error for ExpandError {}

/// True if nothing in `text` has a meaning, so that it stands for itself.
pub(super) fn is_plain(text: &str, escape: Escape) -> bool {
    let escape = escape.byte();
    !text.bytes().any(|b| matches!(b, b'$' | b'"' | b'\'') || b == escape)
}

/// Why BuildKit refuses `text` whatever its variables hold, and which part of it.
pub(super) fn fault(text: &str, escape: Escape, quotes: Quotes) -> Option<(ExpandError, Range<usize>)> {
    if is_plain(text, escape) {
        return None;
    }
    let mut lexer = Lexer::new(text, escape, &());
    lexer.quotes = quotes;
    let error = lexer.until(None, false).err()?;
    Some((error, lexer.fault))
}

/// Evaluates `text` as BuildKit's `ProcessWord` does.
pub(super) fn expand(text: &str, escape: Escape, env: &impl Lookup) -> Result<Value, ExpandError> {
    if is_plain(text, escape) && text.len() <= MAX_EXPANSION_BYTES {
        return Ok(Value::Known(text.to_owned()));
    }
    let mut lexer = Lexer::new(text, escape, env);
    let value = lexer.until(None, false)?;
    if lexer.unknown || value.len() > MAX_EXPANSION_BYTES {
        return Ok(Value::Unknown);
    }
    Ok(Value::Known(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Env(&'static [(&'static str, &'static str)]);
    impl Lookup for Env {
        fn get(&self, name: &str) -> Found<'_> {
            self.0.iter().find(|(n, _)| *n == name).map_or(Found::Unset, |(_, v)| Found::Known(v))
        }
    }

    fn value(text: &str) -> String {
        let env = Env(&[("v", "linux/amd64"), ("empty", ""), ("path", "a.tar.tar")]);
        match expand(text, Escape::Backslash, &env) {
            Ok(Value::Known(v)) => v,
            Ok(Value::Unknown) => "<unknown>".into(),
            Err(e) => format!("<{e}>"),
        }
    }

    #[test]
    fn operators_follow_buildkit() {
        for (text, want) in [
            ("$v", "linux/amd64"),
            ("${v}x", "linux/amd64x"),
            ("$none", ""),
            ("${none:-a b}", "a b"),
            ("${empty-x}", ""),
            ("${empty:-x}", "x"),
            ("${v:+yes}", "yes"),
            ("${none+yes}", ""),
            ("${empty:+yes}", ""),
            ("${v#*/}", "amd64"),
            ("${v%/*}", "linux"),
            ("${path%.tar}", "a.tar"),
            ("${path%%.*}", "a"),
            ("${path##*.}", "tar"),
            ("${v/linux/bsd}", "bsd/amd64"),
            ("${path//tar/gz}", "a.gz.gz"),
            ("${none:-${empty:-deep}}", "deep"),
            ("'$v'", "$v"),
            ("\"$v\"", "linux/amd64"),
            ("\\$v", "$v"),
            ("a\\tb", "atb"),
            ("\"a\\tb\"", "a\\tb"),
            ("$", "$"),
            ("${v^^}", "<BuildKit does not support the substitution `^`>"),
            ("${v:x}", "<BuildKit does not support the substitution `:x`>"),
            ("${}", "<`${` needs the name of a variable>"),
            ("${v", "<the closing `}` is missing>"),
            ("${none:?}", "<`none` must be set>"),
            ("'open", "<the closing `'` is missing>"),
        ] {
            assert_eq!(value(text), want, "{text}");
        }
    }

    #[test]
    fn faults_have_their_place() {
        for (text, want) in [
            ("a\"b", "\"b"),
            ("a'b", "'b"),
            ("a${", "${"),
            ("a${v", "${v"),
            ("a${v:", "${v:"),
            ("a${v:-b", "${v:-b"),
            ("a${v/b", "${v/b"),
            ("a${v:-\"b}", "\"b}"),
            ("a${v:-${w", "${w"),
            ("a${}b", "${}"),
            ("a${:x}b", "${:x}"),
            ("a${v:}b", "${v:}"),
            ("a${v:x}b", "x"),
            ("a${v^^}b", "^"),
            ("a${v:-${w,,}}b", ","),
        ] {
            let (_, range) = fault(text, Escape::Backslash, Quotes::Read).unwrap();
            assert_eq!(&text[range], want, "{text}");
        }
        assert_eq!(fault("it's ${v}", Escape::Backslash, Quotes::Keep), None);
        assert!(fault("it's ${v^}", Escape::Backslash, Quotes::Keep).is_some());
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = "${a:-".repeat(10_000) + &"}".repeat(10_000);
        assert_eq!(expand(&deep, Escape::Backslash, &()), Err(ExpandError::TooDeep));
    }
}

use std::fmt;
use std::ops::Range;

use crate::file::MAX_LINE_BYTES;

/// A fault in an ignore file; every one of them stops a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    pub(crate) kind: ErrorKind,
    pub(crate) range: Range<usize>,
    pub(crate) line: u32,
}

/// What is wrong with a line of an ignore file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The pattern is refused when the file is read.
    Syntax {
        /// The pattern as BuildKit cleaned it.
        pattern: String,
    },
    /// The pattern is read, but makes no regular expression: the build stops once a path is compared
    /// with it.
    LateSyntax {
        /// The pattern as BuildKit cleaned it.
        pattern: String,
    },
    /// A `!` that has nothing behind it.
    IllegalExclusion,
    /// The line is longer than [`MAX_LINE_BYTES`].
    LineTooLong {
        /// How long it is, in bytes.
        bytes: usize,
    },
}

impl Error {
    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// The bytes of the line, without blanks around them; empty for [`IgnoreFile::from_patterns`].
    ///
    /// [`IgnoreFile::from_patterns`]: crate::IgnoreFile::from_patterns
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// The line, from 1.
    #[must_use]
    pub const fn line(&self) -> u32 {
        self.line
    }

    /// True if the build stops only when a path is compared with the pattern.
    #[must_use]
    pub const fn is_late(&self) -> bool {
        matches!(self.kind, ErrorKind::LateSyntax { .. })
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        match &self.kind {
            ErrorKind::Syntax { pattern } if pattern.ends_with('\\') => {
                "a backslash escapes the next character, and none follows: write `\\\\` for a backslash"
                    .into()
            }
            ErrorKind::Syntax { .. } => {
                "a class needs a closing `]`, may not be empty and has no `-` at an end: escape `[` as `\\[` \
                 to mean the character"
                    .into()
            }
            ErrorKind::LateSyntax { .. } => {
                "a range runs upwards (`[a-z]`), and a backslash escapes only punctuation".into()
            }
            ErrorKind::IllegalExclusion => {
                "write what to bring back behind the `!`, or escape it (`\\!`) to mean the character".into()
            }
            ErrorKind::LineTooLong { .. } => {
                format!("split the line: at most {MAX_LINE_BYTES} bytes are read")
            }
        }
    }
}

/// The message of BuildKit.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::Syntax { pattern } => {
                write!(f, "invalid excludepatterns: [{pattern}]: syntax error in pattern")
            }
            ErrorKind::LateSyntax { pattern } => {
                write!(f, "failed to match excludepatterns: [{pattern}]: syntax error in pattern")
            }
            ErrorKind::IllegalExclusion => f.write_str("illegal exclusion pattern: \"!\""),
            ErrorKind::LineTooLong { bytes } => {
                write!(f, "error reading .dockerignore: token too long: a line of {bytes} bytes")
            }
        }
    }
}

impl std::error::Error for Error {}

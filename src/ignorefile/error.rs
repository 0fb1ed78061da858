use std::fmt;

use crate::text::Span;

use super::parse::MAX_LINE_BYTES;

/// A fault in an ignore file; every one of them stops a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoreError {
    /// What is wrong.
    pub kind: IgnoreErrorKind,
    /// The bytes of the line, without blanks around them.
    pub span: Span,
    /// The line, from 1.
    pub line: u32,
}

/// What is wrong with a line of an ignore file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IgnoreErrorKind {
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

impl IgnoreErrorKind {
    /// True if the build stops only when a path is compared with the pattern.
    #[must_use]
    pub const fn is_lazy(&self) -> bool {
        matches!(self, Self::LateSyntax { .. })
    }
}

impl IgnoreError {
    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        match &self.kind {
            IgnoreErrorKind::Syntax { pattern } if pattern.ends_with('\\') => {
                "a backslash escapes the next character, and none follows: write `\\\\` for a backslash"
                    .into()
            }
            IgnoreErrorKind::Syntax { .. } => {
                "a class needs a closing `]`, may not be empty and has no `-` at an end: escape `[` as `\\[` \
                 to mean the character"
                    .into()
            }
            IgnoreErrorKind::LateSyntax { .. } => {
                "a range runs upwards (`[a-z]`), and a backslash escapes only punctuation".into()
            }
            IgnoreErrorKind::IllegalExclusion => {
                "write what to bring back behind the `!`, or escape it (`\\!`) to mean the character".into()
            }
            IgnoreErrorKind::LineTooLong { .. } => {
                format!("split the line: at most {MAX_LINE_BYTES} bytes are read")
            }
        }
    }
}

impl fmt::Display for IgnoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            IgnoreErrorKind::Syntax { pattern } => {
                write!(f, "invalid excludepatterns: [{pattern}]: syntax error in pattern")
            }
            IgnoreErrorKind::LateSyntax { pattern } => {
                write!(f, "failed to match excludepatterns: [{pattern}]: syntax error in pattern")
            }
            IgnoreErrorKind::IllegalExclusion => f.write_str("illegal exclusion pattern: \"!\""),
            IgnoreErrorKind::LineTooLong { bytes } => {
                write!(f, "error reading .dockerignore: token too long: a line of {bytes} bytes")
            }
        }
    }
}

impl std::error::Error for IgnoreError {}

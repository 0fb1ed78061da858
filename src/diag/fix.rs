use crate::text::Edit;

/// How far a fix can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Applicability {
    /// Shown, never applied.
    Display,
    /// Right in most cases, yet it may change what the image does: `--unsafe-fixes`.
    Unsafe,
    /// Keeps what the build does, but for what the finding is about: `--fix`.
    Safe,
}

impl Applicability {
    /// The name in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Display => "display",
            Self::Unsafe => "unsafe",
            Self::Safe => "safe",
        }
    }
}

/// Edits of one file that resolve a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fix {
    /// How far it can be trusted.
    pub applicability: Applicability,
    /// What it does, as an order: "add `-y`".
    pub title: String,
    /// The edits; they do not overlap.
    pub edits: Vec<Edit>,
}

impl Fix {
    /// A fix that keeps what the build does.
    pub fn safe(title: impl Into<String>, edits: impl Into<Vec<Edit>>) -> Self {
        Self { applicability: Applicability::Safe, title: title.into(), edits: edits.into() }
    }

    /// A fix that a person should look at.
    pub fn uncertain(title: impl Into<String>, edits: impl Into<Vec<Edit>>) -> Self {
        Self { applicability: Applicability::Unsafe, title: title.into(), edits: edits.into() }
    }
}

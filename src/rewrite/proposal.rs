//! What a proposal is made of, whatever it proposes.

use crate::diag::Saving;
use crate::semantic::Analysis;

/// What can be asked of the project that is built. A path is one of the build context, with `/`.
#[derive(Clone, Copy)]
pub struct Project<'a> {
    /// The text of a file, if it is there and of a size to be read.
    pub read: &'a dyn Fn(&str) -> Option<String>,
    /// All files that the ignore file keeps; `None` if they are too many, or not known.
    pub files: Option<&'a [String]>,
}

impl std::fmt::Debug for Project<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Project").field("files", &self.files).finish_non_exhaustive()
    }
}

/// A proposed Dockerfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Its text.
    pub text: String,
    /// What it does, in the order of the file.
    pub changes: Vec<Change>,
    /// What to look at before it is used, a sentence each.
    pub notes: Vec<String>,
}

/// One thing that a proposal does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The line of the Dockerfile as it is.
    pub line: u32,
    /// What is carried along without need, and what is done about it.
    pub what: String,
    /// What that saves of the image; `None` if it is not known before a build.
    pub saving: Option<Saving>,
}

/// Why there is no proposal, in one sentence for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoProposal {
    /// The line that stands in the way.
    pub line: Option<u32>,
    /// What is in the way.
    pub why: String,
}

impl NoProposal {
    pub(super) fn at(model: &Analysis, step: usize, why: impl Into<String>) -> Self {
        Self { line: Some(model.instruction(step).lines.0), why: why.into() }
    }

    pub(super) fn general(why: impl Into<String>) -> Self {
        Self { line: None, why: why.into() }
    }
}

impl std::fmt::Display for NoProposal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.why),
            None => f.write_str(&self.why),
        }
    }
}

/// The most instructions of a file that is written anew: each is held against the others.
pub(super) const MAX_STEPS: usize = 500;

pub(super) type Try<T> = Result<T, NoProposal>;

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::diag::{Applicability, FileReport, Problem, Refusal};

/// How to fix files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fixing {
    /// How far a fix must be trusted.
    pub allow: Applicability,
    /// Whether to write the fixed files; otherwise they are only shown.
    pub write: bool,
}

/// A file that fixes change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The file, as it was given.
    pub path: String,
    /// Its bytes before.
    pub before: Vec<u8>,
    /// Its bytes after.
    pub after: Vec<u8>,
}

/// What linting one input gave.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The Dockerfile, and its ignore file if something is found there.
    pub files: Vec<FileReport>,
    /// True if a finding is as bad as the settings' threshold.
    pub fails: bool,
    /// What could not be read or written.
    pub problems: Vec<Problem>,
    /// What is only noted, and fails no run.
    pub notes: Vec<Problem>,
    /// How many fixes were applied.
    pub fixed: usize,
    /// Fixes that were not applied, and why.
    pub refused: Vec<Refusal>,
    /// What the fixes change.
    pub changed: Option<Changed>,
}

impl Outcome {
    pub(super) fn problem(problem: Problem) -> Self {
        Self { problems: vec![problem], ..Self::default() }
    }
}

pub(super) fn problem(path: &str, message: String) -> Problem {
    Problem { path: Some(path.to_owned()), message, help: None, place: None }
}

/// Does something with the file called `name`; if that panics, gives the outcome that says so.
pub(super) fn guarded<T>(name: &str, work: impl FnOnce() -> T) -> Result<T, Box<Outcome>> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| {
        Box::new(Outcome::problem(Problem {
            help: Some("this is a fault of dlint: please report it with the file".to_owned()),
            ..problem(name, "made dlint fail".to_owned())
        }))
    })
}

//! `.dockerignore` as BuildKit reads it: patterns with their places, and a matcher for a walk.
//!
//! Its language is neither gitignore's nor a shell's: patterns are anchored at the root, the last hit
//! wins, a hit on a folder reaches its children, and what is left of a pattern goes to Go's regexp.
//! This room does no I/O and knows only `text`.

mod clean;
mod error;
mod glob;
mod index;
mod matcher;
mod parse;
mod pathmatch;
mod program;
mod regexp;

pub use clean::clean;
pub use error::{IgnoreError, IgnoreErrorKind};
pub use matcher::{DirState, Matcher, Verdict};
pub use parse::{IgnoreFile, MAX_LINE_BYTES, Pattern};
pub use pathmatch::{has_wildcard, path_match, valid_path_pattern};

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The ignore files that BuildKit asks for, in order; the first that exists counts, alone and whole,
/// even if it is empty.
#[must_use]
pub fn ignore_file_candidates(dockerfile: &Path, context: &Path) -> [PathBuf; 2] {
    let mut name = dockerfile.file_name().map_or_else(OsString::new, OsString::from);
    name.push(".dockerignore");
    [dockerfile.with_file_name(name), context.join(".dockerignore")]
}

/// Whether each of `paths` (relative to the context, with `/`) is left out under the ignore file
/// `patterns`.
///
/// # Errors
/// The first fault that stops BuildKit: one in the file, or one that shows when a path is compared
/// (with no paths to compare, any such pattern that is not negated).
pub fn verdicts(patterns: &str, paths: &[String]) -> Result<Vec<bool>, IgnoreError> {
    let file = IgnoreFile::parse(patterns);
    if let Some(error) = file.errors.iter().find(|e| !e.kind.is_lazy()) {
        return Err(error.clone());
    }
    let lazy = |index: usize| {
        let line = file.patterns.get(index).map(|p| p.line);
        file.errors.iter().find(|e| Some(e.line) == line).cloned()
    };
    if paths.is_empty()
        && let Some(error) = file.patterns.iter().position(|p| p.is_faulty() && !p.negated).and_then(lazy)
    {
        return Err(error);
    }
    let matcher = Matcher::new(&file);
    paths
        .iter()
        .map(|path| {
            let verdict = matcher.verdict(path.as_bytes());
            verdict.fault.and_then(lazy).map_or(Ok(verdict.excluded), Err)
        })
        .collect()
}

#[cfg(test)]
mod tests;

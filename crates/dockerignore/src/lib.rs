#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod automaton;
mod branching;
mod dialect;
mod error;
mod file;
pub mod filepath;
mod glob;
mod index;
mod matcher;
mod regexp;

pub use dialect::Dialect;
pub use error::{Error, ErrorKind};
pub use file::{IgnoreFile, MAX_LINE_BYTES, Pattern};
pub use matcher::{DirState, Matcher, Verdict};

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The ignore files that BuildKit looks for, in order. The first that exists is used alone, even if
/// it is empty.
///
/// ```
/// use std::path::Path;
///
/// let [own, shared] = dockerignore::candidates(Path::new("deploy/api.Dockerfile"), Path::new("."));
/// assert_eq!(own, Path::new("deploy/api.Dockerfile.dockerignore"));
/// assert_eq!(shared, Path::new("./.dockerignore"));
/// ```
#[must_use]
pub fn candidates(dockerfile: &Path, context: &Path) -> [PathBuf; 2] {
    let mut name = dockerfile.file_name().map_or_else(OsString::new, OsString::from);
    name.push(".dockerignore");
    [dockerfile.with_file_name(name), context.join(".dockerignore")]
}

/// Whether a build with the ignore file `text` leaves out each of `paths`, which are relative to the
/// context and written with `/`.
///
/// ```
/// let excluded = dockerignore::verdicts("*.log\n!keep.log", &["a.log", "keep.log"])?;
/// assert_eq!(excluded, [true, false]);
///
/// let error = dockerignore::verdicts("*.log\n[z-a]", &["a.txt"]).unwrap_err();
/// assert_eq!(error.line(), 2);
/// # Ok::<(), dockerignore::Error>(())
/// ```
///
/// # Errors
/// The first fault that stops the build: one in the file, or one that shows only when a path is
/// compared. Without paths, each pattern that leaves something out counts as compared.
pub fn verdicts<P: AsRef<[u8]>>(text: &str, paths: &[P]) -> Result<Vec<bool>, Error> {
    let file = IgnoreFile::parse(text);
    if let Some(error) = file.errors().iter().find(|e| !e.is_late()) {
        return Err(error.clone());
    }
    let late = |index: usize| {
        let line = file.patterns().get(index).map(Pattern::line);
        file.errors().iter().find(|e| Some(e.line()) == line).cloned()
    };
    if paths.is_empty()
        && let Some(error) =
            file.patterns().iter().position(|p| p.is_faulty() && !p.is_negated()).and_then(late)
    {
        return Err(error);
    }
    let matcher = Matcher::new(&file);
    paths
        .iter()
        .map(|path| {
            let verdict = matcher.verdict(path.as_ref());
            verdict.fault().and_then(late).map_or(Ok(verdict.is_excluded()), Err)
        })
        .collect()
}

//! What git says of a repository: commits, what differs from one, and contents. The only room that runs git, and only
//! when that was asked for.
//!
//! No name of a file or a commit becomes an option, nothing of the repository is started (no hook, no external diff, no
//! text conversion, no monitor of files), nothing is fetched, nothing is written, and what git says is read in bounds.

mod blobs;
mod changes;
mod run;
mod since;
#[cfg(test)]
mod tests;
mod tree;

use std::fmt;
use std::path::{Path, PathBuf};

pub use changes::Change;
#[cfg(test)]
use changes::Side;
pub use run::Failure;
pub use since::Since;
pub use tree::OldTree;

use run::Asked;

/// The working tree of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// Its folder, without links.
    top: PathBuf,
}

/// A commit by its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit(String);

impl fmt::Display for Commit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Repository {
    /// The repository that a folder is in.
    ///
    /// # Errors
    /// If git cannot be run, or there is none.
    pub fn at(folder: &Path) -> Result<Self, Failure> {
        let top = Asked::new(folder, &["rev-parse", "--show-toplevel"]).line()?;
        let top = PathBuf::from(top);
        Ok(Self { top: top.canonicalize().unwrap_or(top) })
    }

    /// Its folder, without links.
    #[must_use]
    pub fn top(&self) -> &Path {
        &self.top
    }

    /// The commit that a name means: a branch, a tag, a hash, `HEAD~3`.
    ///
    /// # Errors
    /// If git cannot be run, or knows none.
    pub fn commit(&self, name: &str) -> Result<Commit, Failure> {
        let spec = format!("{name}^{{commit}}");
        let commit =
            Asked::new(&self.top, &["rev-parse", "--verify", "--quiet", "--end-of-options", &spec]).line();
        match commit {
            Err(Failure::Refused(_)) => Err(Failure::Unknown(name.to_owned())),
            commit => commit.map(Commit),
        }
    }

    /// Where the history of HEAD parted from that of a commit, as `git diff NAME...` takes it.
    ///
    /// # Errors
    /// If git cannot be run, or the two have nothing in common as far as the history is here.
    pub fn merge_base(&self, name: &str) -> Result<Commit, Failure> {
        let commit = self.commit(name)?;
        match Asked::new(&self.top, &["merge-base", &commit.0, "HEAD"]).line() {
            Err(Failure::Refused(_)) => Err(Failure::Apart(name.to_owned())),
            base => base.map(Commit),
        }
    }
}

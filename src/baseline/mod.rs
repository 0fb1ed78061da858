//! A baseline: the findings that were there on a day, as a text that is committed, so that only new ones are shown.
//!
//! ```text
//! version = 1
//!
//! [file."app/Dockerfile"]
//! "untagged-image 0a1b2c3d4e5f6071 8293a4b5c6d7e8f9" = 1
//! ```
//!
//! One line an entry, sorted, so that Git merges it. An entry goes by what a finding points at and by what it says, not
//! by its line, so it holds where lines move. This room does no I/O.

mod matching;
mod print;
mod read;
#[cfg(test)]
mod tests;
mod write;

use std::collections::BTreeMap;

use crate::diag::FileReport;

pub use print::Print;

/// The name of the file where nobody says another.
pub const NAME: &str = "dlint-baseline.toml";
/// The version of the format that is read and written.
pub const VERSION: u64 = 1;
/// A file that is larger is not read.
pub const MAX_BYTES: u64 = 32 << 20;

/// How often each finding was there in one file.
pub type Prints = BTreeMap<Print, u64>;

/// The findings that are known, by the path of their file from the folder of the baseline.
///
/// # Examples
/// ```
/// # use dlint::internals::baseline::Baseline;
/// let baseline = Baseline::parse("version = 1\n").unwrap();
/// assert_eq!(baseline, Baseline::default());
/// assert_eq!(Baseline::parse(&baseline.text()).unwrap(), baseline);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Baseline {
    files: BTreeMap<String, Prints>,
}

impl Baseline {
    /// What was found now. `name` is the path of a report's file from the folder of the baseline.
    #[must_use]
    pub fn of(files: &[FileReport], name: impl Fn(&str) -> String) -> Self {
        let mut own = Self::default();
        for file in files.iter().filter(|file| !file.findings.is_empty()) {
            let prints = own.files.entry(name(&file.path)).or_default();
            for print in print::prints(file) {
                *prints.entry(print).or_default() += 1;
            }
        }
        own
    }

    /// Takes over what an older one has of the files that `is_kept` picks, and says how much that is: findings and files.
    pub fn keep(&mut self, old: Self, is_kept: impl Fn(&str) -> bool) -> (u64, usize) {
        let mut kept = Self::default();
        for (name, prints) in old.files {
            if !self.files.contains_key(&name) && is_kept(&name) {
                kept.files.insert(name, prints);
            }
        }
        let count = kept.count();
        self.files.append(&mut kept.files);
        count
    }

    /// How many findings it holds, and in how many files.
    #[must_use]
    pub fn count(&self) -> (u64, usize) {
        let findings =
            self.files.values().flat_map(BTreeMap::values).fold(0, |sum: u64, n| sum.saturating_add(*n));
        (findings, self.files.len())
    }

    /// Takes the findings out of `files` that it holds, and says how many those were.
    ///
    /// `name` is as in [`of`](Self::of). `is_there` says whether a file of the baseline is still where it was: if not, its
    /// findings may be those of a file that is new.
    pub fn take_known(
        &self,
        files: &mut [FileReport],
        name: impl Fn(&str) -> String,
        is_there: impl Fn(&str) -> bool,
    ) -> usize {
        matching::take_known(&self.files, files, name, is_there)
    }
}

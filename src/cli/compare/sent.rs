//! The files of a build context that are sent before and after, and the instructions that take them.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::SharedWalks;
use crate::report::FileChange;
use crate::text::Arrange;

/// How many files are named.
const MOST_FILES: usize = 5;

/// What one side sends: the bytes of each file, and the lines of the instructions that take it.
#[derive(Debug, Default)]
struct SentFiles(BTreeMap<String, (u64, BTreeSet<u32>)>);

impl SentFiles {
    fn of(walks: &SharedWalks<'_>, build: usize) -> Self {
        let mut files = Self::default();
        for (path, bytes, line) in walks.sent(build) {
            match files.0.get_mut(path) {
                Some((_, lines)) => drop(lines.insert(line)),
                None => drop(files.0.insert(path.to_owned(), (bytes, BTreeSet::from([line])))),
            }
        }
        files
    }
}

/// The files that are sent on one side only, or with other bytes.
#[derive(Debug, Default)]
pub(super) struct SentChange {
    was: SentFiles,
    is: SentFiles,
}

impl SentChange {
    /// Compares what a build sends before and after.
    pub(super) fn between(before: &SharedWalks<'_>, after: &SharedWalks<'_>, build: usize) -> Self {
        Self { was: SentFiles::of(before, build), is: SentFiles::of(after, build) }
    }

    /// The files that make most of the difference.
    pub(super) fn largest(&self) -> Vec<FileChange> {
        self.changed(|_| true, |_| true)
    }

    /// The same of those that an instruction takes, by its first line before and after.
    pub(super) fn of_lines(&self, old: u32, new: u32) -> Vec<FileChange> {
        self.changed(|lines| lines.contains(&old), |lines| lines.contains(&new))
    }

    fn changed(
        &self,
        was_taken: impl Fn(&BTreeSet<u32>) -> bool,
        is_taken: impl Fn(&BTreeSet<u32>) -> bool,
    ) -> Vec<FileChange> {
        let taken = |files: &SentFiles, path: &str, is_taken: &dyn Fn(&BTreeSet<u32>) -> bool| {
            files.0.get(path).filter(|(_, lines)| is_taken(lines)).map(|(bytes, _)| *bytes)
        };
        let gone = self.was.0.keys().filter(|path| !self.is.0.contains_key(*path));
        let change = |path: &String| {
            let before = taken(&self.was, path, &was_taken);
            let after = taken(&self.is, path, &is_taken);
            (before.unwrap_or(0) != after.unwrap_or(0)).then(|| FileChange {
                path: path.clone(),
                before,
                after,
            })
        };
        let mut files: Vec<FileChange> = self.is.0.keys().chain(gone).filter_map(change).collect();
        let difference = |file: &FileChange| file.before.unwrap_or(0).abs_diff(file.after.unwrap_or(0));
        files.arrange_by(|a, b| difference(b).cmp(&difference(a)).then_with(|| a.path.cmp(&b.path)));
        files.truncate(MOST_FILES);
        files
    }
}

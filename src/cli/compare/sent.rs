//! The files of a build context that are sent before and after, and the instructions that take them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

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
            (before != after).then(|| FileChange { path: path.clone(), before, after })
        };
        let mut files: Vec<FileChange> = self.is.0.keys().chain(gone).filter_map(change).collect();
        moved(&mut files);
        files.retain(|file| file.before.unwrap_or(0) != file.after.unwrap_or(0));
        let difference = |file: &FileChange| file.before.unwrap_or(0).abs_diff(file.after.unwrap_or(0));
        files.arrange_by(|a, b| difference(b).cmp(&difference(a)).then_with(|| a.path.cmp(&b.path)));
        files.truncate(MOST_FILES);
        files
    }
}

/// Takes a file that is gone from one folder and new in another, with the same name, for one that has moved.
fn moved(files: &mut Vec<FileChange>) {
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let mut gone: HashMap<String, VecDeque<(usize, u64)>> = HashMap::new();
    for (at, file) in files.iter().enumerate() {
        if let (Some(before), None) = (file.before, file.after) {
            gone.entry(name(&file.path)).or_default().push_back((at, before));
        }
    }
    let mut found = HashSet::new();
    for file in files.iter_mut().filter(|file| file.before.is_none() && file.after.is_some()) {
        let Some(others) = gone.get_mut(&name(&file.path)) else { continue };
        // Rather one of the same size.
        let same = others.iter().position(|(_, bytes)| Some(*bytes) == file.after).unwrap_or(0);
        if let Some((at, before)) = others.remove(same) {
            file.before = Some(before);
            found.insert(at);
        }
    }
    let mut at = 0;
    files.retain(|_| {
        at += 1;
        !found.contains(&(at - 1))
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_has_moved_is_no_other_one() {
        let file = |path: &str, before, after| FileChange { path: path.to_owned(), before, after };
        let mut files = vec![
            file("new/run.py", None, Some(500)),
            file("new/x.py", None, Some(70)),
            file("old/run.py", Some(489), None),
            file("old/x.py", Some(30), None),
            file("older/x.py", Some(70), None),
            file("y.py", Some(1), Some(2)),
        ];
        moved(&mut files);
        let said: Vec<_> = files.iter().map(|file| (file.path.as_str(), file.before, file.after)).collect();
        assert_eq!(
            said,
            [
                ("new/run.py", Some(489), Some(500)),
                ("new/x.py", Some(70), Some(70)),
                ("old/x.py", Some(30), None),
                ("y.py", Some(1), Some(2))
            ]
        );
    }
}

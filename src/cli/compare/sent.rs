//! The files of a build context that are sent before and after, and the instructions that take them.

use std::collections::{BTreeMap, BTreeSet};

use crate::context::{Detail, ListedFile, ScanRequest, scan_files};
use crate::engine::Opened;
use crate::report::FileChange;
use crate::text::Arrange;
use crate::tree::Tree;

/// How many files are named.
const MOST_FILES: usize = 5;

/// What one side sends: the bytes of each file, and the lines of the instructions that take it.
#[derive(Debug, Default)]
struct SentFiles(BTreeMap<String, (u64, BTreeSet<u32>)>);

impl SentFiles {
    /// Walks through the context of a build; nothing if it has none that was measured.
    fn of(opened: &Opened, tree: &Tree) -> Option<Self> {
        let model = &opened.analysis;
        let root = opened.target.context_folder()?;
        let context = model.context()?;
        let mut queries = model.source_queries();
        queries.retain(|query| query.reachable);
        let line_of = |query: usize| {
            let step = model.step_of_query(queries.get(query)?.id)?;
            Some(model.instruction(step).lines.0)
        };
        let request = ScanRequest {
            root,
            ignore: context.ignore().map(|(file, _)| file),
            tree,
            queries: queries.clone(),
            detail: Detail::Lint,
            progress: None,
        };
        let (_, files) = scan_files(&request).ok()?;
        let file = |file: ListedFile| {
            let lines = file.takers.iter().filter_map(|(query, _)| line_of(*query)).collect();
            (file.path, (file.bytes, lines))
        };
        Some(Self(files.into_iter().map(file).collect()))
    }
}

/// The files that are sent on one side only, or with other bytes.
#[derive(Debug, Default)]
pub(super) struct SentChange {
    was: SentFiles,
    is: SentFiles,
}

impl SentChange {
    /// Compares what two builds send.
    pub(super) fn between(old: (&Opened, &Tree), new: (&Opened, &Tree)) -> Self {
        let files = |(opened, tree)| SentFiles::of(opened, tree).unwrap_or_default();
        Self { was: files(old), is: files(new) }
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

//! What the files of the project say: whether a program reads files, compiles, or looks at itself when it runs.

use crate::semantic::{CopyFrom, Stage};

use super::Case;

/// The most files, and bytes of them, that are looked through.
const MAX_FILES: usize = 5_000;
const MAX_BYTES: usize = 32 << 20;

impl<'m> Case<'m> {
    /// The files of the build context that `stage` copies, or one that it starts from, and whose names end like
    /// this; `None` if they are not known.
    pub(super) fn copied(&self, stage: &'m Stage, ends: &[&str]) -> Option<Vec<&'m str>> {
        let files = self.project.files?;
        let lineage: Vec<usize> = self.model.lineage(stage).map(|s| s.index).collect();
        let own = |step: usize| self.model.stage_of(step).is_some_and(|s| lineage.contains(&s.index));
        let mut sources = Vec::new();
        for copy in self.model.copies.iter().filter(|c| own(c.step) && c.from == CopyFrom::Context) {
            for source in &copy.sources {
                let path = source.value.known()?.trim_start_matches("./").trim_matches('/');
                // What a pattern takes is any file behind its start.
                let path = path.split(['*', '?', '[']).next().unwrap_or_default();
                sources.push(if path == "." { "" } else { path });
            }
        }
        let is_copied = |file: &str| sources.iter().any(|source| file.starts_with(source));
        let found = files.iter().map(String::as_str);
        let found: Vec<&str> =
            found.filter(|f| ends.iter().any(|end| f.ends_with(end)) && is_copied(f)).collect();
        (found.len() <= MAX_FILES).then_some(found)
    }

    /// True if none of the files has any of the words in it; false too if one of them cannot be read.
    pub(super) fn lack(&self, files: &[&str], words: &[&str]) -> bool {
        let mut bytes = 0;
        files.iter().all(|file| {
            let Some(text) = (self.project.read)(file) else { return false };
            bytes += text.len();
            bytes <= MAX_BYTES && !words.iter().any(|word| text.contains(word))
        })
    }

    /// True if the Dockerfile has any of the words in it.
    pub(super) fn says(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.model.file.text().contains(word))
    }
}

//! What the files of the project say: whether a program reads files, compiles, or looks at itself when it runs.

use crate::knowledge::calls;
use crate::semantic::{CopyFrom, Stage};

use super::super::sources::runtime_sources;
use super::Case;

impl<'m> Case<'m> {
    /// The files of the build context that `stage` copies, or one that it starts from, and whose names end like
    /// this; `None` if they are not known.
    pub(super) fn copied(&self, stage: &'m Stage, ends: &[&str]) -> Option<Vec<&'m str>> {
        let files = self.sources.files()?;
        let own = |step: usize| self.model.inherits_step(stage, step);
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
        Some(found)
    }

    /// The sources of a language that `stage` copies, those that builds and tests alone run left out; `None` if they are
    /// not known.
    pub(super) fn copied_sources(&self, stage: &'m Stage, language: &str) -> Option<Vec<&'m str>> {
        let calls = calls(language)?;
        let files = self.copied(stage, calls.endings)?;
        Some(runtime_sources(&files, calls).collect())
    }

    /// True if the files that `stage` copies are known, and programs of a language among them start no others.
    pub(super) fn calls_nothing(&self, stage: &'m Stage, language: &str) -> bool {
        let calls = calls(language);
        let files = self.copied(stage, &[""]);
        files.zip(calls).is_some_and(|(files, calls)| self.sources.call(&files, calls) == Some(false))
    }

    /// True if none of the files has any of the words in it; false too if one of them cannot be read.
    pub(super) fn lack(&self, files: &[&str], words: &[&str]) -> bool {
        self.sources.say(files, words) == Some(false)
    }

    /// True if the Dockerfile has any of the words in it.
    pub(super) fn says(&self, words: &'static [&'static str]) -> bool {
        let find = || words.iter().any(|word| self.model.file.text().contains(word));
        *self.said.borrow_mut().entry(words).or_insert_with(find)
    }
}

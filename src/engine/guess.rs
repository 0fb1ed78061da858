//! Where the build context of a Dockerfile is that nobody has told: mostly its own folder, but a parent where only
//! that has what it copies.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use dockerignore::filepath::{clean, has_wildcard};

use crate::semantic::{Analysis, CopyFrom, SourceKind};
use crate::workspace::{ContextSource, Files, Target, above, levels_to_top};

/// How many sources are looked for.
const MAX_SOURCES: usize = 64;

/// The tops of repositories, by the folders that were asked about: how many levels up each is.
#[derive(Debug, Default)]
pub(super) struct Tops(HashMap<PathBuf, Option<usize>>);

impl Tops {
    /// How many levels above the folder of the Dockerfile its repository begins; `None` if the context of
    /// `target` is no guess, or if there is nothing to guess.
    pub(super) fn levels(&mut self, files: &Files, target: &Target) -> Option<usize> {
        if target.context != ContextSource::Beside {
            return None;
        }
        let folder = target.context_folder()?;
        let levels =
            self.0.entry(folder).or_insert_with_key(|folder| levels_to_top(files.file_tree(), folder));
        levels.filter(|levels| *levels > 0)
    }
}

/// The folder above that of a Dockerfile that is rather its context: it has all it copies by name, and the
/// Dockerfile's own folder has not.
#[must_use]
pub fn likely_context(dockerfile: &Path, analysis: &Analysis) -> Option<PathBuf> {
    guessed(&Files::default(), &Target::of_file(dockerfile), analysis)
}

/// The same for a target, where nobody has said what its context is.
pub(super) fn guessed(files: &Files, target: &Target, analysis: &Analysis) -> Option<PathBuf> {
    let levels = Tops::default().levels(files, target)?;
    guess(files, target, analysis, levels)
}

/// The folder above that of the Dockerfile, at most `levels` up, that has all it copies by name, where its own
/// folder lacks some of it.
pub(super) fn guess(files: &Files, target: &Target, analysis: &Analysis, levels: usize) -> Option<PathBuf> {
    let folder = target.context_folder()?;
    let sources = sources(analysis);
    let has = |root: &Path, source: &String| files.file_tree().exists(&root.join(source));
    if sources.is_empty() || sources.iter().all(|source| has(&folder, source)) {
        return None;
    }
    let parents = (1..=levels).map(|level| above(&folder, level));
    parents.into_iter().find(|parent| sources.iter().all(|source| has(parent, source)))
}

/// What is copied from the context by name: relative and clean.
pub(super) fn sources(analysis: &Analysis) -> Vec<String> {
    let copies = analysis.copies.iter().filter(|c| c.from == CopyFrom::Context && !c.onbuild);
    let named = copies.flat_map(|c| &c.sources).filter(|s| s.kind == SourceKind::Path);
    let paths =
        named.filter_map(|s| s.value.known()).filter(|path| !path.contains('\\') && !has_wildcard(path));
    let clean = paths.map(|path| clean(&format!("/{path}")).trim_start_matches('/').to_owned());
    let mut sources: Vec<String> = clean.filter(|path| !path.is_empty()).collect();
    sources.sort_unstable();
    sources.dedup();
    sources.truncate(MAX_SOURCES);
    sources
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::semantic::Model;
    use crate::syntax::parse;
    use crate::text::Source;

    #[test]
    fn a_parent_counts_that_has_all_where_the_folder_has_not() {
        let top = tempfile::tempdir().unwrap();
        for path in
            [".git/HEAD", "src/a.py", "requirements.txt", "docker/web/Dockerfile", "docker/nginx.conf"]
        {
            let path = top.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        }
        let guessed = |text: &str| {
            let target = Target::of_file(top.path().join("docker/web/Dockerfile"));
            let analysis = Analysis::new(Model::new(parse(Source::from_text("Dockerfile", text))));
            let levels = Tops::default().levels(&Files::default(), &target)?;
            let found = guess(&Files::default(), &target, &analysis, levels)?;
            Some(found.strip_prefix(top.path()).unwrap().display().to_string())
        };
        for (text, want) in [
            ("FROM a\nCOPY requirements.txt /r\nCOPY src /src", Some("")),
            ("FROM a\nCOPY --from=x y /r\nCOPY ./src/a.py *.toml /src/", Some("")),
            ("FROM a\nCOPY nginx.conf /etc/", Some("docker")),
            // Some are in neither.
            ("FROM a\nCOPY requirements.txt none.txt /r/", None),
            // Its own folder has one that the parents lack.
            ("FROM a\nCOPY Dockerfile requirements.txt /r/", None),
            // Nothing is named.
            ("FROM a\nCOPY . /r/\nCOPY *.txt /r/", None),
        ] {
            assert_eq!(guessed(text).as_deref(), want, "{text}");
        }
        std::fs::remove_dir_all(top.path().join(".git")).unwrap();
        let target = Target::of_file(top.path().join("docker/web/Dockerfile"));
        // A temporary folder is in no repository.
        assert_eq!(Tops::default().levels(&Files::default(), &target), None);
    }
}

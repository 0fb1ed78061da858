//! `--since REF`: what git says of the changes.

use std::path::{Path, PathBuf};

use crate::git::{Change, Failure, Repository};
use crate::report::sanitize;

/// What differs from a commit.
#[derive(Debug)]
pub(super) struct Since {
    /// The files that differ, those that git does not know yet too, as whole paths.
    pub(super) files: Vec<PathBuf>,
    repository: Repository,
    changes: Vec<Change>,
}

impl Since {
    /// Asks git in the folder of the build context.
    pub(super) fn of(reference: &str, root: &Path) -> Result<Self, String> {
        let asked = || {
            let repository = Repository::at(root)?;
            let changes = repository.changes(&repository.commit(reference)?)?;
            let paths = changes.iter().flat_map(Change::paths);
            let mut files: Vec<PathBuf> = paths.map(|path| repository.top().join(path)).collect();
            files.sort();
            files.dedup();
            Ok(Self { files, repository, changes })
        };
        asked().map_err(|error: Failure| sanitize(&error.to_string()).into_owned())
    }

    /// True if the file differs.
    pub(super) fn has(&self, path: &Path) -> bool {
        self.change(path).is_some()
    }

    /// The text that the file at `path` had; `None` if there was none.
    pub(super) fn text_of(&self, path: &Path) -> Option<Vec<u8>> {
        self.change(path)?.old_text(&self.repository).ok()
    }

    /// What became of the file, by what it was called before or by what it is called now.
    fn change(&self, path: &Path) -> Option<&Change> {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let whole = folder.canonicalize().ok()?.join(path.file_name()?);
        let place = whole.strip_prefix(self.repository.top()).ok()?;
        let was = |change: &&Change| change.old.as_ref().is_some_and(|(old, _)| old == place);
        let is = |change: &&Change| change.new.as_deref() == Some(place);
        self.changes.iter().find(was).or_else(|| self.changes.iter().find(is))
    }
}

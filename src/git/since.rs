//! What differs from a commit, by whole paths.

use std::path::{Path, PathBuf};

use super::{Change, Failure, Repository};

/// What differs from a commit.
#[derive(Debug)]
pub struct Since {
    /// The files that differ, those that git does not know yet too, as whole paths.
    pub files: Vec<PathBuf>,
    repository: Repository,
    changes: Vec<Change>,
}

impl Since {
    /// Asks git in a folder.
    ///
    /// # Errors
    /// If git cannot be run, or knows no such commit.
    pub fn of(reference: &str, folder: &Path) -> Result<Self, Failure> {
        let repository = Repository::at(folder)?;
        let changes = repository.changes(&repository.commit(reference)?)?;
        let paths = changes.iter().flat_map(Change::paths);
        let mut files: Vec<PathBuf> = paths.map(|path| repository.top().join(path)).collect();
        files.sort_unstable();
        files.dedup();
        Ok(Self { files, repository, changes })
    }

    /// True if the file differs.
    #[must_use]
    pub fn has(&self, path: &Path) -> bool {
        self.change(path).is_some()
    }

    /// The text that the file at `path` had; `None` if there was none.
    #[must_use]
    pub fn text_of(&self, path: &Path) -> Option<Vec<u8>> {
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

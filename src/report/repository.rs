//! What files are called in their repository.

use std::collections::HashMap;

/// The paths of files from the top of their repository, by the paths that they were named with. Services show a
/// finding at a file of the repository, wherever in it the program was started.
#[derive(Debug, Clone, Default)]
pub struct RepositoryPaths(HashMap<String, String>);

impl RepositoryPaths {
    /// Knows pairs of a path as it was named, and the same from the top, with `/`.
    #[must_use]
    pub fn new(paths: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(paths.into_iter().collect())
    }

    /// What a file is called; as it was named where nothing else is known.
    pub(super) fn of<'a>(&'a self, path: &'a str) -> &'a str {
        self.0.get(path).map_or_else(|| path.strip_prefix("./").unwrap_or(path), String::as_str)
    }
}

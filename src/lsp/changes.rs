//! Files that have changed on the disk, gathered until somebody wants to know what that means: there may be thousands.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::engine;

use super::protocol::{FileEvent, FilesChanged, Uri};
use super::{entry, uri};

/// What has changed.
#[derive(Debug, Default)]
pub(super) struct FileChanges {
    /// The files; true where only the text of one is another, and which files start builds is as it was.
    pub(super) files: BTreeMap<PathBuf, bool>,
    /// True if settings may be others.
    pub(super) of_settings: bool,
}

impl FileChanges {
    /// Adds what a client tells. One that names no file means that anything may be another.
    pub(super) fn push(&mut self, told: FilesChanged) {
        self.of_settings |= told.changes.is_empty();
        for FileEvent { uri, kind } in told.changes {
            let path = uri::path(&uri);
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let is_plain = engine::is_dockerfile_name(name) || engine::is_ignorefile_name(name);
            self.of_settings |= is_configuration(&uri) && !entry::is_name(&path);
            let is_text = self.files.entry(path).or_insert(true);
            *is_text &= is_plain && kind == FileEvent::CHANGED;
        }
    }
}

/// True for a file that may hold settings, or rules.
pub(super) fn is_configuration(uri: &Uri) -> bool {
    [".toml", ".yaml", ".yml", ".md"].iter().any(|end| uri.0.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_counts_once_and_settings_are_known_by_their_names() {
        let told = |files: &[(&str, u32)]| {
            let mut changes = FileChanges::default();
            for (name, kind) in files {
                let uri = Uri(format!("file:///srv/{name}"));
                changes.push(FilesChanged { changes: vec![FileEvent { uri, kind: *kind }] });
            }
            (changes.files.into_values().collect::<Vec<_>>(), changes.of_settings)
        };
        assert_eq!(told(&[("Dockerfile", 2), ("Dockerfile", 2)]), (vec![true], false));
        assert_eq!(told(&[("Dockerfile", 3), ("Dockerfile", 2)]), (vec![false], false));
        assert_eq!(told(&[("compose.yaml", 2)]), (vec![false], false));
        assert_eq!(told(&[("dlint.toml", 1)]), (vec![false], true));
        let mut nothing = FileChanges::default();
        nothing.push(FilesChanged::default());
        assert!(nothing.of_settings);
    }
}

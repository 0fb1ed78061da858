//! What lies in a folder of a build context.

use std::fs;
use std::path::Path;

use dockerignore::{IgnoreFile, Matcher};

use crate::workspace::{Files, Target};

use super::walk::load_ignore;

/// How many entries of a folder are looked at.
const MAX_ENTRIES: usize = 2000;

/// An entry of a folder of a build context.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContextEntry {
    /// Its name.
    pub name: String,
    /// True for a folder.
    pub is_folder: bool,
    /// Bytes of a file.
    pub bytes: u64,
}

/// The entries of `folder` in the build context of a target that are sent to the builder, by name; at most 2000.
/// `folder` is relative to the context, with `/`, and empty for all of it. Folders out of the context have none.
#[must_use]
pub fn context_entries(files: &Files, target: &Target, folder: &str) -> Vec<ContextEntry> {
    let Some(root) = target.context_folder() else { return Vec::new() };
    let ignore = load_ignore(files, target, &root, &mut Vec::new()).map(|(file, _)| file).unwrap_or_default();
    let entries = judged_entries(&root, &ignore, folder).into_iter();
    entries.filter(|(_, is_sent)| *is_sent).map(|(entry, _)| entry).collect()
}

/// The same of the context at `root`, each with whether an ignore file leaves it, or something in it, in.
#[must_use]
pub fn judged_entries(root: &Path, ignore: &IgnoreFile, folder: &str) -> Vec<(ContextEntry, bool)> {
    let folder = folder.trim_matches('/');
    if folder.split('/').any(|part| part == ".." || part.contains('\\')) {
        return Vec::new();
    }
    let matcher = Matcher::new(ignore);
    let Ok(entries) = fs::read_dir(root.join(folder)) else { return Vec::new() };
    let mut found = Vec::new();
    for entry in entries.take(MAX_ENTRIES).flatten() {
        let Ok(name) = entry.file_name().into_string() else { continue };
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        let Ok(kind) = entry.file_type() else { continue };
        let may_hold = kind.is_dir() && !matcher.can_prune(path.as_bytes());
        let is_sent = may_hold || !matcher.is_excluded(&path);
        let bytes = if kind.is_file() { entry.metadata().map_or(0, |meta| meta.len()) } else { 0 };
        found.push((ContextEntry { name, is_folder: kind.is_dir(), bytes }, is_sent));
    }
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_those_that_are_sent() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["src/a", "src/b.md", "secret/key", "kept/x/y", "README.md", "e.c"] {
            fs::create_dir_all(at(name).parent().unwrap()).unwrap();
            fs::write(at(name), "12345").unwrap();
        }
        fs::write(at(".dockerignore"), "secret\n**/*.md\nkept\n!kept/x\n.dockerignore\n").unwrap();
        let target = Target::of_file(at("Dockerfile"));
        let names = |folder: &str| -> Vec<String> {
            context_entries(&Files::default(), &target, folder).into_iter().map(|e| e.name).collect()
        };
        assert_eq!(names(""), ["e.c", "kept", "src"]);
        assert_eq!(names("src/"), ["a"]);
        assert_eq!(names("../"), [""; 0]);
        assert_eq!(names("none"), [""; 0]);
        let [file, _, last] = &context_entries(&Files::default(), &target, "")[..] else { panic!() };
        assert_eq!((file.bytes, file.is_folder, last.is_folder), (5, false, true));
    }
}

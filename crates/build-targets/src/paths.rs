//! Paths as Go's `filepath` joins and cleans them: by their text, without a look at the disk.

use std::path::{Component, Path, PathBuf};

/// Joins a path to a folder and cleans the result. An absolute path is itself.
#[must_use]
pub fn join(folder: &Path, path: &str) -> PathBuf {
    clean(&folder.join(path))
}

/// Without `.`, without `..` after a name, without doubled separators; `.` if nothing is left.
#[must_use]
pub fn clean(path: &Path) -> PathBuf {
    let mut parts: Vec<Component<'_>> = Vec::new();
    for part in path.components() {
        match (part, parts.last()) {
            (Component::CurDir, _) | (Component::ParentDir, Some(Component::RootDir)) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    if parts.is_empty() { PathBuf::from(".") } else { parts.iter().collect() }
}

/// True for the file that has nothing in it, which people name where they want none.
pub fn is_nothing(path: &Path) -> bool {
    path == Path::new("/dev/null")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_as_go_does() {
        for (folder, path, joined) in [
            ("a", "./b//c/.", "a/b/c"),
            ("a", "../../b", "../b"),
            ("", "x", "x"),
            ("", "", "."),
            ("/a", "../../..", "/"),
            ("a", "/x/../y", "/y"),
            ("a/b", "..", "a"),
            ("..", "..", "../.."),
        ] {
            assert_eq!(join(Path::new(folder), path), Path::new(joined), "{folder} {path}");
        }
    }
}

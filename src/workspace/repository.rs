//! Where a folder is in its repository.

use std::path::{Component, Path, PathBuf};

use crate::tree::Tree;

/// How far up the top of a repository is looked for.
const MAX_LEVELS: usize = 32;

/// True if a repository begins in a folder.
#[must_use]
pub fn is_top(folder: &Path) -> bool {
    folder.join(".git").symlink_metadata().is_ok()
}

/// The top of the nearest repository that a folder is in. Its path has to be without links.
#[must_use]
pub fn top_of(real: &Path) -> Option<&Path> {
    real.ancestors().find(|folder| is_top(folder))
}

/// How many levels above a folder its repository begins; `None` if it is in none.
#[must_use]
pub fn levels_to_top(tree: &Tree, folder: &Path) -> Option<usize> {
    let real = tree.real(folder).ok()?;
    real.ancestors().take(MAX_LEVELS).position(is_top)
}

/// The folder `levels` above `folder`, as people would write it.
#[must_use]
pub fn above(folder: &Path, levels: usize) -> PathBuf {
    let mut parts: Vec<Component<'_>> = folder.components().filter(|c| *c != Component::CurDir).collect();
    for _ in 0..levels {
        match parts.last() {
            Some(Component::Normal(_)) => {
                parts.pop();
            }
            Some(Component::RootDir | Component::Prefix(_)) => {}
            _ => parts.push(Component::ParentDir),
        }
    }
    if parts.is_empty() { PathBuf::from(".") } else { parts.iter().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_above_are_written_as_people_do() {
        for (folder, levels, want) in [
            ("a/b", 1, "a"),
            ("a/b", 2, "."),
            ("a/b", 3, ".."),
            ("./a", 1, "."),
            (".", 1, ".."),
            ("..", 1, "../.."),
            ("/srv/a", 1, "/srv"),
        ] {
            assert_eq!(above(Path::new(folder), levels), Path::new(want), "{folder} {levels}");
        }
    }
}

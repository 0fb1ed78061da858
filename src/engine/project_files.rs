//! What lies in a build context, for those who look into the sources of a project.

use std::fs;
use std::path::{Path, PathBuf};

use dockerignore::{IgnoreFile, Matcher};

use crate::text::Arrange;

/// How many files are looked at, and how deep.
const MAX_FILES: usize = 20_000;
const MAX_DEPTH: usize = 24;

/// The files of a build context that its ignore file keeps, sorted; `None` if they are too many, or not there.
#[must_use]
pub fn project_files(root: &Path, ignore: &IgnoreFile) -> Option<Vec<String>> {
    let matcher = Matcher::new(ignore);
    let mut found = Vec::new();
    let mut folders: Vec<(PathBuf, String)> = vec![(root.to_path_buf(), String::new())];
    let mut seen = 0_usize;
    while let Some((folder, prefix)) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(_) if prefix.is_empty() => return None,
            Err(_) => continue,
        };
        for entry in entries.flatten() {
            seen += 1;
            if seen > MAX_FILES {
                return None;
            }
            let Ok(name) = entry.file_name().into_string() else { continue };
            let path = format!("{prefix}{name}");
            let excluded = matcher.is_excluded(&path);
            match entry.file_type() {
                // These hold no sources, and many files.
                Ok(kind) if kind.is_dir() => {
                    let skipped = matches!(name.as_str(), ".git" | "node_modules");
                    let pruned = excluded && matcher.can_prune(path.as_bytes());
                    if !skipped && !pruned && path.matches('/').count() < MAX_DEPTH {
                        folders.push((entry.path(), format!("{path}/")));
                    }
                }
                Ok(_) if !excluded => found.push(path),
                _ => {}
            }
        }
    }
    found.arrange();
    Some(found)
}

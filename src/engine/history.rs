//! Files of a build context that say that a build reads the repository's history.

use std::path::Path;

use crate::context::Scan;
use crate::rewrite::{History, history_readers};
use crate::tree::Tree;

use super::texts::start;

/// The most files that are read for it.
const MAX_FILES: usize = 50;

/// The largest file that is read for it, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// The files of the root that may say so, with their texts, sorted by name.
pub(super) fn files(tree: &Tree, root: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let Ok(entries) = tree.entries(root) else { return found };
    for entry in entries {
        let Ok(name) = entry.name.into_string() else { continue };
        if found.len() < MAX_FILES
            && history_readers(&name)
            && let Some(text) = text(tree, &root.join(&name))
        {
            found.push((name, text));
        }
    }
    found.sort_unstable();
    found
}

fn text(tree: &Tree, path: &Path) -> Option<String> {
    // One byte more than allowed tells a text of just that size from a larger one.
    let bytes = start(tree, path, MAX_BYTES + 1).filter(|bytes| bytes.len() <= MAX_BYTES)?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// True if the history is sent.
pub(super) fn is_sent(scan: &Scan) -> bool {
    scan.notable.iter().any(|n| n.name == ".git" && n.sent.files > 0)
}

/// True if a file of the root says that the history is read.
pub(super) fn is_read(tree: &Tree, root: &Path) -> bool {
    files(tree, root).iter().any(|(name, text)| History { name, text }.reads().is_some())
}

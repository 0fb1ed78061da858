//! Files of a build context that say that a build reads the repository's history.

use std::io::Read as _;
use std::path::Path;

use crate::context::Scan;
use crate::rewrite::{History, history_readers};
use crate::tree::Tree;

/// The most files that are read for it.
const MAX_FILES: usize = 50;

/// The largest file that is read for it, in bytes.
const MAX_BYTES: u64 = 1 << 20;

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
    found.sort();
    found
}

fn text(tree: &Tree, path: &Path) -> Option<String> {
    if !tree.is_file(path) || tree.look(path).ok()?.bytes > MAX_BYTES {
        return None;
    }
    let mut bytes = Vec::new();
    tree.open(path).ok()?.take(MAX_BYTES).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// True if the history is sent, and a file of the root says that it is read.
pub(super) fn is_read(tree: &Tree, root: &Path, scan: &Scan) -> bool {
    let is_sent = scan.notable.iter().any(|n| n.name == ".git" && n.sent.files > 0);
    is_sent && files(tree, root).iter().any(|(name, text)| History { name, text }.reads().is_some())
}

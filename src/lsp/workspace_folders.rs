//! The folders that the editor has opened: where there is no repository, nothing above them starts builds.

use std::path::PathBuf;

use serde_json::Value;

use super::protocol::{Initialize, Uri};
use super::uri;

/// The folders that are open at the start.
pub(super) fn at_start(given: &Initialize) -> Vec<PathBuf> {
    let open: Vec<PathBuf> = named(&given.workspace_folders).collect();
    match open.is_empty() {
        true => folder(&given.root_uri).into_iter().collect(),
        false => open,
    }
}

/// The folders that are open once some have come and gone.
pub(super) fn changed(mut open: Vec<PathBuf>, given: &Value) -> Vec<PathBuf> {
    let of = |key: &str| named(given.pointer("/event").and_then(|event| event.get(key)).unwrap_or(given));
    let gone: Vec<PathBuf> = of("removed").collect();
    open.retain(|folder| !gone.contains(folder));
    open.extend(of("added"));
    open
}

fn named(folders: &Value) -> impl Iterator<Item = PathBuf> {
    folders.as_array().into_iter().flatten().filter_map(|open| folder(open.get("uri")?))
}

/// A folder without links, as far as it is there.
fn folder(uri: &Value) -> Option<PathBuf> {
    let path = uri::file(&Uri(uri.as_str()?.to_owned()))?;
    Some(path.canonicalize().unwrap_or(path))
}

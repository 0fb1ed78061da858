//! Merge keys: `<<: *base`.

use std::collections::HashMap;

use super::{Entry, Node, Style};
use crate::problem::Problem;

/// An entry of a map after its merge keys were followed.
#[derive(Debug, Clone)]
pub struct MergedEntry {
    /// The key and its value.
    pub entry: Entry,
    /// Whether a merge key brought it.
    pub merged: bool,
    /// What a merge key would bring for this key and does not, as the map has the key itself.
    pub hides: Option<Node>,
}

/// The entries of a map, those that its merge keys bring in among them; empty if it is not a map. A key that the map
/// has itself beats a merged one, and of several maps in `<<` the first does: values are replaced as a whole.
///
/// # Errors
/// If a merge key has something else than a map, an alias of a map or a list of these.
pub fn merged_entries(node: &Node) -> Result<Vec<MergedEntry>, Problem> {
    let Some(written) = node.entries() else { return Ok(Vec::new()) };
    let own = |entry: &Entry| MergedEntry { entry: entry.clone(), merged: false, hides: None };
    let mut all: Vec<MergedEntry> = written.iter().filter(|entry| !is_merge(&entry.key)).map(own).collect();
    if all.len() == written.len() {
        return Ok(all);
    }
    let mut at: HashMap<String, usize> = HashMap::new();
    for (index, entry) in all.iter().enumerate() {
        at.insert(entry.entry.key.text().unwrap_or_default().to_owned(), index);
    }
    for merge in written.iter().filter(|entry| is_merge(&entry.key)) {
        let bases = match merge.value.items() {
            Some(items) => items,
            None => std::slice::from_ref(&merge.value),
        };
        for base in bases {
            if base.entries().is_none() {
                let message = "a merge key (`<<`) takes only maps, and this is not one".to_owned();
                return Err(Problem { place: Some(base.place()), message });
            }
            for MergedEntry { entry, .. } in merged_entries(base)? {
                let name = entry.key.text().unwrap_or_default();
                match at.get(name) {
                    Some(index) => {
                        let present = &mut all[*index];
                        if !present.merged && present.hides.is_none() {
                            present.hides = Some(entry.value);
                        }
                    }
                    None => {
                        at.insert(name.to_owned(), all.len());
                        all.push(MergedEntry { entry, merged: true, hides: None });
                    }
                }
            }
        }
    }
    Ok(all)
}

/// Whether a key is `<<`, which it is only without quotes.
fn is_merge(key: &Node) -> bool {
    key.text() == Some("<<")
        && key.style() == Some(Style::Plain)
        && matches!(key.tag(), None | Some("!" | "!!merge"))
}

//! Where to look for what no running container needs.

use crate::image::Watch;
use crate::knowledge::{Leftover, leftover_kinds};

/// All kinds, and the places to look at, each with the index of its kind.
#[must_use]
pub fn leftovers() -> (&'static [Leftover], Vec<(usize, Watch)>) {
    let kinds = leftover_kinds();
    let places =
        kinds.iter().enumerate().flat_map(|(kind, leftover)| {
            let folders = leftover.folders.iter().map(|f| Watch::Folder((*f).to_owned()));
            let named = leftover.named.iter().map(|n| Watch::Named((*n).to_owned()));
            let files = leftover.files.iter().filter_map(|f| f.split_once("/*")).map(|(folder, ending)| {
                Watch::Ending { folder: folder.to_owned(), ending: ending.to_owned() }
            });
            folders.chain(named).chain(files).map(move |watch| (kind, watch))
        });
    (kinds, places.collect())
}

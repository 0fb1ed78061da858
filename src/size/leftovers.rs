//! What no running container needs: `rules/data/leftovers.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::image::Watch;

/// A kind of files that builds leave behind.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leftover {
    /// What it is, for people: "package lists of apt".
    pub what: String,
    /// What to write instead.
    pub help: String,
    /// Folders; `~` is the home of root and of everybody else.
    #[serde(default)]
    folders: Vec<String>,
    /// Names of folders, wherever they are.
    #[serde(default)]
    named: Vec<String>,
    /// `FOLDER/*ENDING`: files of a folder by the end of their names.
    #[serde(default)]
    files: Vec<String>,
}

#[derive(Deserialize)]
struct Table {
    date: String,
    leftover: Vec<Leftover>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    // The table is part of the program, and a test reads it.
    toml::from_str(include_str!("../../rules/data/leftovers.toml"))
        .unwrap_or_else(|_| Table { date: String::new(), leftover: Vec::new() })
});

/// When the table was last looked through, as year and month.
pub static LEFTOVER_DATE: LazyLock<&'static str> = LazyLock::new(|| &TABLE.date);

/// All kinds, and the places to look at, each with the index of its kind.
#[must_use]
pub fn leftovers() -> (&'static [Leftover], Vec<(usize, Watch)>) {
    let places =
        TABLE.leftover.iter().enumerate().flat_map(|(kind, leftover)| {
            let folders = leftover.folders.iter().map(|f| Watch::Folder(f.clone()));
            let named = leftover.named.iter().map(|n| Watch::Named(n.clone()));
            let files = leftover.files.iter().filter_map(|f| f.split_once("/*")).map(|(folder, ending)| {
                Watch::Ending { folder: folder.to_owned(), ending: ending.to_owned() }
            });
            folders.chain(named).chain(files).map(move |watch| (kind, watch))
        });
    (&TABLE.leftover, places.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sound() {
        let (kinds, places) = leftovers();
        assert!(kinds.len() > 10 && LEFTOVER_DATE.len() == 7);
        for (kind, leftover) in kinds.iter().enumerate() {
            let listed = leftover.folders.len() + leftover.named.len() + leftover.files.len();
            assert!(listed > 0 && !leftover.help.is_empty(), "{}", leftover.what);
            assert_eq!(places.iter().filter(|(k, _)| *k == kind).count(), listed, "{}", leftover.what);
            assert!(leftover.folders.iter().chain(&leftover.files).all(|f| f.starts_with(['/', '~'])));
        }
    }
}

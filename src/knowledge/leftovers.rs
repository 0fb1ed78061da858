//! What no running container needs: `rules/data/leftovers.toml`.

use table::KINDS;

mod table {
    use super::Leftover;

    include!(concat!(env!("OUT_DIR"), "/leftovers.rs"));
}

/// A kind of files that builds leave behind.
#[derive(Debug)]
pub struct Leftover {
    /// What it is, for people: "package lists of apt".
    pub what: &'static str,
    /// What to write instead.
    pub help: &'static str,
    /// Folders; `~` is the home of root and of everybody else.
    pub folders: &'static [&'static str],
    /// Names of folders, wherever they are.
    pub named: &'static [&'static str],
    /// `FOLDER/*ENDING`: files of a folder by the end of their names.
    pub files: &'static [&'static str],
}

/// All kinds.
#[must_use]
pub const fn leftover_kinds() -> &'static [Leftover] {
    KINDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_places() {
        for kind in KINDS {
            assert!(
                !kind.folders.is_empty() || !kind.named.is_empty() || !kind.files.is_empty(),
                "{}",
                kind.what
            );
            assert!(
                kind.folders.iter().chain(kind.files).all(|f| f.starts_with(['/', '~'])),
                "{}",
                kind.what
            );
            assert!(kind.files.iter().all(|f| f.contains("/*")), "{}", kind.what);
        }
    }
}

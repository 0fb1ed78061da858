//! What differs from a commit.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::run::{Asked, Failure};
use super::{Commit, Repository};

/// A path that differs between a commit and the working tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What the commit has: the path from the top of the repository, and what is there.
    pub old: Option<(PathBuf, Side)>,
    /// The path in the working tree, if something is there. With another path on the old side, it was renamed.
    pub new: Option<PathBuf>,
}

impl Change {
    /// Its paths: the old one, and the new one if that is another.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        let old = self.old.as_ref().map(|(path, _)| path.as_path());
        old.into_iter().chain(self.new.as_deref().filter(move |new| Some(*new) != old))
    }

    /// The path that it had, if it has another one now.
    #[must_use]
    pub fn renamed_from(&self) -> Option<&Path> {
        let (old, _) = self.old.as_ref()?;
        self.new.as_ref().filter(|new| *new != old).map(|_| old.as_path())
    }
}

/// What a commit has at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Side {
    /// A file.
    File {
        /// The name of its content.
        id: String,
        /// True if it may be run.
        executable: bool,
    },
    /// A link, by the name of its content.
    Link(String),
    /// Another repository in this one.
    Submodule,
}

impl Repository {
    /// What differs between a commit and the working tree, with what is not committed and what git does not know yet,
    /// but for what it ignores. A file that was renamed is one change.
    ///
    /// # Errors
    /// If git cannot be run, or fails.
    pub fn changes(&self, commit: &Commit) -> Result<Vec<Change>, Failure> {
        let compared = |renames: &str| {
            let args = ["diff", "--raw", "-z", "--no-abbrev", renames, "--no-ext-diff", "--no-textconv"];
            let args = args.into_iter().chain(["--ignore-submodules=dirty", &commit.0, "--"]);
            Asked::new(&self.top, &args.collect::<Vec<_>>()).output()
        };
        // In a clone without all contents, files that were renamed and edited cannot be told; equal ones can.
        let diff = || match compared("--find-renames") {
            Err(Failure::Refused(_)) => compared("--find-renames=100%"),
            said => said,
        };
        let others = || Asked::new(&self.top, &["ls-files", "--others", "--exclude-standard", "-z"]).output();
        let (diff, others) = rayon::join(diff, others);
        let mut changes = parsed(&diff?);
        let others = others?;
        let names = others.split(|byte| *byte == 0).filter(|name| !name.is_empty());
        let places = changes.iter().enumerate().filter(|(_, change)| change.new.is_none());
        let gone: HashMap<PathBuf, usize> =
            places.filter_map(|(at, change)| Some((change.old.as_ref()?.0.clone(), at))).collect();
        for name in names.map(path) {
            // What was taken out of the index is still there.
            match gone.get(&name).and_then(|at| changes.get_mut(*at)) {
                Some(change) => change.new = Some(name),
                None => changes.push(Change { old: None, new: Some(name) }),
            }
        }
        Ok(changes)
    }
}

/// What `git diff --raw -z` says: `:100644 100755 OLD NEW M\0path\0`, with two paths for what was renamed.
pub(super) fn parsed(said: &[u8]) -> Vec<Change> {
    let mut fields = said.split(|byte| *byte == 0);
    let mut changes = Vec::new();
    while let Some(head) = fields.next().filter(|head| !head.is_empty()) {
        let head = String::from_utf8_lossy(head);
        let mut words = head.trim_start_matches(':').split(' ');
        let (Some(old_mode), Some(new_mode), Some(id), Some(_), Some(status), Some(first)) =
            (words.next(), words.next(), words.next(), words.next(), words.next(), fields.next())
        else {
            break;
        };
        let old_path = path(first);
        let new_path = match status.starts_with(['R', 'C']) {
            true => path(fields.next().unwrap_or_default()),
            false => old_path.clone(),
        };
        changes.push(Change {
            old: side(old_mode, id).map(|side| (old_path, side)),
            new: (new_mode != NOTHING).then_some(new_path),
        });
    }
    changes
}

/// The mode of what is not there.
const NOTHING: &str = "000000";

fn side(mode: &str, id: &str) -> Option<Side> {
    match mode {
        NOTHING => None,
        "120000" => Some(Side::Link(id.to_owned())),
        "160000" => Some(Side::Submodule),
        mode => Some(Side::File { id: id.to_owned(), executable: mode == "100755" }),
    }
}

/// A path from the top of a repository. What git calls a folder ends in `/`.
#[cfg(unix)]
fn path(name: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    PathBuf::from(std::ffi::OsStr::from_bytes(name.strip_suffix(b"/").unwrap_or(name)))
}

#[cfg(not(unix))]
fn path(name: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(name.strip_suffix(b"/").unwrap_or(name)).as_ref())
}

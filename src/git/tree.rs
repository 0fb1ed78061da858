//! The files of a commit in place of those of the working tree, without a checkout.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use crate::tree::{Blob, Contents as _, Differences, Tree, Was};

use super::blobs::Blobs;
use super::changes::{Change, Side};
use super::run::{Asked, Failure};
use super::{Commit, Repository};

/// The most bytes of a pointer of Git LFS, by its specification.
const MAX_POINTER: u64 = 1024;
/// How such a pointer begins.
const POINTER: &str = "version https://git-lfs.github.com/spec/";

/// How many submodules are asked whether something in them is not committed: each takes a call of git.
const MAX_SUBMODULES: usize = 32;

/// What a commit had, and how it differs from the working tree.
#[derive(Debug)]
pub struct OldTree {
    /// The working tree with what the commit had in its place. What git ignores is there as it is now.
    pub tree: Tree,
    /// What differs.
    pub changes: Vec<Change>,
    /// Submodules that differ, from the top of the repository: they are read as they are now.
    pub submodules: Vec<PathBuf>,
    /// Other submodules in which something is not committed, as far as they are few: they are read as they are now, too.
    pub dirty: Vec<PathBuf>,
    /// Files whose content is not here, as in a clone that has only a part: they count as empty.
    pub lacking: Vec<PathBuf>,
}

impl Repository {
    /// The files as a commit has them.
    ///
    /// # Errors
    /// If git cannot be run, or fails.
    pub fn old_tree(&self, commit: &Commit) -> Result<OldTree, Failure> {
        let changes = self.changes(commit)?;
        let blobs = Blobs::new(self.top.clone());
        let old: Vec<&(PathBuf, Side)> = changes.iter().filter_map(|change| change.old.as_ref()).collect();
        let ids: Vec<&str> = old.iter().filter_map(|(_, side)| side.id()).collect();
        let sizes: BTreeMap<&str, Option<u64>> = ids.iter().copied().zip(blobs.sizes(&ids)?).collect();
        let points = self.top.join(".git/lfs").is_dir();
        let mut all: Vec<(PathBuf, Was)> = Vec::with_capacity(changes.len());
        let (mut submodules, mut lacking) = (Vec::new(), Vec::new());
        for (path, side) in old {
            let bytes = side.id().and_then(|id| sizes.get(id).copied()).flatten();
            if bytes.is_none() && side.id().is_some() {
                lacking.push(path.clone());
            }
            match side {
                Side::Submodule => submodules.push(path.clone()),
                Side::Link(id) => {
                    let target = blobs.read(id).unwrap_or_default();
                    all.push((path.clone(), Was::Link(String::from_utf8_lossy(&target).as_ref().into())));
                }
                Side::File { id, executable } => {
                    let bytes = bytes.unwrap_or(0);
                    let pointed = if points && bytes <= MAX_POINTER { pointed(&blobs, id) } else { None };
                    let blob =
                        Blob { id: id.clone(), bytes: pointed.unwrap_or(bytes), executable: *executable };
                    all.push((path.clone(), Was::File(blob)));
                }
            }
        }
        let is_submodule = |path: &Path| submodules.iter().any(|submodule| submodule == path);
        let gone = changes.iter().filter_map(|change| change.new.clone()).filter(|path| !is_submodule(path));
        all.extend(gone.map(|path| (path, Was::Gone)));
        let tree = Tree::with(Differences::new(self.top.clone(), all, Box::new(blobs)));
        let dirty = self.dirty_submodules(&submodules);
        Ok(OldTree { tree, changes, submodules, dirty, lacking })
    }

    /// The submodules in which something is not committed, but for those that are `known` to differ.
    fn dirty_submodules(&self, known: &[PathBuf]) -> Vec<PathBuf> {
        if !self.top.join(".gitmodules").is_file() {
            return Vec::new();
        }
        // `160000 HASH 0\tpath`; who cannot tell has nothing to say of them.
        let listed = Asked::new(&self.top, &["ls-files", "--stage", "-z"]).output().unwrap_or_default();
        let paths = listed.split(|byte| *byte == 0).filter(|line| line.starts_with(b"160000 "));
        let paths = paths.filter_map(|line| line.split(|byte| *byte == b'\t').nth(1));
        let paths = paths.map(|path| PathBuf::from(String::from_utf8_lossy(path).as_ref()));
        let is_dirty = |path: &PathBuf| {
            let folder = self.top.join(path);
            // One that was not fetched has none of its own.
            folder.join(".git").exists() && {
                let args = ["status", "--porcelain", "-z", "--ignore-submodules=all"];
                Asked::new(&folder, &args).output().is_ok_and(|said| !said.is_empty())
            }
        };
        paths.filter(|path| !known.contains(path)).take(MAX_SUBMODULES).filter(is_dirty).collect()
    }
}

impl Change {
    /// What the commit has there.
    ///
    /// # Errors
    /// If that is no file, or cannot be read.
    pub fn old_text(&self, repository: &Repository) -> io::Result<Vec<u8>> {
        let id = self.old.as_ref().and_then(|(_, side)| side.id()).ok_or(io::ErrorKind::NotFound)?;
        Blobs::new(repository.top.clone()).read(id)
    }
}

impl Side {
    /// The name of its content.
    fn id(&self) -> Option<&str> {
        match self {
            Self::File { id, .. } | Self::Link(id) => Some(id),
            Self::Submodule => None,
        }
    }
}

/// How large the file is that a pointer of Git LFS stands for.
fn pointed(blobs: &Blobs, id: &str) -> Option<u64> {
    let text = String::from_utf8(blobs.read(id).ok()?).ok()?;
    let size = || text.lines().find_map(|line| line.strip_prefix("size ")?.trim().parse().ok());
    text.starts_with(POINTER).then(size).flatten()
}

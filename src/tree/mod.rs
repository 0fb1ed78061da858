//! A tree of files: those of the disk, or the same with differences laid over them, such as what a commit had in their
//! place.
//!
//! All that reads a project's files for a run asks a [`Tree`]. The plain one asks the disk at once: it costs a branch.

mod differences;
mod look;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use differences::{Blob, Contents, Differences, Was};

/// Files and folders by their paths.
///
/// # Examples
/// ```
/// # use dlint::internals::tree::Tree;
/// assert!(Tree::default().is_file("Cargo.toml".as_ref()));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Tree(Option<Arc<Differences>>);

/// The disk as it is.
pub static DISK: Tree = Tree(None);

/// What is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A socket, a pipe, a device.
    Other,
}

/// What is known of a file without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// What it is.
    pub kind: Kind,
    /// Its length in bytes; of a folder and a link, nothing that counts.
    pub bytes: u64,
    /// True if anybody may run it.
    pub executable: bool,
}

/// An entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: OsString,
    /// What it is; links are not followed.
    pub kind: Kind,
}

/// The entries of one folder that differ from the disk, by name.
pub type Laid = BTreeMap<OsString, Was>;

/// A file that is being read.
#[derive(Debug)]
pub enum Opened {
    /// From the disk.
    Disk(File),
    /// From memory.
    Held(Cursor<Vec<u8>>),
}

impl Read for Opened {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Disk(file) => file.read(buffer),
            Self::Held(bytes) => bytes.read(buffer),
        }
    }
}

impl Tree {
    /// The disk with differences.
    #[must_use]
    pub fn with(differences: Differences) -> Self {
        Self(Some(Arc::new(differences)))
    }

    /// What differs from the disk; `None` if this is the disk.
    #[must_use]
    pub fn differences(&self) -> Option<&Differences> {
        self.0.as_deref()
    }

    /// What differs among the entries of a folder, whose path has to be one that [`real`](Self::real) gave.
    #[must_use]
    pub fn laid(&self, folder: &Path) -> Option<&Laid> {
        self.0.as_deref()?.laid(folder)
    }

    /// True if something is there, be it a link that leads nowhere.
    #[must_use]
    pub fn exists(&self, path: &Path) -> bool {
        match &self.0 {
            None => path.symlink_metadata().is_ok(),
            Some(laid) => laid.look(path, false).is_ok(),
        }
    }

    /// True if there is a file, or a link to one.
    #[must_use]
    pub fn is_file(&self, path: &Path) -> bool {
        match &self.0 {
            None => path.is_file(),
            Some(laid) => laid.look(path, true).is_ok_and(|look| look.kind == Kind::File),
        }
    }

    /// True if there is a folder, or a link to one.
    #[must_use]
    pub fn is_folder(&self, path: &Path) -> bool {
        match &self.0 {
            None => path.is_dir(),
            Some(laid) => laid.look(path, true).is_ok_and(|look| look.kind == Kind::Folder),
        }
    }

    /// What is at a path; links are followed.
    ///
    /// # Errors
    /// If nothing is there, or it cannot be looked at.
    pub fn look(&self, path: &Path) -> io::Result<Look> {
        match &self.0 {
            None => fs::metadata(path).map(|metadata| Look::of(&metadata)),
            Some(laid) => laid.look(path, true),
        }
    }

    /// The same; a link is a link.
    ///
    /// # Errors
    /// As those of [`look`](Self::look).
    pub fn look_at_link(&self, path: &Path) -> io::Result<Look> {
        match &self.0 {
            None => fs::symlink_metadata(path).map(|metadata| Look::of(&metadata)),
            Some(laid) => laid.look(path, false),
        }
    }

    /// Where a link leads, as it is written.
    ///
    /// # Errors
    /// If there is none.
    pub fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        match &self.0 {
            None => fs::read_link(path),
            Some(laid) => laid.read_link(path),
        }
    }

    /// The path without links.
    ///
    /// # Errors
    /// If nothing is there.
    pub fn real(&self, path: &Path) -> io::Result<PathBuf> {
        match &self.0 {
            None => path.canonicalize(),
            Some(laid) => laid.real(path),
        }
    }

    /// Opens a file. What differs from the disk is read whole, up to [`MAX_HELD`] bytes.
    ///
    /// # Errors
    /// If it is not there, or cannot be read.
    pub fn open(&self, path: &Path) -> io::Result<Opened> {
        match &self.0 {
            None => File::open(path).map(Opened::Disk),
            Some(laid) => laid.open(path),
        }
    }

    /// The entries of a folder, in no order.
    ///
    /// # Errors
    /// If it is none, or cannot be read.
    pub fn entries(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        match &self.0 {
            None => look::entries(folder).map(Iterator::collect),
            Some(laid) => laid.entries(folder),
        }
    }
}

/// The largest file that is held in memory, in bytes: 64 MiB. Of larger ones only the size is known.
pub const MAX_HELD: u64 = 64 << 20;

//! Where files come from: the disk, or a map in memory.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Reads files. An editor lays its unsaved buffers over the disk by implementing this.
pub trait Files {
    /// The text of a file; `None` if there is no file at this path.
    ///
    /// # Errors
    /// If the file is there and cannot be read: it is not UTF-8, too big, or not readable by this user.
    fn read(&self, path: &Path) -> io::Result<Option<Arc<str>>>;

    /// Whether a file is at this path.
    fn is_file(&self, path: &Path) -> bool;

    /// Whether a folder is at this path.
    fn is_folder(&self, path: &Path) -> bool;

    /// The names in a folder, sorted; empty if it is none or cannot be read.
    fn names(&self, folder: &Path) -> Vec<String>;
}

/// The files of the disk. Files of more than [`Disk::LIMIT`] bytes are refused.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

impl Disk {
    /// No file that starts builds is longer, in bytes: 8 MiB.
    pub const LIMIT: u64 = 8 << 20;
}

impl Files for Disk {
    fn read(&self, path: &Path) -> io::Result<Option<Arc<str>>> {
        let length = match std::fs::metadata(path) {
            Ok(meta) if meta.is_file() => meta.len(),
            Ok(_) => return Ok(None),
            Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(e) => return Err(e),
        };
        if length > Self::LIMIT {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "the file is larger than 8 MiB"));
        }
        let bytes = std::fs::read(path)?;
        let text = String::from_utf8(bytes)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the file is not UTF-8 text"))?;
        Ok(Some(text.into()))
    }

    fn is_file(&self, path: &Path) -> bool {
        path.is_file()
    }

    fn is_folder(&self, path: &Path) -> bool {
        path.is_dir()
    }

    fn names(&self, folder: &Path) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
        let mut names: Vec<String> =
            entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort_unstable();
        names
    }
}

/// Files in memory, for tests and for texts that are in no file.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    files: BTreeMap<PathBuf, Arc<str>>,
}

impl<P: Into<PathBuf>, T: Into<Arc<str>>> FromIterator<(P, T)> for Memory {
    fn from_iter<I: IntoIterator<Item = (P, T)>>(files: I) -> Self {
        Self { files: files.into_iter().map(|(path, text)| (path.into(), text.into())).collect() }
    }
}

impl Files for Memory {
    fn read(&self, path: &Path) -> io::Result<Option<Arc<str>>> {
        Ok(self.files.get(path).cloned())
    }

    fn is_file(&self, path: &Path) -> bool {
        self.files.contains_key(path)
    }

    fn is_folder(&self, path: &Path) -> bool {
        path.as_os_str().is_empty()
            || path == Path::new(".")
            || self.files.keys().any(|file| file != path && file.starts_with(path))
    }

    fn names(&self, folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = self
            .files
            .keys()
            .filter_map(|file| file.strip_prefix(folder).ok()?.iter().next()?.to_str().map(str::to_owned))
            .collect();
        names.dedup();
        names
    }
}

//! Where a baseline is, and reading and writing it.

use std::io;
use std::path::{Path, PathBuf};

use crate::baseline::{Baseline, MAX_BYTES};
use crate::tree::DISK;
use crate::workspace::read_bounded;

use super::write::write_report;

/// A file that holds a baseline, whether or not it is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaselinePlace {
    path: PathBuf,
    /// Its folder, without links.
    folder: Option<PathBuf>,
}

impl BaselinePlace {
    /// The file at `path`.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Self { folder: folder.canonicalize().ok(), path }
    }

    /// The path, as it was given.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the file; `None` if it is not there.
    ///
    /// # Errors
    /// In one sentence if it cannot be read, is too large, or is no baseline.
    pub fn read(&self) -> Result<Option<Baseline>, String> {
        read_bounded(&DISK, &self.path, MAX_BYTES)?.map(|text| Baseline::parse(&text)).transpose()
    }

    /// True if the file is something else, which writing a baseline would destroy.
    #[must_use]
    pub fn is_other(&self) -> bool {
        match read_bounded(&DISK, &self.path, MAX_BYTES) {
            Ok(text) => text.is_some_and(|text| !Baseline::is_meant(&text)),
            Err(_) => self.path.is_file(),
        }
    }

    /// Replaces the file, whole or not at all.
    ///
    /// # Errors
    /// If the folder or the file cannot be written.
    pub fn write(&self, baseline: &Baseline) -> io::Result<()> {
        write_report(&self.path, baseline.text().as_bytes())
    }

    /// What a file is called in the baseline: its path from there, with `/`. One that is no file, or lies outside, keeps its
    /// name.
    #[must_use]
    pub fn name(&self, path: &str) -> String {
        let below = || {
            let real = Path::new(path).canonicalize().ok()?;
            let below = real.strip_prefix(self.folder.as_ref()?).ok()?;
            let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
            Some(parts.join("/"))
        };
        below().unwrap_or_else(|| path.to_owned())
    }

    /// True if a file of the baseline is still where it was.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.folder.as_ref().is_some_and(|folder| folder.join(name).symlink_metadata().is_ok())
    }
}

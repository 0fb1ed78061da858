//! The files that were read, and places in them.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::files::Files;

/// One of the files that were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

/// Some bytes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// The offset of the first byte.
    pub start: u32,
    /// The offset after the last byte.
    pub end: u32,
}

impl Place {
    /// These bytes of the file.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "files of 4 GiB are refused when they are read")]
    pub fn new(file: FileId, span: Range<usize>) -> Self {
        Self { file, start: span.start as u32, end: span.end as u32 }
    }

    /// The offsets of its bytes.
    #[must_use]
    pub fn span(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A file and its text.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// Where it is, as it was asked for.
    pub path: PathBuf,
    /// What it holds.
    pub text: Arc<str>,
    /// Where its lines begin, once a position was asked for.
    lines: OnceLock<Vec<usize>>,
}

impl SourceFile {
    /// The line and the column (in characters) of an offset, both from 1. An offset after the end is its end.
    #[must_use]
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let lines = self.lines.get_or_init(|| {
            let after = |(at, _): (usize, &str)| at + 1;
            std::iter::once(0).chain(self.text.match_indices('\n').map(after)).collect()
        });
        // The first line begins at the start, so there is one.
        let line = lines.partition_point(|start| *start <= offset);
        let start = lines.get(line.saturating_sub(1)).copied().unwrap_or(0);
        (line, self.text[start..offset].chars().count() + 1)
    }
}

/// The files of one resolution: each is read once.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// Reads a file, or finds it among those read; `None` if there is none at this path.
    ///
    /// # Errors
    /// As [`Files::read`], and for a file of 4 GiB or more.
    pub fn open(&mut self, files: &dyn Files, path: &Path) -> io::Result<Option<FileId>> {
        if let Some(file) = self.find(path) {
            return Ok(Some(file));
        }
        let Some(text) = files.read(path)? else { return Ok(None) };
        self.add(path.to_path_buf(), text).map(Some)
    }

    /// Adds a text at hand under a path.
    ///
    /// # Errors
    /// For a text of 4 GiB or more.
    pub fn add(&mut self, path: PathBuf, text: Arc<str>) -> io::Result<FileId> {
        let too_large = || io::Error::new(io::ErrorKind::FileTooLarge, "the file is too large");
        u32::try_from(text.len()).map_err(|_| too_large())?;
        let id = FileId(u32::try_from(self.files.len()).map_err(|_| too_large())?);
        self.files.push(SourceFile { path, text, lines: OnceLock::new() });
        Ok(id)
    }

    /// The file of a path, if it was read.
    #[must_use]
    pub fn find(&self, path: &Path) -> Option<FileId> {
        let at = self.files.iter().position(|file| file.path == path)?;
        u32::try_from(at).ok().map(FileId)
    }

    /// A file that was read.
    #[must_use]
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// All files that were read, in this order.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        (0..).map(FileId).zip(&self.files)
    }
}

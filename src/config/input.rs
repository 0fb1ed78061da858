//! Reads small text files, whatever is at their path.

use std::io::{self, Read as _};
use std::path::Path;

use crate::text::{Source, SourceError};
use crate::tree::{Kind, Tree};

/// Why a file cannot be read as a text.
#[derive(Debug)]
pub(super) enum InputError {
    /// It cannot be read.
    Io(io::Error),
    /// It is no text.
    Source(SourceError),
}

/// Reads a file of at most `max` bytes. It never waits for a pipe.
pub(super) fn read_text(tree: &Tree, path: &Path, max: u64) -> Result<Source, InputError> {
    let io = |kind, message: String| InputError::Io(io::Error::new(kind, message));
    // Before it is opened: opening a FIFO waits for a writer.
    if tree.look(path).map_err(InputError::Io)?.kind != Kind::File {
        return Err(io(io::ErrorKind::InvalidInput, "it is not a regular file".to_owned()));
    }
    let mut bytes = Vec::new();
    let file = tree.open(path).map_err(InputError::Io)?;
    file.take(max + 1).read_to_end(&mut bytes).map_err(InputError::Io)?;
    if bytes.len() as u64 > max {
        return Err(io(io::ErrorKind::FileTooLarge, format!("it is larger than {} KiB", max >> 10)));
    }
    Source::from_bytes(path.display().to_string(), bytes).map_err(InputError::Source)
}

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use crate::text::{MAX_SOURCE_BYTES, Source, SourceError};
use crate::tree::{DISK, Kind, Tree};

/// Why a file cannot be read as a text. It is shown as the end of a sentence that starts with the path.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReadError {
    /// What the system says.
    Io(io::Error),
    /// It is no regular file; what it is instead.
    Special(&'static str),
    /// Its bytes are no text.
    Source(SourceError),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => f.write_str(&describe(error)),
            Self::Special(what) => write!(f, "is {what}, not a file"),
            Self::Source(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ReadError {}

/// Reads the file at `path` as a text called `name`. It never blocks on a pipe or a device, and never reads
/// more than [`MAX_SOURCE_BYTES`].
///
/// # Errors
/// If it is not a regular file, cannot be read, or is no text.
pub fn read_source(path: &Path, name: &str) -> Result<Source, ReadError> {
    read_source_in(&DISK, path, name)
}

/// The same in a tree.
pub(super) fn read_source_in(tree: &Tree, path: &Path, name: &str) -> Result<Source, ReadError> {
    if tree.differences().is_some() {
        return read_laid(tree, path, name);
    }
    let metadata = fs::metadata(path).map_err(ReadError::Io)?;
    if let Some(what) = special(&metadata) {
        return Err(ReadError::Special(what));
    }
    let file = File::open(path).map_err(ReadError::Io)?;
    let bytes = read_limited(file, metadata.len())?;
    Source::from_bytes(name, bytes).map_err(ReadError::Source)
}

/// The same where something may be in the place of the file.
fn read_laid(tree: &Tree, path: &Path, name: &str) -> Result<Source, ReadError> {
    let look = tree.look(path).map_err(ReadError::Io)?;
    match look.kind {
        Kind::File => {}
        Kind::Folder => return Err(ReadError::Special("a folder")),
        Kind::Link | Kind::Other => return Err(ReadError::Special("something else")),
    }
    let bytes = read_limited(tree.open(path).map_err(ReadError::Io)?, look.bytes)?;
    Source::from_bytes(name, bytes).map_err(ReadError::Source)
}

/// Reads standard input as a text.
///
/// # Errors
/// If it cannot be read, or is no text.
pub fn read_stdin(name: &str) -> Result<Source, ReadError> {
    let bytes = read_limited(io::stdin().lock(), 0)?;
    Source::from_bytes(name, bytes).map_err(ReadError::Source)
}

fn read_limited(from: impl Read, expected: u64) -> Result<Vec<u8>, ReadError> {
    if expected > MAX_SOURCE_BYTES {
        return Err(ReadError::Source(SourceError::TooLarge));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or(0) + 1);
    // One byte more than allowed tells a text of just that size from a larger one.
    from.take(MAX_SOURCE_BYTES + 1).read_to_end(&mut bytes).map_err(ReadError::Io)?;
    Ok(bytes)
}

fn special(metadata: &fs::Metadata) -> Option<&'static str> {
    if metadata.is_dir() {
        return Some("a folder");
    }
    if metadata.is_file() {
        return None;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let kind = metadata.file_type();
        if kind.is_fifo() {
            return Some("a named pipe");
        }
        if kind.is_socket() {
            return Some("a socket");
        }
        if kind.is_char_device() || kind.is_block_device() {
            return Some("a device");
        }
    }
    Some("something else")
}

/// What an I/O error means, as the end of a sentence that starts with the path.
#[must_use]
pub fn describe(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "does not exist".to_owned(),
        io::ErrorKind::PermissionDenied => "cannot be read: permission denied".to_owned(),
        io::ErrorKind::NotADirectory => {
            "does not exist: a file is in place of a folder of its path".to_owned()
        }
        io::ErrorKind::IsADirectory => "is a folder, not a file".to_owned(),
        _ => format!("cannot be read: {error}"),
    }
}

/// Reads a text that dlint wrote; `None` if it is not there. Of one with more than `most` bytes, one more than that is read,
/// so that it is seen to be too long.
///
/// # Errors
/// In one sentence, if it cannot be read or is no UTF-8 text.
pub fn read_bounded(tree: &Tree, path: &Path, most: u64) -> Result<Option<String>, String> {
    let look = match tree.look(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        look => look.map_err(|error| describe(&error))?,
    };
    if look.kind != Kind::File {
        return Err("is not a file".to_owned());
    }
    let mut bytes = Vec::new();
    let file = tree.open(path).map_err(|error| describe(&error))?;
    file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| describe(&error))?;
    String::from_utf8(bytes).map(Some).or_else(|error| match error.as_bytes().len() as u64 > most {
        true => Ok(Some(String::from_utf8_lossy(error.as_bytes()).into_owned())),
        false => Err("it is not UTF-8 text".to_owned()),
    })
}

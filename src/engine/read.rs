use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use crate::text::{MAX_SOURCE_BYTES, Source};

/// Reads the file at `path` as a text. It never blocks on a pipe or a device, and never reads more
/// than [`MAX_SOURCE_BYTES`].
///
/// # Errors
/// A sentence that says what is wrong, without the path.
pub fn read_source(path: &Path, name: &str) -> Result<Source, String> {
    let metadata = fs::metadata(path).map_err(|e| describe(&e))?;
    if let Some(what) = special(&metadata) {
        return Err(format!("is {what}, not a file"));
    }
    let file = File::open(path).map_err(|e| describe(&e))?;
    let bytes = read_limited(file, metadata.len())?;
    Source::from_bytes(name, bytes).map_err(|e| e.to_string())
}

/// Reads standard input as a text.
///
/// # Errors
/// A sentence that says what is wrong.
pub fn read_stdin(name: &str) -> Result<Source, String> {
    let bytes = read_limited(io::stdin().lock(), 0)?;
    Source::from_bytes(name, bytes).map_err(|e| e.to_string())
}

fn read_limited(from: impl Read, expected: u64) -> Result<Vec<u8>, String> {
    if expected > MAX_SOURCE_BYTES {
        return Err(crate::text::SourceError::TooLarge.to_string());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or(0) + 1);
    // One byte more than allowed tells a text of just that size from a larger one.
    from.take(MAX_SOURCE_BYTES + 1).read_to_end(&mut bytes).map_err(|e| describe(&e))?;
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
        io::ErrorKind::IsADirectory => "is a folder, not a file".to_owned(),
        _ => format!("cannot be read: {error}"),
    }
}

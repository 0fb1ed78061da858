//! What ADD makes of a file: an archive is known by what is in it, whatever it is called.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Cursor, Read};

use bzip2_rs::DecoderReader;
use lzma_rust2::XzReader;

use super::blob::{Compression, Decoder};
use super::tar::{Kind, Reader, Stream};

/// More entries than that are not counted.
const MAX_ENTRIES: usize = 2_000_000;
/// More bytes than that come out of no archive that is in a build context.
const MAX_BYTES: u64 = 64 << 30;
/// The most that is read of one file in an archive.
const MAX_MEMBER: u64 = 512 << 20;
/// The memory that an xz decoder may take, in KiB.
const MAX_DICTIONARY: u32 = 512 << 10;

/// What ADD makes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unpacked {
    /// It copies it.
    NoArchive,
    /// It unpacks it to so many bytes of file contents.
    To(u64),
    /// It begins like an archive, and cannot be read to its end.
    Broken,
}

/// Reads a file as BuildKit's ADD does: tar, plain or compressed by gzip, bzip2, xz or zstd.
#[must_use]
pub fn unpacked(mut file: impl BufRead) -> Unpacked {
    let Ok(start) = file.fill_buf() else { return Unpacked::Broken };
    match Form::of(start) {
        Form::Bzip2 => count(DecoderReader::new(file)),
        Form::Xz => count(XzReader::new_mem_limit(file, true, MAX_DICTIONARY)),
        Form::Layer(compression) => match Decoder::new(file, compression) {
            Ok(decoder) => count(decoder),
            Err(_) => Unpacked::NoArchive,
        },
    }
}

/// A file without its compression, by gzip, bzip2, xz or zstd; of a tar archive, the text of `member` that it holds.
///
/// # Errors
/// If it cannot be read, or has no such member.
pub fn plain(mut file: impl BufRead + 'static, member: &str) -> io::Result<Box<dyn BufRead>> {
    let mut whole: Box<dyn Read> = match Form::of(file.fill_buf()?) {
        Form::Bzip2 => Box::new(DecoderReader::new(file)),
        Form::Xz => Box::new(XzReader::new_mem_limit(file, true, MAX_DICTIONARY)),
        Form::Layer(compression) => Box::new(Decoder::new(file, compression)?),
    };
    let mut start = Vec::new();
    whole.by_ref().take(512).read_to_end(&mut start)?;
    let is_tar = start.get(257..262) == Some(b"ustar");
    let whole = Cursor::new(start).chain(whole);
    if !is_tar {
        return Ok(Box::new(BufReader::new(whole)));
    }
    let mut reader = Reader::new(Stream(whole.take(MAX_BYTES)));
    let broken = |fault: super::Fault| io::Error::new(io::ErrorKind::InvalidData, fault.to_string());
    while let Some(header) = reader.next().map_err(broken)? {
        if header.kind == Kind::File && header.path == member.as_bytes() {
            let mut text = Vec::new();
            reader.contents().take(MAX_MEMBER).read_to_end(&mut text)?;
            return Ok(Box::new(Cursor::new(text)));
        }
    }
    Err(io::Error::new(io::ErrorKind::InvalidData, format!("it is an archive without {member}")))
}

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Bzip2,
    Xz,
    /// As a layer may be.
    Layer(Compression),
}

impl Form {
    /// What the first bytes tell.
    pub(super) fn of(start: &[u8]) -> Self {
        match start {
            [b'B', b'Z', b'h', b'1'..=b'9', ..] => Self::Bzip2,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            start => Self::Layer(Compression::of(start)),
        }
    }
}

/// Adds up the files of an archive; of what it has twice, the last counts.
fn count(archive: impl Read) -> Unpacked {
    let mut reader = Reader::new(Stream(archive.take(MAX_BYTES)));
    let mut files: HashMap<Vec<u8>, u64> = HashMap::new();
    let mut bytes = 0_u64;
    loop {
        let header = match reader.next() {
            Ok(Some(header)) => header,
            // Nothing but zeros is no archive to BuildKit.
            Ok(None) if files.is_empty() && bytes == 0 => return Unpacked::NoArchive,
            Ok(None) => return Unpacked::To(bytes),
            Err(_) if files.is_empty() => return Unpacked::NoArchive,
            Err(_) => return Unpacked::Broken,
        };
        let size = if header.kind == Kind::File { header.size } else { 0 };
        if files.len() >= MAX_ENTRIES {
            return Unpacked::Broken;
        }
        let before = files.insert(header.path, size).unwrap_or(0);
        bytes = bytes.saturating_sub(before).saturating_add(size);
    }
}

/// Says in the words of people what a layer cannot be compressed with.
pub(super) fn refused(start: &[u8]) -> Option<&'static str> {
    match Form::of(start) {
        Form::Bzip2 => Some("it is compressed with bzip2, which image layers cannot be: use gzip or zstd"),
        Form::Xz => Some("it is compressed with xz, which image layers cannot be: use gzip or zstd"),
        Form::Layer(_) => None,
    }
}

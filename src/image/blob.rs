//! Compressed blobs: what they are is told by their first bytes, never by their media type.

use std::fmt::Write as _;
use std::io::{self, BufRead, Read};

use flate2::bufread::MultiGzDecoder;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// How a layer is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// Not at all.
    None,
    /// Gzip, perhaps of many members, as seekable layers are.
    Gzip,
    /// Zstandard, perhaps of many frames.
    Zstd,
}

impl Compression {
    /// What the first bytes of a blob tell.
    #[must_use]
    pub fn of(start: &[u8]) -> Self {
        match start {
            [0x1f, 0x8b, ..] => Self::Gzip,
            // Skippable frames (0x184D2A5?) stand in front of some seekable layers.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            _ => Self::None,
        }
    }
}

/// Gzip shrinks to a thousandth at best. What shrinks more, beyond a few GB, is made to keep us busy.
const MAX_RATIO: u64 = 4096;
const RATIO_FROM: u64 = if cfg!(test) { 32 << 20 } else { 4 << 30 };

/// Reads the uncompressed bytes of a blob.
pub(super) struct Decoder<R: BufRead> {
    kind: DecoderKind<Counted<R>>,
    /// Bytes that came out of it.
    bytes: u64,
    /// Why it came to an end. Decoders that failed must not be asked again, and whoever skips the rest has
    /// to hear of it, too.
    failed: Option<(io::ErrorKind, String)>,
}

enum DecoderKind<R: BufRead> {
    Plain(R),
    Gzip(Box<MultiGzDecoder<R>>),
    Zstd(Box<zstd::stream::read::Decoder<'static, R>>),
}

impl<R: BufRead> Decoder<R> {
    /// A reader of a blob whose compression is known.
    pub(super) fn new(blob: R, compression: Compression) -> io::Result<Self> {
        let blob = Counted { inner: blob, bytes: 0 };
        let kind = match compression {
            Compression::None => DecoderKind::Plain(blob),
            Compression::Gzip => DecoderKind::Gzip(Box::new(MultiGzDecoder::new(blob))),
            Compression::Zstd => DecoderKind::Zstd(Box::new(zstd::stream::read::Decoder::with_buffer(blob)?)),
        };
        Ok(Self { kind, bytes: 0, failed: None })
    }

    fn blob(&mut self) -> &mut Counted<R> {
        match &mut self.kind {
            DecoderKind::Plain(blob) => blob,
            DecoderKind::Gzip(decoder) => decoder.get_mut(),
            DecoderKind::Zstd(decoder) => decoder.get_mut(),
        }
    }

    fn decode(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.kind {
            DecoderKind::Plain(blob) => return blob.read(buf),
            DecoderKind::Gzip(decoder) => decoder.read(buf).map_err(broken)?,
            DecoderKind::Zstd(decoder) => decoder.read(buf).map_err(broken)?,
        };
        if read == 0 && !buf.is_empty() {
            // What stands behind the data counts for the digest of the blob.
            io::copy(self.blob(), &mut io::sink())?;
        }
        self.bytes += read as u64;
        if self.bytes > RATIO_FROM && self.bytes / MAX_RATIO > self.blob().bytes {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        Ok(read)
    }
}

/// What is small only to take forever is refused, with an error of kind `QuotaExceeded`.
impl<R: BufRead> Read for Decoder<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if let Some((kind, why)) = &self.failed {
            return Err(io::Error::new(*kind, why.clone()));
        }
        let read = self.decode(buf);
        if let Err(error) = &read
            && error.kind() != io::ErrorKind::Interrupted
        {
            self.failed = Some((error.kind(), error.to_string()));
        }
        read
    }
}

/// The decoders report corrupt data as all kinds of errors; what is no I/O error becomes `InvalidData`.
fn broken(error: io::Error) -> io::Error {
    match (error.kind(), error.raw_os_error()) {
        (io::ErrorKind::UnexpectedEof | io::ErrorKind::Interrupted, _) | (_, Some(_)) => error,
        _ => io::Error::new(io::ErrorKind::InvalidData, error.to_string()),
    }
}

/// `sha256:` and the digest of `bytes`.
pub(super) fn digest_of(bytes: &[u8]) -> String {
    digest_text(&Sha256::digest(bytes))
}

/// The form in which manifests write digests.
pub(super) fn digest_text(digest: &[u8]) -> String {
    digest.iter().fold(String::from("sha256:"), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A reader that counts what passes.
struct Counted<R> {
    inner: R,
    bytes: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buf)?;
        self.bytes += read as u64;
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.bytes += amount as u64;
        self.inner.consume(amount);
    }
}

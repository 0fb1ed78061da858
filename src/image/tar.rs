//! Tar archives as a stream of headers: ustar, GNU and pax, as Go's `archive/tar` reads them.
//!
//! Only headers are interpreted; contents are read or skipped by their stored length, so that a sparse
//! file of exabytes costs what is stored of it.

use std::io::{self, BufRead, Read};

use super::error::Fault;

const BLOCK: usize = 512;
/// A name or a pax header that is longer is no honest one.
const MAX_META: u64 = 1 << 20;

/// What a tar entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    HardLink,
    Symlink,
    Folder,
    /// A device, a pipe, or a type that only its writer knows.
    Special,
}

/// The header of one entry.
#[derive(Debug, Clone)]
pub(super) struct Header {
    pub(super) path: Vec<u8>,
    /// Where a hard or symbolic link leads.
    pub(super) link: Vec<u8>,
    pub(super) kind: Kind,
    /// Bytes of contents that are stored: a sparse file without its holes.
    pub(super) size: u64,
    /// Where the contents begin in the archive.
    pub(super) at: u64,
}

/// What can be skipped without reading where that is cheaper.
pub(super) trait Skip: Read {
    /// Skips `bytes`; less than that is an error of kind `UnexpectedEof`.
    fn skip(&mut self, bytes: u64) -> io::Result<()>;
}

/// A file with a buffer: skipping seeks. Whether the end was passed shows at the next read.
impl Skip for io::BufReader<std::fs::File> {
    fn skip(&mut self, bytes: u64) -> io::Result<()> {
        let Some(last) = bytes.checked_sub(1) else { return Ok(()) };
        // What no file can be as long as is not there.
        let too_far = |_| io::Error::from(io::ErrorKind::UnexpectedEof);
        let last = i64::try_from(last).map_err(|_| io::ErrorKind::UnexpectedEof)?;
        self.seek_relative(last).map_err(too_far)?;
        // Reading the last byte tells whether the file is that long.
        self.read_exact(&mut [0])
    }
}

/// A stream: skipping reads.
pub(super) struct Stream<R>(pub(super) R);

impl<R: Read> Read for Stream<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read(buf)
    }
}

impl<R: Read> Skip for Stream<R> {
    fn skip(&mut self, bytes: u64) -> io::Result<()> {
        let skipped = io::copy(&mut self.0.by_ref().take(bytes), &mut io::sink())?;
        if skipped == bytes { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

/// Reads an archive header by header.
pub(super) struct Reader<R> {
    inner: R,
    /// Bytes read so far.
    at: u64,
    /// Bytes of contents not read yet.
    left: u64,
    /// Zero bytes behind the contents.
    padding: u64,
}

/// What pax headers and GNU long names say of the next entry.
#[derive(Default)]
struct Overrides {
    path: Option<Vec<u8>>,
    /// The real name of a sparse file; `path` then names a made-up one.
    sparse_path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
}

impl<R: Skip> Reader<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, at: 0, left: 0, padding: 0 }
    }

    /// The next entry; `None` at the end of the archive.
    pub(super) fn next(&mut self) -> Result<Option<Header>, Fault> {
        self.skip_contents()?;
        let mut overrides = Overrides::default();
        loop {
            let start = self.at;
            let Some(block) = self.block()? else { return Ok(None) };
            if block.iter().all(|b| *b == 0) {
                return Ok(None);
            }
            check(&block).map_err(|why| Fault::Tar(start, why))?;
            let size = number(&block[124..136]).ok_or(Fault::Tar(start, "its size is no number"))?;
            match block[156] {
                b'L' => overrides.path = Some(until_nul(self.meta(size)?)),
                b'K' => overrides.link = Some(until_nul(self.meta(size)?)),
                b'x' => {
                    let records = self.meta(size)?;
                    pax(&records, &mut overrides).map_err(|why| Fault::Tar(start, why))?;
                }
                // What holds for all entries (a comment of `git archive`) changes none that matters.
                b'g' => drop(self.meta(size)?),
                kind => return self.entry(&block, kind, size, overrides).map(Some),
            }
        }
    }

    fn entry(
        &mut self,
        block: &[u8; BLOCK],
        kind: u8,
        size: u64,
        overrides: Overrides,
    ) -> Result<Header, Fault> {
        let path = overrides.sparse_path.or(overrides.path).unwrap_or_else(|| name(block));
        let link = overrides.link.unwrap_or_else(|| until_nul(block[157..257].to_vec()));
        let size = overrides.size.unwrap_or(size);
        if kind == b'S' {
            self.sparse_map(block)?;
        }
        let kind = match kind {
            // Archives older than ustar mark folders by a slash alone.
            b'0' | b'\0' | b'7' | b'S' if path.last() != Some(&b'/') => Kind::File,
            b'0' | b'\0' | b'7' | b'5' | b'S' => Kind::Folder,
            b'1' => Kind::HardLink,
            b'2' => Kind::Symlink,
            _ => Kind::Special,
        };
        // Links and folders may claim a size and store nothing.
        let size = if matches!(kind, Kind::File | Kind::Special) { size } else { 0 };
        self.left = size;
        self.padding = size.wrapping_neg() % BLOCK as u64;
        Ok(Header { path, link, kind, size, at: self.at })
    }

    /// GNU's old sparse files store the rest of their map in blocks behind the header.
    fn sparse_map(&mut self, block: &[u8; BLOCK]) -> Result<(), Fault> {
        let mut more = block[482] != 0;
        while more {
            let next = self.block()?.ok_or(Fault::Truncated)?;
            more = next[504] != 0;
        }
        Ok(())
    }

    /// The contents of the current entry.
    pub(super) fn contents(&mut self) -> Contents<'_, R> {
        Contents(self)
    }

    fn skip_contents(&mut self) -> Result<(), Fault> {
        let bytes = self.left.checked_add(self.padding).ok_or(Fault::Truncated)?;
        self.inner.skip(bytes)?;
        self.at = self.at.saturating_add(bytes);
        (self.left, self.padding) = (0, 0);
        Ok(())
    }

    /// The reader below.
    pub(super) fn inner(&mut self) -> &mut R {
        &mut self.inner
    }

    /// A block; `None` at the end of the input.
    fn block(&mut self) -> Result<Option<[u8; BLOCK]>, Fault> {
        let mut block = [0; BLOCK];
        let mut filled = 0;
        while filled < BLOCK {
            match self.inner.read(&mut block[filled..]) {
                Ok(0) if filled == 0 => return Ok(None),
                Ok(0) if self.at == 0 => return Err(Fault::Tar(0, "it is shorter than one")),
                Ok(0) => return Err(Fault::Truncated),
                Ok(read) => filled += read,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e.into()),
            }
        }
        self.at += BLOCK as u64;
        Ok(Some(block))
    }

    /// The contents of an entry that speaks of the next one.
    fn meta(&mut self, size: u64) -> Result<Vec<u8>, Fault> {
        if size > MAX_META {
            return Err(Fault::Tar(self.at, "a name or attribute of more than 1 MiB"));
        }
        let mut bytes = Vec::new();
        self.inner.by_ref().take(size).read_to_end(&mut bytes)?;
        if (bytes.len() as u64) < size {
            return Err(Fault::Truncated);
        }
        self.at += size;
        let padding = size.wrapping_neg() % BLOCK as u64;
        self.inner.skip(padding)?;
        self.at += padding;
        Ok(bytes)
    }
}

/// Reads the contents of an entry; a cut archive is an error of kind `UnexpectedEof`.
pub(super) struct Contents<'a, R>(&'a mut Reader<R>);

impl<R: Skip> Read for Contents<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let want = usize::try_from(self.0.left).unwrap_or(usize::MAX).min(buf.len());
        if want == 0 {
            return Ok(0);
        }
        let read = self.0.inner.read(&mut buf[..want])?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.0.at += read as u64;
        self.0.left -= read as u64;
        Ok(read)
    }
}

impl<R: Skip + BufRead> BufRead for Contents<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let left = usize::try_from(self.0.left).unwrap_or(usize::MAX);
        if left == 0 {
            return Ok(&[]);
        }
        match self.0.inner.fill_buf()? {
            [] => Err(io::ErrorKind::UnexpectedEof.into()),
            there => Ok(&there[..left.min(there.len())]),
        }
    }

    fn consume(&mut self, amount: usize) {
        self.0.inner.consume(amount);
        self.0.at += amount as u64;
        self.0.left -= amount as u64;
    }
}

/// The checksum counts the header's bytes, its own field as blanks; old writers took bytes as signed.
fn check(block: &[u8; BLOCK]) -> Result<(), &'static str> {
    let stored = number(&block[148..156]).ok_or("its checksum is no number")?;
    let (mut unsigned, mut signed) = (0_u64, 0_i64);
    for (i, byte) in block.iter().enumerate() {
        let byte = if (148..156).contains(&i) { b' ' } else { *byte };
        unsigned += u64::from(byte);
        signed += i64::from(byte.cast_signed());
    }
    let right = stored == unsigned || i64::try_from(stored) == Ok(signed);
    if right { Ok(()) } else { Err("its checksum is wrong") }
}

/// An octal number with blanks and NULs around it, or GNU's binary form.
fn number(field: &[u8]) -> Option<u64> {
    let (first, rest) = field.split_first()?;
    if first & 0x80 != 0 {
        // 0xff starts a negative number.
        let mut value = u64::from(first & 0x7f);
        (first & 0x40 == 0).then_some(())?;
        for byte in rest {
            value = value.checked_mul(256)?.checked_add(u64::from(*byte))?;
        }
        return Some(value);
    }
    let text = field.trim_ascii_start();
    let digits = text.iter().take_while(|b| matches!(b, b'0'..=b'7'));
    let mut value = 0_u64;
    let mut length = 0;
    for digit in digits {
        value = value.checked_mul(8)?.checked_add(u64::from(digit - b'0'))?;
        length += 1;
    }
    text[length..].iter().all(|b| matches!(b, b' ' | b'\0')).then_some(value)
}

fn until_nul(mut bytes: Vec<u8>) -> Vec<u8> {
    let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
    bytes.truncate(end);
    bytes
}

/// The name of a header; ustar archives may store its folders apart.
fn name(block: &[u8; BLOCK]) -> Vec<u8> {
    let name = until_nul(block[..100].to_vec());
    // GNU's own magic has no prefix field: other things stand there.
    let prefix =
        if block[257..263] == *b"ustar\0" { until_nul(block[345..500].to_vec()) } else { Vec::new() };
    if prefix.is_empty() { name } else { [&prefix[..], b"/", &name].concat() }
}

/// Records of the form `LENGTH KEY=VALUE\n`.
fn pax(mut records: &[u8], overrides: &mut Overrides) -> Result<(), &'static str> {
    const BROKEN: &str = "a broken pax record";
    while !records.is_empty() && records.iter().any(|b| *b != 0) {
        let blank = records.iter().position(|b| *b == b' ').ok_or(BROKEN)?;
        let length = std::str::from_utf8(&records[..blank]).ok().and_then(|n| n.parse::<usize>().ok());
        let record = length.and_then(|n| records.get(blank + 1..n)).ok_or(BROKEN)?;
        records = &records[blank + 1 + record.len()..];
        let record = record.strip_suffix(b"\n").ok_or(BROKEN)?;
        let equals = record.iter().position(|b| *b == b'=').ok_or(BROKEN)?;
        let (key, value) = (&record[..equals], &record[equals + 1..]);
        match key {
            b"path" if !value.is_empty() => overrides.path = Some(value.to_vec()),
            b"linkpath" if !value.is_empty() => overrides.link = Some(value.to_vec()),
            b"GNU.sparse.name" => overrides.sparse_path = Some(value.to_vec()),
            b"size" if !value.is_empty() => {
                let size = std::str::from_utf8(value).ok().and_then(|v| v.parse().ok());
                overrides.size = Some(size.ok_or("a pax size that is no number")?);
            }
            _ => {}
        }
    }
    Ok(())
}

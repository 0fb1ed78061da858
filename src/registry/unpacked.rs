//! What a layer holds, unpacked: by a few bytes of it where these tell, by all of it where it is small.

use std::fmt;
use std::io::{BufReader, Read as _};

use flate2::read::GzDecoder;
use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};

use crate::image::{Compression, read_layer};

use super::error::Fault;
use super::json::{Descriptor, digest_of};
use super::login::{Repository, Session};
use super::web::{Answer, Ask, LONG};

/// What a layer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bytes {
    /// Bytes of file contents, as likely as any.
    pub bytes: u64,
    /// The least and the most that it may be.
    pub range: (u64, u64),
    /// How that is known.
    pub how: How,
}

/// How the bytes of a layer are known, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// All of it was read and counted.
    Counted,
    /// It has a list of its files with their sizes.
    Listed,
    /// It says how large the archive is that it unpacks to.
    Archive,
    /// Nothing tells but its size as it is stored.
    Stored,
}

/// A layer that tells nothing of itself is read whole up to that.
const MAX_WHOLE: u64 = 64 << 20;
/// The list of files in a layer, as it is stored, and unpacked.
const MAX_LIST: u64 = 16 << 20;
const MAX_LIST_TEXT: u64 = 128 << 20;
/// No gzip unpacks to more times its size.
const MAX_RATIO: u64 = 1_032;
/// What a layer unpacks to by its size as it is stored, in tenths: the least, the likely and the most.
const UNPACKED: (u64, u64, u64) = (8, 26, 80);
/// The footer of eStargz.
const FOOTER: u64 = 51;

/// What the layer of a repository holds.
pub(super) fn of(
    session: &Session,
    repository: &Repository,
    layer: &Descriptor,
    download: u64,
) -> Result<Bytes, Fault> {
    // What must not be distributed lies elsewhere, at an address that the image names.
    if layer.media_type.contains("foreign") || layer.media_type.contains("nondistributable") {
        return Ok(by_ratio(layer.size));
    }
    let blob = Blob { session, repository, layer };
    if layer.size <= download {
        return blob.counted();
    }
    // Whatever a list or a trailer tells that makes no sense, the layer may still be read.
    let told = match blob.listed()? {
        Some(told) => Some(told),
        None => blob.archive()?,
    };
    match told {
        Some(told) => Ok(told),
        None if layer.size <= MAX_WHOLE => blob.counted(),
        None => Ok(by_ratio(layer.size)),
    }
}

struct Blob<'a> {
    session: &'a Session,
    repository: &'a Repository,
    layer: &'a Descriptor,
}

impl Blob<'_> {
    fn url(&self) -> super::url::Url {
        self.repository.url("blobs", &self.layer.digest)
    }

    /// Reads all of it.
    fn counted(&self) -> Result<Bytes, Fault> {
        let answer = self.session.ask(self.repository, Ask { time: LONG, ..Ask::of(self.url()) })?;
        let reader = BufReader::with_capacity(64 << 10, answer.reader(self.layer.size));
        let read = read_layer(reader).map_err(|fault| match fault {
            crate::image::Fault::Limit(what) => Fault::Limit(what),
            crate::image::Fault::Io(error) if error.kind() == std::io::ErrorKind::FileTooLarge => {
                Fault::Limit("a layer is longer than its manifest says")
            }
            crate::image::Fault::Io(_) => {
                Fault::Unreachable("it ends the connection in the middle".to_owned())
            }
            _ => Fault::Answer("a layer is not a complete archive"),
        })?;
        if read.digest != self.layer.digest {
            return Err(Fault::Digest);
        }
        Ok(Bytes { bytes: read.bytes, range: (read.bytes, read.bytes), how: How::Counted })
    }

    /// Some bytes of it; `None` if the server sends all or none instead.
    fn part(&self, first: u64, length: u64) -> Result<Option<Vec<u8>>, Fault> {
        let is_within = first.checked_add(length).is_some_and(|end| end <= self.layer.size);
        if length == 0 || !is_within {
            return Ok(None);
        }
        let ask = Ask { range: Some((first, first + length - 1)), ..Ask::of(self.url()) };
        let answer: Answer = match self.session.ask(self.repository, ask) {
            // Some servers do not know how to do that.
            Err(Fault::Status(_)) => return Ok(None),
            answer => answer?,
        };
        if answer.status != 206 {
            return Ok(None);
        }
        let bytes = answer.bytes(length, "more bytes of a layer than were asked for")?;
        Ok((bytes.len() as u64 == length).then_some(bytes))
    }

    /// By the list of files that the layer has.
    fn listed(&self) -> Result<Option<Bytes>, Fault> {
        let bytes = match self.chunked("position") {
            Some(position) => self.of_chunked(position)?,
            None => match self.layer.annotation("containerd.io/snapshot/stargz/toc.digest") {
                Some(digest) => self.of_stargz(digest)?,
                None => None,
            },
        };
        Ok(bytes.map(|bytes| Bytes { bytes, range: (bytes, bytes), how: How::Listed }))
    }

    /// An annotation about the list of zstd:chunked, under either of its names.
    fn chunked(&self, what: &str) -> Option<&str> {
        let names = ["io.github.containers", "io.containers"];
        let mut names = names.iter().map(|start| format!("{start}.zstd-chunked.manifest-{what}"));
        names.find_map(|name| self.layer.annotation(&name))
    }

    /// zstd:chunked: the annotation says where the list is, and what its digest is.
    fn of_chunked(&self, position: &str) -> Result<Option<u64>, Fault> {
        let mut numbers = position.split(':').map(|number| number.parse::<u64>().ok());
        let (Some(Some(first)), Some(Some(length)), Some(Some(whole))) =
            (numbers.next(), numbers.next(), numbers.next())
        else {
            return Ok(None);
        };
        if length > MAX_LIST || whole > MAX_LIST_TEXT {
            return Ok(None);
        }
        let Some(packed) = self.part(first, length)? else { return Ok(None) };
        if self.chunked("checksum") != Some(&*digest_of(&packed)) {
            return Ok(None);
        }
        let Ok(decoder) = zstd::stream::read::Decoder::new(&*packed) else { return Ok(None) };
        Ok(sum(decoder.take(whole)))
    }

    /// eStargz: its last bytes say where the list is.
    fn of_stargz(&self, digest: &str) -> Result<Option<u64>, Fault> {
        let Some(at) = self.layer.size.checked_sub(FOOTER) else { return Ok(None) };
        let Some(footer) = self.part(at, FOOTER)? else { return Ok(None) };
        // A member of gzip with an extra field: "SG", 22 bytes, sixteen digits, "STARGZ".
        let field =
            footer.get(12..38).filter(|field| field.starts_with(b"SG\x16\x00") && field.ends_with(b"STARGZ"));
        let first = field.and_then(|field| std::str::from_utf8(&field[4..20]).ok());
        let Some(first) = first.and_then(|digits| u64::from_str_radix(digits, 16).ok()) else {
            return Ok(None);
        };
        let Some(length) = at.checked_sub(first).filter(|length| *length <= MAX_LIST) else {
            return Ok(None);
        };
        let Some(packed) = self.part(first, length)? else { return Ok(None) };
        let mut archive = GzDecoder::new(&*packed).take(MAX_LIST_TEXT);
        let mut header = [0; 512];
        if archive.read_exact(&mut header).is_err() || !header.starts_with(b"stargz.index.json\0") {
            return Ok(None);
        }
        let size = std::str::from_utf8(&header[124..135]).ok();
        let size = size.and_then(|digits| u64::from_str_radix(digits.trim_matches(['\0', ' ']), 8).ok());
        let Some(size) = size.filter(|size| *size <= MAX_LIST_TEXT) else { return Ok(None) };
        let mut text = Vec::new();
        if archive.take(size).read_to_end(&mut text).is_err() || digest_of(&text) != digest {
            return Ok(None);
        }
        Ok(sum(&*text))
    }

    /// By what the layer says of the archive that it unpacks to.
    fn archive(&self) -> Result<Option<Bytes>, Fault> {
        let size = self.layer.size;
        let Some(head) = self.part(0, size.min(18))? else { return Ok(None) };
        let told = match Compression::of(&head) {
            Compression::None => Some(size),
            Compression::Gzip => {
                let annotated = self.layer.annotation("io.containers.estargz.uncompressed-size");
                match annotated.and_then(|text| text.parse().ok()) {
                    Some(told) => Some(told),
                    None => match self.part(size.saturating_sub(4), 4)?.as_deref() {
                        Some([a, b, c, d]) => Some(u64::from(u32::from_le_bytes([*a, *b, *c, *d]))),
                        _ => None,
                    },
                }
            }
            // Where it is several frames, the first one tells of itself alone, and is less than all of it.
            Compression::Zstd => frame_size(&head),
        };
        let is_likely = |told: &u64| *told >= size && *told / MAX_RATIO <= size;
        let Some(told) = told.filter(is_likely) else { return Ok(None) };
        // The trailer has 32 bits: what is stored in that many may be more, by any number of 4 GiB.
        const WRAPS: u64 = 1 << 30;
        if Compression::of(&head) == Compression::Gzip && size > WRAPS {
            let by_ratio = by_ratio(size);
            let range = (of_archive(told).range.0, by_ratio.range.1.max(told));
            return Ok(Some(Bytes { bytes: by_ratio.bytes.max(told), range, how: How::Stored }));
        }
        Ok(Some(of_archive(told)))
    }
}

/// The contents of an archive of so many bytes. What it has around them is more where files are small, and many small
/// files make small archives: of 60 files of up to 60 bytes it is nearly all.
pub(super) fn of_archive(archive: u64) -> Bytes {
    let percent = |part: u64| u64::try_from(u128::from(archive) * u128::from(part) / 100).unwrap_or(archive);
    let (least, likely) = match archive {
        0..5_000_000 => (5, 80),
        5_000_000..50_000_000 => (50, 93),
        _ => (75, 97),
    };
    Bytes { bytes: percent(likely), range: (percent(least), archive), how: How::Archive }
}

fn by_ratio(stored: u64) -> Bytes {
    let (least, likely, most) = UNPACKED;
    let times = |tenths: u64| stored.saturating_mul(tenths) / 10;
    Bytes { bytes: times(likely), range: (times(least), times(most)), how: How::Stored }
}

/// The size of the contents that the header of a zstd frame tells (RFC 8878, 3.1.1.1).
pub(super) fn frame_size(head: &[u8]) -> Option<u64> {
    let rest = head.strip_prefix(&[0x28, 0xb5, 0x2f, 0xfd])?;
    let (flags, rest) = rest.split_first()?;
    let is_single = flags & 0x20 != 0;
    let dictionary = [0, 1, 2, 4][usize::from(flags & 3)];
    let rest = rest.get(usize::from(!is_single) + dictionary..)?;
    let field = |length: usize| {
        let mut bytes = [0; 8];
        bytes[..length].copy_from_slice(rest.get(..length)?);
        Some(u64::from_le_bytes(bytes))
    };
    match (flags >> 6, is_single) {
        (0, false) => None,
        (0, true) => field(1),
        (1, _) => field(2).map(|size| size + 256),
        (2, _) => field(4),
        _ => field(8),
    }
}

/// The sizes of the files of a list together; it is never kept.
fn sum(text: impl std::io::Read) -> Option<u64> {
    #[derive(Deserialize)]
    struct List {
        entries: Total,
    }
    let list: List = serde_json::from_reader(BufReader::new(text)).ok()?;
    Some(list.entries.0)
}

struct Total(u64);

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    size: u64,
}

impl<'de> Deserialize<'de> for Total {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Adder;
        impl<'de> Visitor<'de> for Adder {
            type Value = Total;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of files")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Total, A::Error> {
                let mut total = 0u64;
                while let Some(entry) = list.next_element::<Entry>()? {
                    if entry.kind == "reg" {
                        total = total.saturating_add(entry.size);
                    }
                }
                Ok(Total(total))
            }
        }
        deserializer.deserialize_seq(Adder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_tells_its_size_where_it_does() {
        assert_eq!(frame_size(&[0x28, 0xb5, 0x2f, 0xfd, 0x20, 9]), Some(9));
        assert_eq!(frame_size(&[0x28, 0xb5, 0x2f, 0xfd, 0x60, 1, 0]), Some(257));
        assert_eq!(frame_size(&[0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 1, 0]), Some(65_536));
        assert_eq!(frame_size(&[0x28, 0xb5, 0x2f, 0xfd, 0xe0, 1, 0, 0, 0, 1, 0, 0, 0]), Some((1 << 32) + 1));
        // With a window, and without a size; a skippable frame; cut off.
        assert_eq!(frame_size(&[0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x58, 1, 2]), None);
        assert_eq!(frame_size(&[0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0]), None);
        assert_eq!(frame_size(&[0x28, 0xb5, 0x2f, 0xfd, 0xe0, 1]), None);
    }

    #[test]
    fn files_of_a_list_are_added() {
        let text = br#"{"version": 1, "entries": [{"type": "reg", "name": "a", "size": 7, "digest": "x"}, {"type": "dir"},
            {"type": "chunk", "size": 9}, {"type": "hardlink", "size": 5}, {"type": "reg"}, {"type": "reg", "size": 3}]}"#;
        assert_eq!(sum(&text[..]), Some(10));
        for bad in ["", "{}", r#"{"entries": 1}"#, r#"{"entries": [{"type": "reg", "size": -1}]}"#, "[[[["] {
            assert_eq!(sum(bad.as_bytes()), None, "{bad}");
        }
    }
}

//! Files of web servers: how long they are, and what they unpack to, by a few bytes of them.

use super::error::{Fault, RegistryError};
use super::image::Client;
use super::tail::{self, Packed};
use super::unpacked::{Bytes, How, of_archive};
use super::url::Url;
use super::web::{Answer, Ask};

/// What is asked first: enough to tell what kind of file it is.
const HEAD: u64 = 512;
/// The list of files in a ZIP archive, and the index of an xz file, are no longer.
const MAX_LIST: u64 = 4 << 20;

/// What a web server has at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WebFile {
    /// Bytes of the file.
    pub bytes: u64,
    /// Bytes of the files that it unpacks to; `None` if it is no archive, or does not tell.
    pub unpacked: Option<Bytes>,
}

impl Client {
    /// How long the file at an address is, and what it unpacks to. No login is sent.
    ///
    /// # Errors
    /// If the address is none, or the server cannot be asked, or does not tell.
    pub fn file(&self, address: &str) -> Result<WebFile, RegistryError> {
        let of = || {
            let url = Url::parse(address).ok_or(Fault::Answer("this is no address of a file"))?;
            Remote { client: self, url, size: 0 }.measured(address)
        };
        of().map_err(|fault| RegistryError::new(address, fault))
    }
}

struct Remote<'a> {
    client: &'a Client,
    url: Url,
    size: u64,
}

impl Remote<'_> {
    fn ask(&self, first: u64, last: u64) -> Result<Answer, Fault> {
        let ask = Ask { range: Some((first, last)), ..Ask::of(self.url.clone()) };
        let answer = self.client.web().ask(&ask)?;
        match answer.status {
            200 | 206 | 416 => Ok(answer),
            401 | 403 => Err(Fault::Closed),
            404 | 410 => Err(Fault::NoFile),
            429 => Err(Fault::TooMany),
            status => Err(Fault::Status(status)),
        }
    }

    fn measured(mut self, address: &str) -> Result<WebFile, Fault> {
        let answer = self.ask(0, HEAD - 1)?;
        let (size, head) = match answer.status {
            // There is no first byte.
            416 => return Ok(WebFile { bytes: 0, unpacked: None }),
            206 => {
                let size = answer.header("content-range").and_then(whole);
                (size, answer.bytes(HEAD, "more bytes of a file than were asked for")?)
            }
            // It sends all of it: the length is enough.
            _ => (answer.header("content-length").and_then(|text| text.parse().ok()), Vec::new()),
        };
        self.size = size.ok_or(Fault::Answer("the server does not say how long the file is"))?;
        let unpacked = if head.is_empty() { None } else { self.unpacked(&head, address)? };
        Ok(WebFile { bytes: self.size, unpacked })
    }

    /// Some bytes of it; `None` if the server does not send just these.
    fn part(&self, first: u64, length: u64) -> Result<Option<Vec<u8>>, Fault> {
        let Some(last) = first.checked_add(length).and_then(|end| end.checked_sub(1)) else {
            return Ok(None);
        };
        if length == 0 || last >= self.size {
            return Ok(None);
        }
        let answer = match self.ask(first, last) {
            Ok(answer) if answer.status == 206 => answer,
            Ok(_) | Err(Fault::Status(_)) => return Ok(None),
            Err(fault) => return Err(fault),
        };
        let bytes = answer.bytes(length, "more bytes of a file than were asked for")?;
        Ok((bytes.len() as u64 == length).then_some(bytes))
    }

    fn last(&self, length: u64) -> Result<Option<Vec<u8>>, Fault> {
        let length = length.min(self.size);
        self.part(self.size - length, length)
    }

    fn unpacked(&self, head: &[u8], address: &str) -> Result<Option<Bytes>, Fault> {
        let name = address.rsplit('/').next().unwrap_or(address).to_ascii_lowercase();
        let is_tar = name.contains(".tar") || name.ends_with("tgz") || name.ends_with("txz");
        let exact = |bytes: u64| Bytes { bytes, range: (bytes, bytes), how: How::Listed };
        let of = |bytes: u64| if is_tar { of_archive(bytes) } else { exact(bytes) };
        Ok(match tail::kind(head) {
            Some(Packed::Gzip) => match self.last(4)?.as_deref() {
                Some([a, b, c, d]) => {
                    let told = u64::from(u32::from_le_bytes([*a, *b, *c, *d]));
                    Some(told).filter(|told| tail::is_likely(*told, self.size)).map(of)
                }
                _ => None,
            },
            Some(Packed::Xz) => {
                let footer = self.last(tail::XZ_FOOTER)?;
                let length = footer.as_deref().and_then(tail::xz_index).filter(|length| *length <= MAX_LIST);
                let at = length.and_then(|length| self.size.checked_sub(tail::XZ_FOOTER + length));
                let index = match (at, length) {
                    (Some(at), Some(length)) => self.part(at, length)?,
                    _ => None,
                };
                index.as_deref().and_then(tail::xz_unpacked).map(of)
            }
            Some(Packed::Zip) => {
                let end = self.last(tail::ZIP_END)?;
                let place = end.as_deref().and_then(tail::zip_list);
                let list = match place.filter(|(_, length)| *length <= MAX_LIST) {
                    Some((first, length)) => self.part(first, length)?,
                    None => None,
                };
                list.as_deref().and_then(tail::zip_unpacked).map(exact)
            }
            Some(Packed::Zstd) => {
                let told = super::unpacked::frame_size(head);
                told.filter(|told| tail::is_likely(*told, self.size)).map(of)
            }
            Some(Packed::Tar) => Some(of_archive(self.size)),
            None => None,
        })
    }
}

/// The length of all of it, as `bytes 0-511/7000` says it.
fn whole(range: &str) -> Option<u64> {
    range.strip_prefix("bytes ")?.split_once('/')?.1.trim().parse().ok()
}

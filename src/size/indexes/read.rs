//! Reads package indexes in the formats that distributions publish.

use std::fmt;
use std::io::{self, BufRead, Read};

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

use crate::image::plain;

use super::names::Names;
use super::{Format, Index, Need, Package};

/// More than that is read of no index.
const MAX_BYTES: u64 = if cfg!(test) { 1 << 20 } else { 1 << 30 };
/// The longest line of an index, and the most that its packages name.
const MAX_LINE: u64 = 1 << 20;
const MAX_NAMES: usize = if cfg!(test) { 10_000 } else { 20_000_000 };

/// Why an index cannot be read.
#[derive(Debug)]
pub enum ReadError {
    /// It cannot be read, or not be decompressed.
    Io(io::Error),
    /// It is in none of the formats.
    Unknown,
    /// It is larger than any that distributions publish.
    TooLarge,
    /// It is no XML, at this byte.
    Xml(u64),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "cannot be read: {error}"),
            Self::Unknown => f.write_str(
                "is no package index: dlint reads Packages of apt, APKINDEX of apk, and primary.xml of dnf and zypper",
            ),
            Self::TooLarge => f.write_str("is larger than any package index that dlint reads"),
            Self::Xml(at) => write!(f, "is no valid XML (at byte {at})"),
        }
    }
}

impl std::error::Error for ReadError {}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Reads an index, which may be compressed by gzip, bzip2, xz or zstd. What it is, is told by its content.
///
/// # Errors
/// If it cannot be read, is no index, or is larger than any.
pub fn read(file: impl BufRead + 'static) -> Result<Index, ReadError> {
    let mut text = plain(file, "APKINDEX")?.take(MAX_BYTES);
    let start = String::from_utf8_lossy(text.fill_buf()?).into_owned();
    let start = start.trim_start_matches(['\u{feff}', '\u{fffd}']).trim_start();
    let index = if start.starts_with('<') {
        primary(&mut text)?
    } else if ["C:", "P:"].iter().any(|key| start.starts_with(key)) {
        stanzas(&mut text, Format::Apkindex)?
    } else if start.split_once(':').is_some_and(|(key, _)| key == "Package") {
        stanzas(&mut text, Format::Packages)?
    } else {
        return Err(ReadError::Unknown);
    };
    if text.limit() == 0 { Err(ReadError::TooLarge) } else { Ok(index) }
}

/// An index that is put together package by package.
struct Builder {
    index: Index,
    /// The package that is read.
    name: String,
    arch: String,
    bytes: u64,
    is_essential: bool,
    needs: Vec<(String, bool)>,
    recommends: Vec<(String, bool)>,
    provides: Vec<String>,
}

impl Builder {
    fn new(format: Format) -> Self {
        let index = Index {
            format,
            names: Names::default(),
            packages: Vec::new(),
            needs: Vec::new(),
            provided: Vec::new(),
        };
        Self {
            index,
            name: String::new(),
            arch: String::new(),
            bytes: 0,
            is_essential: false,
            needs: Vec::new(),
            recommends: Vec::new(),
            provides: Vec::new(),
        }
    }

    /// Adds what was read of a package, and is ready for the next one.
    fn end(&mut self) -> Result<(), ReadError> {
        let index = &mut self.index;
        let named = index.needs.len() + index.provided.len();
        if named + self.needs.len() + self.recommends.len() + self.provides.len() > MAX_NAMES {
            return Err(ReadError::TooLarge);
        }
        let name = std::mem::take(&mut self.name);
        let arch = std::mem::take(&mut self.arch);
        let (needs, recommends) = (std::mem::take(&mut self.needs), std::mem::take(&mut self.recommends));
        let provides = std::mem::take(&mut self.provides);
        let bytes = std::mem::take(&mut self.bytes);
        let is_essential = std::mem::take(&mut self.is_essential);
        // What an RPM is built from is in some indexes, too.
        if name.is_empty() || matches!(&*arch, "src" | "nosrc") {
            return Ok(());
        }
        let number = u32::try_from(index.packages.len()).map_err(|_| ReadError::TooLarge)?;
        let name = index.names.number(&name);
        let mut added = |all: Vec<(String, bool)>| {
            let from = index.needs.len();
            index.needs.extend(
                all.into_iter().map(|(name, has_other)| Need { name: index.names.number(&name), has_other }),
            );
            // `MAX_NAMES` are far fewer.
            let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            number(from)..number(index.needs.len())
        };
        let (needs, recommends) = (added(needs), added(recommends));
        let arch = (!matches!(&*arch, "" | "all" | "noarch")).then(|| index.names.number(&arch));
        index.packages.push(Package { name, arch, bytes, needs, recommends, is_essential });
        index.provided.push((name, number));
        let provided = provides.iter().map(|name| (index.names.number(name), number));
        index.provided.extend(provided.filter(|(id, _)| *id != name));
        Ok(())
    }

    /// Of several versions of a package the last one comes first.
    fn finish(mut self) -> Result<Index, ReadError> {
        self.end()?;
        self.index.provided.sort_unstable_by_key(|(name, number)| (*name, std::cmp::Reverse(*number)));
        self.index.provided.dedup();
        Ok(self.index)
    }
}

/// Reads `Packages` and `APKINDEX`: paragraphs of lines with a key each.
fn stanzas(text: &mut impl BufRead, format: Format) -> Result<Index, ReadError> {
    let mut of = Builder::new(format);
    let (mut line, mut key) = (Vec::new(), String::new());
    loop {
        line.clear();
        let read = text.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)?;
        if read as u64 == MAX_LINE {
            return Err(ReadError::TooLarge);
        }
        let said = String::from_utf8_lossy(&line);
        let said = said.trim_end();
        if said.is_empty() {
            of.end()?;
            if read == 0 {
                return of.finish();
            }
            continue;
        }
        let value = match said.split_once(':') {
            _ if said.starts_with([' ', '\t']) => said,
            Some((name, value)) => {
                key.clear();
                key.push_str(name);
                value
            }
            None => continue,
        };
        match format {
            Format::Apkindex => of.alpine(&key, value.trim()),
            _ => of.debian(&key, value.trim()),
        }
    }
}

impl Builder {
    /// A line of `Packages`. Sizes are in KiB.
    fn debian(&mut self, key: &str, value: &str) {
        match key {
            "Package" => self.name = value.to_owned(),
            "Architecture" => self.arch = value.to_owned(),
            "Installed-Size" => self.bytes = value.parse::<u64>().unwrap_or(0).saturating_mul(1024),
            "Essential" => self.is_essential |= value == "yes",
            "Priority" => self.is_essential |= value == "required",
            "Depends" | "Pre-Depends" => relations(value, &mut self.needs),
            "Recommends" => relations(value, &mut self.recommends),
            "Provides" => {
                let mut provided = Vec::new();
                relations(value, &mut provided);
                self.provides.extend(provided.into_iter().map(|(name, _)| name));
            }
            _ => {}
        }
    }

    /// A line of `APKINDEX`. Sizes are in bytes.
    fn alpine(&mut self, key: &str, value: &str) {
        let name = |word: &str| word.split(['=', '<', '>', '~']).next().unwrap_or(word).to_owned();
        let words = || value.split_ascii_whitespace();
        match key {
            "P" => self.name = value.to_owned(),
            "A" => self.arch = value.to_owned(),
            "I" => self.bytes = value.parse().unwrap_or(0),
            // `!name` is what it must not be installed with.
            "D" => self.needs.extend(words().filter(|w| !w.starts_with('!')).map(|w| (name(w), false))),
            "p" => self.provides.extend(words().map(name)),
            _ => {}
        }
    }

    /// An element of `primary.xml`.
    fn rpm(&mut self, element: &BytesStart<'_>, list: &mut Option<List>) {
        let attribute = |name: &str| -> Option<String> {
            let found = element.try_get_attribute(name).ok()??;
            found.normalized_value(XmlVersion::Implicit1_0).ok().map(|value| value.into_owned())
        };
        match element.name().as_ref() {
            "size" => self.bytes = attribute("installed").and_then(|n| n.parse().ok()).unwrap_or(0),
            "rpm:requires" => *list = Some(List::Requires),
            "rpm:recommends" => *list = Some(List::Recommends),
            "rpm:provides" => *list = Some(List::Provides),
            "rpm:entry" => {
                let Some(name) = attribute("name") else { return };
                // What rpm itself can, and conditions, which are left to the range.
                if name.starts_with("rpmlib(") || name.starts_with('(') {
                    return;
                }
                match list {
                    Some(List::Requires) => self.needs.push((name, false)),
                    Some(List::Recommends) => self.recommends.push((name, false)),
                    Some(List::Provides) => self.provides.push(name),
                    None => {}
                }
            }
            _ => {}
        }
    }
}

/// A list of relations in `primary.xml`.
enum List {
    Requires,
    Recommends,
    Provides,
}

/// Reads `libc6 (>= 2.36), default-mta | mail-transport-agent:any`: names, and whether an alternative follows.
fn relations(value: &str, into: &mut Vec<(String, bool)>) {
    for group in value.split(',') {
        let mut alternatives = group.split('|').peekable();
        while let Some(one) = alternatives.next() {
            let name = one.trim().split([' ', '(', ':', '[']).next().unwrap_or_default();
            if !name.is_empty() {
                into.push((name.to_owned(), alternatives.peek().is_some()));
            }
        }
    }
}

/// Reads `primary.xml`.
fn primary(text: &mut impl BufRead) -> Result<Index, ReadError> {
    let mut reader = quick_xml::Reader::from_reader(text);
    let mut of = Builder::new(Format::Primary);
    let mut list = None;
    // The element whose text is read.
    let mut wanted: Option<&'static str> = None;
    let (mut buffer, mut is_index) = (Vec::new(), false);
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer);
        match event.map_err(|_| ReadError::Xml(reader.buffer_position()))? {
            Event::Eof if is_index => return of.finish(),
            Event::Eof => return Err(ReadError::Unknown),
            Event::Empty(element) => of.rpm(&element, &mut list),
            Event::Start(element) => {
                is_index |= element.name().as_ref() == "package";
                of.rpm(&element, &mut list);
                wanted = match element.name().as_ref() {
                    "name" => Some("name"),
                    "arch" => Some("arch"),
                    "file" => Some("file"),
                    _ => None,
                };
            }
            Event::Text(content) => {
                let content = content.xml_content(XmlVersion::Implicit1_0);
                match wanted.take() {
                    Some("name") => of.name = content.into_owned(),
                    Some("arch") => of.arch = content.into_owned(),
                    Some("file") => of.provides.push(content.into_owned()),
                    _ => {}
                }
            }
            Event::End(element) => match element.name().as_ref() {
                "package" => of.end()?,
                "rpm:requires" | "rpm:recommends" | "rpm:provides" => list = None,
                _ => {}
            },
            _ => {}
        }
    }
}

//! Where the blobs of an image are: a folder, a file that can be sought in, a stream that cannot.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::blob::{Compression, Decoder};
use super::error::{Fault, ImageError};
use super::layer::{self, Budget, Contents, Wanted};
use super::tar::{Header, Kind, Reader, Skip, Stream};

/// JSON that is larger is none of an image.
const MAX_JSON: u64 = 32 << 20;
/// An archive of more members than that is no image.
const MAX_MEMBERS: usize = 100_000;
const BUFFER: usize = 128 << 10;

/// Blobs that are fetched when they are asked for.
pub trait Blobs: std::fmt::Debug + Send + Sync {
    /// An index with one image.
    fn index(&self) -> Vec<u8>;
    /// The manifest and the config, by digest.
    fn text(&self, digest: &str) -> Option<Vec<u8>>;
    /// Bytes of a layer as it is stored.
    fn size(&self, digest: &str) -> Option<u64>;
    /// A layer.
    ///
    /// # Errors
    /// If it cannot be fetched.
    fn open(&self, digest: &str) -> Result<Box<dyn Read + Send>, Fault>;
}

/// What blobs that are fetched are called.
const BLOBS: &str = "blobs/sha256/";

/// The blobs of an image, by name. Names have `/` between their parts and no `.` or `..` among them.
#[derive(Debug)]
pub(super) enum Store {
    Folder(PathBuf),
    /// An uncompressed archive, its members by name.
    Archive(PathBuf, HashMap<String, Member>),
    /// A stream that was read to its end: what may be JSON as it is, the rest as layers.
    Stream(HashMap<String, Streamed>),
    Remote(Arc<dyn Blobs>),
}

#[derive(Debug)]
pub(super) enum Member {
    Data {
        at: u64,
        size: u64,
    },
    /// Another name of a member.
    Link(String),
}

#[derive(Debug)]
pub(super) enum Streamed {
    Json(Vec<u8>),
    Layer(Arc<Contents>),
    /// Neither; why not.
    Other(Mutex<Option<Fault>>),
    Link(String),
}

impl Store {
    /// Opens a folder or an archive.
    pub(super) fn open(path: &Path, unverified: bool, budget: &Budget) -> Result<Self, ImageError> {
        let place = path.display().to_string();
        let fail = |fault: Fault| ImageError::new(&place, fault);
        let io = |e: std::io::Error| fail(Fault::Io(e));
        if std::fs::metadata(path).map_err(io)?.is_dir() {
            return Ok(Self::Folder(path.to_owned()));
        }
        let mut file = BufReader::with_capacity(BUFFER, File::open(path).map_err(io)?);
        if Compression::of(file.fill_buf().map_err(io)?) == Compression::None
            && file.get_ref().stream_position().is_ok()
        {
            let members = index(file).map_err(fail)?;
            return Ok(Self::Archive(path.to_owned(), members));
        }
        Self::stream(file, unverified, budget).map_err(fail)
    }

    /// Reads a stream to its end, the layers on the way.
    pub(super) fn stream(input: impl Read, unverified: bool, budget: &Budget) -> Result<Self, Fault> {
        let mut input = BufReader::with_capacity(BUFFER, input);
        let compression = Compression::of(input.fill_buf()?);
        let decoder = Decoder::new(input, compression)?;
        // Which digest the manifest will name is not known yet.
        let wanted = Wanted { digest: !unverified, diff_id: !unverified };
        let mut reader = Reader::new(Stream(decoder));
        let mut members = HashMap::new();
        while let Some(header) = next(&mut reader)? {
            let Some(name) = name(&header.path) else { continue };
            let member = match header.kind {
                Kind::File => {
                    let mut contents = BufReader::with_capacity(BUFFER, reader.contents());
                    Some(streamed(&mut contents, header.size, wanted, budget)?)
                }
                Kind::HardLink => name_of_link(&header.link, "").map(Streamed::Link),
                Kind::Symlink => name_of_link(&header.link, &name).map(Streamed::Link),
                Kind::Folder | Kind::Special => None,
            };
            full(members.len())?;
            members.extend(member.map(|m| (name, m)));
        }
        Ok(Self::Stream(members))
    }

    /// True if there is something of that name.
    pub(super) fn has(&self, name: &str) -> bool {
        match self {
            Self::Folder(folder) => folder.join(name).is_file(),
            Self::Archive(_, members) => members.contains_key(name),
            Self::Stream(members) => members.contains_key(name),
            Self::Remote(_) => name == "index.json",
        }
    }

    /// Bytes of the blob as it is stored, if that is known without reading it.
    pub(super) fn size(&self, name: &str) -> u64 {
        match self {
            Self::Folder(folder) => std::fs::metadata(folder.join(name)).map_or(0, |m| m.len()),
            Self::Archive(_, members) => match find(members, name, |m| link(m)) {
                Some(Member::Data { size, .. }) => *size,
                _ => 0,
            },
            Self::Stream(_) => 0,
            Self::Remote(blobs) => digest(name).and_then(|digest| blobs.size(&digest)).unwrap_or(0),
        }
    }

    /// A blob as a whole.
    pub(super) fn json(&self, name: &str) -> Result<Vec<u8>, Fault> {
        if let Self::Stream(members) = self {
            return match find(members, name, streamed_link) {
                Some(Streamed::Json(bytes)) => Ok(bytes.clone()),
                Some(_) => Err(Fault::Json("this is no JSON".to_owned())),
                None => Err(Fault::Missing(name.to_owned())),
            };
        }
        if let Self::Remote(blobs) = self {
            let text = match name {
                "index.json" => Some(blobs.index()),
                name => digest(name).and_then(|digest| blobs.text(&digest)),
            };
            return text.ok_or_else(|| Fault::Missing(name.to_owned()));
        }
        let (mut blob, size) = self.blob(name)?;
        if size > MAX_JSON {
            return Err(Fault::Limit("JSON of more than 32 MiB"));
        }
        let mut bytes = Vec::new();
        blob.read_to_end(&mut bytes)?;
        if (bytes.len() as u64) < size { Err(Fault::Truncated) } else { Ok(bytes) }
    }

    /// A layer.
    pub(super) fn layer(&self, name: &str, wanted: Wanted, budget: &Budget) -> Result<Arc<Contents>, Fault> {
        if let Self::Stream(members) = self {
            return match find(members, name, streamed_link) {
                Some(Streamed::Layer(layer)) => Ok(Arc::clone(layer)),
                Some(Streamed::Other(fault)) => {
                    let fault = fault.lock().unwrap_or_else(PoisonError::into_inner).take();
                    Err(fault.unwrap_or(Fault::NotAnImage))
                }
                Some(_) => Err(Fault::Tar(0, "this is JSON")),
                None => Err(Fault::Missing(name.to_owned())),
            };
        }
        if let Self::Remote(blobs) = self {
            let digest = digest(name).ok_or_else(|| Fault::Missing(name.to_owned()))?;
            let blob = BufReader::with_capacity(BUFFER, blobs.open(&digest)?);
            return layer::read(blob, wanted, budget).map(Arc::new);
        }
        let (blob, _) = self.blob(name)?;
        layer::read(blob, wanted, budget).map(Arc::new)
    }

    fn blob(&self, name: &str) -> Result<(impl BufRead + use<>, u64), Fault> {
        let missing = |e: std::io::Error| match e.kind() {
            std::io::ErrorKind::NotFound => Fault::Missing(name.to_owned()),
            _ => Fault::Io(e),
        };
        let (path, at, size) = match self {
            Self::Folder(folder) => (folder.join(name), 0, None),
            Self::Archive(path, members) => match find(members, name, |m| link(m)) {
                Some(Member::Data { at, size }) => (path.clone(), *at, Some(*size)),
                _ => return Err(Fault::Missing(name.to_owned())),
            },
            // Its callers take what was read on the way, or what is fetched.
            Self::Stream(_) | Self::Remote(_) => return Err(Fault::Missing(name.to_owned())),
        };
        let mut file = File::open(path).map_err(missing)?;
        file.seek(SeekFrom::Start(at))?;
        let size = match size {
            Some(size) => size,
            None => file.metadata()?.len(),
        };
        Ok((BufReader::with_capacity(BUFFER, file.take(size)), size))
    }
}

/// The digest of a blob by its name.
fn digest(name: &str) -> Option<String> {
    name.strip_prefix(BLOBS).map(|digits| format!("sha256:{digits}"))
}

/// Reads the headers of an archive that can be sought in.
fn index(file: BufReader<File>) -> Result<HashMap<String, Member>, Fault> {
    let mut reader = Reader::new(file);
    let mut members = HashMap::new();
    while let Some(header) = next(&mut reader)? {
        let Some(name) = name(&header.path) else { continue };
        let member = match header.kind {
            Kind::File => Some(Member::Data { at: header.at, size: header.size }),
            // Old versions of `docker save` store a layer that several images have as links.
            Kind::HardLink => name_of_link(&header.link, "").map(Member::Link),
            Kind::Symlink => name_of_link(&header.link, &name).map(Member::Link),
            Kind::Folder | Kind::Special => None,
        };
        full(members.len())?;
        members.extend(member.map(|m| (name, m)));
    }
    Ok(members)
}

/// The next header; what is no archive from its first byte is no image either.
fn next<R: Skip>(reader: &mut Reader<R>) -> Result<Option<Header>, Fault> {
    match reader.next() {
        Err(Fault::Tar(0, _)) => Err(Fault::NotAnImage),
        other => other,
    }
}

fn full(members: usize) -> Result<(), Fault> {
    if members < MAX_MEMBERS { Ok(()) } else { Err(Fault::Limit("an archive of more than 100,000 members")) }
}

/// Reads a member of a stream as what it seems to be.
fn streamed(
    contents: &mut impl BufRead,
    size: u64,
    wanted: Wanted,
    budget: &Budget,
) -> Result<Streamed, Fault> {
    let start = contents.fill_buf()?;
    let is_json = matches!(start.first(), Some(b'{' | b'['));
    if is_json && size <= MAX_JSON {
        let mut bytes = Vec::new();
        contents.read_to_end(&mut bytes)?;
        return Ok(Streamed::Json(bytes));
    }
    if is_json {
        return Ok(Streamed::Other(Mutex::new(None)));
    }
    match layer::read(contents, wanted, budget) {
        Ok(layer) => Ok(Streamed::Layer(Arc::new(layer))),
        // Whether that matters depends on the manifest, which often comes last.
        Err(fault @ Fault::Io(_)) => Err(fault),
        Err(fault) => Ok(Streamed::Other(Mutex::new(Some(fault)))),
    }
}

fn link(member: &Member) -> Option<&String> {
    match member {
        Member::Link(name) => Some(name),
        Member::Data { .. } => None,
    }
}

fn streamed_link(member: &Streamed) -> Option<&String> {
    match member {
        Streamed::Link(name) => Some(name),
        _ => None,
    }
}

/// The member of that name, links followed.
fn find<'m, M>(
    members: &'m HashMap<String, M>,
    name: &str,
    link: impl Fn(&'m M) -> Option<&'m String>,
) -> Option<&'m M> {
    let mut member = members.get(name)?;
    // A chain of links is never long; a ring of them ends here.
    for _ in 0..8 {
        match link(member) {
            Some(target) => member = members.get(target)?,
            None => return Some(member),
        }
    }
    None
}

/// The name of a member: relative, UTF-8, without `.` and `..`.
fn name(path: &[u8]) -> Option<String> {
    name_of_link(path, "")
}

/// What a link of the member `from` leads to; nothing outside of the archive.
fn name_of_link(target: &[u8], from: &str) -> Option<String> {
    let target = std::str::from_utf8(target).ok()?;
    let mut parts: Vec<&str> = match from.rsplit_once('/') {
        Some((folder, _)) if !target.starts_with('/') => folder.split('/').collect(),
        _ => Vec::new(),
    };
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// A name of a blob as a manifest gives it; nothing outside of the store.
pub(super) fn blob_name(name: &str) -> Result<String, Fault> {
    name_of_link(name.as_bytes(), "").ok_or_else(|| Fault::Traversal(name.to_owned()))
}

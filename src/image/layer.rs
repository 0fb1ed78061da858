//! One layer: its archive read once, front to back.

use std::collections::HashMap;
use std::io::{self, BufRead};
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{Builder, ScopedJoinHandle, scope};

use super::archive::refused;
use super::blob::{Compression, Decoder};
use super::error::Fault;
use super::fingerprint::Fingerprint;
use super::pipe::{PipeReader, PipeWriter, pipe};
use super::tar::{Header, Kind, Reader};

/// What the lists of files of all layers may take, in bytes.
const MEMORY: usize = 1 << 30;

/// What an entry takes beside its path: itself, and its places in the merge and among equal files.
const COST: usize = size_of::<Entry>() + MERGED;
const MERGED: usize = 8 + 24;

/// What an entry of a layer does to the file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// A file with contents.
    File,
    /// Another name of a file of the same layer.
    HardLink,
    /// A folder: it joins one that is there, and replaces anything else.
    Folder,
    /// A symbolic link, a device, a pipe.
    Other,
    /// Takes away what lower layers have at the path.
    Whiteout,
    /// Takes away all that lower layers have in the folder.
    Opaque,
}

/// An entry of a layer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    start: u32,
    length: u32,
    pub(super) change: Change,
    /// True for a file that has further names in the layer.
    pub(super) linked: bool,
    /// Bytes of contents.
    pub(super) size: u64,
    /// Of the contents; equal contents have equal hashes.
    pub(super) hash: u64,
    /// For a hard link the entry with the contents, if the layer has it.
    pub(super) target: Option<u32>,
}

/// The entries of a layer, sorted by path; those of one path in the order of the archive. Paths are
/// relative, and NUL stands between their parts instead of `/`, so that bytes sort a folder directly
/// before all that is in it.
#[derive(Debug, Default)]
pub(super) struct Entries {
    names: Vec<u8>,
    pub(super) list: Vec<Entry>,
}

impl Entries {
    pub(super) fn path(&self, entry: &Entry) -> &[u8] {
        &self.names[entry.start as usize..][..entry.length as usize]
    }

    /// The entry that holds the contents of `index`: itself, or what it is a hard link to.
    pub(super) fn owner(&self, index: u32) -> Option<u32> {
        let entry = self.list.get(index as usize)?;
        match entry.change {
            Change::File => Some(index),
            Change::HardLink => entry.target,
            _ => None,
        }
    }

    #[allow(clippy::cast_possible_truncation, reason = "the budget is less than 4 GiB")]
    fn push(&mut self, path: &[u8], change: Change, size: u64, hash: u64) {
        let (start, length) = (self.names.len() as u32, path.len() as u32);
        self.names.extend_from_slice(path);
        self.list.push(Entry { start, length, change, linked: false, size, hash, target: None });
    }

    /// Sorts, and finds the files that hard links name.
    #[allow(clippy::cast_possible_truncation, reason = "the budget allows fewer")]
    fn finish(&mut self, links: &HashMap<u32, Vec<u8>>) {
        let Self { names, list } = self;
        let path = |e: &Entry| &names[e.start as usize..][..e.length as usize];
        list.sort_by(|a, b| path(a).cmp(path(b)));
        if links.is_empty() {
            return;
        }
        // A link to a link is one to the same file; a ring of them ends here.
        let find = |wanted: &[u8]| {
            let mut wanted = wanted;
            for _ in 0..8 {
                let end = list.partition_point(|e| path(e) <= wanted);
                let same = list[..end].iter().rposition(|e| {
                    path(e) != wanted || matches!(e.change, Change::File | Change::HardLink)
                })?;
                let found = &list[same];
                match found.change {
                    _ if path(found) != wanted => return None,
                    Change::File => return Some(same as u32),
                    _ => wanted = links.get(&found.start)?,
                }
            }
            None
        };
        let targets: Vec<(usize, u32)> = list
            .iter()
            .enumerate()
            .filter(|(_, e)| e.change == Change::HardLink)
            .filter_map(|(i, e)| Some((i, find(links.get(&e.start)?)?)))
            .collect();
        for (link, target) in targets {
            list[link].target = Some(target);
            list[target as usize].linked = true;
        }
    }
}

/// What reading a layer gave.
#[derive(Debug)]
pub(super) struct Contents {
    pub(super) entries: Entries,
    pub(super) compression: Compression,
    /// Bytes of the blob as it is stored.
    pub(super) stored: u64,
    /// Digest of the blob as it is stored, if it was asked for.
    pub(super) digest: Option<String>,
    /// Digest of the uncompressed archive, if it was asked for.
    pub(super) diff_id: Option<String>,
}

/// Which digests to work out.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wanted {
    /// Of the blob as it is stored.
    pub(super) digest: bool,
    /// Of the uncompressed archive.
    pub(super) diff_id: bool,
}

/// What the lists of files of an image may still take, shared by the layers.
#[derive(Debug)]
pub(super) struct Budget(AtomicUsize);

impl Budget {
    pub(super) const fn new() -> Self {
        Self::of(MEMORY)
    }

    pub(super) const fn of(bytes: usize) -> Self {
        Self(AtomicUsize::new(bytes))
    }

    /// Takes what the entries of a layer need that is there once more.
    pub(super) fn again(&self, contents: &Contents) -> Result<(), Fault> {
        self.take(contents.entries.list.len().saturating_mul(MERGED))
    }

    fn take(&self, bytes: usize) -> Result<(), Fault> {
        let enough = |left: usize| left.checked_sub(bytes);
        match self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, enough) {
            Ok(_) => Ok(()),
            Err(_) => Err(Fault::Limit("its layers hold too many files: their list takes more than 1 GiB")),
        }
    }
}

/// Reads a layer. This thread reads the blob, and others do what is to be done with the bytes.
pub(super) fn read(mut blob: impl BufRead, wanted: Wanted, budget: &Budget) -> Result<Contents, Fault> {
    let start = blob.fill_buf()?;
    if let Some(why) = refused(start) {
        return Err(Fault::Limit(why));
    }
    let compression = Compression::of(start);
    // What is not compressed has one digest, and it is worked out once.
    let plain = compression == Compression::None;
    scope(|scope| {
        let digested = |asked: bool, bytes: PipeReader| match asked {
            true => bytes.digested(scope).map(|(bytes, digest)| (bytes, Some(digest))),
            false => Ok((bytes, None)),
        };
        let (writer, bytes) = pipe();
        let (bytes, digest) = digested(wanted.digest || (plain && wanted.diff_id), bytes)?;
        let (bytes, diff_id) = if plain {
            (bytes, None)
        } else {
            let (writer, decoded) = pipe();
            Builder::new().spawn_scoped(scope, move || decode(bytes, compression, writer))?;
            digested(wanted.diff_id, decoded)?
        };
        let entries = Builder::new().spawn_scoped(scope, move || entries(bytes, budget))?;
        let stored = writer.fill_from(&mut blob);
        let entries = join(entries)?;
        let digest = digest.map(join);
        let diff_id = if plain { digest.clone() } else { diff_id.map(join) };
        Ok(Contents { entries, compression, stored, digest, diff_id })
    })
}

/// What a thread found out. None of them panics; if one does, so do we.
fn join<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| resume_unwind(panic))
}

/// Decompresses a blob.
fn decode(blob: PipeReader, compression: Compression, writer: PipeWriter) {
    // Some decoders read as soon as they are made, so that this has to happen here.
    match Decoder::new(blob, compression) {
        Ok(mut decoder) => drop(writer.fill_from(&mut decoder)),
        Err(error) => writer.fail(error),
    }
}

/// Reads an archive to its end.
fn entries(bytes: PipeReader, budget: &Budget) -> Result<Entries, Fault> {
    let mut reader = Reader::new(bytes);
    let mut entries = Entries::default();
    // By where their names start, which sorting does not change.
    let mut links = HashMap::new();
    while let Some(header) = reader.next()? {
        let Some((path, change)) = change(&header)? else { continue };
        let is_file = change == Change::File;
        let hash = if is_file { fingerprint(&mut reader.contents())? } else { 0 };
        budget.take(path.len() + COST)?;
        entries.push(&path, change, if is_file { header.size } else { 0 }, hash);
        if let (Change::HardLink, Some(added)) = (change, entries.list.last()) {
            budget.take(header.link.len() + 64)?;
            links.insert(added.start, parts(&header.link)?);
        }
    }
    // What stands behind the archive counts for the digests, and a checksum may be at its end.
    drain(reader.inner())?;
    entries.finish(&links);
    Ok(entries)
}

fn drain(bytes: &mut impl BufRead) -> io::Result<()> {
    loop {
        match bytes.fill_buf()?.len() {
            0 => return Ok(()),
            there => bytes.consume(there),
        }
    }
}

/// Reads contents to their end.
fn fingerprint(contents: &mut impl BufRead) -> io::Result<u64> {
    let mut fingerprint = Fingerprint::new();
    loop {
        let bytes = contents.fill_buf()?;
        if bytes.is_empty() {
            return Ok(fingerprint.finish());
        }
        fingerprint.write(bytes);
        let read = bytes.len();
        contents.consume(read);
    }
}

/// The path that an entry is about, and what it does there. The folder of the image itself is nothing.
fn change(header: &Header) -> Result<Option<(Vec<u8>, Change)>, Fault> {
    let mut path = parts(&header.path)?;
    if path.is_empty() {
        return Ok(None);
    }
    let base = path.iter().rposition(|b| *b == 0).map_or(0, |at| at + 1);
    if let Some(name) = path[base..].strip_prefix(b".wh.") {
        // `.wh..wh.` is what the storage driver itself keeps, all but the opaque mark.
        let change = match name {
            b".wh..opq" => {
                path.truncate(base.saturating_sub(1));
                Change::Opaque
            }
            name if name.starts_with(b".wh.") || name.is_empty() => return Ok(None),
            _ => {
                path.drain(base..base + 4);
                Change::Whiteout
            }
        };
        return Ok(Some((path, change)));
    }
    let change = match header.kind {
        Kind::File => Change::File,
        Kind::HardLink => Change::HardLink,
        Kind::Folder => Change::Folder,
        Kind::Symlink | Kind::Special => Change::Other,
    };
    Ok(Some((path, change)))
}

/// A path relative to the image, its parts separated by NUL. `/a`, `./a` and `a//` are `a`, as for every
/// engine; one that climbs above the image is refused.
fn parts(path: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::with_capacity(path.len());
    for part in path.split(|b| *b == b'/').filter(|p| !p.is_empty() && *p != b".") {
        if part == b".." || part.contains(&0) {
            return Err(Fault::Traversal(String::from_utf8_lossy(path).into_owned()));
        }
        if !out.is_empty() {
            out.push(0);
        }
        out.extend_from_slice(part);
    }
    Ok(out)
}

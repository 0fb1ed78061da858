//! Layers on top of each other: what of each is still there in the end, and what is hidden by what.
//!
//! The overlay rules of the OCI image specification: an entry replaces what lower layers have at its path
//! (a folder joins a folder), a whiteout takes away a path and all below it, an opaque whiteout all below a
//! folder; both only in lower layers. A file is hidden as soon as a later layer does any of these, and its
//! bytes stay in the image.

use rayon::slice::ParallelSliceMut;
use serde::Serialize;

use super::layer::{Change, Entries, Entry};

/// How a later layer hides a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Hiding {
    /// It writes the same contents again: `chown`, `chmod`, `touch`, a second COPY.
    Rewritten,
    /// It writes other contents, or something that is no file.
    Changed,
    /// It takes the file away.
    Deleted,
}

/// What a layer puts at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Put {
    /// The index of the layer.
    pub layer: u32,
    /// What it is.
    pub kind: PutKind,
    /// Bytes of contents; 0 for all but files, so that a sum counts hard links once.
    pub bytes: u64,
    /// True if something was there before.
    pub replaces: bool,
    /// The layer from which on it is not seen any more, and how that layer hides it.
    pub until: Option<(u32, Hiding)>,
}

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PutKind {
    /// A file with contents of its own.
    File,
    /// Another name of a file of the same layer.
    HardLink,
    /// A folder.
    Folder,
    /// A symbolic link, a device, a pipe.
    Other,
}

/// What became of a file of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    /// Hidden by the layer of that index.
    Hidden(u32, Hiding),
    Visible,
}

/// A file with contents and what became of it.
pub(super) struct Fated<'a> {
    /// Its parts are separated by NUL.
    pub(super) path: &'a [u8],
    pub(super) layer: u32,
    /// The entry of the layer that gives it this path.
    pub(super) entry: u32,
    pub(super) size: u64,
    pub(super) hash: u64,
    pub(super) fate: Fate,
    /// Its other names that last as long.
    pub(super) others: Vec<&'a [u8]>,
}

/// What is told while merging.
pub(super) enum Event<'a> {
    /// A file, once, whatever the number of its names.
    File(Fated<'a>),
    /// A layer puts something where nothing was.
    Added(u32),
    /// A layer puts something where something was.
    Changed(u32),
    /// A layer puts something there: told of every path, in the order of the paths, if it was asked for.
    Put(&'a [u8], Put),
}

/// A folder that something takes all contents from: the layers that do.
struct Clearing<'a> {
    path: &'a [u8],
    layers: Vec<u32>,
}

#[derive(Clone, Copy)]
struct At {
    layer: u32,
    entry: u32,
}

/// Merges the layers, the lowest first, and tells what happens; of every path if `puts`.
pub(super) fn merge(layers: &[&Entries], puts: bool, mut tell: impl FnMut(Event<'_>)) {
    let entry = |at: At| &layers[at.layer as usize].list[at.entry as usize];
    let path = |at: At| layers[at.layer as usize].path(entry(at));
    let mut all: Vec<At> = (0_u32..)
        .zip(layers)
        .flat_map(|(layer, entries)| (0_u32..).zip(&entries.list).map(move |(entry, _)| At { layer, entry }))
        .collect();
    // By path, then by layer, then in the order of the archive: the sort is stable.
    all.par_sort_by(|a, b| path(*a).cmp(path(*b)));

    let mut clearings: Vec<Clearing<'_>> = Vec::new();
    let mut names: Vec<(u32, u32, Fate, At)> = Vec::new();
    for group in all.chunk_by(|a, b| path(*a) == path(*b)) {
        let here = path(group[0]);
        while clearings.last().is_some_and(|c| !is_below(here, c.path)) {
            clearings.pop();
        }
        // The first layer above `layer` that takes away a folder around this path.
        let cleared = |layer: u32| {
            let next = |c: &Clearing<'_>| c.layers.get(c.layers.partition_point(|l| *l <= layer)).copied();
            clearings.iter().filter_map(next).min()
        };
        for (i, at) in group.iter().enumerate() {
            let this = entry(*at);
            let before = previous(&group[..i], entry, cleared, at.layer);
            count(this.change, at.layer, before, &mut tell);
            if puts && let Some(kind) = kind(this.change) {
                let until = match fate(*at, &group[i + 1..], cleared, layers) {
                    Fate::Hidden(by, how) => Some((by, how)),
                    Fate::Visible => None,
                };
                let bytes = if kind == PutKind::File { this.size } else { 0 };
                let replaces = before.is_some();
                tell(Event::Put(here, Put { layer: at.layer, kind, bytes, replaces, until }));
            }
            let Some(owner) = layers[at.layer as usize].owner(at.entry) else { continue };
            let fate = fate(*at, &group[i + 1..], cleared, layers);
            let file = &layers[at.layer as usize].list[owner as usize];
            if file.linked {
                names.push((at.layer, owner, fate, *at));
            } else {
                tell(Event::File(fated(file, here, *at, fate)));
            }
        }
        let layers: Vec<u32> =
            group.iter().filter(|at| entry(**at).change != Change::Folder).map(|at| at.layer).collect();
        if !layers.is_empty() {
            clearings.push(Clearing { path: here, layers });
        }
    }
    // A file with several names is there as long as one of them is.
    names.sort_by_key(|(layer, owner, fate, _)| (*layer, *owner, *fate));
    for same in names.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let Some((layer, owner, fate, _)) = same.last() else { continue };
        // The first of the names that last longest.
        let Some((_, _, _, at)) = same.iter().find(|name| name.2 == *fate) else { continue };
        let file = &layers[*layer as usize].list[*owner as usize];
        let lasting = same.iter().filter(|name| name.2 == *fate).map(|name| path(name.3));
        let others = lasting.filter(|other| *other != path(*at)).collect();
        tell(Event::File(Fated { others, ..fated(file, path(*at), *at, *fate) }));
    }
}

fn fated<'a>(file: &Entry, path: &'a [u8], at: At, fate: Fate) -> Fated<'a> {
    Fated {
        path,
        layer: at.layer,
        entry: at.entry,
        size: file.size,
        hash: file.hash,
        fate,
        others: Vec::new(),
    }
}

/// True if `path` is in the folder `folder`; the image itself is the empty path.
fn is_below(path: &[u8], folder: &[u8]) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.first() == Some(&0))
}

/// What lower layers have at the path, if it is still there.
fn previous<'e>(
    before: &[At],
    entry: impl Fn(At) -> &'e Entry,
    cleared: impl Fn(u32) -> Option<u32>,
    layer: u32,
) -> Option<&'e Entry> {
    let last = before.iter().rev().find(|at| entry(**at).change != Change::Opaque)?;
    let gone = cleared(last.layer).is_some_and(|by| by < layer);
    (!gone && entry(*last).change != Change::Whiteout).then(|| entry(*last))
}

fn count(change: Change, layer: u32, previous: Option<&Entry>, tell: &mut impl FnMut(Event<'_>)) {
    match (change, previous) {
        (Change::Opaque | Change::Folder | Change::Whiteout, _) => {}
        (_, None) => tell(Event::Added(layer)),
        (_, Some(_)) => tell(Event::Changed(layer)),
    }
}

/// What an entry puts there; nothing for one that takes away.
const fn kind(change: Change) -> Option<PutKind> {
    match change {
        Change::File => Some(PutKind::File),
        Change::HardLink => Some(PutKind::HardLink),
        Change::Folder => Some(PutKind::Folder),
        Change::Other => Some(PutKind::Other),
        Change::Whiteout | Change::Opaque => None,
    }
}

/// What becomes of what is at `at`, given what comes later at its path and around it.
fn fate(at: At, later: &[At], cleared: impl Fn(u32) -> Option<u32>, layers: &[&Entries]) -> Fate {
    let entry = |at: At| &layers[at.layer as usize].list[at.entry as usize];
    // In its own layer a whiteout takes nothing away; what is written twice counts as it is last.
    let next = later.iter().find(|next| match entry(**next).change {
        Change::Opaque => false,
        Change::Whiteout => next.layer > at.layer,
        Change::Folder => entry(at).change != Change::Folder,
        _ => true,
    });
    let deleted = cleared(at.layer);
    match (next, deleted) {
        (None, None) => Fate::Visible,
        (None, Some(by)) => Fate::Hidden(by, Hiding::Deleted),
        (Some(next), Some(by)) if by < next.layer => Fate::Hidden(by, Hiding::Deleted),
        (Some(next), _) => {
            let contents = |at: At| {
                let entries = layers[at.layer as usize];
                entries.owner(at.entry).map(|o| &entries.list[o as usize]).map(|f| (f.size, f.hash))
            };
            let hiding = match entry(*next).change {
                Change::Whiteout => Hiding::Deleted,
                _ if contents(*next).is_some() && contents(*next) == contents(at) => Hiding::Rewritten,
                _ => Hiding::Changed,
            };
            Fate::Hidden(next.layer, hiding)
        }
    }
}

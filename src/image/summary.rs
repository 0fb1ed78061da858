//! What is worth telling of an image.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;

use super::layer::{Contents, Entries};
use super::merge::{Event, Fate, Fated, Hiding, merge};
use super::select::Chosen;
use super::tree::Planting;
use super::{Duplicate, File, Hidden, HistoryStep, Image, Layer, MAX_SHOWN, Watch, Watched};

/// Keeps the largest files.
struct Largest {
    files: BinaryHeap<Reverse<File>>,
    most: usize,
}

impl Largest {
    const fn new(most: usize) -> Self {
        Self { files: BinaryHeap::new(), most }
    }

    fn add(&mut self, file: &Fated<'_>) {
        let full = self.files.len() >= self.most;
        if full && self.files.peek().is_some_and(|Reverse(least)| least.bytes >= file.size) {
            return;
        }
        if full {
            self.files.pop();
        }
        let path = shown(file.path);
        self.files.push(Reverse(File { bytes: file.size, layer: file.layer as usize, path }));
    }

    fn finish(self) -> Vec<File> {
        let mut files: Vec<File> = self.files.into_iter().map(|Reverse(file)| file).collect();
        files.sort_unstable_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.path.cmp(&b.path)));
        files
    }
}

/// A path for people.
fn shown(path: &[u8]) -> String {
    format!("/{}", String::from_utf8_lossy(path).replace('\0', "/"))
}

/// Bytes and files.
#[derive(Default)]
struct Count {
    bytes: u64,
    files: u64,
}

impl Count {
    const fn add(&mut self, bytes: u64) {
        self.bytes = self.bytes.saturating_add(bytes);
        self.files += 1;
    }
}

/// What a path in an image looks like to a [`Watch`].
struct Place {
    folder: Vec<u8>,
    ending: Vec<u8>,
    kind: PlaceKind,
}

enum PlaceKind {
    Root,
    /// The folder is in somebody's home.
    Home,
    /// The folder is anywhere.
    Named,
}

impl Place {
    fn new(watch: &Watch) -> Self {
        let inner = |path: &str| path.trim_matches('/').replace('/', "\0").into_bytes();
        let (folder, ending, kind) = match watch {
            Watch::Folder(folder) => match folder.strip_prefix("~/") {
                Some(folder) => (folder, "", PlaceKind::Home),
                None => (folder.as_str(), "", PlaceKind::Root),
            },
            Watch::Named(name) => (name.as_str(), "", PlaceKind::Named),
            Watch::Ending { folder, ending } => (folder.as_str(), ending.as_str(), PlaceKind::Root),
        };
        Self { folder: inner(folder), ending: ending.as_bytes().to_vec(), kind }
    }

    fn holds(&self, path: &[u8]) -> bool {
        let path = match self.kind {
            PlaceKind::Named => {
                let mut parts = path.split(|b| *b == 0);
                parts.next_back();
                return parts.any(|part| part == self.folder);
            }
            PlaceKind::Root => Some(path),
            PlaceKind::Home => path.strip_prefix(b"root\0").or_else(|| {
                let user = path.strip_prefix(b"home\0")?;
                let name = user.iter().position(|b| *b == 0)?;
                user.get(name + 1..)
            }),
        };
        let Some([0, rest @ ..]) = path.and_then(|p| p.strip_prefix(&self.folder[..])) else { return false };
        self.ending.is_empty() || (!rest.contains(&0) && rest.ends_with(&self.ending))
    }
}

/// Sums up an image.
pub(super) fn image(chosen: Chosen, contents: &[Arc<Contents>], watch: &[Watch], tree: bool) -> Image {
    let history = history(&chosen, contents.len());
    let mut layers: Vec<Layer> = chosen
        .layers
        .into_iter()
        .zip(contents)
        .enumerate()
        .map(|(index, (layer, contents))| Layer {
            diff_id: layer.diff_id,
            compression: contents.compression,
            stored: contents.stored,
            bytes: 0,
            files: 0,
            added: 0,
            changed: 0,
            deleted: 0,
            hidden: 0,
            step: history.iter().position(|s| s.layer == Some(index)),
        })
        .collect();
    let entries: Vec<_> = contents.iter().map(|c| &c.entries).collect();
    let places: Vec<Place> = watch.iter().map(Place::new).collect();
    let mut hidden: BTreeMap<(u32, u32, Hiding), (Count, Largest)> = BTreeMap::new();
    let mut watched: BTreeMap<(usize, u32), Count> = BTreeMap::new();
    let mut largest = Largest::new(MAX_SHOWN);
    let mut twins = Twins::default();
    let mut paths = Planting::default();
    merge(&entries, tree, |event| match event {
        Event::Put(path, put) => paths.push(path, put),
        Event::Added(layer) => layers[layer as usize].added += 1,
        Event::Changed(layer) => layers[layer as usize].changed += 1,
        Event::File(file) => {
            let layer = &mut layers[file.layer as usize];
            layer.bytes = layer.bytes.saturating_add(file.size);
            layer.files += 1;
            match file.fate {
                Fate::Hidden(by, how) => {
                    layer.hidden = layer.hidden.saturating_add(file.size);
                    layers[by as usize].deleted += u64::from(how == Hiding::Deleted);
                    let (count, largest) = hidden
                        .entry((file.layer, by, how))
                        .or_insert_with(|| (Count::default(), Largest::new(3)));
                    count.add(file.size);
                    largest.add(&file);
                }
                Fate::Visible => {
                    largest.add(&file);
                    twins.add(&file);
                    // A file that has another name elsewhere is in use there.
                    let in_use = |path: &&[u8]| !places.iter().any(|p| p.holds(path));
                    if file.others.iter().any(in_use) {
                        return;
                    }
                    for (index, _) in places.iter().enumerate().filter(|(_, p)| p.holds(file.path)) {
                        watched.entry((index, file.layer)).or_default().add(file.size);
                    }
                }
            }
        }
    });
    let sum = |of: fn(&Layer) -> u64| layers.iter().map(of).fold(0, u64::saturating_add);
    let bytes = sum(|l| l.bytes);
    let (duplicated, duplicates) = twins.finish(&entries);
    Image {
        names: chosen.names,
        platform: chosen.platform.name(),
        created: chosen.config.created,
        bytes,
        files: sum(|l| l.files),
        stored: sum(|l| l.stored),
        visible: bytes - sum(|l| l.hidden),
        hidden: hidden
            .into_iter()
            .map(|((layer, by, how), (count, largest))| Hidden {
                layer: layer as usize,
                by: by as usize,
                how,
                bytes: count.bytes,
                files: count.files,
                largest: largest.finish(),
            })
            .collect(),
        duplicated,
        duplicates,
        largest: largest.finish(),
        watched: watched
            .into_iter()
            .map(|((watch, layer), count)| Watched {
                watch,
                layer: layer as usize,
                bytes: count.bytes,
                files: count.files,
            })
            .collect(),
        layers,
        history,
        tree: tree.then(|| paths.finish()),
    }
}

/// Finds equal files among those that are visible.
#[derive(Default)]
struct Twins {
    files: Vec<Twin>,
}

/// A file; sorted, equal ones are neighbours.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Twin {
    size: u64,
    hash: u64,
    layer: u32,
    entry: u32,
}

impl Twin {
    /// What more copies of it take.
    const fn more(same: &[Self]) -> u64 {
        match same {
            [first, rest @ ..] => first.size.saturating_mul(rest.len() as u64),
            [] => 0,
        }
    }
}

impl Twins {
    fn add(&mut self, file: &Fated<'_>) {
        if file.size > 0 {
            self.files.push(Twin { size: file.size, hash: file.hash, layer: file.layer, entry: file.entry });
        }
    }

    /// The bytes of all copies but one of each, and the heaviest groups.
    fn finish(mut self, layers: &[&Entries]) -> (u64, Vec<Duplicate>) {
        self.files.sort_unstable();
        let groups = self.files.chunk_by(|a, b| (a.size, a.hash) == (b.size, b.hash));
        let mut groups: Vec<&[Twin]> = groups.filter(|same| same.len() > 1).collect();
        let bytes = groups.iter().map(|same| Twin::more(same)).fold(0, u64::saturating_add);
        groups.sort_by_key(|same| Reverse(Twin::more(same)));
        let file = |twin: &Twin| {
            let entries = layers[twin.layer as usize];
            let path = entries.path(&entries.list[twin.entry as usize]);
            File { bytes: twin.size, layer: twin.layer as usize, path: shown(path) }
        };
        let heaviest = groups.into_iter().take(MAX_SHOWN).map(|same| Duplicate {
            bytes: same[0].size,
            copies: same.len() as u64,
            files: same.iter().take(5).map(file).collect(),
        });
        (bytes, heaviest.collect())
    }
}

/// The history, each step that made a layer with its layer; without layers if the numbers do not agree.
fn history(chosen: &Chosen, layers: usize) -> Vec<HistoryStep> {
    let steps = chosen.config.history.as_deref().unwrap_or_default();
    let agree = steps.iter().filter(|s| !s.empty_layer).count() == layers;
    let mut next = 0..layers;
    steps
        .iter()
        .map(|step| HistoryStep {
            created_by: step.created_by.clone().unwrap_or_default(),
            comment: step.comment.clone().filter(|c| !c.is_empty()),
            layer: if step.empty_layer || !agree { None } else { next.next() },
        })
        .collect()
}

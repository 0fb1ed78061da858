//! What is counted on the way: one set of counters per thread, added up at the end.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::super::largest::{Capped, FileId, Largest, lossy};
use super::super::model::{PatternUse, Secret, Tally, TopEntry, Warning};
use super::super::notable::KINDS;
use crate::text::Arrange;

pub(super) const TOP: usize = 20;
pub(in super::super) const QUERY_TOP: usize = 5;
pub(in super::super) const MOST: usize = 100;

/// The counters of one thread.
#[derive(Debug)]
pub(super) struct Tallies {
    pub(super) total: Tally,
    pub(super) kept: Tally,
    pub(super) skipped: u64,
    pub(super) patterns: Vec<PatternUse>,
    pub(super) top_files: Vec<TopEntry>,
    /// Those that were met, by number: there may be far more of them, and each thread has its own.
    pub(super) met: HashMap<u32, SourceTally>,
    /// How many members are sources; those after them are paths to send.
    sources: usize,
    /// By the group's number.
    pub(super) groups: Vec<Option<Box<GroupTally>>>,
    pub(super) largest: Largest,
    pub(super) notable: Vec<NotableTally>,
    pub(super) warnings: Capped<Warning>,
    /// The files that belong to somebody, each with its group and its bytes, where they are listed.
    pub(super) files: Vec<(u32, Vec<u8>, u64)>,
}

/// What is known of one source.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct SourceTally {
    /// It, or something that its wildcard hits, is kept.
    pub(in super::super) kept: bool,
    /// Something it names is left out: the first by path, and the pattern.
    pub(in super::super) excluded: Option<(Vec<u8>, Option<usize>)>,
    /// The first folder by path, of those that its wildcard hits and that are kept.
    pub(in super::super) folder: Option<Vec<u8>>,
}

/// What is known of one kind of notable things.
#[derive(Debug, Clone, Default)]
pub(super) struct NotableTally {
    pub(super) places: u64,
    pub(super) deep: bool,
    pub(super) example: Option<Vec<u8>>,
    pub(super) kept: Tally,
}

/// What is known of the files that belong to the very same members.
#[derive(Debug)]
pub(in super::super) struct GroupTally {
    pub(in super::super) total: Tally,
    /// Bytes, each name of a hard link counted.
    pub(in super::super) apart: u64,
    pub(in super::super) largest: Largest,
    pub(in super::super) notable: Vec<(usize, Tally)>,
    pub(in super::super) secrets: Capped<Secret>,
}

impl GroupTally {
    fn new() -> Self {
        Self {
            total: Tally::default(),
            apart: 0,
            largest: Largest::new(QUERY_TOP),
            notable: Vec::new(),
            secrets: Capped::new(MOST),
        }
    }

    pub(super) fn notable(&mut self, kind: usize) -> &mut Tally {
        let at = self.notable.iter().position(|(k, _)| *k == kind).unwrap_or_else(|| {
            self.notable.push((kind, Tally::default()));
            self.notable.len() - 1
        });
        &mut self.notable[at].1
    }

    fn merge(&mut self, other: Self) {
        self.total.merge(other.total);
        self.apart = self.apart.saturating_add(other.apart);
        self.largest.merge(other.largest);
        for (kind, tally) in other.notable {
            self.notable(kind).merge(tally);
        }
        self.secrets.merge(other.secrets);
    }
}

impl Tallies {
    pub(super) fn new(patterns: usize, sources: usize) -> Self {
        Self {
            total: Tally::default(),
            kept: Tally::default(),
            skipped: 0,
            patterns: vec![PatternUse::default(); patterns],
            top_files: Vec::new(),
            met: HashMap::new(),
            sources,
            groups: Vec::new(),
            largest: Largest::new(TOP),
            notable: vec![NotableTally::default(); KINDS.len()],
            warnings: Capped::new(MOST),
            files: Vec::new(),
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.total.merge(other.total);
        self.kept.merge(other.kept);
        self.skipped += other.skipped;
        for (own, other) in self.patterns.iter_mut().zip(other.patterns) {
            own.hits.merge(other.hits);
            own.matched |= other.matched;
            own.skipped |= other.skipped;
            own.fault |= other.fault;
        }
        other.top_files.into_iter().for_each(|entry| self.top(entry));
        for (number, other) in other.met {
            let own = self.met.entry(number).or_default();
            own.kept |= other.kept;
            if let Some((path, by)) = other.excluded {
                own.exclude(&path, by);
            }
            if let Some(path) = other.folder {
                own.hit_folder(&path);
            }
        }
        for (number, other) in (0u32..).zip(other.groups) {
            if let Some(other) = other {
                self.group(number).merge(*other);
            }
        }
        self.largest.merge(other.largest);
        for (own, other) in self.notable.iter_mut().zip(other.notable) {
            own.places += other.places;
            own.deep |= other.deep;
            own.kept.merge(other.kept);
            if let Some(path) = other.example {
                own.example(&path);
            }
        }
        self.warnings.merge(other.warnings);
        self.files.extend(other.files);
    }

    /// What is known of a member, if it is a source.
    pub(super) fn source(&mut self, number: u32) -> Option<&mut SourceTally> {
        ((number as usize) < self.sources).then(|| self.met.entry(number).or_default())
    }

    /// The sums of a group.
    pub(super) fn group(&mut self, number: u32) -> &mut GroupTally {
        let at = number as usize;
        if self.groups.len() <= at {
            self.groups.resize_with(at + 1, || None);
        }
        self.groups[at].get_or_insert_with(|| Box::new(GroupTally::new()))
    }

    /// Keeps the heaviest entries of the root.
    pub(super) fn top(&mut self, entry: TopEntry) {
        self.top_files.push(entry);
        if self.top_files.len() >= 8 * TOP {
            self.shrink_top();
        }
    }

    pub(super) fn shrink_top(&mut self) {
        let weight = |e: &TopEntry| e.kept.bytes.saturating_add(e.excluded.bytes);
        self.top_files.arrange_by(|a, b| (weight(b), &a.name).cmp(&(weight(a), &b.name)));
        self.top_files.truncate(TOP);
    }
}

impl SourceTally {
    pub(super) fn exclude(&mut self, path: &[u8], by: Option<usize>) {
        if self.excluded.as_ref().is_none_or(|(first, _)| path < first.as_slice()) {
            self.excluded = Some((path.to_vec(), by));
        }
    }

    pub(super) fn hit_folder(&mut self, path: &[u8]) {
        if self.folder.as_ref().is_none_or(|first| path < first.as_slice()) {
            self.folder = Some(path.to_vec());
        }
    }
}

impl NotableTally {
    pub(super) fn example(&mut self, path: &[u8]) {
        if self.example.as_ref().is_none_or(|first| path < first.as_slice()) {
            self.example = Some(path.to_vec());
        }
    }
}

/// A folder of the root, which many threads count into, once per folder below it.
#[derive(Debug)]
pub(super) struct Top {
    pub(super) name: Vec<u8>,
    kept: [AtomicU64; 2],
    excluded: [AtomicU64; 2],
    pub(super) skipped: AtomicBool,
}

impl Top {
    pub(super) fn new(name: Vec<u8>) -> Self {
        let zero = || [AtomicU64::new(0), AtomicU64::new(0)];
        Self { name, kept: zero(), excluded: zero(), skipped: AtomicBool::new(false) }
    }

    pub(super) fn add(&self, kept: Tally, excluded: Tally) {
        for (to, from) in [(&self.kept, kept), (&self.excluded, excluded)] {
            let [files, bytes] = to;
            files.fetch_add(from.files, Ordering::Relaxed);
            bytes.fetch_add(from.bytes, Ordering::Relaxed);
        }
    }

    pub(super) fn entry(&self) -> TopEntry {
        let tally = |[files, bytes]: &[AtomicU64; 2]| Tally {
            files: files.load(Ordering::Relaxed),
            bytes: bytes.load(Ordering::Relaxed),
        };
        TopEntry {
            name: lossy(&self.name),
            folder: true,
            kept: tally(&self.kept),
            excluded: tally(&self.excluded),
            skipped: self.skipped.load(Ordering::Relaxed),
        }
    }
}

/// Which sum a hard link was counted in already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Sum {
    Total,
    Kept,
    Pattern(usize),
    Top(u64, bool),
    Notable(usize),
    Group(u32),
    GroupNotable(u32, usize),
}

/// The files that have several hard links. BuildKit sends such a file once, and each sum counts it once;
/// which link comes first does not matter then.
#[derive(Debug, Default)]
pub(super) struct HardLinks {
    seen: Mutex<HashMap<(FileId, Sum), u64>>,
}

/// Bytes that several groups count for the same files: whoever adds these groups up counts them once.
#[derive(Debug)]
pub(in super::super) struct Overlap {
    /// For the sums of this kind of notable things; else for the groups' own.
    pub(in super::super) kind: Option<usize>,
    /// Sorted.
    pub(in super::super) groups: Vec<u32>,
    pub(in super::super) bytes: u64,
}

impl HardLinks {
    /// The bytes that this link adds to `sum`.
    pub(super) fn weigh(&self, id: Option<FileId>, sum: Sum, bytes: u64) -> u64 {
        let Some(id) = id else { return bytes };
        match self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert((id, sum), bytes) {
            Some(_) => 0,
            None => bytes,
        }
    }

    /// What groups have in common.
    pub(super) fn overlaps(self) -> Vec<Overlap> {
        let seen = self.seen.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut files: HashMap<(FileId, Option<usize>), (Vec<u32>, u64)> = HashMap::new();
        for ((id, sum), bytes) in seen {
            let (group, kind) = match sum {
                Sum::Group(group) => (group, None),
                Sum::GroupNotable(group, kind) => (group, Some(kind)),
                _ => continue,
            };
            let file = files.entry((id, kind)).or_default();
            file.0.push(group);
            file.1 = bytes;
        }
        let mut sums: HashMap<(Option<usize>, Vec<u32>), u64> = HashMap::new();
        for ((_, kind), (mut groups, bytes)) in files {
            if groups.len() > 1 {
                groups.sort_unstable();
                let sum = sums.entry((kind, groups)).or_default();
                *sum = sum.saturating_add(bytes);
            }
        }
        sums.into_iter().map(|((kind, groups), bytes)| Overlap { kind, groups, bytes }).collect()
    }
}

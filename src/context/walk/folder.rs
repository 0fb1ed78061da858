//! One folder of the walk: the unit of work that threads take.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fs::{Metadata, ReadDir};
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use dockerignore::{DirState, Verdict};
use rayon::Scope;

use super::super::largest::{FileId, lossy};
use super::super::model::{Tally, Warning, WarningKind};
use super::super::notable::{self, KINDS};
use super::super::sources::Member;
use super::Walk;
use super::groups::Group;
use super::leaf::Leaf;
use super::tallies::{Tallies, Top};
use crate::tree::{Kind, Laid, Was};

/// How many entries of a folder are looked at before it is asked whether something is more urgent.
const AT_A_TIME: usize = 64;

/// A folder to visit, with all that its parents hand down.
pub(super) struct Folder {
    pub(super) path: PathBuf,
    /// Relative to the root, with `/`; empty for the root.
    name: Vec<u8>,
    ignore: DirState,
    /// Excluded for good: nothing below can come back, so no pattern is asked.
    gone: Option<Verdict>,
    /// The folder itself is excluded, though something below may come back.
    excluded: bool,
    /// The members that all below belongs to, sorted.
    pub(super) set: Arc<[u32]>,
    /// The group of these members.
    pub(super) group: Group,
    /// The members whose subtree this is, but that leave out some of it.
    pub(super) covers: Arc<[Cover]>,
    /// The members with wildcards that may hit something here or below.
    pub(super) globs: Arc<[u32]>,
    pub(super) notable: Option<usize>,
    pub(super) top: Option<(u64, Arc<Top>)>,
}

/// A source with `--exclude` or `--parents` whose subtree a folder is in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cover {
    pub(super) source: u32,
    /// Where the path relative to the source starts.
    pub(super) base: usize,
    pub(super) exclude: DirState,
    pub(super) include: DirState,
}

/// What a visit to one folder adds up.
#[derive(Default)]
pub(super) struct Local {
    pub(super) seen: Tally,
    pub(super) kept: Tally,
    pub(super) excluded: Tally,
    pub(super) markers: Vec<&'static str>,
    folders: Vec<Folder>,
    /// The members that the file at hand belongs to.
    pub(super) hits: Vec<u32>,
    /// Groups of files that were met here.
    pub(super) groups: Vec<(Vec<u32>, Group)>,
}

impl Folder {
    pub(super) fn root(path: PathBuf, walk: &Walk<'_>) -> Self {
        let (set, covers) = walk.split(walk.plan.literal(b"").iter().copied(), 0);
        Self {
            path,
            name: Vec::new(),
            ignore: walk.matcher.root(),
            gone: None,
            excluded: false,
            group: walk.groups.of(&set),
            set: set.into(),
            covers: covers.into(),
            globs: walk.plan.globs.clone().into(),
            notable: None,
            top: None,
        }
    }
}

impl<'r> Walk<'r> {
    /// The members that start at a folder whose children's paths start at `base`: those that all below
    /// belongs to, and the others.
    fn split(&self, members: impl Iterator<Item = u32>, base: usize) -> (Vec<u32>, Vec<Cover>) {
        let (mut set, mut covers) = (Vec::new(), Vec::new());
        for number in members {
            if self.plan.member(number).is_none_or(Member::is_plain) {
                set.push(number);
            } else {
                let (exclude, include) = (DirState::default(), DirState::default());
                covers.push(Cover { source: number, base, exclude, include });
            }
        }
        set.sort_unstable();
        (set, covers)
    }

    /// Reads a folder and hands its folders to the pool.
    pub(super) fn visit<'s>(&'s self, folder: Folder, scope: &Scope<'s>)
    where
        'r: 's,
    {
        if self.progress.is_some_and(super::Progress::is_cancelled) {
            return;
        }
        let thread = rayon::current_thread_index().map_or(0, |n| n + 1);
        let Some(slot) = self.tallies.get(thread).or_else(|| self.tallies.first()) else { return };
        let mut guard = slot.lock().unwrap_or_else(PoisonError::into_inner);
        let sums = &mut *guard;
        if folder.name.is_empty() {
            let covers = folder.covers.iter().map(|c| c.source);
            let whole = covers.filter(|c| self.matchers.include(*c).is_none());
            for number in folder.set.iter().copied().chain(whole) {
                if let Some(source) = sums.source(number) {
                    source.kept = true;
                }
            }
        }
        let mut local = Local::default();
        let laid = self.tree.laid(&folder.path);
        match std::fs::read_dir(&folder.path) {
            Ok(entries) => self.entries(&folder, entries, laid, sums, &mut local),
            Err(error) if laid.is_none() => warn(sums, &folder.name, &error),
            // The disk has no such folder.
            Err(_) => {}
        }
        if let Some(laid) = laid {
            self.laid_entries(&folder, laid, sums, &mut local);
        }
        if let Some(progress) = self.progress {
            progress.add(local.seen.files, local.seen.bytes);
        }
        if let Some((_, top)) = &folder.top {
            top.add(local.kept, local.excluded);
        }
        for child in &mut local.folders {
            self.settle(&folder, child, sums, &local.markers);
        }
        drop(guard);
        for child in local.folders {
            scope.spawn(move |scope| self.visit(child, scope));
        }
    }

    fn entries(
        &self,
        folder: &Folder,
        entries: ReadDir,
        laid: Option<&Laid>,
        sums: &mut Tallies,
        local: &mut Local,
    ) {
        let mut path = folder.name.clone();
        if !path.is_empty() {
            path.push(b'/');
        }
        let name_at = path.len();
        let named = self.plan.leads_to_literal(&folder.name);
        for (number, entry) in entries.enumerate() {
            if number % AT_A_TIME == 0
                && let Some(progress) = self.progress
            {
                progress.give_way();
            }
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    warn(sums, &folder.name, &error);
                    return;
                }
            };
            let name = entry.file_name();
            if laid.is_some_and(|laid| laid.contains_key(&name)) {
                continue;
            }
            path.truncate(name_at);
            path.extend_from_slice(&bytes_of(&name));
            check_name(&name, &path, sums);
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => self.folder(folder, &name, &path, named, sums, local),
                Ok(kind) => {
                    let metadata = if kind.is_file() {
                        match entry.metadata() {
                            Ok(metadata) => Some(metadata),
                            Err(error) => {
                                warn(sums, &path, &error);
                                continue;
                            }
                        }
                    } else {
                        None
                    };
                    let leaf = Leaf {
                        path: &path,
                        name_at,
                        bytes: metadata.as_ref().map_or(0, Metadata::len),
                        id: metadata.as_ref().and_then(file_id),
                        regular: metadata.is_some(),
                    };
                    self.file(folder, &name, &leaf, named, sums, local);
                }
                Err(error) => warn(sums, &path, &error),
            }
        }
    }

    /// The entries of a folder that the disk has not, or not so.
    fn laid_entries(&self, folder: &Folder, laid: &Laid, sums: &mut Tallies, local: &mut Local) {
        let named = self.plan.leads_to_literal(&folder.name);
        for (name, was) in laid {
            let Some(kind) = was.kind() else { continue };
            let mut path = folder.name.clone();
            if !path.is_empty() {
                path.push(b'/');
            }
            let name_at = path.len();
            path.extend_from_slice(&bytes_of(name));
            check_name(name, &path, sums);
            if kind == Kind::Folder {
                self.folder(folder, name, &path, named, sums, local);
                continue;
            }
            let blob = match was {
                Was::File(blob) => Some(blob),
                _ => None,
            };
            let bytes = blob.map_or(0, |blob| blob.bytes);
            let leaf = Leaf { path: &path, name_at, bytes, id: None, regular: blob.is_some() };
            self.file(folder, name, &leaf, named, sums, local);
        }
    }

    pub(super) fn verdict(&self, folder: &Folder, path: &[u8], sums: &mut Tallies) -> (Verdict, DirState) {
        if let Some(verdict) = folder.gone {
            return (verdict, folder.ignore);
        }
        let (verdict, state) = self.matcher.enter_with(folder.ignore, path, |number| {
            if let Some(pattern) = sums.patterns.get_mut(number) {
                pattern.matched = true;
            }
        });
        if let Some(pattern) = verdict.fault().and_then(|n| sums.patterns.get_mut(n)) {
            pattern.fault = true;
        }
        (verdict, state)
    }

    fn folder(
        &self,
        folder: &Folder,
        name: &OsStr,
        path: &[u8],
        named: bool,
        sums: &mut Tallies,
        local: &mut Local,
    ) {
        let (verdict, ignore) = self.verdict(folder, path, sums);
        let literal = if named { self.plan.literal(path) } else { &[] };
        let globs = folder.globs.iter().copied().filter(|g| self.matchers.glob_hits(*g, path));
        let fresh: Vec<u32> = literal.iter().copied().chain(globs).collect();
        if !verdict.is_excluded() {
            for source in fresh.iter().skip(literal.len()) {
                if let Some(tally) = sums.source(*source) {
                    tally.hit_folder(path);
                }
            }
        }
        for source in fresh.iter().filter(|s| self.matchers.include(**s).is_none()) {
            meet(sums, *source, path, &verdict);
        }
        for cover in folder.covers.iter() {
            if self.includes(cover, path).unwrap_or(false) {
                meet(sums, cover.source, path, &verdict);
            }
        }
        let top = match &folder.top {
            Some(top) => Some(top.clone()),
            None => {
                let mut tops = self.tops.lock().unwrap_or_else(PoisonError::into_inner);
                let top = Arc::new(Top::new(path.to_vec()));
                tops.push(Arc::clone(&top));
                Some((tops.len() as u64, top))
            }
        };
        let gone = folder
            .gone
            .or_else(|| (verdict.is_excluded() && self.matcher.can_prune(path)).then_some(verdict));
        if gone.is_some() && !self.full {
            sums.skipped += 1;
            if let Some(pattern) = verdict.pattern().and_then(|n| sums.patterns.get_mut(n)) {
                pattern.skipped = true;
            }
            if let Some((_, top)) = &top {
                top.skipped.store(true, Ordering::Relaxed);
            }
            return;
        }
        let (set, covers) = self.split(fresh.into_iter(), path.len() + 1);
        let (set, group) = if set.is_empty() {
            (Arc::clone(&folder.set), folder.group)
        } else {
            let set = union(&folder.set, &set);
            let group = self.groups.of(&set);
            (set.into(), group)
        };
        local.folders.push(Folder {
            path: folder.path.join(name),
            name: path.to_vec(),
            ignore,
            gone,
            excluded: verdict.is_excluded(),
            set,
            group,
            covers: self.covers(&folder.covers, covers, path),
            globs: self.globs(&folder.globs, path),
            notable: if verdict.is_excluded() { None } else { folder.notable },
            top,
        });
    }

    /// The covers of a child folder: its parent's, moved on, and those that start here.
    fn covers(&self, parent: &Arc<[Cover]>, fresh: Vec<Cover>, path: &[u8]) -> Arc<[Cover]> {
        if parent.is_empty() && fresh.is_empty() {
            return Arc::clone(parent);
        }
        let mut covers: Vec<Cover> = Vec::with_capacity(parent.len() + fresh.len());
        for cover in parent.iter() {
            let rest = path.get(cover.base..).unwrap_or_default();
            let mut cover = *cover;
            if let Some(include) = self.matchers.include(cover.source) {
                cover.include = include.enter(cover.include, rest).1;
            }
            if let Some(exclude) = self.matchers.exclude(cover.source) {
                let (verdict, state) = exclude.enter(cover.exclude, rest);
                if verdict.is_excluded() && exclude.can_prune(rest) {
                    continue;
                }
                cover.exclude = state;
            }
            covers.push(cover);
        }
        covers.extend(fresh);
        covers.into()
    }

    /// Whether what `--parents` names hits `path`; None without `--parents`.
    pub(super) fn includes(&self, cover: &Cover, path: &[u8]) -> Option<bool> {
        let rest = path.get(cover.base..).unwrap_or_default();
        self.matchers.include(cover.source).map(|m| m.enter(cover.include, rest).0.is_excluded())
    }

    fn globs(&self, parent: &Arc<[u32]>, path: &[u8]) -> Arc<[u32]> {
        // What a wildcard hits is taken whole: it is not asked again below.
        let goes_on = |g: &u32| self.plan.glob_reaches(*g, path) && !self.matchers.glob_hits(*g, path);
        if parent.iter().all(goes_on) {
            return Arc::clone(parent);
        }
        parent.iter().copied().filter(goes_on).collect()
    }

    /// What depends on the folder's other entries, once all are known.
    fn settle(&self, parent: &Folder, child: &mut Folder, sums: &mut Tallies, markers: &[&str]) {
        if parent.notable.is_some() || child.excluded {
            return;
        }
        child.notable = notable::of_folder(&child.name, |marker| markers.contains(&marker));
        if let Some(kind) = child.notable {
            place(sums, kind, &child.name);
        }
    }
}

/// Both lists as one, sorted and without doubles.
pub(super) fn union(a: &[u32], b: &[u32]) -> Vec<u32> {
    let mut all = [a, b].concat();
    all.sort_unstable();
    all.dedup();
    all
}

/// A source, or something that its wildcard hits, is at `path`.
pub(super) fn meet(sums: &mut Tallies, source: u32, path: &[u8], verdict: &Verdict) {
    if let Some(tally) = sums.source(source) {
        if verdict.is_excluded() {
            tally.exclude(path, verdict.pattern());
        } else {
            tally.kept = true;
        }
    }
}

pub(super) fn place(sums: &mut Tallies, kind: usize, path: &[u8]) {
    if let (Some(tally), Some(known)) = (sums.notable.get_mut(kind), KINDS.get(kind)) {
        tally.places += 1;
        tally.deep |= path.iter().filter(|b| **b == b'/').count() > known.depth();
        tally.example(path);
    }
}

/// Says of a name that is no text that it is none.
fn check_name(name: &OsStr, path: &[u8], sums: &mut Tallies) {
    if name.to_str().is_none() {
        let message = "the name is not UTF-8".to_owned();
        sums.warnings.push(Warning { path: lossy(path), kind: WarningKind::NotUtf8, message });
    }
}

/// A file that vanished in the meantime is no trouble; everything else is.
fn warn(sums: &mut Tallies, path: &[u8], error: &io::Error) {
    if error.kind() != ErrorKind::NotFound {
        let path = if path.is_empty() { ".".to_owned() } else { lossy(path) };
        sums.warnings.push(Warning { path, kind: WarningKind::Unreadable, message: error.to_string() });
    }
}

#[cfg(unix)]
fn bytes_of(name: &OsStr) -> Cow<'_, [u8]> {
    use std::os::unix::ffi::OsStrExt;
    Cow::Borrowed(name.as_bytes())
}

#[cfg(not(unix))]
fn bytes_of(name: &OsStr) -> Cow<'_, [u8]> {
    Cow::Owned(name.to_string_lossy().into_owned().into_bytes())
}

#[cfg(unix)]
fn file_id(metadata: &Metadata) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt;
    (metadata.nlink() > 1).then(|| (metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn file_id(_: &Metadata) -> Option<FileId> {
    None
}

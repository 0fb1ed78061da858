//! One file of the walk: into which sums it goes.

use std::fs::DirEntry;
use std::path::Path;

use crate::ignorefile::Verdict;

use super::super::largest::{FileId, lossy};
use super::super::model::{Secret, Tally, TopEntry};
use super::super::notable;
use super::super::secrets::{self, Suspicion};
use super::folder::{Folder, Local, meet, place};
use super::probe::first_bytes;
use super::tallies::{Sum, Tallies};
use super::{Include, Walk};

/// One file, as it is counted.
pub(super) struct Leaf<'f> {
    pub(super) path: &'f [u8],
    pub(super) name_at: usize,
    pub(super) bytes: u64,
    pub(super) id: Option<FileId>,
    pub(super) regular: bool,
}

impl Walk<'_> {
    pub(super) fn file(
        &self,
        folder: &Folder,
        entry: &DirEntry,
        leaf: &Leaf<'_>,
        named: bool,
        sums: &mut Tallies,
        local: &mut Local,
    ) {
        let (verdict, _) = self.verdict(folder, leaf.path, sums);
        let weigh = |sum: Sum| self.hard_links.weigh(leaf.id, sum, leaf.bytes);
        let own = weigh(Sum::Total);
        sums.total.add(own);
        local.seen.add(own);
        if let Some(number) = verdict.by
            && let Some(pattern) = sums.patterns.get_mut(number)
        {
            pattern.hits.add(weigh(Sum::Pattern(number)));
        }
        let side = if verdict.excluded { &mut local.excluded } else { &mut local.kept };
        match &folder.top {
            Some((number, _)) => side.add(weigh(Sum::Top(*number, verdict.excluded))),
            None => {
                let mut tally = Tally::default();
                tally.add(leaf.bytes);
                let (kept, excluded) =
                    if verdict.excluded { (Tally::default(), tally) } else { (tally, Tally::default()) };
                sums.top(TopEntry { name: lossy(leaf.path), folder: false, kept, excluded, skipped: false });
            }
        }
        self.takers(folder, leaf, &verdict, named, sums, local);
        if verdict.excluded {
            return;
        }
        let name = leaf.path.get(leaf.name_at..).unwrap_or_default();
        local.markers.extend(notable::is_marker(name));
        sums.kept.add(weigh(Sum::Kept));
        sums.largest.push(leaf.bytes, leaf.path, leaf.id);
        let sent = match &self.include {
            Include::Nothing => false,
            Include::All => true,
            Include::Some(matcher) => matcher.enter(folder.include, leaf.path).0.excluded,
        };
        if sent {
            sums.sent.add(weigh(Sum::Sent));
        }
        let kind = folder.notable.or_else(|| {
            let kind = notable::of_file(name)?;
            place(sums, kind, leaf.path);
            Some(kind)
        });
        if let Some(kind) = kind
            && let Some(tally) = sums.notable.get_mut(kind)
        {
            tally.kept.add(weigh(Sum::Notable(kind)));
            if sent {
                tally.sent.add(weigh(Sum::NotableSent(kind)));
            }
        }
        if sent && leaf.regular {
            self.secret(&entry.path(), leaf, sums, local);
        }
    }

    /// Counts the file for the sources that take it, and leaves these in `local.takers`.
    fn takers(
        &self,
        folder: &Folder,
        leaf: &Leaf<'_>,
        verdict: &Verdict,
        named: bool,
        sums: &mut Tallies,
        local: &mut Local,
    ) {
        local.takers.clear();
        let literal = if named { self.plan.literal(leaf.path) } else { &[] };
        let globs = folder.globs.iter().copied().filter(|g| self.plan.glob_hits(*g, leaf.path));
        for source in literal.iter().copied().chain(globs) {
            if self.matchers.include(source).is_some() {
                // A file where a folder was meant: nothing lies below it.
                continue;
            }
            meet(sums, source, leaf.path, verdict);
            if verdict.excluded {
                continue;
            }
            let query = self.plan.sources.get(source as usize).map_or(0, |s| s.query);
            let name = leaf.path.get(leaf.name_at..).unwrap_or_default();
            if self.matchers.exclude(query).is_none_or(|m| !m.verdict(name).excluded) {
                local.takers.push((query, source));
            }
        }
        for cover in folder.covers.iter() {
            let rest = leaf.path.get(cover.base..).unwrap_or_default();
            let included = match self.includes(cover, leaf.path) {
                Some(true) => {
                    meet(sums, cover.source, leaf.path, verdict);
                    true
                }
                Some(false) => false,
                None => true,
            };
            if verdict.excluded {
                continue;
            }
            let excluded =
                self.matchers.exclude(cover.query).is_some_and(|m| m.enter(cover.exclude, rest).0.excluded);
            if included && !excluded {
                local.takers.push((cover.query, cover.source));
            }
        }
        local.takers.sort_unstable();
        let mut last = None;
        for &(query, source) in &local.takers {
            let weigh = |sum: Sum| self.hard_links.weigh(leaf.id, sum, leaf.bytes);
            if let Some(tally) = sums.sources.get_mut(source as usize) {
                tally.total.add(weigh(Sum::Source(source)));
            }
            if last != Some(query)
                && let Some((tally, largest)) = sums.queries.get_mut(query)
            {
                tally.add(weigh(Sum::Query(query)));
                largest.push(leaf.bytes, leaf.path, leaf.id);
            }
            last = Some(query);
        }
    }

    fn secret(&self, file: &Path, leaf: &Leaf<'_>, sums: &mut Tallies, local: &Local) {
        let kind = match secrets::suspect(leaf.path) {
            Some(Suspicion::Sure(kind)) => kind,
            Some(Suspicion::Maybe(kind, proof)) => match first_bytes(file) {
                Some(start) if secrets::confirms(proof, &start) => kind,
                _ => return,
            },
            None => return,
        };
        let mut queries: Vec<usize> =
            local.takers.iter().filter_map(|(query, _)| self.queries.get(*query)).map(|q| q.id).collect();
        queries.dedup();
        sums.secrets.push(Secret { path: lossy(leaf.path), bytes: leaf.bytes, kind, queries });
    }
}

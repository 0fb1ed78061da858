//! One file of the walk: into which sums it goes.

use std::ffi::OsStr;

use dockerignore::Verdict;

use super::super::largest::{FileId, lossy};
use super::super::model::{Secret, SecretKind, Tally, TopEntry};
use super::super::notable;
use super::super::secrets::{self, Suspicion};
use super::Walk;
use super::folder::{Folder, Local, meet, place, union};
use super::groups::{Group, NOBODY};
use super::probe::first_bytes;
use super::tallies::{Sum, Tallies};

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
        name: &OsStr,
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
        if let Some(number) = verdict.pattern()
            && let Some(pattern) = sums.patterns.get_mut(number)
        {
            pattern.hits.add(weigh(Sum::Pattern(number)));
        }
        let side = if verdict.is_excluded() { &mut local.excluded } else { &mut local.kept };
        match &folder.top {
            Some((number, _)) => side.add(weigh(Sum::Top(*number, verdict.is_excluded()))),
            None => {
                let mut tally = Tally::default();
                tally.add(leaf.bytes);
                let (kept, excluded) =
                    if verdict.is_excluded() { (Tally::default(), tally) } else { (tally, Tally::default()) };
                sums.top(TopEntry { name: lossy(leaf.path), folder: false, kept, excluded, skipped: false });
            }
        }
        let group = self.group(folder, leaf, &verdict, named, sums, local);
        if verdict.is_excluded() {
            return;
        }
        let bytes_of_name = leaf.path.get(leaf.name_at..).unwrap_or_default();
        local.markers.extend(notable::is_marker(bytes_of_name));
        sums.kept.add(weigh(Sum::Kept));
        sums.largest.push(leaf.bytes, leaf.path, leaf.id);
        let kind = folder.notable.or_else(|| {
            let kind = notable::of_file(bytes_of_name)?;
            place(sums, kind, leaf.path);
            Some(kind)
        });
        if let Some(kind) = kind
            && let Some(tally) = sums.notable.get_mut(kind)
        {
            tally.kept.add(weigh(Sum::Notable(kind)));
        }
        let secret = match leaf.regular && (group.sends || self.sends_all) {
            true => secret(leaf, || first_bytes(self.tree, &folder.path.join(name))),
            false => None,
        };
        if group.number == NOBODY && secret.is_none() {
            return;
        }
        if self.lists && group.number != NOBODY {
            sums.files.push((group.number, leaf.path.to_vec(), leaf.bytes));
        }
        let own = sums.group(group.number);
        own.total.add(weigh(Sum::Group(group.number)));
        own.apart = own.apart.saturating_add(leaf.bytes);
        own.largest.push(leaf.bytes, leaf.path, leaf.id);
        if let Some(kind) = kind {
            own.notable(kind).add(weigh(Sum::GroupNotable(group.number, kind)));
        }
        if let Some(kind) = secret {
            own.secrets.push(Secret { path: lossy(leaf.path), bytes: leaf.bytes, kind, queries: Vec::new() });
        }
    }

    /// The group of members that the file belongs to.
    fn group(
        &self,
        folder: &Folder,
        leaf: &Leaf<'_>,
        verdict: &Verdict,
        named: bool,
        sums: &mut Tallies,
        local: &mut Local,
    ) -> Group {
        local.hits.clear();
        let literal = if named { self.plan.literal(leaf.path) } else { &[] };
        let globs = folder.globs.iter().copied().filter(|g| self.matchers.glob_hits(*g, leaf.path));
        for member in literal.iter().copied().chain(globs) {
            if self.matchers.include(member).is_some() {
                // A file where a folder was meant: nothing lies below it.
                continue;
            }
            meet(sums, member, leaf.path, verdict);
            let name = leaf.path.get(leaf.name_at..).unwrap_or_default();
            if self.matchers.exclude(member).is_none_or(|m| !m.verdict(name).is_excluded()) {
                local.hits.push(member);
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
            let excluded = self
                .matchers
                .exclude(cover.source)
                .is_some_and(|m| m.enter(cover.exclude, rest).0.is_excluded());
            if included && !excluded {
                local.hits.push(cover.source);
            }
        }
        if local.hits.is_empty() || verdict.is_excluded() {
            return folder.group;
        }
        // The files of a folder fall into few groups, so that these are hardly ever looked up.
        let set = union(&folder.set, &local.hits);
        if let Some((_, group)) = local.groups.iter().find(|(known, _)| *known == set) {
            return *group;
        }
        let group = self.groups.of(&set);
        if local.groups.len() < 8 {
            local.groups.push((set, group));
        }
        group
    }
}

/// What kind of secret the file is, if it is one.
fn secret(leaf: &Leaf<'_>, first_bytes: impl FnOnce() -> Option<Vec<u8>>) -> Option<SecretKind> {
    match secrets::suspect(leaf.path)? {
        Suspicion::Sure(kind) => Some(kind),
        Suspicion::Maybe(kind, proof) => {
            first_bytes().is_some_and(|start| secrets::confirms(proof, &start)).then_some(kind)
        }
    }
}

//! What one walk says to each of many Dockerfiles.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::changes::Taken;
use super::largest::{Capped, Largest, lossy};
use super::model::{
    LargeFile, ListedFile, QueryResult, Scan, Secret, SourceLink, SourceQuery, SourceResult, SourceStatus,
    Tally,
};
use super::walk::{GroupTally, MOST, Overlap, QUERY_TOP, SourceTally};
use crate::text::Arrange;

/// What BuildKit sends for a view.
#[derive(Debug, Clone)]
pub(super) enum Sent {
    Nothing,
    All,
    /// The files that belong to one of these members.
    Some(Vec<u32>),
}

/// What one Dockerfile asks.
#[derive(Debug)]
pub(super) struct View {
    /// Each with the members that its sources are.
    pub(super) queries: Vec<(SourceQuery, Vec<u32>)>,
    /// For each query the numbers of the sources whose wildcards hit links: those of the members behind its sources.
    pub(super) by_link: Vec<Vec<usize>>,
    pub(super) sent: Sent,
}

/// A source that is a link, or goes through one.
#[derive(Debug)]
pub(super) struct Linked {
    pub(super) link: SourceLink,
    /// The ignore file leaves out the link itself, whatever it does with what that leads to.
    pub(super) excluded: Option<Option<usize>>,
}

/// The files that belong to the very same members.
#[derive(Debug)]
pub(super) struct Grouped {
    /// Sorted.
    pub(super) members: Arc<[u32]>,
    pub(super) tally: Option<Box<GroupTally>>,
}

/// What is known of one source, whoever asks for it.
#[derive(Debug)]
struct Source {
    status: SourceStatus,
    total: Tally,
    folder: Option<String>,
    largest: Vec<LargeFile>,
}

/// The answers to many Dockerfiles of one context, from one walk. Only what differs between them is
/// worked out when one is asked for.
#[derive(Debug)]
pub struct Views {
    /// Without what depends on the view.
    shared: Scan,
    /// The kinds of the notable things, in the order of the scan's.
    kinds: Vec<usize>,
    views: Vec<View>,
    sources: Vec<Source>,
    groups: Vec<Grouped>,
    /// The groups of each member.
    of_member: Vec<Vec<u32>>,
    with_secrets: Vec<u32>,
    overlaps: Vec<Overlap>,
    /// By the source as it is asked for.
    links: HashMap<String, Linked>,
}

impl Views {
    /// `members` is how many there are; `kept` says of the sources among them whether they are there, if
    /// no file tells.
    pub(super) fn new(
        (shared, kinds): (Scan, Vec<usize>),
        views: Vec<View>,
        groups: Vec<Grouped>,
        members: usize,
        known: Vec<SourceTally>,
        overlaps: Vec<Overlap>,
    ) -> Self {
        let mut of_member: Vec<Vec<u32>> = vec![Vec::new(); members];
        let mut with_secrets = Vec::new();
        for (number, group) in (0u32..).zip(&groups) {
            let Some(tally) = &group.tally else { continue };
            if tally.secrets.total > 0 {
                with_secrets.push(number);
            }
            for member in group.members.iter() {
                if let Some(of) = of_member.get_mut(*member as usize) {
                    of.push(number);
                }
            }
        }
        let mut own = Self {
            shared,
            kinds,
            views,
            sources: Vec::new(),
            groups,
            of_member,
            with_secrets,
            overlaps,
            links: HashMap::new(),
        };
        own.sources = known
            .into_iter()
            .zip(&own.of_member)
            .map(|(known, groups)| {
                let total = own.sum(groups);
                let status = match known.excluded {
                    _ if known.kept || total.files > 0 => SourceStatus::Found,
                    Some((_, by)) => SourceStatus::Excluded { by },
                    None => SourceStatus::Missing,
                };
                let folder = known.folder.map(|path| lossy(&path));
                Source { status, total, folder, largest: own.largest(groups) }
            })
            .collect();
        own
    }

    /// The same, knowing which sources are links.
    pub(super) fn with_links(mut self, links: HashMap<String, Linked>) -> Self {
        self.links = links;
        self
    }

    /// The answer for one Dockerfile, by its place in the request: what [`scan`](super::scan) says for it
    /// alone. For one that was not asked for nothing is sent.
    #[must_use]
    pub fn view(&self, number: usize) -> Scan {
        let mut scan = self.shared.clone();
        let Some(view) = self.views.get(number) else { return scan };
        let queries = view.queries.iter().zip(&view.by_link);
        scan.per_query =
            queries.map(|((query, members), by_link)| self.query(query, members, by_link)).collect();
        let sent: Option<Vec<u32>> = match &view.sent {
            Sent::Nothing => return scan,
            Sent::All => None,
            Sent::Some(members) => Some(self.groups_of(members)),
        };
        match &sent {
            None => {
                scan.sent = scan.kept;
                scan.notable.iter_mut().for_each(|n| n.sent = n.kept);
            }
            Some(groups) => {
                scan.sent = self.sum(groups);
                for (notable, kind) in scan.notable.iter_mut().zip(&self.kinds) {
                    notable.sent = self.sum_of_kind(groups, *kind);
                }
            }
        }
        let mut secrets = Capped::new(MOST);
        let is_sent = |g: &&u32| sent.as_ref().is_none_or(|s| s.binary_search(g).is_ok());
        for number in self.with_secrets.iter().filter(is_sent) {
            self.secrets(*number, view, &mut secrets);
        }
        scan.secrets_total = secrets.total;
        scan.secrets = secrets.finish();
        scan
    }

    /// Who of the first view asks for each member: which query, by which of its sources.
    pub(super) fn askers(&self) -> Vec<Vec<(usize, usize)>> {
        let mut askers = vec![Vec::new(); self.of_member.len()];
        for (number, (query, members)) in self.views.first().into_iter().flat_map(|v| &v.queries).enumerate()
        {
            // What links lead to stands behind the sources.
            let last = query.sources.len().saturating_sub(1);
            for (source, member) in members.iter().enumerate() {
                if let Some(askers) = askers.get_mut(*member as usize) {
                    askers.push((number, source.min(last)));
                }
            }
        }
        askers
    }

    /// Files with their groups as those who take them, by path; what nobody of the first view takes is left out.
    pub(super) fn listed(&self, files: Vec<(u32, Vec<u8>, u64)>) -> Vec<ListedFile> {
        if files.is_empty() {
            return Vec::new();
        }
        let askers = self.askers();
        let of = |group: &Grouped| -> Vec<(usize, usize)> {
            let own = group.members.iter().filter_map(|m| askers.get(*m as usize)).flatten();
            let mut takers: Vec<(usize, usize)> = own.copied().collect();
            takers.sort_unstable();
            takers
        };
        let takers: Vec<Vec<(usize, usize)>> = self.groups.iter().map(of).collect();
        let file = |(group, path, bytes): (u32, Vec<u8>, u64)| {
            let takers = takers.get(group as usize).filter(|takers| !takers.is_empty())?.clone();
            Some(ListedFile { path: lossy(&path), bytes, takers })
        };
        let mut listed: Vec<ListedFile> = files.into_iter().filter_map(file).collect();
        listed.arrange_by(|a, b| a.path.cmp(&b.path));
        listed
    }

    /// A source of the first view as it was asked.
    pub(super) fn source_of(&self, (query, source): (usize, usize)) -> Option<&str> {
        let (query, _) = self.views.first()?.queries.get(query)?;
        query.sources.get(source).map(String::as_str)
    }

    /// Whether the changed files that `member` stands for are there, and who takes some of them.
    pub(super) fn change(&self, member: u32, askers: &[Vec<(usize, usize)>]) -> (SourceStatus, Vec<Taken>) {
        let status = self.sources.get(member as usize).map_or(SourceStatus::Missing, |s| s.status);
        let own = self.groups_of(&[member]);
        let groups = own.iter().filter_map(|g| Some((*g, self.groups.get(*g as usize)?)));
        let hits = groups.flat_map(|(number, g)| g.members.iter().map(move |m| (*m, Some(number))));
        (status, self.taken(hits, askers))
    }

    /// True if a file belongs to the member.
    pub(super) fn has_files(&self, member: u32) -> bool {
        self.sources.get(member as usize).is_some_and(|s| s.total.files > 0)
    }

    /// Who takes something: members, each with a group of the files, if there are any.
    pub(super) fn taken(
        &self,
        hits: impl Iterator<Item = (u32, Option<u32>)>,
        askers: &[Vec<(usize, usize)>],
    ) -> Vec<Taken> {
        let mut queries: BTreeMap<usize, (usize, Vec<u32>)> = BTreeMap::new();
        for (member, group) in hits {
            for (query, source) in askers.get(member as usize).into_iter().flatten() {
                let (first, groups) = queries.entry(*query).or_insert((*source, Vec::new()));
                *first = (*first).min(*source);
                groups.extend(group);
            }
        }
        let taken = queries.into_iter().map(|(query, (source, mut groups))| {
            groups.sort_unstable();
            groups.dedup();
            let largest = self.largest(&groups).into_iter().next().map(|f| f.path);
            Taken { query, source, files: self.sum(&groups), largest }
        });
        taken.collect()
    }

    /// How many different sources were looked for, and how many paths to send besides.
    #[cfg(test)]
    pub(super) fn members(&self) -> (usize, usize) {
        (self.sources.len(), self.of_member.len() - self.sources.len())
    }

    fn query(&self, query: &SourceQuery, members: &[u32], by_link: &[usize]) -> QueryResult {
        let own = self.groups_of(members);
        let apart =
            own.iter().filter_map(|g| self.tally(*g)).fold(0, |sum: u64, t| sum.saturating_add(t.apart));
        let source = |member: &u32| self.sources.get(*member as usize);
        let (total, largest) = match members {
            [one] => source(one).map_or_else(Default::default, |s| (s.total, s.largest.clone())),
            _ => (self.sum(&own), self.largest(&own)),
        };
        let linked_to = members.get(query.sources.len()..).unwrap_or_default();
        let sources = query.sources.iter().zip(members).enumerate().map(|(at, (text, member))| {
            let behind = linked_to.iter().zip(by_link).filter(|(_, source)| **source == at);
            let mut own: Vec<u32> = behind.map(|(member, _)| *member).collect();
            let links = own.len() as u64;
            own.push(*member);
            let with_links = (links > 0).then(|| {
                let sum = self.sum(&self.groups_of(&own));
                // What a link leads to stands for it.
                Tally { files: sum.files.saturating_sub(links), ..sum }
            });
            let known = source(member);
            let linked = self.links.get(text);
            let status = match linked.and_then(|l| l.excluded) {
                Some(by) => SourceStatus::Excluded { by },
                None => known.map_or(SourceStatus::Missing, |s| s.status),
            };
            SourceResult {
                source: text.clone(),
                status,
                total: with_links.or(known.map(|s| s.total)).unwrap_or_default(),
                folder: known.and_then(|s| s.folder.clone()),
                link: linked.map(|l| l.link.clone()),
            }
        });
        QueryResult { id: query.id, total, apart, sources: sources.collect(), largest }
    }

    fn secrets(&self, number: u32, view: &View, into: &mut Capped<Secret>) {
        let Some(group) = self.groups.get(number as usize) else { return };
        let Some(tally) = &group.tally else { return };
        let takes = |members: &[u32]| members.iter().any(|m| group.members.binary_search(m).is_ok());
        let taken = view.queries.iter().filter(|(_, members)| takes(members));
        let mut queries: Vec<usize> = taken.map(|(query, _)| query.id).collect();
        queries.dedup();
        let found = tally.secrets.clone();
        into.total += found.total.saturating_sub(MOST as u64);
        for secret in found.finish() {
            into.push(Secret { queries: queries.clone(), ..secret });
        }
    }

    fn tally(&self, group: u32) -> Option<&GroupTally> {
        self.groups.get(group as usize)?.tally.as_deref()
    }

    /// The groups of any of the members, sorted.
    fn groups_of(&self, members: &[u32]) -> Vec<u32> {
        let of = |member: &u32| self.of_member.get(*member as usize).map_or(&[][..], Vec::as_slice);
        let mut groups: Vec<u32> = members.iter().flat_map(of).copied().collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    }

    fn sum(&self, groups: &[u32]) -> Tally {
        let mut sum = Tally::default();
        groups.iter().filter_map(|g| self.tally(*g)).for_each(|t| sum.merge(t.total));
        sum.bytes = sum.bytes.saturating_sub(self.doubles(groups, None));
        sum
    }

    fn sum_of_kind(&self, groups: &[u32], kind: usize) -> Tally {
        let mut sum = Tally::default();
        let all = groups.iter().filter_map(|g| self.tally(*g)).flat_map(|t| &t.notable);
        all.filter(|(k, _)| *k == kind).for_each(|(_, tally)| sum.merge(*tally));
        sum.bytes = sum.bytes.saturating_sub(self.doubles(groups, Some(kind)));
        sum
    }

    /// What the sum over `groups`, which are sorted, counts too often because of hard links.
    fn doubles(&self, groups: &[u32], kind: Option<usize>) -> u64 {
        let counted =
            |o: &Overlap| o.groups.iter().filter(|g| groups.binary_search(g).is_ok()).count() as u64;
        let own = self.overlaps.iter().filter(|o| o.kind == kind);
        own.fold(0u64, |sum, o| sum.saturating_add(o.bytes.saturating_mul(counted(o).saturating_sub(1))))
    }

    fn largest(&self, groups: &[u32]) -> Vec<LargeFile> {
        let mut largest = Largest::new(QUERY_TOP);
        groups.iter().filter_map(|g| self.tally(*g)).for_each(|t| largest.merge(t.largest.clone()));
        largest.finish()
    }
}

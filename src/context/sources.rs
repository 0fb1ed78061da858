use std::collections::{HashMap, HashSet};

use dockerignore::filepath::{clean, has_wildcard, path_match};
use dockerignore::{IgnoreFile, Matcher};

use super::model::SourceQuery;

/// A path longer than this cannot exist.
const MAX_PATH: usize = 4096;

/// What a walk looks for: the sources of all queries, and the paths that are sent. The same thing asked
/// twice is one member, so that a walk for many Dockerfiles costs little more than for one.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Sources first, then the paths to send.
    pub(super) members: Vec<Member>,
    /// How many of them are sources.
    pub(super) sources: usize,
    literals: HashMap<Vec<u8>, Vec<u32>>,
    ancestors: HashSet<Vec<u8>>,
    pub(super) globs: Vec<u32>,
    known: HashMap<Asked, u32>,
}

/// What tells one member from another.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Asked {
    Source { path: String, parents: bool, excludes: Vec<String> },
    Changed(Vec<u8>),
    Sent(String),
}

/// Something to look for.
#[derive(Debug, Default)]
pub(super) struct Member {
    /// The path that starts it, with links followed; all of it without wildcards.
    pub(super) base: Vec<u8>,
    pub(super) glob: Option<Glob>,
    /// With `--parents`: what of the base is taken.
    pub(super) include: Option<Box<IgnoreFile>>,
    /// With `--exclude`: what of it is not taken.
    pub(super) exclude: Option<Box<IgnoreFile>>,
}

impl Member {
    /// True if all below it belongs to it.
    pub(super) const fn is_plain(&self) -> bool {
        self.include.is_none() && self.exclude.is_none()
    }
}

/// The part of a member that holds wildcards, below its base.
#[derive(Debug)]
pub(super) enum Glob {
    /// As COPY compares.
    Source {
        pattern: Vec<u8>,
        /// How many bytes of the pattern stand for just themselves before the first that does not.
        fixed: usize,
        parts: Vec<Vec<u8>>,
        /// A class may match `/`, so that the depth says nothing.
        loose: bool,
    },
    /// As BuildKit's client compares what it sends. The depth is how many parts a path of it has, if that
    /// is fixed.
    Sent { file: IgnoreFile, depth: Option<usize> },
}

impl Plan {
    /// The member for a source of `query`. `follow` finds where a path without wildcards leads if its
    /// links are followed. All sources come before the first path to send.
    pub(super) fn source(
        &mut self,
        query: &SourceQuery,
        source: &str,
        follow: impl Fn(&str) -> Vec<u8>,
    ) -> u32 {
        let parents = query.parents;
        let path = if parents { source.to_owned() } else { rooted(source) };
        let key = Asked::Source { path, parents, excludes: query.excludes.clone() };
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let (start, include) = if parents {
            let (pivot, rest) = match source.split_once("/./") {
                Some((pivot, rest)) if !has_wildcard(pivot) => (rooted(pivot), rooted(rest)),
                _ => (String::new(), rooted(source)),
            };
            // Everything below the pivot if nothing follows it.
            let include = (!rest.is_empty()).then(|| Box::new(IgnoreFile::from_patterns([rest])));
            (pivot, include)
        } else {
            (rooted(source), None)
        };
        let (literal, wild) = split_wildcards(&start);
        let glob = (!wild.is_empty()).then(|| Glob::Source {
            parts: wild.split('/').map(|p| p.as_bytes().to_vec()).collect(),
            loose: wild.contains('['),
            fixed: wild.find(['*', '?', '[', '\\']).unwrap_or(wild.len()),
            pattern: wild.into_bytes(),
        });
        let exclude =
            (!query.excludes.is_empty()).then(|| Box::new(IgnoreFile::from_patterns(&query.excludes)));
        let number = self.add(Member { base: follow(&literal), glob, include, exclude }, key);
        self.sources = self.members.len();
        number
    }

    /// The member for files that change. All come before the first path to send.
    pub(super) fn changed(&mut self, base: Vec<u8>, excludes: &[String]) -> u32 {
        let key = Asked::Changed(base.clone());
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let exclude = (!excludes.is_empty()).then(|| Box::new(IgnoreFile::from_patterns(excludes)));
        let number = self.add(Member { base, exclude, ..Member::default() }, key);
        self.sources = self.members.len();
        number
    }

    /// The member for a path that is sent, as BuildKit's client reads it.
    pub(super) fn sent(&mut self, path: &str) -> u32 {
        let key = Asked::Sent(path.to_owned());
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let file = IgnoreFile::from_patterns([path]);
        let member = match file.patterns().first() {
            Some(pattern) if !pattern.has_wildcard() && !pattern.is_negated() => {
                Member { base: pattern.as_str().into(), ..Member::default() }
            }
            first => {
                let cleaned = first.map_or("", |p| p.as_str());
                let (literal, wild) = split_wildcards(cleaned);
                // A backslash, `[` or `**` may stand for more than one part, or for none.
                let plain = !wild.is_empty() && !cleaned.contains(['\\', '[']);
                let depth = (plain && !wild.contains("**")).then(|| wild.split('/').count());
                let base = if plain { literal.into_bytes() } else { Vec::new() };
                Member { base, glob: Some(Glob::Sent { file, depth }), ..Member::default() }
            }
        };
        self.add(member, key)
    }

    fn add(&mut self, member: Member, key: Asked) -> u32 {
        let number = u32::try_from(self.members.len()).unwrap_or(u32::MAX);
        let base = &member.base;
        if member.glob.is_some() {
            self.globs.push(number);
        } else if base.len() <= MAX_PATH {
            for (at, _) in base.iter().enumerate().filter(|(_, b)| **b == b'/') {
                self.ancestors.insert(base.get(..at).unwrap_or_default().to_vec());
            }
            self.ancestors.insert(Vec::new());
            self.literals.entry(base.clone()).or_default().push(number);
        }
        self.members.push(member);
        self.known.insert(key, number);
        number
    }

    pub(super) fn member(&self, number: u32) -> Option<&Member> {
        self.members.get(number as usize)
    }

    /// The members that are this very path.
    pub(super) fn literal(&self, path: &[u8]) -> &[u32] {
        self.literals.get(path).map_or(&[], Vec::as_slice)
    }

    /// True if a member lies somewhere below `folder`.
    pub(super) fn leads_to_literal(&self, folder: &[u8]) -> bool {
        self.ancestors.contains(folder)
    }

    /// True if the member with wildcards can hit an entry of `folder` or below.
    pub(super) fn glob_reaches(&self, number: u32, folder: &[u8]) -> bool {
        let Some(member) = self.member(number) else { return false };
        let Some(rest) = below(&member.base, folder) else {
            return below(folder, &member.base).is_some();
        };
        if rest.is_empty() {
            return true;
        }
        match &member.glob {
            None => false,
            Some(Glob::Source { loose: true, .. } | Glob::Sent { depth: None, .. }) => true,
            Some(Glob::Sent { depth: Some(depth), .. }) => rest.split(|b| *b == b'/').count() < *depth,
            Some(Glob::Source { parts, .. }) => {
                let mut parts = parts.iter();
                let mut names = rest.split(|b| *b == b'/');
                names.all(|name| parts.next().is_some_and(|part| path_match(part, name)))
                    && parts.next().is_some()
            }
        }
    }
}

/// The matchers of a plan.
#[derive(Debug)]
pub(super) struct PlanMatchers<'p> {
    plan: &'p Plan,
    /// Those of each member; most have none.
    of: Vec<Option<Box<Matchers<'p>>>>,
}

#[derive(Debug)]
struct Matchers<'p> {
    exclude: Option<Matcher<'p>>,
    include: Option<Matcher<'p>>,
}

impl<'p> PlanMatchers<'p> {
    pub(super) fn new(plan: &'p Plan) -> Self {
        let matcher = |file: &'p Option<Box<IgnoreFile>>| file.as_deref().map(Matcher::new);
        let matchers = |m: &'p Member| {
            let matchers = || Matchers { exclude: matcher(&m.exclude), include: matcher(&m.include) };
            (!m.is_plain()).then(matchers).map(Box::new)
        };
        Self { plan, of: plan.members.iter().map(matchers).collect() }
    }

    pub(super) fn exclude(&self, member: u32) -> Option<&Matcher<'p>> {
        self.of.get(member as usize)?.as_ref()?.exclude.as_ref()
    }

    pub(super) fn include(&self, member: u32) -> Option<&Matcher<'p>> {
        self.of.get(member as usize)?.as_ref()?.include.as_ref()
    }

    /// True if the member with wildcards names `path`.
    pub(super) fn glob_hits(&self, number: u32, path: &[u8]) -> bool {
        let Some(member) = self.plan.member(number) else { return false };
        let Some(rest) = below(&member.base, path).filter(|rest| !rest.is_empty()) else { return false };
        match &member.glob {
            None => false,
            Some(Glob::Source { pattern, fixed, parts, loose }) => {
                pattern.get(..*fixed).is_some_and(|start| rest.starts_with(start))
                    && (*loose || rest.split(|b| *b == b'/').count() == parts.len())
                    && path_match(pattern, rest)
            }
            Some(Glob::Sent { file, .. }) => file.patterns().iter().any(|p| !p.is_negated() && p.hits(path)),
        }
    }
}

impl PlanMatchers<'_> {
    /// The members that take what was at `path` and is no more: a file, or a `folder` with all in it.
    pub(super) fn takers_of_deleted(&self, path: &[u8], folder: bool) -> Vec<u32> {
        let ends = (0..=path.len()).filter(|at| matches!(path.get(*at), None | Some(b'/')));
        let starts = std::iter::once(0).chain(ends).filter_map(|end| path.get(..end));
        let mut members: Vec<u32> = starts.flat_map(|start| self.plan.literal(start)).copied().collect();
        members.extend(&self.plan.globs);
        if self.plan.leads_to_literal(path) {
            members.extend((0u32..).take(self.plan.sources));
        }
        members.sort_unstable();
        members.dedup();
        members.retain(|m| self.takes_deleted(*m, path, folder));
        members
    }

    fn takes_deleted(&self, number: u32, path: &[u8], folder: bool) -> bool {
        let Some(member) = self.plan.member(number) else { return false };
        if member.glob.is_none() && below(path, &member.base).is_some_and(|rest| folder || !rest.is_empty()) {
            return true;
        }
        if folder && member.glob.is_some() && self.plan.glob_reaches(number, path) {
            return true;
        }
        self.takes_entry(number, path, folder)
    }

    /// The members that take an empty folder at `path`.
    pub(super) fn takers_of_empty(&self, path: &[u8]) -> Vec<u32> {
        (0u32..).take(self.plan.sources).filter(|m| self.takes_entry(*m, path, false)).collect()
    }

    /// True if the member takes `path` as itself, or as a part of a folder.
    fn takes_entry(&self, number: u32, path: &[u8], folder: bool) -> bool {
        let Some(member) = self.plan.member(number) else { return false };
        let ends = (0..=path.len()).filter(|at| matches!(path.get(*at), None | Some(b'/')));
        std::iter::once(0).chain(ends).any(|end| {
            let start = path.get(..end).unwrap_or_default();
            let starts =
                if member.glob.is_some() { self.glob_hits(number, start) } else { start == member.base };
            let Some(rest) = below(start, path).filter(|_| starts) else { return false };
            // For a source that is a file, patterns are relative to its folder.
            let name = || path.rsplit(|b| *b == b'/').next().unwrap_or_default();
            let excluded = self
                .exclude(number)
                .is_some_and(|m| m.verdict(if rest.is_empty() { name() } else { rest }).is_excluded());
            let included = |m: &Matcher<'_>| folder || !rest.is_empty() && m.verdict(rest).is_excluded();
            !excluded && self.include(number).is_none_or(included)
        })
    }
}

/// A source as a path from the root: no leading `/`, `..` stops at the root, empty for the root.
pub(super) fn rooted(source: &str) -> String {
    clean(&format!("/{source}")).trim_start_matches('/').to_owned()
}

/// The leading parts without wildcards, and the rest.
fn split_wildcards(path: &str) -> (String, String) {
    let mut parts = path.split('/');
    let mut literal: Vec<String> = Vec::new();
    let mut wild: Vec<&str> = Vec::new();
    for part in parts.by_ref() {
        if wild.is_empty() && !has_wildcard(part) {
            literal.push(part.to_owned());
        } else {
            wild.push(part);
        }
    }
    (literal.join("/"), wild.join("/"))
}

/// What of `path` lies below `folder`: empty for the folder itself, None if it lies elsewhere.
fn below<'p>(folder: &[u8], path: &'p [u8]) -> Option<&'p [u8]> {
    if folder.is_empty() {
        return Some(path);
    }
    match path.strip_prefix(folder)? {
        [] => Some(&[]),
        [b'/', rest @ ..] => Some(rest),
        _ => None,
    }
}

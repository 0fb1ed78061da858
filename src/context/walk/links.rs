use std::collections::{HashMap, HashSet};
use std::path::Path;

use dockerignore::filepath::{has_wildcard, path_match};

use super::super::model::{SourceLink, SourceQuery};
use super::super::sources::rooted;
use super::Root;
use crate::text::Arrange;
use crate::tree::{Kind, Tree};

/// How many links are followed in all; a Dockerfile that needs more is not one.
const MOST_LINKS: usize = 1000;
/// How many links one path may go through.
const MOST_HOPS: usize = 64;

/// Where `path` (from the root, without wildcards) leads if links are followed; `..` and absolute
/// targets stay within the root. What does not exist stays as it is.
pub(super) fn follow(root: Root<'_>, path: &str) -> String {
    let mut path = path.to_owned();
    for _ in 0..MOST_HOPS {
        match first_link(root, &path, false).into_iter().next() {
            Some((_, next)) => path = next,
            None => break,
        }
    }
    path
}

/// Where a path leads if all links but its last part are followed: a link that changes is the link itself.
pub(super) fn follow_parent(root: Root<'_>, path: &str) -> String {
    let path = rooted(path);
    match path.rsplit_once('/') {
        Some((parent, name)) => rooted(&format!("{}/{name}", follow(root, parent))),
        None => path,
    }
}

/// The links that the wildcards of a query's sources hit, each with the number of its source.
pub(super) fn hit_by_wildcards(root: Root<'_>, query: &SourceQuery) -> Vec<(usize, String)> {
    let wild = query.sources.iter().enumerate();
    let wild = wild.filter(|(_, source)| !query.parents && has_wildcard(source));
    let links = wild.flat_map(|(at, source)| {
        let source = rooted(source);
        // A link in the middle of a path leads to what the wildcards after it hit.
        let hits = first_link(root, &source, true).into_iter();
        let own = hits.filter(move |(link, _)| link.matches('/').count() == source.matches('/').count());
        own.map(move |(link, _)| (at, link))
    });
    links.take(MOST_LINKS).collect()
}

/// The first link that `path` is, or goes through.
pub(super) fn link_of((tree, root): Root<'_>, path: &str) -> Option<SourceLink> {
    let mut ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
    let (link, target) = ends.find_map(|end| {
        let link = path.get(..end)?;
        Some((link, tree.read_link(&root.join(link)).ok()?))
    })?;
    let target = target.to_string_lossy().into_owned();
    // As deep as its folder is, `..` stays inside.
    let mut depth = link.matches('/').count();
    let climbs = target.split('/').any(|part| match part {
        "" | "." => false,
        ".." => match depth.checked_sub(1) {
            Some(less) => {
                depth = less;
                false
            }
            None => true,
        },
        _ => {
            depth += 1;
            false
        }
    });
    let leads_out = climbs || target.starts_with('/');
    Some(SourceLink { path: link.to_owned(), target, leads_out })
}

/// What a source goes through, if links are on its way.
#[derive(Debug, Default)]
pub(super) struct Trace {
    links: Vec<String>,
    /// Where they lead, perhaps with wildcards.
    ends: Vec<String>,
}

impl Trace {
    /// Looks for the links of a source.
    pub(super) fn of(root: Root<'_>, source: &str) -> Self {
        let mut trace = Self::default();
        let mut seen = HashSet::new();
        let mut todo = vec![rooted(source)];
        while let Some(path) = todo.pop() {
            for (link, next) in first_link(root, &path, true) {
                if trace.links.len() >= MOST_LINKS {
                    return trace;
                }
                trace.links.push(link);
                if seen.insert(next.clone()) {
                    trace.ends.push(next.clone());
                    todo.push(next);
                }
            }
        }
        trace
    }

    /// True if what changes at `path` is one of the links, or lies where they lead.
    pub(super) fn meets(&self, path: &str) -> bool {
        let at_end = |end: &String| {
            let parts =
                |path: &str| path.split('/').filter(|p| !p.is_empty()).map(str::to_owned).collect::<Vec<_>>();
            parts(end).iter().zip(parts(path)).all(|(end, part)| path_match(end.as_bytes(), part.as_bytes()))
        };
        self.links.iter().any(|link| link == path) || self.ends.iter().any(at_end)
    }

    /// True if there are none.
    pub(super) const fn is_empty(&self) -> bool {
        self.links.is_empty()
    }
}

/// Finds the paths that BuildKit follows, for many Dockerfiles of one context: each path is looked up
/// once.
pub(super) struct Links<'r> {
    root: Root<'r>,
    known: HashMap<String, Vec<(String, String)>>,
}

impl<'r> Links<'r> {
    pub(super) fn new(root: Root<'r>) -> Self {
        Self { root, known: HashMap::new() }
    }

    /// The paths that are followed for `sources`: the sources, and where their links lead.
    pub(super) fn follow_all(&mut self, sources: &[String]) -> Vec<String> {
        let mut todo: Vec<String> = sources.to_vec();
        let mut found: Vec<String> = Vec::new();
        let mut seen: HashSet<String> = todo.iter().cloned().collect();
        let mut budget = MOST_LINKS;
        while let Some(path) = todo.pop() {
            let root = self.root;
            let links = self.known.entry(path.clone()).or_insert_with(|| first_link(root, &path, true));
            // A wildcard may also hit what is no link, so the path itself counts in any case.
            found.push(path);
            for (link, next) in links {
                budget = budget.saturating_sub(1);
                if budget == 0 {
                    return found;
                }
                found.push(link.clone());
                if seen.insert(next.clone()) {
                    todo.push(next.clone());
                }
            }
        }
        found
    }
}

/// The links at the first place of `path` where there are any: each with the path that it turns it into.
fn first_link((tree, root): Root<'_>, path: &str, wildcards: bool) -> Vec<(String, String)> {
    let mut at = 0;
    while at < path.len() {
        let end = path.get(at..).and_then(|r| r.find('/')).map_or(path.len(), |n| at + n);
        let part = path.get(at..end).unwrap_or_default();
        let parent = path.get(..at).unwrap_or_default().trim_end_matches('/');
        let rest = path.get(end..).unwrap_or_default();
        let names = if wildcards && has_wildcard(part) {
            matching_links(tree, &root.join(parent), part)
        } else {
            vec![part.to_owned()]
        };
        let mut links = Vec::new();
        for name in names {
            let own = rooted(&format!("{parent}/{name}"));
            let Ok(target) = tree.read_link(&root.join(&own)) else { continue };
            let target = target.to_string_lossy();
            let next = if target.starts_with('/') {
                format!("{target}{rest}")
            } else {
                format!("{parent}/{target}{rest}")
            };
            links.push((own, rooted(&next)));
        }
        if !links.is_empty() {
            return links;
        }
        at = end + 1;
    }
    Vec::new()
}

fn matching_links(tree: &Tree, folder: &Path, pattern: &str) -> Vec<String> {
    let Ok(entries) = tree.entries(folder) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .into_iter()
        .filter(|entry| entry.kind == Kind::Link)
        .filter_map(|entry| entry.name.into_string().ok())
        .filter(|name| path_match(pattern.as_bytes(), name.as_bytes()))
        .take(MOST_LINKS)
        .collect();
    names.arrange();
    names
}

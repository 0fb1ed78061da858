use std::collections::{HashMap, HashSet};

use crate::ignorefile::{IgnoreFile, Matcher, clean, has_wildcard, path_match};

use super::model::SourceQuery;

/// A path longer than this cannot exist.
const MAX_PATH: usize = 4096;

/// The sources of all queries, made ready for a walk.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) sources: Vec<Source>,
    /// One per query that has `--exclude`.
    pub(super) excludes: Vec<Option<IgnoreFile>>,
    literals: HashMap<Vec<u8>, Vec<u32>>,
    ancestors: HashSet<Vec<u8>>,
    pub(super) globs: Vec<u32>,
}

/// One source of one query.
#[derive(Debug)]
pub(super) struct Source {
    /// Which query, by its place in the request.
    pub(super) query: usize,
    /// The path that starts it, with links followed; all of it without wildcards.
    pub(super) base: Vec<u8>,
    pub(super) glob: Option<Glob>,
    /// With `--parents`: what of the base is taken.
    pub(super) include: Option<IgnoreFile>,
}

/// The part of a source that holds wildcards, below its base.
#[derive(Debug)]
pub(super) struct Glob {
    pattern: Vec<u8>,
    parts: Vec<Vec<u8>>,
    /// A class may match `/`, so that the depth says nothing.
    loose: bool,
}

impl Plan {
    /// `follow` finds where a path without wildcards leads if its links are followed.
    pub(super) fn new(queries: &[SourceQuery], follow: impl Fn(&str) -> Vec<u8>) -> Self {
        let mut plan = Self {
            sources: Vec::new(),
            excludes: Vec::new(),
            literals: HashMap::new(),
            ancestors: HashSet::new(),
            globs: Vec::new(),
        };
        for (query, asked) in queries.iter().enumerate() {
            plan.excludes
                .push((!asked.excludes.is_empty()).then(|| IgnoreFile::from_patterns(&asked.excludes)));
            for source in &asked.sources {
                plan.add(query, source, asked.parents, &follow);
            }
        }
        plan
    }

    fn add(&mut self, query: usize, source: &str, parents: bool, follow: &impl Fn(&str) -> Vec<u8>) {
        let number = u32::try_from(self.sources.len()).unwrap_or(u32::MAX);
        let (start, include) = if parents {
            let (pivot, rest) = match source.split_once("/./") {
                Some((pivot, rest)) if !has_wildcard(pivot) => (rooted(pivot), rooted(rest)),
                _ => (String::new(), rooted(source)),
            };
            // Everything below the pivot if nothing follows it.
            let include = (!rest.is_empty()).then(|| IgnoreFile::from_patterns([rest]));
            (pivot, include)
        } else {
            (rooted(source), None)
        };
        let (literal, wild) = split_wildcards(&start);
        let base = follow(&literal);
        let glob = (!wild.is_empty()).then(|| Glob {
            parts: wild.split('/').map(|p| p.as_bytes().to_vec()).collect(),
            loose: wild.contains('['),
            pattern: wild.into_bytes(),
        });
        if glob.is_some() {
            self.globs.push(number);
        } else if base.len() <= MAX_PATH {
            for (at, _) in base.iter().enumerate().filter(|(_, b)| **b == b'/') {
                self.ancestors.insert(base.get(..at).unwrap_or_default().to_vec());
            }
            self.ancestors.insert(Vec::new());
            self.literals.entry(base.clone()).or_default().push(number);
        }
        self.sources.push(Source { query, base, glob, include });
    }

    /// The sources that are this very path.
    pub(super) fn literal(&self, path: &[u8]) -> &[u32] {
        self.literals.get(path).map_or(&[], Vec::as_slice)
    }

    /// True if a source lies somewhere below `folder`.
    pub(super) fn leads_to_literal(&self, folder: &[u8]) -> bool {
        self.ancestors.contains(folder)
    }

    fn glob(&self, number: u32) -> Option<(&Source, &Glob)> {
        let source = self.sources.get(number as usize)?;
        source.glob.as_ref().map(|glob| (source, glob))
    }

    /// True if the source with wildcards can hit an entry of `folder` or below.
    pub(super) fn glob_reaches(&self, number: u32, folder: &[u8]) -> bool {
        let Some((source, glob)) = self.glob(number) else { return false };
        let Some(rest) = below(&source.base, folder) else {
            return below(folder, &source.base).is_some();
        };
        if glob.loose || rest.is_empty() {
            return true;
        }
        let mut parts = glob.parts.iter();
        rest.split(|b| *b == b'/').all(|name| parts.next().is_some_and(|part| path_match(part, name)))
            && parts.next().is_some()
    }

    /// True if the source with wildcards names `path`.
    pub(super) fn glob_hits(&self, number: u32, path: &[u8]) -> bool {
        self.glob(number).is_some_and(|(source, glob)| {
            below(&source.base, path).is_some_and(|rest| {
                !rest.is_empty()
                    && (glob.loose || rest.split(|b| *b == b'/').count() == glob.parts.len())
                    && path_match(&glob.pattern, rest)
            })
        })
    }
}

/// The matchers of a plan.
#[derive(Debug)]
pub(super) struct PlanMatchers<'p> {
    excludes: Vec<Option<Matcher<'p>>>,
    includes: Vec<Option<Matcher<'p>>>,
}

impl<'p> PlanMatchers<'p> {
    pub(super) fn new(plan: &'p Plan) -> Self {
        Self {
            excludes: plan.excludes.iter().map(|f| f.as_ref().map(Matcher::new)).collect(),
            includes: plan.sources.iter().map(|s| s.include.as_ref().map(Matcher::new)).collect(),
        }
    }

    pub(super) fn exclude(&self, query: usize) -> Option<&Matcher<'p>> {
        self.excludes.get(query).and_then(Option::as_ref)
    }

    pub(super) fn include(&self, source: u32) -> Option<&Matcher<'p>> {
        self.includes.get(source as usize).and_then(Option::as_ref)
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

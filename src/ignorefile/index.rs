use std::collections::HashMap;

use super::glob::Literal;
use super::parse::Pattern;

/// Up to this many patterns are simply compared one by one, which is faster than to look them up.
const FEW: usize = 64;
/// How many bytes of a literal's start or end are looked up.
const GRAM: usize = 4;

/// Finds the few patterns that can hit a path at all, so that 100,000 lines cost no more than 20.
#[derive(Debug, Default)]
pub(super) struct Index<'a> {
    whole: HashMap<&'a [u8], Vec<u32>>,
    starts: [HashMap<&'a [u8], Vec<u32>>; GRAM],
    ends: [HashMap<&'a [u8], Vec<u32>>; GRAM],
    always: Vec<(u32, Edges)>,
}

/// Bytes that every hit has at its start, at its end and at the start of its name; 0 where any will do,
/// which no path holds. Most patterns fail here, in a few instructions.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Edges {
    pub(super) start: u8,
    pub(super) end: u8,
    pub(super) name: u8,
}

impl Edges {
    fn of(path: &[u8]) -> Self {
        let name = path.iter().rposition(|b| *b == b'/').map_or(0, |at| at + 1);
        let byte = |at: usize| path.get(at).copied().unwrap_or(0);
        Self { start: byte(0), end: path.last().copied().unwrap_or(0), name: byte(name) }
    }

    const fn allow(self, path: Self) -> bool {
        (self.start == 0 || self.start == path.start)
            && (self.end == 0 || self.end == path.end)
            && (self.name == 0 || self.name == path.name)
    }
}

impl<'a> Index<'a> {
    pub(super) fn new(patterns: &'a [Pattern]) -> Self {
        let mut index = Self::default();
        let few = patterns.len() <= FEW;
        for (number, pattern) in (0u32..).zip(patterns) {
            let edges = pattern.glob.edges(&pattern.cleaned);
            match pattern.glob.literal(&pattern.cleaned) {
                _ if few => index.always.push((number, edges)),
                Literal::Whole(path) => index.whole.entry(path).or_default().push(number),
                Literal::Start(text) => insert(&mut index.starts, first(text), number),
                Literal::End(text) => insert(&mut index.ends, last(text), number),
                Literal::None => index.always.push((number, edges)),
            }
        }
        index
    }

    /// Calls `visit` with the candidates for `path` behind pattern `after`, in order.
    pub(super) fn each(&self, path: &[u8], after: Option<u32>, visit: impl FnMut(u32)) {
        let later = |list: &'_ [u32]| after.map_or(0, |after| list.partition_point(|n| *n <= after));
        let mut found: Vec<u32> = Vec::new();
        let mut take = |list: Option<&Vec<u32>>| {
            if let Some(list) = list {
                found.extend_from_slice(list.get(later(list)..).unwrap_or_default());
            }
        };
        if !self.whole.is_empty() {
            take(self.whole.get(path));
        }
        for (size, (starts, ends)) in (1..).zip(self.starts.iter().zip(&self.ends)) {
            if !starts.is_empty() {
                take(path.get(..size).and_then(|gram| starts.get(gram)));
            }
            if !ends.is_empty() {
                take(path.len().checked_sub(size).and_then(|at| path.get(at..)).and_then(|g| ends.get(g)));
            }
        }
        let edges = Edges::of(path);
        let always = after.map_or(0, |after| self.always.partition_point(|(n, _)| *n <= after));
        let always = self.always.get(always..).unwrap_or_default();
        let always = always.iter().filter(|(_, own)| own.allow(edges)).map(|(n, _)| *n);
        if found.is_empty() {
            always.for_each(visit);
            return;
        }
        found.extend(always);
        found.sort_unstable();
        found.into_iter().for_each(visit);
    }
}

fn first(text: &[u8]) -> &[u8] {
    text.get(..text.len().min(GRAM)).unwrap_or_default()
}

fn last(text: &[u8]) -> &[u8] {
    text.get(text.len().saturating_sub(GRAM)..).unwrap_or_default()
}

fn insert<'a>(tables: &mut [HashMap<&'a [u8], Vec<u32>>; GRAM], gram: &'a [u8], number: u32) {
    if let Some(table) = gram.len().checked_sub(1).and_then(|n| tables.get_mut(n)) {
        table.entry(gram).or_default().push(number);
    }
}

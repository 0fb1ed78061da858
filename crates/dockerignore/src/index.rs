use std::collections::HashMap;

use crate::file::Pattern;

/// Up to this many patterns are simply compared one by one, which is faster than to look them up.
const FEW: usize = 256;
/// How many bytes of a literal are looked up.
const GRAM: usize = 4;
/// How many grams of a pattern are considered; longer patterns are rare and gain nothing.
const MOST_GRAMS: usize = 64;

/// Up to [`GRAM`] bytes, filled up with 0, which no path holds.
type Gram = [u8; GRAM];

/// Finds the few patterns that can hit a path at all, so that 100,000 lines cost little more than 20.
#[derive(Debug, Default)]
pub(crate) struct Index<'a> {
    whole: HashMap<&'a [u8], Vec<u32>>,
    /// Each pattern under that piece of its literals which the fewest others have.
    grams: HashMap<Gram, Vec<u32>>,
    /// The lengths that occur among the grams.
    sizes: [bool; GRAM + 1],
    always: Vec<(u32, Edges)>,
}

/// Bytes that every hit has at its start, at its end and at the start of its name; 0 where any will do,
/// which no path holds. Most patterns fail here, in a few instructions.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Edges {
    pub(crate) start: u8,
    pub(crate) end: u8,
    pub(crate) name: u8,
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
    pub(crate) fn new(patterns: &'a [Pattern]) -> Self {
        let mut index = Self::default();
        let few = patterns.len() <= FEW;
        let mut open: Vec<(u32, Vec<Gram>)> = Vec::new();
        let mut counts: HashMap<Gram, u32> = HashMap::new();
        for (number, pattern) in (0u32..).zip(patterns) {
            let edges = pattern.glob.edges(pattern.as_str());
            if !few && !pattern.has_wildcard() {
                index.whole.entry(pattern.as_str().as_bytes()).or_default().push(number);
                continue;
            }
            let grams = if few { Vec::new() } else { grams_of(&pattern.glob.literals(pattern.as_str())) };
            if grams.is_empty() {
                index.always.push((number, edges));
                continue;
            }
            grams.iter().for_each(|gram| *counts.entry(*gram).or_default() += 1);
            open.push((number, grams));
        }
        for (number, grams) in open {
            let rarest = grams.into_iter().min_by_key(|g| (counts.get(g).copied(), GRAM - size(g)));
            if let Some(gram) = rarest {
                if let Some(seen) = index.sizes.get_mut(size(&gram)) {
                    *seen = true;
                }
                index.grams.entry(gram).or_default().push(number);
            }
        }
        index
    }

    /// Calls `visit` with the candidates for `path` behind pattern `after`, in order.
    pub(crate) fn each(&self, path: &[u8], after: Option<u32>, visit: impl FnMut(u32)) {
        let edges = Edges::of(path);
        let always = after.map_or(0, |after| self.always.partition_point(|(n, _)| *n <= after));
        let always = self.always.get(always..).unwrap_or_default();
        let always = always.iter().filter(|(_, own)| own.allow(edges)).map(|(n, _)| *n);
        if self.whole.is_empty() && self.grams.is_empty() {
            always.for_each(visit);
            return;
        }
        let mut found: Vec<u32> = always.collect();
        let mut take = |list: Option<&Vec<u32>>| {
            if let Some(list) = list {
                let from = after.map_or(0, |after| list.partition_point(|n| *n <= after));
                found.extend_from_slice(list.get(from..).unwrap_or_default());
            }
        };
        take(self.whole.get(path));
        for (length, _) in self.sizes.iter().enumerate().filter(|(_, used)| **used) {
            path.windows(length).for_each(|bytes| take(self.grams.get(&gram(bytes))));
        }
        found.sort_unstable();
        found.dedup();
        found.into_iter().for_each(visit);
    }
}

fn gram(bytes: &[u8]) -> Gram {
    let mut gram = [0; GRAM];
    gram.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    gram
}

fn size(gram: &Gram) -> usize {
    gram.iter().filter(|b| **b != 0).count()
}

fn grams_of(literals: &[Vec<u8>]) -> Vec<Gram> {
    let pieces = literals.iter().filter(|l| !l.is_empty()).flat_map(|l| l.windows(l.len().min(GRAM)));
    let mut grams: Vec<Gram> = pieces.take(MOST_GRAMS).filter(|p| !p.contains(&0)).map(gram).collect();
    grams.sort_unstable();
    grams.dedup();
    grams
}

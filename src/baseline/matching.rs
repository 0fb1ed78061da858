//! Which findings are those that a baseline holds.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::diag::FileReport;
use crate::text::Arrange;

use super::print::prints;
use super::{Print, Prints};

pub(super) fn take_known(
    known: &BTreeMap<String, Prints>,
    files: &mut [FileReport],
    name: impl Fn(&str) -> String,
    is_there: impl Fn(&str) -> bool,
) -> usize {
    let now: Vec<(String, Vec<Print>)> = files.iter().map(|file| (name(&file.path), prints(file))).collect();
    let moved = Moved::of(known, &now, is_there);
    let mut taken = 0;
    for (file, (name, prints)) in files.iter_mut().zip(&now) {
        let Some(known) = known.get(name).or_else(|| known.get(moved.from(name)?)) else { continue };
        let is_known = held(known, prints);
        let before = file.findings.len();
        let mut is_known = is_known.into_iter();
        file.findings.retain(|_| !is_known.next().unwrap_or(false));
        taken += before - file.findings.len();
    }
    taken
}

/// Which of a file's findings the baseline holds: first those that are the same, then those at a place that is known, and
/// with what is left of the baseline those that say the same elsewhere, since their line has changed.
fn held(known: &Prints, now: &[Print]) -> Vec<bool> {
    let mut left: HashMap<&Print, u64> = known.iter().map(|(print, count)| (print, *count)).collect();
    let mut take =
        |print: &Print| left.get_mut(print).filter(|count| **count > 0).map(|count| *count -= 1).is_some();
    let mut is_known: Vec<bool> = now.iter().map(&mut take).collect();
    let by_place: Key = |print| (&print.rule, print.place);
    let by_words: Key = |print| (&print.rule, print.said);
    for key in [by_place, by_words] {
        let mut alike: HashMap<(&str, u64), Vec<&Print>> = HashMap::new();
        for print in known.keys() {
            alike.entry(key(print)).or_default().push(print);
        }
        for (print, is_known) in now.iter().zip(&mut is_known).filter(|(_, is_known)| !**is_known) {
            let Some(alike) = alike.get_mut(&key(print)) else { continue };
            while let Some(last) = alike.last() {
                if take(last) {
                    *is_known = true;
                    break;
                }
                alike.pop();
            }
        }
    }
    is_known
}

/// What two findings have in common: the rule, and a hash.
type Key = fn(&Print) -> (&str, u64);

/// Files that seem to have been renamed: by their new name, the old one.
struct Moved<'a> {
    from: HashMap<&'a str, &'a str>,
}

impl<'a> Moved<'a> {
    /// A file that the baseline does not know is the one that is gone and had most of the same findings.
    fn of(
        known: &'a BTreeMap<String, Prints>,
        now: &'a [(String, Vec<Print>)],
        is_there: impl Fn(&str) -> bool,
    ) -> Self {
        let mut own = Self { from: HashMap::new() };
        let fresh: Vec<_> =
            now.iter().filter(|(name, prints)| !prints.is_empty() && !known.contains_key(name)).collect();
        if fresh.is_empty() {
            return own;
        }
        // The places of findings that only files have which are gone; of each, no more files than are worth trying.
        let mut holders: HashMap<(&str, u64), Vec<&str>> = HashMap::new();
        for (name, prints) in known.iter().filter(|(name, _)| !is_there(name)) {
            for print in prints.keys() {
                let holders = holders.entry((&print.rule, print.place)).or_default();
                if holders.len() < MOST_HOLDERS {
                    holders.push(name);
                }
            }
        }
        let mut votes: Vec<(usize, &str, &str)> = Vec::new();
        for (name, prints) in fresh {
            let mut of: BTreeMap<&str, usize> = BTreeMap::new();
            for print in prints {
                for holder in holders.get(&(print.rule.as_str(), print.place)).into_iter().flatten() {
                    *of.entry(holder).or_default() += 1;
                }
            }
            votes.extend(of.into_iter().map(|(holder, count)| (count, name.as_str(), holder)));
        }
        votes.arrange_by(|a, b| b.0.cmp(&a.0).then_with(|| (a.1, a.2).cmp(&(b.1, b.2))));
        let mut given: HashSet<&str> = HashSet::new();
        for (_, name, holder) in votes {
            if !own.from.contains_key(name) && given.insert(holder) {
                own.from.insert(name, holder);
            }
        }
        own
    }

    fn from(&self, name: &str) -> Option<&str> {
        self.from.get(name).copied()
    }
}

/// How many files with one and the same finding are looked at for one that was renamed.
const MOST_HOLDERS: usize = 64;

//! Sorting that takes little room in the program. The standard library's sorts are several kilobytes of code for each
//! kind of list and key, which pays where lists are long and sorted often; nearly all lists here are short.

use std::cmp::Ordering;

/// Sorts lists. Elements that are equal keep their order.
pub trait Arrange<T> {
    /// Sorts by what `compare` says of two elements.
    ///
    /// ```
    /// # use dlint::internals::text::Arrange as _;
    /// let mut words = ["ccc", "a", "bb"];
    /// words.arrange_by(|a, b| a.len().cmp(&b.len()));
    /// assert_eq!(words, ["a", "bb", "ccc"]);
    /// ```
    fn arrange_by(&mut self, compare: impl FnMut(&T, &T) -> Ordering);

    /// Sorts by a key of each element, which is asked for at each comparison.
    fn arrange_by_key<K: Ord>(&mut self, mut key: impl FnMut(&T) -> K) {
        self.arrange_by(|a, b| key(a).cmp(&key(b)));
    }

    /// Sorts by the order of the elements themselves.
    fn arrange(&mut self)
    where
        T: Ord,
    {
        self.arrange_by(T::cmp);
    }
}

impl<T> Arrange<T> for [T] {
    fn arrange_by(&mut self, mut compare: impl FnMut(&T, &T) -> Ordering) {
        // Most are in order as they come.
        if self.is_sorted_by(|a, b| compare(a, b).is_le()) {
            return;
        }
        let mut from = order(self.len(), &mut |a, b| compare(&self[a], &self[b]));
        // Each circle of elements that take one another's places is gone round once.
        for start in 0..from.len() {
            let mut at = start;
            while from[at] != start {
                let next = std::mem::replace(&mut from[at], at);
                self.swap(at, next);
                at = next;
            }
            from[at] = at;
        }
    }
}

/// Collects items one by one.
pub trait Gather: Iterator + Sized {
    /// As `collect`, which sorts a list to make a map or a set of it: several kilobytes of code for each kind.
    ///
    /// ```
    /// # use dlint::internals::text::Gather as _;
    /// # use std::collections::BTreeSet;
    /// let letters: BTreeSet<char> = "abba".chars().gather();
    /// assert!(letters.into_iter().eq(['a', 'b']));
    /// ```
    fn gather<C: Default + Extend<Self::Item>>(self) -> C {
        let mut all = C::default();
        all.extend(self);
        all
    }
}

impl<I: Iterator> Gather for I {}

/// For each place the element that belongs there. The program has this once for all lists.
fn order(count: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut from: Vec<usize> = (0..count).collect();
    from.sort_by(|a, b| compare(*a, *b));
    from
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_as_the_standard_library_does() {
        let mut seed = 7_u32;
        let mut next = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            seed >> 16
        };
        for len in (0..40).chain([100, 1000]) {
            let list: Vec<(u32, u32)> = (0..len).map(|at| (next() % 16, at)).collect();
            let (mut ours, mut theirs) = (list.clone(), list);
            ours.arrange_by_key(|(key, _)| *key);
            theirs.sort_by_key(|(key, _)| *key);
            assert_eq!(ours, theirs);
            ours.arrange_by(|a, b| b.cmp(a));
            theirs.sort_by(|a, b| b.cmp(a));
            assert_eq!(ours, theirs);
            ours.arrange();
            theirs.sort_unstable();
            assert_eq!(ours, theirs);
        }
    }
}

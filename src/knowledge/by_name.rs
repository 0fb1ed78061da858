//! Names that are looked up often.

use std::borrow::Cow;

/// What is known of names. Finding one looks at hardly any other.
#[derive(Debug)]
pub(super) struct ByName<T: Copy + 'static> {
    rows: Cow<'static, [(&'static str, T)]>,
    /// Where the names of each bucket start in `rows`, and the end of the last.
    starts: [u16; BUCKETS + 1],
}

const BUCKETS: usize = 256;

/// One of the buckets for a name, mostly another for another.
const fn bucket(name: &str) -> usize {
    const fn byte(bytes: &[u8], at: usize) -> usize {
        if at < bytes.len() { bytes[at] as usize } else { 0 }
    }
    let bytes = name.as_bytes();
    let last = byte(bytes, bytes.len().wrapping_sub(1));
    (byte(bytes, 0) + 7 * byte(bytes, 1) + 11 * last + 5 * bytes.len()) % BUCKETS
}

/// Where the names of each bucket start in rows that are in the order of their buckets.
const fn starts<T: Copy>(rows: &[(&'static str, T)]) -> [u16; BUCKETS + 1] {
    let mut starts = [0; BUCKETS + 1];
    let mut at = 0;
    while at < rows.len() {
        starts[bucket(rows[at].0) + 1] += 1;
        at += 1;
    }
    let mut bucket = 0;
    while bucket < BUCKETS {
        starts[bucket + 1] += starts[bucket];
        bucket += 1;
    }
    starts
}

/// The rows of a table in the order of their buckets, for [`ByName::of`]: worked out when dlint is compiled.
pub(super) const fn by_bucket<T: Copy, const N: usize>(rows: &[(&'static str, T)]) -> [(&'static str, T); N] {
    let mut next = starts(rows);
    let mut sorted = [rows[0]; N];
    let mut at = 0;
    while at < N {
        let bucket = bucket(rows[at].0);
        sorted[next[bucket] as usize] = rows[at];
        next[bucket] += 1;
        at += 1;
    }
    sorted
}

impl<T: Copy> ByName<T> {
    /// The names of rows that are in the order of [`by_bucket`].
    pub const fn of(rows: &'static [(&'static str, T)]) -> Self {
        Self { starts: starts(rows), rows: Cow::Borrowed(rows) }
    }

    /// Puts the rows into the buckets of their names.
    pub fn new(rows: impl IntoIterator<Item = (&'static str, T)>) -> Self {
        let mut rows: Vec<_> = rows.into_iter().collect();
        rows.sort_by_cached_key(|(name, _)| bucket(name));
        Self { starts: starts(&rows), rows: Cow::Owned(rows) }
    }

    /// What is known of `name`.
    pub fn get(&self, name: &str) -> Option<&T> {
        let bucket = bucket(name);
        let rows = self.rows.get(usize::from(self.starts[bucket])..usize::from(self.starts[bucket + 1]))?;
        rows.iter().find(|(known, _)| *known == name).map(|(_, row)| row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found() {
        let names = ByName::new([("pip", 1), ("apt", 2), ("apk", 3), ("zypper", 4), ("", 5)]);
        let found = ["apk", "apt", "pip", "zypper", ""].map(|name| names.get(name).copied());
        assert_eq!(found, [Some(3), Some(2), Some(1), Some(4), Some(5)]);
        const ROWS: [(&str, u8); 3] = by_bucket(&[("pip", 1), ("apt", 2), ("apk", 3)]);
        let compiled = ByName::of(&ROWS);
        assert_eq!(
            ["apk", "apt", "pip", "ap"].map(|name| compiled.get(name).copied()),
            [Some(3), Some(2), Some(1), None]
        );
        assert!(["ap", "aptt", "b", "é", "\u{7f}"].iter().all(|name| names.get(name).is_none()));
    }
}

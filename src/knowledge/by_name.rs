//! Names that are looked up often.

/// What is known of names. Finding one looks at hardly any other.
#[derive(Debug)]
pub(super) struct ByName<T: 'static> {
    rows: Box<[(&'static str, T)]>,
    /// Where the names of each bucket start in `rows`, and the end of the last.
    starts: [u16; BUCKETS + 1],
}

const BUCKETS: usize = 256;

/// One of the buckets for a name, mostly another for another.
fn bucket(name: &str) -> usize {
    let bytes = name.as_bytes();
    let byte = |at: usize| bytes.get(at).map_or(0, |b| usize::from(*b));
    (byte(0) + 7 * byte(1) + 11 * byte(bytes.len().wrapping_sub(1)) + 5 * bytes.len()) % BUCKETS
}

impl<T> ByName<T> {
    /// Puts the rows into the buckets of their names.
    pub fn new(rows: impl IntoIterator<Item = (&'static str, T)>) -> Self {
        let mut rows: Box<[_]> = rows.into_iter().collect();
        rows.sort_by_cached_key(|(name, _)| bucket(name));
        let mut starts = [0; BUCKETS + 1];
        for (name, _) in &rows {
            starts[bucket(name) + 1] += 1;
        }
        for bucket in 0..BUCKETS {
            starts[bucket + 1] += starts[bucket];
        }
        Self { rows, starts }
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
        assert!(["ap", "aptt", "b", "é", "\u{7f}"].iter().all(|name| names.get(name).is_none()));
    }
}

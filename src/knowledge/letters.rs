//! Names in the order of the alphabet, found by their first letters.

/// What is known of names, sorted by them. Finding one looks at those alone that start with the same letter.
#[derive(Debug)]
pub(super) struct ByLetter<T: 'static> {
    rows: Box<[(&'static str, T)]>,
    /// Where the names of each first letter start in `rows`, and the end of the last.
    starts: [u16; LETTERS + 1],
}

/// First letters, which are all ASCII.
const LETTERS: usize = 128;

impl<T> ByLetter<T> {
    /// Sorts the rows by their names.
    pub fn new(rows: impl IntoIterator<Item = (&'static str, T)>) -> Self {
        let mut rows: Box<[_]> = rows.into_iter().collect();
        rows.sort_by_key(|(name, _)| *name);
        let mut starts = [0; LETTERS + 1];
        for (name, _) in &rows {
            let letter = usize::from(name.bytes().next().unwrap_or(0)) % LETTERS;
            starts[letter + 1] += 1;
        }
        for letter in 0..LETTERS {
            starts[letter + 1] += starts[letter];
        }
        Self { rows, starts }
    }

    /// What is known of `name`.
    pub fn get(&self, name: &str) -> Option<&T> {
        let letter = usize::from(*name.as_bytes().first()?);
        let from = usize::from(*self.starts.get(letter)?);
        let rows = self.rows.get(from..usize::from(*self.starts.get(letter + 1)?))?;
        rows.iter().find(|(known, _)| *known == name).map(|(_, row)| row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found() {
        let names = ByLetter::new([("pip", 1), ("apt", 2), ("apk", 3), ("zypper", 4)]);
        let found = ["apk", "apt", "pip", "zypper"].map(|name| names.get(name).copied());
        assert_eq!(found, [Some(3), Some(2), Some(1), Some(4)]);
        assert!(["", "ap", "aptt", "b", "é", "\u{7f}"].iter().all(|name| names.get(name).is_none()));
    }
}

use std::collections::BTreeMap;

use super::{Fault, File};

/// Sorted names; the number of a name is its place among them.
pub struct Numbers<'t>(BTreeMap<&'t str, u16>);

impl<'t> Numbers<'t> {
    /// The numbers of all `names`; a bit is left for other uses.
    pub fn new(table: &str, names: impl IntoIterator<Item = &'t str>) -> Result<Self, Fault> {
        let mut numbers: BTreeMap<&str, u16> = names.into_iter().map(|name| (name, 0)).collect();
        if numbers.len() > usize::from(u16::MAX / 2) {
            return Err(Fault::new(table, 1, "there are too many names"));
        }
        for (number, of) in (0..).zip(numbers.values_mut()) {
            *of = number;
        }
        Ok(Self(numbers))
    }

    /// The number of a name.
    pub fn get(&self, name: &str) -> Option<u16> {
        self.0.get(name).copied()
    }

    /// The names, in the order of their numbers.
    pub fn names(&self) -> impl Iterator<Item = &'t str> + '_ {
        self.0.keys().copied()
    }

    /// The names as `STEM.names`, one behind the other, and where each starts as `STEM.starts`.
    pub fn files(&self, stem: &str) -> [File; 2] {
        let mut starts = vec![0];
        starts.extend(self.names().scan(0, |end, name| {
            *end += name.len();
            Some(*end)
        }));
        let text: String = self.names().collect();
        [(format!("{stem}.names"), text.into_bytes()), (format!("{stem}.starts"), u24s(starts))]
    }
}

/// Lists of numbers, one for each row: all of them one behind the other, and where each list starts.
#[derive(Default)]
pub struct Lists {
    numbers: Vec<u16>,
    ends: Vec<usize>,
}

impl Lists {
    /// Adds the list of the next row.
    pub fn push(&mut self, list: impl IntoIterator<Item = u16>) {
        self.numbers.extend(list);
        self.ends.push(self.numbers.len());
    }

    /// The numbers as `STEM`, and the starts of the lists as `STEM.growing`.
    pub fn files(self, stem: &str) -> Result<[File; 2], Fault> {
        let starts: Result<Vec<u16>, _> = [0].into_iter().chain(self.ends).map(u16::try_from).collect();
        let starts = starts.map_err(|_| Fault::new(stem, 1, "the lists are too long"))?;
        Ok([(stem.to_owned(), u16s(self.numbers)), (format!("{stem}.growing"), u16s(starts))])
    }
}

/// Numbers as the program includes them, the lower byte first.
pub fn u16s(numbers: impl IntoIterator<Item = u16>) -> Vec<u8> {
    numbers.into_iter().flat_map(u16::to_le_bytes).collect()
}

/// The same of larger ones, in three bytes; those that do not fit are the largest.
pub fn u24s(numbers: impl IntoIterator<Item = usize>) -> Vec<u8> {
    let bytes = |n| u32::try_from(n).unwrap_or(u32::MAX).min(0x00FF_FFFF).to_le_bytes();
    numbers.into_iter().flat_map(|n| bytes(n).into_iter().take(3)).collect()
}

/// The same in four bytes.
pub fn u32s(numbers: impl IntoIterator<Item = usize>) -> Vec<u8> {
    numbers.into_iter().flat_map(|n| u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes()).collect()
}

//! The Python packages that are installed most: `rules/data/pip/packages.tsv`, made by `tools/pip_table.py`
//! from the wheels of the Python package index. Versions that are asked for do not count: the table has the
//! newest.

use super::numbers::{Lists, Names, numbers, text};

/// A name that the table has: a package, or one with an extra, as `uvicorn[standard]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WheelId(usize);

/// What the table says of a package, in bytes. An extra has nothing but what it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wheel {
    /// What pip downloads and keeps.
    pub kept: u64,
    /// The unpacked files.
    pub files: u64,
    /// Byte code, and its lines in RECORD.
    pub compiled: u64,
}

/// When the wheels were read, as year and month.
pub const WHEELS_DATE: &str = text!("pip.date");

static NAMES: Names = Names { text: text!("pip.names"), starts: numbers!("pip.starts") };
static NEEDS: Lists = Lists { numbers: numbers!("pip.needs"), starts: numbers!("pip.needs.growing") };
/// Three numbers for each name.
static BYTES: &[[u8; 12]] = numbers!("pip.bytes");

/// The number of a name.
#[must_use]
pub fn wheel(name: &str) -> Option<WheelId> {
    NAMES.find(name).map(WheelId)
}

impl WheelId {
    /// The name.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES.get(self.0)
    }

    /// What it weighs.
    #[must_use]
    pub fn weight(self) -> Wheel {
        let Some(bytes) = BYTES.get(self.0) else { return Wheel::default() };
        let mut numbers = bytes.as_chunks().0.iter().map(|n| u64::from(u32::from_le_bytes(*n)));
        let mut next = || numbers.next().unwrap_or(0);
        Wheel { kept: next(), files: next(), compiled: next() }
    }

    /// What it needs.
    pub fn needs(self) -> impl Iterator<Item = Self> {
        NEEDS.get(self.0).iter().map(|n| Self(usize::from(u16::from_le_bytes(*n))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_those_of_the_table() {
        let aiohttp = wheel("aiohttp").unwrap();
        let row =
            include_str!("../../rules/data/pip/packages.tsv").lines().find(|l| l.starts_with("aiohttp\t"));
        let fields: Vec<&str> = row.unwrap().split('\t').collect();
        let number = |at: usize| fields[at].parse::<u64>().unwrap();
        assert_eq!(aiohttp.weight(), Wheel { kept: number(2), files: number(3), compiled: number(4) });
        assert_eq!(aiohttp.needs().map(WheelId::name).collect::<Vec<_>>().join(" "), fields[5]);
        assert_eq!((WHEELS_DATE.len(), wheel("no-such-package")), (7, None));
        assert!(NAMES.len() > 400);
        let listed = include_str!("../../rules/data/pip/names.txt").lines().filter(|l| !l.starts_with('#'));
        assert_eq!(listed.filter(|name| wheel(name).is_none()).count(), 0);
    }
}

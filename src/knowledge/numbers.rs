//! Numbers and names as `generate/numbers.rs` writes them.

/// Sorted names; the number of a name is its place among them.
#[derive(Debug)]
pub(super) struct Names {
    /// All names, one behind the other.
    pub text: &'static str,
    /// Where each of them starts, and the end of the last.
    pub starts: &'static [[u8; 3]],
}

impl Names {
    /// How many there are.
    pub const fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// The name with this number; empty if there is none.
    pub fn get(&self, number: usize) -> &'static str {
        match self.starts.get(number..) {
            Some([start, end, ..]) => self.text.get(u24(*start)..u24(*end)).unwrap_or(""),
            _ => "",
        }
    }

    /// The number of `name`.
    pub fn find(&self, name: &str) -> Option<usize> {
        let (mut low, mut high) = (0, self.len());
        let (text, name) = (self.text.as_bytes(), name.as_bytes());
        while low < high {
            let middle = usize::midpoint(low, high);
            let Some([start, end, ..]) = self.starts.get(middle..) else { break };
            // Bytes are in the order of the letters, and need no look at where letters end.
            match text.get(u24(*start)..u24(*end)).unwrap_or_default().cmp(name) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }
}

/// Lists of numbers, one for each row.
#[derive(Debug)]
pub(super) struct Lists {
    /// All of them, one behind the other.
    pub numbers: &'static [[u8; 2]],
    /// Where each list starts, and the end of the last.
    pub starts: &'static [[u8; 2]],
}

impl Lists {
    /// The list of a row; empty if there is none.
    pub fn get(&self, row: usize) -> &'static [[u8; 2]] {
        let Some([start, end, ..]) = self.starts.get(row..) else { return &[] };
        let (start, end) = (u16::from_le_bytes(*start), u16::from_le_bytes(*end));
        self.numbers.get(usize::from(start)..usize::from(end)).unwrap_or(&[])
    }
}

/// A number of three bytes, the lower ones first.
pub(super) const fn u24([low, middle, high]: [u8; 3]) -> usize {
    low as usize | (middle as usize) << 8 | (high as usize) << 16
}

/// A generated file, as text.
macro_rules! text {
    ($name:expr) => {
        include_str!(concat!(env!("OUT_DIR"), "/", $name))
    };
}

/// A generated file, as numbers of so many bytes as its place wants.
macro_rules! numbers {
    ($name:expr) => {
        include_bytes!(concat!(env!("OUT_DIR"), "/", $name)).as_slice().as_chunks().0
    };
}

pub(super) use {numbers, text};

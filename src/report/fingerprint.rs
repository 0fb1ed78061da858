use std::collections::HashMap;

use crate::text::fnv;

use super::place::Places;

/// How many characters a line's hash covers.
const WINDOW: usize = 100;

/// The hash of every line of `text`, as `hash:occurrence`.
///
/// This is the `primaryLocationLineHash` of github/codeql-action (src/fingerprints.ts): a rolling hash
/// of the 100 characters from the line's start that are no blanks. An upload computes it anew and warns
/// of a value that differs, so it has to be this one.
pub(super) fn line_hashes(text: &str) -> Vec<String> {
    let mut roll = Roll::default();
    let mut start = true;
    let mut returned = false;
    // A U+FFFF ends the text there.
    for unit in text.encode_utf16().chain([0xFFFF]) {
        if unit == 0x20 || unit == 0x09 || (returned && unit == 0x0A) {
            returned = false;
            continue;
        }
        returned = unit == 0x0D;
        let unit = if returned { 0x0A } else { unit };
        roll.finish_line();
        if start {
            roll.start_line();
        }
        start = unit == 0x0A;
        roll.push(unit);
    }
    for _ in 0..WINDOW {
        roll.finish_line();
        roll.push(0);
    }
    roll.hashes
}

struct Roll {
    /// The last characters, and whether a line starts at each.
    window: [(u16, bool); WINDOW],
    at: usize,
    hash: u64,
    /// 37 to the power of the window's length.
    leaving: u64,
    seen: HashMap<u64, u32>,
    hashes: Vec<String>,
}

impl Default for Roll {
    fn default() -> Self {
        let leaving = (0..WINDOW).fold(1_u64, |n, _| n.wrapping_mul(37));
        Self {
            window: [(0, false); WINDOW],
            at: 0,
            hash: 0,
            leaving,
            seen: HashMap::new(),
            hashes: Vec::new(),
        }
    }
}

impl Roll {
    /// A line that started a window ago is complete.
    fn finish_line(&mut self) {
        let slot = &mut self.window[self.at % WINDOW];
        if std::mem::take(&mut slot.1) {
            let count = self.seen.entry(self.hash).or_default();
            *count = count.saturating_add(1);
            self.hashes.push(format!("{:x}:{count}", self.hash));
        }
    }

    const fn start_line(&mut self) {
        self.window[self.at % WINDOW].1 = true;
    }

    fn push(&mut self, unit: u16) {
        let slot = &mut self.window[self.at % WINDOW];
        let gone = u64::from(std::mem::replace(&mut slot.0, unit));
        let grown = self.hash.wrapping_mul(37).wrapping_add(u64::from(unit));
        self.hash = grown.wrapping_sub(self.leaving.wrapping_mul(gone));
        self.at = (self.at + 1) % WINDOW;
    }
}

/// Names for the findings of one file that stay the same wherever their lines move.
#[derive(Default)]
pub(super) struct Prints {
    /// The line that was last found in, and the hash of its text.
    line: (u32, String),
    /// How often a rule was found on lines of the same text.
    seen: HashMap<u64, u32>,
}

impl Prints {
    /// The hash of a rule and the text of a line, and how many findings there were with the same hash.
    pub(super) fn of(&mut self, places: &Places<'_>, rule: &str, line: u32) -> (u64, u32) {
        // Findings come sorted, so a line is read once however many there are in it.
        if self.line.0 != line {
            let text = places.line_span(line).text(places.text());
            self.line = (line, format!("{:016x}", fnv(text.split_whitespace())));
        }
        let hash = fnv([rule, self.line.1.as_str()]);
        let count = self.seen.entry(hash).or_default();
        *count = count.saturating_add(1);
        (hash, *count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_code_scanning() {
        assert_eq!(
            line_hashes(" a\nb\n  \t\tc\n d"),
            ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"]
        );
        assert_eq!(
            line_hashes(" hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End"),
            [
                "8b7cf3e952e7aeb2:1",
                "b1ae1287ec4718d9:1",
                "bff680108adb0fcc:1",
                "c6805c5e1288b612:1",
                "b86d3392aea1be30:1",
                "e6ceba753e1a442:1"
            ]
        );
        let returned = line_hashes(" a\r\nb\r\n  \t\tc\r\n d");
        assert_eq!(returned, line_hashes(" a\nb\n  \t\tc\n d"));
    }

    #[test]
    fn equal_lines_are_counted() {
        let text = "RUN x\n".repeat(200);
        let hashes = line_hashes(&text);
        assert_eq!(hashes.len(), 201);
        assert_eq!(hashes[0].split(':').next(), hashes[1].split(':').next());
        assert!(hashes[1].ends_with(":2"));
    }
}

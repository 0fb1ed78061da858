//! Lines that fit a terminal.

use std::io::{self, Write};

use super::Style;
use super::paint::visible;

/// The least room for what stands in the last column of a table.
const LAST: usize = 24;

/// Breaks lines that are too long for the terminal between words; what is left goes below the last column of the
/// table that the line is a row of. Elsewhere lines stay whole, for programs that read them.
pub struct Fitted<'o> {
    out: &'o mut dyn Write,
    width: Option<usize>,
    line: Vec<u8>,
}

impl<'o> Fitted<'o> {
    /// Writes to `out`. What was written last has to be flushed.
    pub fn new(out: &'o mut dyn Write, style: &Style) -> Self {
        Self { out, width: style.fit.then_some(style.width.max(40)), line: Vec::new() }
    }
}

impl Write for Fitted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(width) = self.width else { return self.out.write(bytes) };
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                self.out.write_all(fitted(&String::from_utf8_lossy(&self.line), width).as_bytes())?;
                self.line.clear();
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(&self.line)?;
        self.line.clear();
        self.out.flush()
    }
}

/// A line with its end, broken where it is too long.
fn fitted(line: &str, width: usize) -> String {
    if visible(line) <= width {
        return line.to_owned();
    }
    let indent = last_column(line, width);
    let mut out = String::with_capacity(line.len() + 64);
    let mut column = 0;
    for (at, word) in line.split(' ').enumerate() {
        let len = visible(word);
        if at > 0 && column + 1 + len > width && len > 0 && column > indent {
            out.truncate(out.trim_end_matches(' ').len());
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        } else if at > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += len;
    }
    out
}

/// Where the last column of a row starts that leaves some room; in plain text a little to the right of its start.
fn last_column(line: &str, width: usize) -> usize {
    let mut column = 0;
    let mut gap = 0;
    let mut found = None;
    for (at, word) in line.split(' ').enumerate() {
        column += usize::from(at > 0);
        let len = visible(word);
        if len == 0 {
            gap += 1;
            continue;
        }
        if column + LAST <= width && (gap > 0 || found.is_none()) {
            // The first word starts a row: what is below it belongs to it.
            found = Some(if found.is_none() { column + 2 } else { column });
        }
        gap = 0;
        column += len;
    }
    found.unwrap_or(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, width: usize, fit: bool) -> String {
        let mut out = Vec::new();
        let mut fitted = Fitted::new(&mut out, &Style { width, fit, ..Style::default() });
        for piece in text.as_bytes().chunks(7) {
            fitted.write_all(piece).unwrap();
        }
        fitted.flush().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn rows_go_on_below_their_last_column() {
        let row = "  line      bytes  what makes this layer as large as it is, in words\n";
        let want =
            "  line      bytes  what makes this layer as\n                   large as it is, in words\n";
        assert_eq!(shown(row, 44, true), want);
        assert_eq!(shown(row, 44, false), row);
        assert_eq!(shown(row, 200, true), row);
    }

    #[test]
    fn plain_text_goes_on_a_little_to_the_right() {
        let text = "note: a sentence that is longer than the terminal is wide\n";
        assert_eq!(shown(text, 40, true), "note: a sentence that is longer than the\n  terminal is wide\n");
        // A word is never cut, and what has no end is written too.
        let word = "x".repeat(60);
        assert_eq!(shown(&word, 40, true), word);
    }

    #[test]
    fn colours_and_links_take_no_room() {
        let text = "\u{1b}[1mbold\u{1b}[0m \u{1b}]8;;https://example.com/a/long/address\u{1b}\\name\u{1b}]8;;\u{1b}\\ and more\n";
        assert_eq!(shown(text, 40, true), text);
        assert_eq!(visible(text), "bold name and more".len());
        assert_eq!(visible("소스"), 4);
    }
}

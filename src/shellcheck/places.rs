//! From lines and columns of a text to its bytes.

use crate::text::{LineIndex, Span};

/// The lines of a text.
pub(super) struct Places<'a> {
    text: &'a str,
    lines: LineIndex,
    ascii: bool,
}

impl<'a> Places<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, lines: LineIndex::new(text), ascii: text.is_ascii() }
    }

    /// The byte at a line and column, both from 1; what lies behind a line or the text is its end.
    pub(super) fn offset(&self, line: u32, column: u32) -> usize {
        if line > self.lines.count() {
            return self.text.len();
        }
        let start = self.lines.start(line) as usize;
        let rest = self.text.get(start..).unwrap_or("");
        let rest = rest.split_once('\n').map_or(rest, |(line, _)| line);
        let column = column.max(1) as usize - 1;
        let at = if self.ascii {
            column.min(rest.len())
        } else {
            rest.char_indices().nth(column).map_or(rest.len(), |(at, _)| at)
        };
        start + at
    }

    /// The character at `offset`, if it is one that can be seen.
    pub(super) fn character(&self, offset: usize) -> Option<Span> {
        let c = self.text.get(offset..)?.chars().next().filter(|c| !c.is_control())?;
        Some(Span::of(offset..offset + c.len_utf8()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let text = "ab\nc\u{e4}\td\n\u{1f600}x";
        let places = Places::new(text);
        for (line, column, want) in [
            (1, 1, 0),
            (1, 3, 2),
            (1, 9, 2),
            (2, 3, 6),
            (2, 4, 7),
            (3, 2, 13),
            (3, 3, 14),
            (4, 1, 14),
            (1, 0, 0),
            (9, 9, 14),
        ] {
            assert_eq!(places.offset(line, column), want, "{line}:{column}");
        }
        assert_eq!(places.character(4), Some(Span::new(4, 6)));
        assert_eq!((places.character(2), places.character(14)), (None, None));
        assert_eq!(Places::new("a\nbc").offset(2, 2), 3);
    }
}

use crate::text::{LineIndex, Position, Source, Span};

/// Line and column of places in one source.
pub(super) struct Places<'a> {
    text: &'a str,
    lines: &'a LineIndex,
}

impl<'a> Places<'a> {
    pub(super) fn new(source: &'a Source) -> Self {
        Self { text: source.text(), lines: source.lines() }
    }

    pub(super) const fn text(&self) -> &'a str {
        self.text
    }

    /// The position of `offset`; one behind the text is the text's end.
    pub(super) fn at(&self, offset: u32) -> Position {
        self.lines.position(self.text, offset.min(self.end()))
    }

    /// The positions of both ends of a span.
    pub(super) fn span(&self, span: Span) -> (Position, Position) {
        (self.at(span.start), self.at(span.end))
    }

    /// What of `span` a person would point at: without the line end that ends it, and at the end of the
    /// last line if it is empty and behind that.
    pub(super) fn visible(&self, span: Span) -> Span {
        let bytes = self.text.as_bytes();
        let start = span.start.min(self.end());
        let mut end = span.end.min(self.end());
        let before = |at: u32| bytes.get((at as usize).wrapping_sub(1)).copied();
        if start < end {
            while start < end && matches!(before(end), Some(b'\n' | b'\r')) {
                end -= 1;
            }
            return Span::new(start, end);
        }
        if start == self.end() && before(start) == Some(b'\n') {
            return Span::at(self.line_span(self.line(start - 1)).end);
        }
        Span::at(start)
    }

    /// The line (from 1) that holds `offset`.
    pub(super) fn line(&self, offset: u32) -> u32 {
        self.lines.line(offset.min(self.end()))
    }

    /// The bytes of `line` (from 1) without its line ending. Takes no time that depends on its length.
    pub(super) fn line_span(&self, line: u32) -> Span {
        let start = self.lines.start(line);
        let end = if line < self.lines.count() { self.lines.start(line + 1) - 1 } else { self.end() };
        let returned = end > start && self.text.as_bytes().get(end as usize - 1) == Some(&b'\r');
        Span::new(start, if returned { end - 1 } else { end })
    }

    /// The text's length in bytes.
    pub(super) fn end(&self) -> u32 {
        u32::try_from(self.text.len()).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_agree_with_the_line_index() {
        let source = Source::from_text("t", "FROM a\r\nCOPY 소스 bé c\r\n\nX");
        let lines = source.lines();
        let places = Places::new(&source);
        let ends: Vec<u32> = source.text().char_indices().map(|(i, _)| i as u32).collect();
        for &start in &ends {
            for &end in &ends {
                let want = (lines.position(source.text(), start), lines.position(source.text(), end));
                assert_eq!(places.span(Span { start, end }), want);
            }
        }
        for line in 1..=4 {
            assert_eq!(places.line_span(line), lines.span(source.text(), line));
        }
        assert_eq!(places.at(999), Position { line: 4, column: 2 });
    }

    #[test]
    fn line_ends_are_nothing_to_point_at() {
        let source = Source::from_text("t", "RUN x\r\n\nRUN y\r\n");
        let places = Places::new(&source);
        for (span, want) in [
            ((0, 7), (0, 5)),
            ((0, 8), (0, 5)),
            ((5, 8), (5, 5)),
            ((7, 7), (7, 7)),
            ((15, 15), (13, 13)),
            ((8, 99), (8, 13)),
            ((99, 99), (13, 13)),
        ] {
            assert_eq!(places.visible(Span::new(span.0, span.1)), Span::new(want.0, want.1), "{span:?}");
        }
    }
}

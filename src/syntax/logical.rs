use std::ops::Range;

use crate::text::Span;

/// A logical line: an instruction's text as BuildKit sees it, continuations joined and comment
/// lines inside them dropped, with a map back to the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logical {
    text: String,
    /// Where the text starts in the source.
    start: u32,
    /// Where further runs of the text come from: offset in `text`, offset in the source; sorted.
    joins: Vec<(u32, u32)>,
}

impl Logical {
    /// A text that stands in the source as it is, from `start` on.
    #[must_use]
    pub fn verbatim(start: u32, text: &str) -> Self {
        Self { text: text.to_owned(), start, joins: Vec::new() }
    }

    /// The joined text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Cuts the line behind byte `end` of the text.
    pub(super) fn truncate(&mut self, end: usize) {
        if end < self.text.len() {
            self.text.truncate(end);
            self.joins.retain(|(at, _)| *at == 0 || (*at as usize) < end);
        }
    }

    /// True if the text is one unbroken piece of the source.
    #[must_use]
    pub fn is_contiguous(&self) -> bool {
        self.joins.is_empty()
    }

    /// How many joins there are up to `offset`.
    fn piece(&self, offset: u32) -> usize {
        if self.joins.is_empty() { 0 } else { self.joins.partition_point(|(at, _)| *at <= offset) }
    }

    fn source(&self, piece: usize, offset: u32) -> u32 {
        let join = piece.checked_sub(1).and_then(|join| self.joins.get(join));
        join.map_or(self.start + offset, |(at, source)| source + (offset - at.min(&offset)))
    }

    /// The source offset of byte `offset` of the text. At a join this is the start of the later piece.
    #[must_use]
    pub fn offset(&self, offset: usize) -> u32 {
        let offset = Span::at_usize(offset);
        self.source(self.piece(offset), offset)
    }

    /// The source span of a range of the text; it covers joins that lie inside.
    #[must_use]
    pub fn span(&self, range: Range<usize>) -> Span {
        if range.is_empty() {
            return Span::at(self.end_offset(range.start));
        }
        Span::new(self.offset(range.start), self.end_offset(range.end))
    }

    /// The pieces of the source that the text from source offset `from` on is made of, with their places.
    pub(super) fn pieces_from(&self, from: u32) -> impl Iterator<Item = (usize, &str)> {
        let first = self.joins.partition_point(|(_, source)| *source <= from);
        let pieces = std::iter::once((0, self.start)).chain(self.joins.iter().copied());
        pieces.enumerate().skip(first).filter_map(move |(i, (at, source))| {
            let end = self.joins.get(i).map_or(self.text.len(), |(next, _)| *next as usize);
            let skipped = from.saturating_sub(source);
            let piece = self.text.get((at + skipped) as usize..end)?;
            Some(((source + skipped) as usize, piece))
        })
    }

    /// The pieces behind the first: the text before each, where it stands in the source, and the piece.
    pub(super) fn joined_pieces(&self) -> impl Iterator<Item = (&str, usize, &str)> {
        self.joins.iter().enumerate().filter_map(|(i, (at, source))| {
            let end = self.joins.get(i + 1).map_or(self.text.len(), |(next, _)| *next as usize);
            Some((self.text.get(..*at as usize)?, *source as usize, self.text.get(*at as usize..end)?))
        })
    }

    /// True if the range crosses no join: an edit of it touches just the bytes of the range.
    #[must_use]
    pub fn is_exact(&self, range: &Range<usize>) -> bool {
        let last = if range.is_empty() { range.start } else { range.end - 1 };
        self.piece(Span::at_usize(range.start)) == self.piece(Span::at_usize(last))
    }

    /// Where the line that holds byte `offset` of the text was joined to the next one, as offset in the text.
    #[must_use]
    pub fn next_join(&self, offset: usize) -> Option<usize> {
        self.joins.get(self.piece(Span::at_usize(offset))).map(|(at, _)| *at as usize)
    }

    /// The source offset behind the byte before `offset`: at a join, the end of the earlier piece.
    fn end_offset(&self, offset: usize) -> u32 {
        let offset = Span::at_usize(offset);
        if offset == 0 {
            return self.source(0, 0);
        }
        self.source(self.piece(offset - 1), offset)
    }
}

impl Span {
    fn at_usize(offset: usize) -> u32 {
        Self::of(offset..offset).start
    }
}

/// Collects the pieces of logical lines, one line after the other.
#[derive(Default)]
pub(super) struct LogicalBuilder {
    text: String,
    start: Option<u32>,
    joins: Vec<(u32, u32)>,
}

impl LogicalBuilder {
    pub(super) fn push(&mut self, source: usize, piece: &str) {
        let source = Span::at_usize(source);
        if self.start.is_none() {
            self.start = Some(source);
        } else if !piece.is_empty() {
            self.joins.push((Span::at_usize(self.text.len()), source));
        }
        self.text.push_str(piece);
    }

    /// The line that the pieces make; the next piece starts another one.
    pub(super) fn finish(&mut self) -> Logical {
        let start = self.start.take().unwrap_or(0);
        let line = Logical { text: self.text.clone(), start, joins: self.joins.clone() };
        self.text.clear();
        self.joins.clear();
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_map_back_across_joins() {
        // source: "RUN ab\\\ncd" -> text "RUN abcd"
        let mut builder = LogicalBuilder::default();
        builder.push(0, "RUN ab");
        builder.push(8, "cd");
        let line = builder.finish();
        assert_eq!(line.text(), "RUN abcd");
        assert_eq!(line.span(4..6), Span::new(4, 6));
        assert_eq!(line.span(4..8), Span::new(4, 10));
        assert_eq!(line.span(6..8), Span::new(8, 10));
        assert!(line.is_exact(&(4..6)));
        assert!(!line.is_exact(&(4..8)));
        assert_eq!(line.span(8..8), Span::at(10));
    }
}

use std::ops::Range;

use crate::text::{Arrange, Source, Span};

use super::paint::columns;
use super::sanitize::{ends_command_mark, is_hidden};

/// Columns from one tab stop to the next.
pub(super) const TAB: usize = 4;

/// A place to mark: the finding's own, or that of the label with a number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    pub(super) span: Span,
    pub(super) of: Option<usize>,
}

/// One line as it is drawn.
#[derive(Debug, Default)]
pub(super) struct Row {
    /// The text: no hidden characters, at most about as many columns as asked for.
    pub(super) text: String,
    /// Byte ranges of the text that are marked, in order, without overlap.
    pub(super) marks: Vec<(Range<usize>, Option<usize>)>,
    /// Labels that are not in the part of the line that is shown, or lie under others.
    pub(super) unseen: Vec<usize>,
}

impl Row {
    /// Draws the line `line` of `source` in `width` columns. All of `marks` lie in it; the first one
    /// decides what is shown of a long line.
    pub(super) fn new(source: &Source, line: Span, marks: &[Mark], width: usize, unicode: bool) -> Self {
        let focus = marks.first().map_or(Span::at(line.start), |m| m.span);
        let from = window_start(source, line, focus, width);
        let dots = if unicode { "…" } else { "..." };
        let mut text = String::new();
        if from > line.start as usize {
            text.push_str(dots);
        }
        // Where each byte offset of the source is in the text, for the ends of marks.
        let mut drawn: Vec<(usize, usize)> = Vec::new();
        let mut column = text.chars().count();
        let mut to = line.end as usize;
        let shown = source.text().get(from..to).unwrap_or("");
        let mut before = source.text().get(..from).and_then(|t| t.chars().next_back());
        for (n, (at, c)) in shown.char_indices().enumerate() {
            drawn.push((from + at, text.len()));
            let piece = escape(source, from + at, c, before, shown.get(at..).unwrap_or(""));
            column += match &piece {
                Some(piece) => piece.len(),
                None if c == '\t' => TAB - column % TAB,
                None => columns(c),
            };
            let last = at + c.len_utf8() == shown.len();
            // Marks take no columns, and there may be any number of them.
            if n >= 4 * width || column > width || (column == width && !last) {
                text.push_str(dots);
                to = from + at;
                break;
            }
            match piece {
                Some(piece) => text.push_str(&piece),
                None => text.push(c),
            }
            before = Some(c);
        }
        if to == line.end as usize {
            drawn.push((to, text.len()));
        }
        let place = |offset: usize| {
            let i = drawn.partition_point(|(source, _)| *source < offset);
            drawn.get(i).or(drawn.last()).map_or(0, |(_, text)| *text)
        };
        let mut row = Self::default();
        let mut ranges = Vec::new();
        for mark in marks {
            let span = mark.span.range();
            if span.start > to || span.end < from || (span.end == from && from > line.start as usize) {
                row.unseen.extend(mark.of);
                continue;
            }
            ranges.push((place(span.start.max(from))..place(span.end.min(to)), mark.of));
        }
        row.text = text;
        row.arrange(ranges);
        row
    }

    /// Puts the ranges in order and cuts those that overlap: a label that lies in the finding's own
    /// range parts it, and of two labels the later one gives way.
    fn arrange(&mut self, ranges: Vec<(Range<usize>, Option<usize>)>) {
        let (own, mut labels): (Vec<_>, Vec<_>) = ranges.into_iter().partition(|(_, of)| of.is_none());
        labels.arrange_by_key(|(r, _)| (r.start, r.end));
        let mut at = 0;
        for (range, of) in labels {
            let start = range.start.max(at);
            if start > range.end || (start == range.end && !range.is_empty()) {
                self.unseen.extend(of);
                continue;
            }
            at = range.end.max(start);
            self.marks.push((start..range.end, of));
        }
        for (range, _) in own {
            let mut start = range.start;
            let mut pieces = Vec::new();
            for (label, _) in &self.marks {
                if label.start >= range.end || label.end <= start || label.is_empty() {
                    continue;
                }
                if start < label.start {
                    pieces.push((start..label.start, None));
                }
                start = label.end;
            }
            if start < range.end || (range.is_empty() && pieces.is_empty()) {
                pieces.push((start..range.end.max(start), None));
            }
            self.marks.extend(pieces);
        }
        self.marks.arrange_by_key(|(r, _)| (r.start, r.end));
    }
}

/// Where to start drawing so that `focus` is seen: at the line's start if that can be.
fn window_start(source: &Source, line: Span, focus: Span, width: usize) -> usize {
    let text = source.text();
    let (start, at) = (line.start as usize, focus.start as usize);
    let head = text.get(start..at).unwrap_or("");
    let wanted = text.get(focus.range()).unwrap_or("").chars().take(width / 2).map(columns).sum::<usize>();
    // Room before the focus: as much as can be if the line starts there, a third otherwise.
    let mut column = 0;
    let mut third = at;
    for (n, (i, c)) in head.char_indices().rev().enumerate() {
        // As long as what is drawn in its place can be.
        column += match c {
            '#' => 6,
            _ if is_hidden(c) => 9,
            _ => columns(c),
        };
        if column + wanted + 2 > width || n >= 2 * width {
            return third;
        }
        if column <= width / 3 {
            third = start + i;
        }
    }
    start
}

/// What is drawn in the place of a character that should not be printed raw; a byte that is not UTF-8
/// is shown as that byte.
fn escape(source: &Source, at: usize, c: char, before: Option<char>, rest: &str) -> Option<String> {
    if c == '\t' {
        return None;
    }
    if is_hidden(c) {
        let i = source.invalid().partition_point(|span| span.end as usize <= at);
        let invalid = source.invalid().get(i).is_some_and(|span| span.start as usize <= at);
        let byte = source.bytes().get(at).filter(|_| invalid);
        return Some(byte.map_or_else(|| c.escape_default().to_string(), |b| format!("\\x{b:02x}")));
    }
    ends_command_mark(before, rest).then(|| "\\u{23}".to_owned())
}

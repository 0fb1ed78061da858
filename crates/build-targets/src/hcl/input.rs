//! A text to read, and where its bytes are in the file.

use std::ops::Range;

use crate::json::Segment;
use crate::source::{FileId, Place};

/// A text of a file: all of it, or what a JSON string in it stands for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Input<'a> {
    pub text: &'a str,
    pub file: FileId,
    /// How a decoded text came about, in order and without gaps; empty if the text is the file's own.
    pub segments: &'a [Segment],
}

impl Input<'_> {
    /// Where these bytes are in the file.
    pub(super) fn place(&self, range: Range<usize>) -> Place {
        let start = self.offset(range.start, false);
        let end = self.offset(range.end, true).max(start);
        Place::new(self.file, start..end)
    }

    /// The offset in the file for one in the text: of what follows it, or of the end of what precedes it.
    fn offset(&self, at: usize, end: bool) -> usize {
        let before = |s: &Segment| if end { s.start < at } else { s.start <= at };
        let Some(segment) = self.segments[..self.segments.partition_point(before)].last() else {
            return self.segments.first().map_or(at, |first| first.source.start);
        };
        if segment.verbatim {
            (segment.source.start + at - segment.start).min(segment.source.end)
        } else if end {
            segment.source.end
        } else {
            segment.source.start
        }
    }

    /// The runs that make up these bytes, each with whether the file has the same bytes.
    pub(super) fn runs(&self, range: Range<usize>) -> Vec<(Range<usize>, bool)> {
        if self.segments.is_empty() {
            return vec![(range, true)];
        }
        let first = self.segments.partition_point(|s| s.start <= range.start).saturating_sub(1);
        let mut runs = Vec::new();
        for (index, segment) in self.segments.iter().enumerate().skip(first) {
            let end = self.segments.get(index + 1).map_or(self.text.len(), |next| next.start);
            let run = segment.start.max(range.start)..end.min(range.end);
            if run.start >= range.end {
                break;
            }
            if !run.is_empty() {
                runs.push((run, segment.verbatim));
            }
        }
        runs
    }
}

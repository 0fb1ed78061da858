//! What can be folded: stages, long instructions, here-documents, comments.

use crate::syntax::{ItemKind, Keyword};
use crate::text::{Arrange, Span};

use super::document::Read;
use super::protocol::{FoldingRange, FoldingRangeKind};

/// The ranges that can be folded, in the order of their first lines.
pub(super) fn ranges(read: &Read, whole_lines: bool) -> Vec<FoldingRange> {
    let mut ranges = Vec::new();
    let mut add = |span: Span, kind: Option<FoldingRangeKind>| {
        let range = read.range(span);
        if range.start.line < range.end.line {
            ranges.push(FoldingRange {
                start_line: range.start.line,
                start_character: (!whole_lines).then_some(end_of_first_line(read, span)),
                end_line: range.end.line,
                end_character: (!whole_lines).then_some(range.end.character),
                kind,
                ..FoldingRange::default()
            });
        }
    };
    for item in &read.file.items {
        if item.kind == ItemKind::Comment {
            let lines = read.file.comment_lines(item.span);
            if let Some(all) = lines.reduce(Span::to) {
                add(all, Some(FoldingRangeKind::Comment));
            }
        }
    }
    for instruction in &read.file.instructions {
        add(instruction.span, None);
        for heredoc in instruction.heredocs.iter().skip(1) {
            add(heredoc.body.to(heredoc.terminator.unwrap_or(heredoc.body)), None);
        }
    }
    for stage in stages(read) {
        add(stage, Some(FoldingRangeKind::Region));
    }
    ranges.arrange_by_key(|range| (range.start_line, std::cmp::Reverse(range.end_line)));
    ranges.dedup_by_key(|range| (range.start_line, range.end_line));
    ranges
}

/// The stages, each from its FROM to its last instruction.
pub(super) fn stages(read: &Read) -> Vec<Span> {
    let mut stages: Vec<Span> = Vec::new();
    for instruction in &read.file.instructions {
        match stages.last_mut() {
            _ if instruction.keyword == Keyword::From && !instruction.is_trigger() => {
                stages.push(instruction.span)
            }
            Some(stage) => *stage = stage.to(instruction.span),
            None => {}
        }
    }
    stages
}

/// The character behind the first line of a span.
fn end_of_first_line(read: &Read, span: Span) -> u32 {
    let text = span.text(read.text());
    let len = text.find(['\n', '\r']).unwrap_or(text.len());
    read.range(Span::of(0..len).shift(span.start)).end.character
}

#[cfg(test)]
mod tests {
    use super::super::document::tests::read;
    use super::*;

    #[test]
    fn stages_instructions_heredocs_and_comments_can_be_folded() {
        let text = "# a\n# b\nFROM a\nRUN x \\\n  y\nCOPY <<A <<B /\n1\nA\n2\nB\n\nFROM b\n";
        let lines = |whole| -> Vec<(u32, u32)> {
            ranges(&read(text), whole).iter().map(|r| (r.start_line, r.end_line)).collect()
        };
        assert_eq!(lines(true), [(0, 1), (2, 9), (3, 4), (5, 9), (8, 9)]);
        assert_eq!(lines(false), lines(true));
        let first = &ranges(&read(text), false)[0];
        assert_eq!((first.start_character, first.end_character), (Some(3), Some(3)));
        assert_eq!(first.kind, Some(FoldingRangeKind::Comment));
    }
}

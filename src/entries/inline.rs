//! A Dockerfile that is written inside of another file, and the way back from its text into that file.

use build_targets::{Inline, Piece};

use crate::diag::{Applicability, FileReport, Finding, Fix, Label};
use crate::text::{Edit, Source, Span};
use crate::workspace::Target;

/// A Dockerfile that is written in the file that starts its build.
#[derive(Debug, Clone)]
pub struct InlineDockerfile {
    /// Its build; the Dockerfile is a text.
    pub target: Target,
    /// The file that it is written in.
    pub file: Source,
    /// The pieces of its text, in order.
    pieces: Vec<Piece>,
    /// The whole value in the file.
    span: Span,
}

impl InlineDockerfile {
    pub(super) fn new(inline: &Inline, file: Source, target: impl FnOnce(Source) -> Target) -> Self {
        let source = Source::from_text(file.name(), inline.text.clone());
        Self {
            target: target(source),
            file,
            pieces: inline.pieces.clone(),
            span: Span::of(inline.place.span()),
        }
    }

    /// The piece that holds an offset of the text.
    fn piece(&self, offset: u32) -> Option<Piece> {
        let after = self.pieces.partition_point(|piece| piece.start <= offset);
        self.pieces.get(after.checked_sub(1)?).copied()
    }

    /// Where an offset of the text is in the file. What comes from a variable is where the variable is.
    fn place(&self, offset: u32, is_end: bool) -> u32 {
        let found = if is_end && offset > 0 { self.piece(offset - 1) } else { self.piece(offset) };
        let Some(piece) = found else { return self.span.start };
        match (piece.literal, is_end) {
            (true, _) => (piece.place.start + (offset - piece.start)).min(piece.place.end),
            (false, false) => piece.place.start,
            (false, true) => piece.place.end,
        }
    }

    /// A span of the text as a span of the file.
    #[must_use]
    pub fn span_in_file(&self, span: Span) -> Span {
        let start = self.place(span.start, false);
        if span.is_empty() { Span::at(start) } else { Span::new(start, self.place(span.end, true)) }
    }

    /// An edit of the text as one of the file: where all that it replaces is written just so, and what it writes needs
    /// nothing of the notation around it.
    fn edit_in_file(&self, edit: &Edit) -> Option<Edit> {
        let needs_notation = |c: char| matches!(c, '\n' | '\r' | '\\' | '"' | '\'' | '$' | '%' | '#' | ':');
        if edit.text.contains(needs_notation) {
            return None;
        }
        let piece = self.piece(edit.span.start.min(edit.span.end.saturating_sub(1)))?;
        let last = self.piece(edit.span.end.saturating_sub(1).max(edit.span.start));
        (piece.literal && last == Some(piece))
            .then(|| Edit { span: self.span_in_file(edit.span), text: edit.text.clone() })
    }

    /// What was found in the text, as a report on the file that it is written in.
    #[must_use]
    pub fn report(&self, report: FileReport) -> FileReport {
        let name = self.file.name().to_owned();
        let findings = report.findings.into_iter().map(|finding| self.finding(finding)).collect();
        FileReport { path: name, source: self.file.clone(), findings, ..report }
    }

    fn finding(&self, mut finding: Finding) -> Finding {
        finding.span = self.span_in_file(finding.span);
        for Label { span, .. } in &mut finding.labels {
            *span = self.span_in_file(*span);
        }
        // Nobody has built what the file makes of a fix: it is only shown.
        finding.fix = finding.fix.and_then(|fix| {
            let edits = fix.edits.iter().map(|edit| self.edit_in_file(edit)).collect::<Option<_>>()?;
            Some(Fix { edits, applicability: Applicability::Display, ..fix })
        });
        finding
    }
}

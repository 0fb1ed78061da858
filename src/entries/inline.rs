//! A Dockerfile that is written inside of another file, and the way back from its text into that file.

use build_targets::{Inline, Piece};

use crate::diag::{FileReport, Finding, Fix, Label};
use crate::text::{Edit, Source, Span, Within};
use crate::workspace::{DockerfileSource, Target};

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
    /// Variables in it that nothing sets: whoever builds may.
    unset: Vec<String>,
}

impl InlineDockerfile {
    pub(super) fn new(inline: &Inline, file: Source, target: Target) -> Self {
        let mut own = Self {
            target,
            file,
            pieces: inline.pieces.clone(),
            span: Span::of(inline.place.span()),
            unset: inline.unset.clone(),
        };
        let within =
            Within { numbers: own.line_numbers(&inline.text), variables: own.variables(inline.text.len()) };
        let source = Source::within(own.file.name(), inline.text.clone(), within);
        own.target.dockerfile = DockerfileSource::Text { source, stands_for: None };
        own
    }

    /// The places of the text that come from variables, as they are written.
    fn variables(&self, length: usize) -> Vec<(Span, String)> {
        let ends = self.pieces.iter().skip(1).map(|piece| piece.start as usize).chain([length]);
        let pieces = self.pieces.iter().zip(ends).filter(|(piece, _)| !piece.literal);
        let variable = |(piece, end): (&Piece, usize)| {
            let written = self.file.text().get(piece.place.span())?;
            let is_variable = written.starts_with('$') && !written.starts_with("$$") && written.len() > 1;
            is_variable.then(|| (Span::of(piece.start as usize..end), written.replace(['\n', '\r'], " ")))
        };
        pieces.filter_map(variable).collect()
    }

    /// The lines of the file that the lines of the text are in; none where several share one.
    fn line_numbers(&self, text: &str) -> Vec<u32> {
        let starts = text.match_indices('\n').map(|(at, _)| at + 1).filter(|at| *at < text.len());
        let lines = std::iter::once(0).chain(starts).filter_map(|start| u32::try_from(start).ok());
        let numbers: Vec<u32> = lines.map(|start| self.file.lines().line(self.place(start, false))).collect();
        if numbers.is_sorted_by(|one, other| one < other) { numbers } else { Vec::new() }
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

    /// Edits of the text as edits of the file; `None` if one of them cannot be written there.
    #[must_use]
    pub fn edits_in_file(&self, edits: &[Edit]) -> Option<Vec<Edit>> {
        edits.iter().map(|edit| self.edit_in_file(edit)).collect()
    }

    /// Its text, as the builder gets it.
    #[must_use]
    pub fn text(&self) -> &str {
        match &self.target.dockerfile {
            DockerfileSource::Text { source, .. } => source.text(),
            DockerfileSource::File(_) => "",
        }
    }

    /// Where the whole value is in the file.
    #[must_use]
    pub const fn span(&self) -> Span {
        self.span
    }

    fn edit_in_file(&self, edit: &Edit) -> Option<Edit> {
        match self.indentation() {
            Some(indentation) => self.edit_in_block(edit, indentation),
            None => self.edit_in_quotes(edit),
        }
    }

    /// What stands before each line of a block; `None` if the text is none.
    fn indentation(&self) -> Option<&str> {
        let first = self.pieces.first()?;
        let text = self.file.text();
        let start = first.place.span().start;
        let line = text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
        let before = text.get(line..start)?;
        let is_quoted = text.get(start..).is_some_and(|rest| rest.starts_with(['"', '\'']));
        (before.bytes().all(|b| matches!(b, b' ' | b'\t')) && !is_quoted).then_some(before)
    }

    /// Where all that it replaces is written just so, and what it writes needs nothing of the notation around it.
    fn edit_in_quotes(&self, edit: &Edit) -> Option<Edit> {
        let needs_notation = |c: char| matches!(c, '\n' | '\r' | '\\' | '"' | '\'' | '$' | '%' | '#' | ':');
        if edit.text.contains(needs_notation) {
            return None;
        }
        if !self.is_written_so(edit.span.range().start, edit.span.range().end) {
            return None;
        }
        let piece = self.piece(edit.span.start.min(edit.span.end.saturating_sub(1)))?;
        let last = self.piece(edit.span.end.saturating_sub(1).max(edit.span.start));
        (piece.literal && last == Some(piece))
            .then(|| Edit { span: self.span_in_file(edit.span), text: edit.text.clone() })
    }

    /// In a block each line has its indentation, and a variable's mark is doubled.
    fn edit_in_block(&self, edit: &Edit, indentation: &str) -> Option<Edit> {
        let text = self.text();
        let (start, end) = (edit.span.range().start, edit.span.range().end);
        let at_line_start = |at: usize| at == 0 || text.as_bytes().get(at - 1) == Some(&b'\n');
        let at_end = end == text.len() && at_line_start(end);
        if !self.is_written_so(start, end) {
            return None;
        }
        let mut from = match start == text.len() || start > 0 && start == end && !at_line_start(start) {
            true => self.place(edit.span.start, true),
            false => self.place(edit.span.start, false),
        };
        let to = match (start == end, at_line_start(end) && !at_end) {
            (true, _) => from,
            (false, true) => self.place(edit.span.end, false),
            (false, false) => self.place(edit.span.end, true),
        };
        let mut written = self.escaped(&edit.text);
        let more_follows = !at_end && text.as_bytes().get(end) != Some(&b'\n');
        written = indented(&written, indentation, more_follows);
        if at_end && start < end && at_line_start(start) {
            // The last lines go with what is before them.
            from = from.checked_sub(u32::try_from(indentation.len()).ok()?)?;
        }
        if at_end && at_line_start(start) && !written.is_empty() {
            written.insert_str(0, indentation);
        }
        if self.has_crlf() {
            written = written.replace('\n', "\r\n");
        }
        (from <= to).then(|| Edit { span: Span::new(from, to), text: written })
    }

    /// Whether the lines of its block end as those of Windows do; those of one file are alike.
    fn has_crlf(&self) -> bool {
        let block = self.file.text().get(self.span.range().start..).unwrap_or_default();
        block.find('\n').is_some_and(|at| block[..at].ends_with('\r'))
    }

    /// True if bytes of the text stand in the file as they are, but for the ends of lines.
    fn is_written_so(&self, start: usize, end: usize) -> bool {
        let first = self.pieces.partition_point(|piece| piece.start as usize <= start).saturating_sub(1);
        let touched = self.pieces.iter().enumerate().skip(first);
        let mut touched = touched.take_while(|(_, piece)| (piece.start as usize) < end.max(start + 1));
        let is_break = |piece: &Piece| self.text().as_bytes().get(piece.start as usize) == Some(&b'\n');
        touched.all(|(at, piece)| (piece.literal || is_break(piece)) && self.is_plain(at, piece))
    }

    /// False for what stands inside of a variable, as its default.
    fn is_plain(&self, at: usize, piece: &Piece) -> bool {
        let before = at
            .checked_sub(1)
            .and_then(|at| self.pieces.get(at))
            .map_or(self.span.range().start, |p| p.place.span().end);
        let between = self.file.text().get(before..piece.place.span().start).unwrap_or("");
        // What opens a block or a quoted text stands before the first piece.
        at == 0 || between.trim().is_empty()
    }

    /// A text as it is written in a block, so that it means itself.
    fn escaped(&self, text: &str) -> String {
        match self.file.name().ends_with(".hcl") {
            true => text.replace("${", "$${").replace("%{", "%%{"),
            false => text.replace('$', "$$"),
        }
    }

    /// What was found in the text, as a report on the file that it is written in.
    #[must_use]
    pub fn report(&self, report: FileReport) -> FileReport {
        let name = self.file.name().to_owned();
        let findings = report.findings.into_iter().map(|finding| self.finding(finding));
        let findings = findings.filter(|finding| !self.depends_on_unset(finding)).collect();
        FileReport { path: name, source: self.file.clone(), findings, ..report }
    }

    /// True if a finding is about what a variable that nothing sets gives. Of a fault of syntax that is a whole line.
    fn depends_on_unset(&self, finding: &Finding) -> bool {
        let text = self.file.text();
        let mut range = finding.span.range();
        if finding.rule == "syntax-error" {
            let rest = text.get(range.end..).unwrap_or("");
            range.end += rest.find('\n').unwrap_or(rest.len());
        }
        let range = range.start..range.end.min(self.span.range().end);
        let written = text.get(range).unwrap_or("");
        self.unset.iter().any(|name| uses(written, name))
    }

    fn finding(&self, mut finding: Finding) -> Finding {
        if let DockerfileSource::Text { source, .. } = &self.target.dockerfile {
            finding.message = source.as_written(finding.span, &finding.message);
            finding.help = finding.help.map(|help| source.as_written(finding.span, &help));
            for Label { span, text, .. } in &mut finding.labels {
                *text = source.as_written(*span, text);
            }
        }
        finding.span = self.span_in_file(finding.span);
        for Label { span, .. } in &mut finding.labels {
            *span = self.span_in_file(*span);
        }
        finding.fix = finding.fix.and_then(|fix| Some(Fix { edits: self.edits_in_file(&fix.edits)?, ..fix }));
        finding
    }
}

/// True if a text has a variable of this name: `$NAME`, `${NAME}` or with an operator behind.
fn uses(text: &str, name: &str) -> bool {
    text.split('$').skip(1).any(|rest| {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let goes_on = |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        rest.strip_prefix(name).is_some_and(|after| !goes_on(after))
    })
}

/// A text of several lines with the indentation before each of them but the first; blank lines have none.
fn indented(text: &str, indentation: &str, more_follows: bool) -> String {
    let mut lines = text.split('\n').peekable();
    let mut out = lines.next().unwrap_or("").to_owned();
    while let Some(line) = lines.next() {
        out.push('\n');
        let is_last = lines.peek().is_none();
        if !line.is_empty() || is_last && more_follows {
            out.push_str(indentation);
        }
        out.push_str(line);
    }
    out
}

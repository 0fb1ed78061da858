use std::borrow::Cow;
use std::fmt;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents,
    SourceCode, SourceSpan, SpanContents, ThemeCharacters, ThemeStyles,
};

use crate::diag::{Label, Severity};
use crate::text::{Source, Span};

use super::paint::{Ink, Paint};
use super::place::Places;
use super::row::{Mark, Row};
use super::{Style, sanitize};

/// As many second places are drawn; the others are listed below.
const DRAWN: usize = 12;

/// Draws the lines that `span` and `labels` start in, and returns the labels that found no room.
///
/// Only the first line of a span is drawn, and of a long line only what is near the mark, so that an
/// excerpt is bounded whatever the source is. The text that is drawn is a copy in which nothing is
/// hidden; miette draws the marks.
pub(super) fn draw<'a>(
    out: &mut String,
    source: &Source,
    places: &Places<'_>,
    (span, severity): (Span, Severity),
    labels: &'a [Label],
    style: &Style,
) -> Result<Vec<&'a Label>, fmt::Error> {
    let mut left = Vec::new();
    let mut marks = vec![Mark { span, of: None }];
    marks.extend(labels.iter().enumerate().take(DRAWN).map(|(i, l)| Mark { span: l.span, of: Some(i) }));
    left.extend(labels.iter().skip(DRAWN));
    for mark in &mut marks {
        mark.span = first_line(mark.span, places);
    }
    // The finding's own mark comes first on its line, so that long lines are cut around it.
    marks.sort_by_key(|m| (places.line(m.span.start), m.of));
    let last = marks.iter().map(|m| places.line(m.span.start)).max().unwrap_or(1);
    let gutter = last.to_string().len();
    let width = style.width.clamp(40, 200).saturating_sub(gutter + 4).max(36);

    let mut page = Page::default();
    for group in marks.chunk_by(|a, b| places.line(a.span.start) == places.line(b.span.start)) {
        let Some(mark) = group.first() else { continue };
        let line = places.line(mark.span.start);
        match page.numbers.last() {
            Some(Some(before)) if before + 2 == line => {
                page.push(before + 1, places, source, &[], width, style)
            }
            Some(Some(before)) if before + 2 < line => page.skip(style),
            _ => {}
        }
        page.push(line, places, source, group, width, style);
    }
    let span = places.visible(span);
    let more = if span.is_empty() { 0 } else { places.line(span.end - 1) - places.line(span.start) };
    let text = |mark: Option<usize>| match mark {
        Some(i) => labels.get(i).map(|l| sanitize(l.text.lines().next().unwrap_or(""))),
        None if more == 1 => Some(Cow::Borrowed("and the next line")),
        None if more > 1 => Some(Cow::Owned(format!("and {more} more lines"))),
        None => None,
    };
    let severity_style = |styles: &ThemeStyles| match severity {
        Severity::Error => styles.error.bold(),
        Severity::Warning => styles.warning.bold(),
        Severity::Info => styles.advice.bold(),
    };
    let ansi = ThemeStyles::ansi();
    let plain = ThemeStyles::none();
    let mut highlights = Vec::new();
    for (_, of) in &page.marks {
        highlights.push(match (style.color, of) {
            (false, _) => plain.help,
            (true, None) => severity_style(&ansi),
            (true, Some(_)) => ansi.highlights.first().copied().unwrap_or(plain.help),
        });
    }
    left.extend(page.unseen.iter().filter_map(|i| labels.get(*i)));
    let drawn = page.marks.iter().map(|(range, of)| {
        let text = text(*of).filter(|t| !t.is_empty()).map(Cow::into_owned);
        LabeledSpan::new(text, range.start, range.len())
    });
    let drawing = Drawing { labels: drawn.collect(), text: std::mem::take(&mut page.text) };
    if highlights.is_empty() {
        highlights.push(plain.help);
    }
    let theme = GraphicalTheme {
        characters: if style.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() },
        styles: ThemeStyles { highlights, ..plain },
    };
    let bar = theme.characters.vbar;
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(240)
        .with_links(false)
        .without_syntax_highlighting()
        .without_primary_span_start();
    let mut picture = String::new();
    handler.render_report(&mut picture, &drawing)?;
    number(out, &picture, &page.numbers, gutter, bar, style)?;
    Ok(left)
}

/// The part of `span` in its first line.
fn first_line(span: Span, places: &Places<'_>) -> Span {
    let span = places.visible(span);
    let line = places.line_span(places.line(span.start));
    let start = span.start.min(line.end);
    Span::new(start, span.end.clamp(start, line.end))
}

/// The lines to draw, joined, and what is marked in them.
#[derive(Default)]
struct Page {
    text: String,
    /// The number of each line; nothing for a gap.
    numbers: Vec<Option<u32>>,
    marks: Vec<(std::ops::Range<usize>, Option<usize>)>,
    unseen: Vec<usize>,
}

impl Page {
    fn push(
        &mut self,
        line: u32,
        places: &Places<'_>,
        source: &Source,
        marks: &[Mark],
        width: usize,
        style: &Style,
    ) {
        let row = Row::new(source, places.line_span(line), marks, width, style.unicode);
        let base = self.text.len();
        self.marks.extend(row.marks.into_iter().map(|(r, of)| (base + r.start..base + r.end, of)));
        self.unseen.extend(row.unseen);
        self.text.push_str(&row.text);
        self.text.push('\n');
        self.numbers.push(Some(line));
    }

    fn skip(&mut self, style: &Style) {
        self.text.push_str(if style.unicode { "⋮\n" } else { "...\n" });
        self.numbers.push(None);
    }
}

/// Puts the real line numbers into the drawing, whose own count from one, and leaves its frame out.
fn number(
    out: &mut String,
    picture: &str,
    numbers: &[Option<u32>],
    gutter: usize,
    bar: char,
    style: &Style,
) -> fmt::Result {
    use fmt::Write;
    let paint = Paint { color: style.color };
    let mut numbers = numbers.iter();
    // First come the empty message and the frame's upper edge, last its lower one.
    let mut lines = picture.lines().skip(2).peekable();
    while let Some(line) = lines.next() {
        if lines.peek().is_none() {
            break;
        }
        let body = line.trim_start_matches(|c: char| c == ' ' || c.is_ascii_digit());
        let mut rest = body.chars();
        let edge = rest.next();
        if edge != Some(bar) {
            let dots = if style.unicode { "·" } else { ":" };
            writeln!(out, " {:gutter$} {}{}", "", paint.ink(Ink::Dim, dots), rest.as_str().trim_end())?;
            continue;
        }
        match numbers.next() {
            Some(Some(n)) => {
                let label = format!("{n:>gutter$} {bar}");
                writeln!(out, " {}{}", paint.ink(Ink::Dim, label), rest.as_str().trim_end())?;
            }
            _ => writeln!(out, " {:gutter$} {}", "", paint.ink(Ink::Dim, rest.as_str().trim()))?,
        }
    }
    Ok(())
}

/// What miette is given: marks in a text, no message.
#[derive(Debug)]
struct Drawing {
    text: String,
    labels: Vec<LabeledSpan>,
}

impl fmt::Display for Drawing {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Drawing {}

impl Diagnostic for Drawing {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

impl SourceCode for Drawing {
    /// The whole text, whatever is asked for: it is an excerpt already.
    fn read_span<'a>(
        &'a self,
        _: &SourceSpan,
        _: usize,
        _: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let all = (0, self.text.len()).into();
        Ok(Box::new(MietteSpanContents::new(self.text.as_bytes(), all, 0, 0, self.labels.len())))
    }
}

use std::io::{self, Write};

use crate::diag::{Label, Severity};
use crate::text::{Arrange, Source, Span};

use super::paint::{Ink, Paint, columns};
use super::place::Places;
use super::row::{Mark, Row, TAB};
use super::{Style, sanitize};

/// As many second places are drawn; the others are listed below.
const DRAWN: usize = 12;

/// Draws the lines that `span` and `labels` start in, and returns the labels that found no room.
///
/// Only the first line of a span is drawn, and of a long line only what is near the mark, so that an
/// excerpt is bounded whatever the source is.
pub(super) fn draw<'a>(
    out: &mut dyn Write,
    source: &Source,
    places: &Places<'_>,
    (span, severity): (Span, Severity),
    labels: &'a [Label],
    style: &Style,
) -> io::Result<Vec<&'a Label>> {
    let mut marks = vec![Mark { span, of: None }];
    marks.extend(labels.iter().enumerate().take(DRAWN).map(|(i, l)| Mark { span: l.span, of: Some(i) }));
    for mark in &mut marks {
        mark.span = first_line(mark.span, places);
    }
    // The finding's own mark comes first on its line, so that long lines are cut around it.
    marks.arrange_by_key(|m| (places.line(m.span.start), m.of));
    let last = marks.iter().map(|m| places.line(m.span.start)).max().unwrap_or(1);
    let gutter = last.to_string().len();
    let width = style.width.clamp(40, 200).saturating_sub(gutter + 4).max(36);
    let row = |line, marks: &[Mark]| Row::new(source, places.line_span(line), marks, width, style.unicode);

    let span = places.visible(span);
    let more = if span.is_empty() { 0 } else { places.line(span.end - 1) - places.line(span.start) };
    let own = match more {
        0 => String::new(),
        1 => "and the next line".to_owned(),
        _ => format!("and {more} more lines"),
    };
    let texts = labels.iter().map(|label| sanitize(label.text.lines().next().unwrap_or(""))).collect();
    let glyphs = if style.unicode { &UNICODE } else { &ASCII };
    let legend = Legend { severity, own, texts };
    let mut page = Page { out, gutter, glyphs, paint: Paint { color: style.color } };
    let mut left: Vec<&Label> = labels.iter().skip(DRAWN).collect();
    let mut before = None;
    for group in marks.chunk_by(|a, b| places.line(a.span.start) == places.line(b.span.start)) {
        let Some(mark) = group.first() else { continue };
        let line = places.line(mark.span.start);
        match before {
            Some(before) if before + 2 == line => page.line(before + 1, &row(before + 1, &[]))?,
            Some(before) if before + 2 < line => page.gap()?,
            _ => {}
        }
        let row = row(line, group);
        page.line(line, &row)?;
        page.marks(&row, &legend)?;
        left.extend(row.unseen.iter().filter_map(|i| labels.get(*i)));
        before = Some(line);
    }
    Ok(left)
}

/// The part of `span` in its first line.
fn first_line(span: Span, places: &Places<'_>) -> Span {
    let span = places.visible(span);
    let line = places.line_span(places.line(span.start));
    let start = span.start.min(line.end);
    Span::new(start, span.end.clamp(start, line.end))
}

/// What an excerpt is drawn with.
struct Glyphs {
    /// Between the number of a line and its text.
    bar: char,
    /// In its place where there is no number.
    no_number: &'static str,
    /// For lines that are left out.
    gap: &'static str,
    underline: char,
    /// In the middle of an underline that has a text.
    tee: char,
    /// Under a place that has no width.
    arrow: char,
    /// From a tee down to the texts of others.
    down: char,
    /// From a tee to its text.
    corner: &'static str,
}

const UNICODE: Glyphs = Glyphs {
    bar: '│',
    no_number: "·",
    gap: "⋮",
    underline: '─',
    tee: '┬',
    arrow: '▲',
    down: '│',
    corner: "╰──",
};

const ASCII: Glyphs = Glyphs {
    bar: '|',
    no_number: ":",
    gap: "...",
    underline: '^',
    tee: '|',
    arrow: '^',
    down: '|',
    corner: "`--",
};

/// What stands under the marks.
struct Legend<'a> {
    severity: Severity,
    /// The text of the finding's own mark; empty for none.
    own: String,
    /// Those of the labels.
    texts: Vec<std::borrow::Cow<'a, str>>,
}

impl Legend<'_> {
    fn text(&self, mark: Option<usize>) -> &str {
        mark.map_or(&self.own, |i| self.texts.get(i).map_or("", AsRef::as_ref))
    }

    fn ink(&self, mark: Option<usize>) -> Ink {
        if mark.is_some() { Ink::Label } else { Ink::from(self.severity) }
    }
}

/// Where an excerpt is drawn, line by line.
struct Page<'a> {
    out: &'a mut dyn Write,
    /// Columns of the greatest line number.
    gutter: usize,
    glyphs: &'a Glyphs,
    paint: Paint,
}

impl Page<'_> {
    /// A line of the source, with its number.
    fn line(&mut self, number: u32, row: &Row) -> io::Result<()> {
        let edge = format!("{number:>width$} {}", self.glyphs.bar, width = self.gutter);
        let text = format!(" {}", without_tabs(&row.text));
        writeln!(self.out, " {}{}", self.paint.ink(Ink::Dim, edge), text.trim_end())
    }

    /// The sign that lines are left out.
    fn gap(&mut self) -> io::Result<()> {
        writeln!(self.out, " {:1$} {2}", "", self.gutter, self.paint.ink(Ink::Dim, self.glyphs.gap))
    }

    /// The start of a line below a line of the source.
    fn edge(&mut self) -> io::Result<()> {
        let edge = self.paint.ink(Ink::Dim, self.glyphs.no_number);
        write!(self.out, " {:1$} {edge} ", "", self.gutter)
    }

    /// The underlines of a line, and below them their texts, from the last one to the first.
    fn marks(&mut self, row: &Row, legend: &Legend<'_>) -> io::Result<()> {
        if row.marks.is_empty() {
            return Ok(());
        }
        let Glyphs { underline, tee, arrow, down, corner, .. } = *self.glyphs;
        let column = |offset: usize| width(row.text.get(..offset).unwrap_or(&row.text));
        // The column below the middle of each mark, which its text hangs on.
        let mut middles = Vec::new();
        let mut end = 0;
        self.edge()?;
        for (range, of) in &row.marks {
            let start = column(range.start).max(end);
            write!(self.out, "{:1$}", "", start - end)?;
            end = if range.is_empty() { start + 1 } else { column(range.end).max(start + 1) };
            let middle = usize::midpoint(start, end);
            let glyph = match legend.text(*of) {
                _ if range.is_empty() => arrow,
                "" => underline,
                _ => tee,
            };
            let stroke = (start..end).map(|at| if at == middle { glyph } else { underline });
            write!(self.out, "{}", self.paint.ink(legend.ink(*of), stroke.collect::<String>()))?;
            middles.push((middle, *of));
        }
        writeln!(self.out)?;
        while let Some((middle, of)) = middles.pop() {
            let text = legend.text(of);
            if text.is_empty() {
                continue;
            }
            self.edge()?;
            let mut at = 0;
            for (other, of) in &middles {
                write!(self.out, "{:1$}{2}", "", other - at, self.paint.ink(legend.ink(*of), down))?;
                at = other + 1;
            }
            let text = format!("{corner} {text}");
            writeln!(self.out, "{:1$}{2}", "", middle - at, self.paint.ink(legend.ink(of), text.trim_end()))?;
        }
        Ok(())
    }
}

/// Columns that a text takes from the first one.
fn width(text: &str) -> usize {
    text.chars().fold(0, |column, c| column + if c == '\t' { TAB - column % TAB } else { columns(c) })
}

/// The text with blanks in the place of tabs.
fn without_tabs(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut column = 0;
    for c in text.chars() {
        if c == '\t' {
            let blanks = TAB - column % TAB;
            out.extend(std::iter::repeat_n(' ', blanks));
            column += blanks;
        } else {
            out.push(c);
            column += columns(c);
        }
    }
    out
}

//! A comparison for people.

use std::io::{self, Write};

use super::super::cache_table::why;
use super::super::fit::Fitted;
use super::super::paint::{Ink, wrap};
use super::super::sheet::{Sheet, clip};
use super::super::{Style, image, sanitize};
use super::{CompareReport, FindingChange, ImageChange, headline, signed};

/// How much of an instruction is shown where the width does not decide.
const TEXT: usize = 90;
/// How many rows of the cache are shown.
const MOST_ROWS: usize = 6;

/// Writes the comparison as text.
///
/// # Errors
/// Those of `out`.
pub fn write_compare(out: &mut dyn Write, report: &CompareReport, style: &Style) -> io::Result<()> {
    let mut out = Fitted::new(out, style);
    let mut sheet = Sheet::new(&mut out, style);
    if !style.quiet {
        let base = report.base.get(..10).unwrap_or(&report.base);
        let what = format!("Compared with {} ({base})", sanitize(&report.commit));
        writeln!(sheet.out, "{what}: {}", headline(report))?;
        for change in &report.images {
            image_change(&mut sheet, change, style)?;
        }
        findings(&mut sheet, report, style)?;
        for note in &report.notes {
            write!(sheet.out, "\nnote: ")?;
            wrap(sheet.out, &sanitize(note), 6, 6, style.width)?;
        }
    }
    image::checks(&mut sheet, &report.checks)?;
    out.flush()
}

fn image_change(sheet: &mut Sheet<'_>, change: &ImageChange, style: &Style) -> io::Result<()> {
    sheet.title(&format!("{} {}", change.title(), change.sentence()))?;
    if let Some(old) = &change.renamed_from {
        writeln!(sheet.out, "  was called {}", sanitize(old))?;
    }
    for reason in &change.reasons {
        writeln!(sheet.out, "  {}", sanitize(reason))?;
    }
    let room = if style.fit { style.width.saturating_sub(32).max(20) } else { TEXT };
    for layer in &change.layers {
        let ink = if layer.growth.bytes > 0 { Ink::Warning } else { Ink::Dim };
        let bytes = layer.growth.figure();
        let bytes = sheet.paint.ink(ink, &format!("{bytes:>12}")).to_string();
        writeln!(sheet.out, "  {bytes}  line {:<4} {}", layer.lines.0, layer.words_within(room))?;
        for line in layer.evidence() {
            let text = format!("{:>14}  {line}", "");
            writeln!(sheet.out, "  {}", sheet.paint.ink(Ink::Dim, &text))?;
        }
    }
    if let Some(words) = change.context.words() {
        writeln!(sheet.out, "  build context: {words}")?;
        for file in &change.context.files {
            let bytes = signed(file.growth());
            writeln!(sheet.out, "  {bytes:>12}  {}", clip(&file.path, room))?;
        }
    }
    let Some(cache) = &change.cache else { return Ok(()) };
    writeln!(sheet.out, "  build cache: {}", cache.words())?;
    for row in cache.rebuilt.iter().take(MOST_ROWS) {
        let why = why(row);
        let left = room.saturating_sub(why.chars().count() + 3).max(20);
        let text = format!("{} - {why}", clip(&row.instruction, left));
        writeln!(sheet.out, "  {:>12}  line {:<4} {text}", row.fate.name(), row.lines.0)?;
    }
    match cache.rebuilt.len().saturating_sub(MOST_ROWS) {
        0 => Ok(()),
        more => writeln!(sheet.out, "  {:>12}  and {more} more", ""),
    }
}

fn findings(sheet: &mut Sheet<'_>, report: &CompareReport, style: &Style) -> io::Result<()> {
    for (title, mark, rows) in
        [("Findings gained", '+', &report.gained), ("Findings lost", '-', &report.lost)]
    {
        if !rows.is_empty() {
            sheet.title(title)?;
        }
        for row in rows {
            write!(sheet.out, "  {mark} ")?;
            wrap(sheet.out, &finding(row), 4, 4, style.width)?;
        }
    }
    Ok(())
}

fn finding(row: &FindingChange) -> String {
    let FindingChange { path, line, rule, severity, message } = row;
    let (path, rule) = (super::super::sanitize::path(path), sanitize(rule));
    format!("{path}:{line}: {severity}[{rule}] {}", sanitize(message))
}

//! A comparison as Markdown: for the summary of a step, and for the comment of a merge request.

use std::io::{self, Write};

use super::super::markdown::{code, escape, text};
use super::super::sheet::clip;
use super::{CompareReport, FindingChange, ImageChange, headline, signed};

/// How many rows of a table are written: a comment may have 65,536 characters.
const MOST_ROWS: usize = 40;
/// How much of an instruction is written.
const MOST_LETTERS: usize = 120;

/// Writes the comparison as Markdown.
///
/// # Errors
/// Those of `out`.
pub fn write_compare_markdown(out: &mut dyn Write, report: &CompareReport) -> io::Result<()> {
    let base = report.base.get(..10).unwrap_or(&report.base);
    writeln!(out, "### dlint: {}\n", escape(&headline(report)))?;
    writeln!(out, "Compared with {} ({}).", code(&report.commit), code(base))?;
    for check in &report.checks {
        let mark = if check.passed { "**passed**" } else { "**failed**" };
        let limit = code(&format!("{} {}", check.option, check.limit));
        writeln!(out, "\n- {mark} {limit}: {}", escape(&check.actual))?;
    }
    for image in report.images.iter().take(MOST_ROWS) {
        image_change(out, image)?;
    }
    if let Some(more) = report.images.len().checked_sub(MOST_ROWS).filter(|more| *more > 0) {
        writeln!(out, "\nand {more} more images")?;
    }
    findings(out, "Findings gained", &report.gained)?;
    findings(out, "Findings lost", &report.lost)?;
    for note in &report.notes {
        writeln!(out, "\n> {}", text(note))?;
    }
    Ok(())
}

fn image_change(out: &mut dyn Write, image: &ImageChange) -> io::Result<()> {
    writeln!(out, "\n#### {} {}\n", code(&image.title()), escape(&image.sentence()))?;
    if let Some(old) = &image.renamed_from {
        writeln!(out, "It was called {}.\n", code(old))?;
    }
    for reason in &image.reasons {
        writeln!(out, "{}.\n", text(reason))?;
    }
    if !image.layers.is_empty() {
        writeln!(out, "| bytes | line | instruction | known by |\n| ---: | ---: | --- | --- |")?;
        for layer in image.layers.iter().take(MOST_ROWS) {
            let bytes = layer.growth.figure();
            let (line, what) = (layer.lines.0, code(&layer.words_within(MOST_LETTERS)));
            let known_by = match layer.evidence() {
                lines if lines.is_empty() => layer.known_by.to_owned(),
                lines => text(&lines.join("; ")),
            };
            writeln!(out, "| {bytes} | {line} | {what} | {known_by} |")?;
        }
        writeln!(out)?;
    }
    if let Some(words) = image.context.words() {
        let files = image.context.files.iter();
        let files: Vec<String> =
            files.map(|file| format!("{} {}", code(&file.path), signed(file.growth()))).collect();
        let files = if files.is_empty() { String::new() } else { format!(": {}", files.join(", ")) };
        writeln!(out, "- Build context: {}{files}", escape(&words))?;
    }
    if let Some(cache) = &image.cache {
        let first =
            cache.rebuilt.first().map(|row| format!(": {}", code(&clip(&row.instruction, MOST_LETTERS))));
        writeln!(out, "- Build cache: {}{}", escape(&cache.words()), first.unwrap_or_default())?;
    }
    Ok(())
}

fn findings(out: &mut dyn Write, title: &str, rows: &[FindingChange]) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n#### {title}\n\n| | where | what |\n| --- | --- | --- |")?;
    for row in rows.iter().take(MOST_ROWS) {
        let place = code(&format!("{}:{}", row.path, row.line));
        writeln!(out, "| {} | {place} | **{}**: {} |", row.severity, escape(&row.rule), text(&row.message))?;
    }
    match rows.len().saturating_sub(MOST_ROWS) {
        0 => Ok(()),
        more => writeln!(out, "\nand {more} more"),
    }
}

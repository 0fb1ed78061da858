//! The page of a comparison.

use std::io::{self, Write};

use super::super::compare::{CompareReport, FindingChange, ImageChange, headline};
use super::html::Html;
use super::layer::Words;
use super::picture::change;
use super::plan::{WORDS, layers_of};
use super::{Cell, Stat, limits, masthead, named, notes, plain_table, section, stats, upper};

/// Writes the comparison as a page.
///
/// # Errors
/// Those of `out`.
pub fn write_compare_page(out: &mut dyn Write, report: &CompareReport) -> io::Result<()> {
    let title = format!("What changes since {}: {}", report.commit, headline(report));
    let sentence = headline(report);
    super::write(out, &title, &format!("{sentence}."), &report.about, |h| {
        let base = report.base.get(..10).unwrap_or(&report.base).to_owned();
        masthead(
            h,
            &report.about,
            "What a change brings",
            &sentence,
            &[("Since", report.commit.clone()), ("Base", base)],
        );
        let stat = |name, value: String| Stat { name, value, notes: Vec::new(), class: "now" };
        stats(
            h,
            &[
                stat("All images together", report.sum.short()),
                stat("Findings gained", report.gained.len().to_string()),
                stat("Findings lost", report.lost.len().to_string()),
            ],
        );
        limits(h, &report.checks);
        if !report.images.is_empty() {
            section(h, "images", "Images", |h| {
                report.images.iter().enumerate().for_each(|(at, image)| image_change(h, at + 1, image));
            });
        }
        findings(h, "gained", "Findings gained", &report.gained);
        findings(h, "lost", "Findings lost", &report.lost);
        notes(h, &report.notes);
    })
}

fn image_change(h: &mut Html, number: usize, image: &ImageChange) {
    let id = format!("image-{number}");
    h.line();
    h.nest("h3", &[("id", &id)], |h| {
        h.path(&image.title());
        h.text(" ");
        h.text(&image.sentence());
    });
    if let Some(old) = &image.renamed_from {
        h.nest("p", &[], |h| {
            h.text("It was called ");
            h.path(old);
        });
    }
    for reason in &image.reasons {
        h.nest("p", &[], |h| h.prose(&upper(reason)));
    }
    if let Some([before, after]) = image.plans.as_ref().filter(|_| !image.layers.is_empty()) {
        change(h, &layers_of(before, &id), &layers_of(after, &id), Words { all: "images", ..WORDS });
    }
    if !image.layers.is_empty() {
        let heads = ["Bytes", "Line", "Instruction", "Known by"];
        plain_table(
            h,
            &heads,
            image.layers.iter().map(|layer| {
                let bytes = layer.growth.short();
                let instruction = Cell::Code(layer.words());
                let known_by = Cell::Prose(match layer.evidence() {
                    lines if lines.is_empty() => layer.known_by.to_owned(),
                    lines => lines.join("; "),
                });
                [Cell::Prose(bytes), Cell::Prose(named(layer.lines)), instruction, known_by]
            }),
        );
    }
    h.nest("ul", &[("class", "notes")], |h| {
        if let Some(words) = image.context.words() {
            h.el("li", &[], &format!("Build context: {words}"));
        }
        for file in &image.context.files {
            h.el("li", &[], &format!("{} {}", file.path, super::super::compare::signed(file.growth())));
        }
        if let Some(cache) = &image.cache {
            h.el("li", &[], &format!("Build cache: {}", cache.words()));
        }
    });
}

fn findings(h: &mut Html, id: &'static str, title: &str, rows: &[FindingChange]) {
    if rows.is_empty() {
        return;
    }
    section(h, id, title, |h| {
        let row = |row: &FindingChange| {
            let place = format!("{}:{}", row.path, row.line);
            [row.severity.to_owned(), place, row.rule.clone(), row.message.clone()].map(Cell::Prose)
        };
        plain_table(h, &["Severity", "Where", "Rule", "What"], rows.iter().map(row));
    });
}

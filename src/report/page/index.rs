//! The page of a project: all its images, what they share, what is found in it, and what it weighed before.

use std::io::{self, Write};

use crate::diag::{RuleBook, RunReport, Severity, counted, format_bytes, format_count};

use super::super::compare::signed;
use super::super::plan::{Amounts, amount, short_amount};
use super::super::sizes::{EarlierSizes, SizeRow, SizesReport};
use super::super::statistics::{self, RuleCount};
use super::super::{Counts, Rules};
use super::html::Html;
use super::layer::{Kind, Layer, Words, share, table};
use super::picture::pictures;
use super::{Cell, Stat, masthead, notes, plain_table, section, stats};

const WORDS: Words = Words {
    place: "No.",
    what: "Build",
    many: "images",
    all: "images",
    waste: "saving",
    waste_meaning: "what the suggestions would save",
    kinds: &[EXACT, ESTIMATED, PARTLY],
};

const EXACT: Kind =
    Kind { class: "k-measured", name: "known", meaning: "each layer is measured or looked up" };
const ESTIMATED: Kind = Kind { class: "k-estimated", name: "estimated", meaning: "within a range" };
const PARTLY: Kind =
    Kind { class: "k-unknown", name: "partly known", meaning: "only the known layers have an area" };
const UNKNOWN: Kind = Kind { class: "k-unknown", name: "unknown", meaning: "" };

/// Writes what is known of all images of a project as a page, with what is found in it.
///
/// # Errors
/// Those of `out`.
pub fn write_index_page(
    out: &mut dyn Write,
    report: &SizesReport,
    found: &RunReport,
    book: &dyn RuleBook,
) -> io::Result<()> {
    let images: Vec<Layer> = report.targets.iter().enumerate().map(|(at, row)| image(at + 1, row)).collect();
    let sentence = sentence(report, found);
    let name = report.about.project.clone().unwrap_or_else(|| "Images".to_owned());
    super::write(out, &format!("{name}: {sentence}"), &format!("{sentence}."), &report.about, |h| {
        masthead(h, &report.about, "All images", &sentence, &[("Builds", format_count(images.len() as u64))]);
        figures(h, report, found);
        limits(h, report);
        section(h, "picture", "Where the bytes are", |h| {
            pictures(h, &distinct(&images, report), None, WORDS)
        });
        section(h, "images", "Images", |h| {
            table(h, &images, report.sum.apart.bytes, "images", WORDS);
        });
        shared(h, report);
        rules(h, found, book);
        trend(h, report);
        notes(h, &report.notes);
    })
}

/// `21 images, together at least 2.93 GB; 35 findings`.
fn sentence(report: &SizesReport, found: &RunReport) -> String {
    let images = counted(report.sum.images as u64, "image", "images");
    let together = amount(&report.sum.whole(&report.sum.together));
    let findings = Counts::of(found).total();
    format!("{images}, together {together}; {}", counted(findings as u64, "finding", "findings"))
}

fn figures(h: &mut Html, report: &SizesReport, found: &RunReport) {
    let sum = &report.sum;
    let range = |sum: &Amounts| {
        let of = if sum.unknown > 0 { "known layers: " } else { "" };
        (sum.least != sum.most)
            .then(|| format!("{of}{} to {}", format_bytes(sum.least), format_bytes(sum.most)))
    };
    let mut doubts: Vec<String> = range(&sum.together).into_iter().collect();
    if sum.unknown_targets > 0 {
        doubts
            .push(format!("nothing is known of {}", counted(sum.unknown_targets as u64, "build", "builds")));
    }
    let mut all = vec![
        Stat { name: "Together", value: amount(&sum.whole(&sum.together)), notes: doubts, class: "now" },
        Stat {
            name: "Each for itself",
            value: amount(&sum.whole(&sum.apart)),
            notes: vec!["shared layers are counted once for each image".to_owned()],
            class: "now",
        },
    ];
    let saves: u64 = own(report).map(SizeRow::saving).fold(0, u64::saturating_add);
    if saves > 0 {
        let notes =
            vec![format!("{} of what is known, each for itself", share(saves, sum.apart.bytes.into()))];
        all.push(Stat { name: "Suggestions save", value: format_bytes(saves), notes, class: "saved" });
    }
    let counts = Counts::of(found);
    let of = |severity, one, many| {
        let count = counts.get(severity) as u64;
        (count > 0).then(|| counted(count, one, many))
    };
    let by_severity = [
        of(Severity::Error, "error", "errors"),
        of(Severity::Warning, "warning", "warnings"),
        of(Severity::Info, "info", "infos"),
    ];
    let notes: Vec<String> = by_severity.into_iter().flatten().collect();
    let notes = if notes.is_empty() { notes } else { vec![notes.join(", ")] };
    all.push(Stat { name: "Findings", value: format_count(counts.total() as u64), notes, class: "now" });
    stats(h, &all);
}

/// The builds that make an image of their own.
fn own(report: &SizesReport) -> impl Iterator<Item = &SizeRow> {
    report.targets.iter().filter(|row| row.same_as.is_none())
}

/// The images as the picture draws them, by their names: what several builds make is there once.
fn distinct(images: &[Layer], report: &SizesReport) -> Vec<Layer> {
    let rows = images.iter().zip(&report.targets).filter(|(_, row)| row.same_as.is_none());
    rows.map(|(image, row)| {
        let from = image.stage.clone().unwrap_or_default();
        Layer { place_named: row.title(), text: from, ..image.clone() }
    })
    .collect()
}

fn image(number: usize, row: &SizeRow) -> Layer {
    let sum = row.image.unwrap_or(Amounts { unknown: 1, ..Amounts::default() });
    let from = match (&row.same_as, &row.why, &row.base) {
        (Some(same), ..) => Some(format!("the same image as {same}")),
        (None, Some(why), _) => Some(why.clone()),
        (None, None, base) => base.as_ref().map(|base| format!("from {base}")),
    };
    let is_exact = sum.least == sum.most;
    Layer {
        id: format!("image-{number}"),
        place: number.to_string(),
        place_named: format!("image {number}"),
        stage: from,
        text: row.title(),
        bytes: sum.bytes,
        amount: row.image.map_or_else(|| "?".to_owned(), |image| short_amount(&image)),
        range: (!is_exact).then_some((sum.least, sum.most)),
        unknown: sum.unknown > 0,
        kind: match (sum.unknown, sum.bytes) {
            (0, _) if is_exact => EXACT,
            (0, _) => ESTIMATED,
            (_, 0) => UNKNOWN,
            _ => PARTLY,
        },
        waste: row.saving(),
        parts: Vec::new(),
    }
}

/// The limits that are not kept, or cannot be checked.
fn limits(h: &mut Html, report: &SizesReport) {
    let checks = own(report).flat_map(|row| row.checks.iter().map(move |check| (row, check)));
    let failed: Vec<_> = checks.filter(|(_, check)| !check.passed).collect();
    if failed.is_empty() {
        return;
    }
    section(h, "limits", "Limits", |h| {
        h.nest("ul", &[("class", "limits"), ("role", "list")], |h| {
            for (row, check) in failed {
                h.nest("li", &[], |h| {
                    h.el("b", &[("class", "failed")], "failed");
                    h.text(" ");
                    h.path(&row.title());
                    h.text(&format!(": {}", check.said()));
                });
            }
        });
    });
}

fn shared(h: &mut Html, report: &SizesReport) {
    let rows: Vec<_> = report.shared.iter().filter(|shared| shared.bytes.bytes > 0).collect();
    if rows.is_empty() {
        return;
    }
    section(h, "shared", "Shared layers", |h| {
        let lead = "What several images start from is stored and pulled once.";
        h.el("p", &[("class", "lead")], lead);
        let rows = rows.iter().map(|shared| {
            let platform = shared.platform.clone().unwrap_or_else(|| "built here".to_owned());
            let images = counted(shared.images as u64, "image", "images");
            [short_amount(&shared.bytes), shared.base.clone(), platform, images].map(Cell::Prose)
        });
        plain_table(h, &["Bytes", "Starts from", "For", "Used by"], rows);
    });
}

fn rules(h: &mut Html, found: &RunReport, book: &dyn RuleBook) {
    let rules = Rules::of(found, book);
    let rows = statistics::counts(found, &rules, true);
    if rows.is_empty() {
        return;
    }
    section(h, "findings", "Findings by rule", |h| {
        let row = |row: &RuleCount<'_>| {
            let [all, safe, risky] =
                [row.findings, row.fixable, row.fixable_unsafe].map(|count| format_count(count as u64));
            let findings = match (row.fixable, row.fixable_unsafe) {
                (0, 0) => all,
                (_, 0) => format!("{all} ({safe} with a safe fix)"),
                (0, _) => format!("{all} ({risky} with an unsafe fix)"),
                _ => format!("{all} ({safe} with a safe fix, {risky} with an unsafe one)"),
            };
            let saves = if row.amount.is_empty() { "\u{2013}".to_owned() } else { row.amount.clone() };
            let rule = Cell::Code(row.rule.to_owned());
            [rule, Cell::Prose(row.summary.to_owned()), Cell::Prose(findings), Cell::Prose(saves)]
        };
        plain_table(h, &["Rule", "What it is", "Findings", "Would save"], rows.iter().map(row));
    });
}

/// Earlier reports, in the order that they were given, and this one.
fn trend(h: &mut Html, report: &SizesReport) {
    if report.earlier.is_empty() {
        return;
    }
    let now = EarlierSizes { name: "now".to_owned(), sum: report.sum };
    section(h, "trend", "Trend", |h| {
        let all: Vec<&EarlierSizes> = report.earlier.iter().chain([&now]).collect();
        let rows = all.iter().enumerate().map(|(at, this)| {
            let before = at.checked_sub(1).and_then(|before| all.get(before));
            let change =
                before.map_or_else(|| "\u{2013}".to_owned(), |before| signed(this.growth_since(before)));
            let together = this.sum.whole(&this.sum.together);
            [this.name.clone(), format_count(this.sum.images as u64), amount(&together), change]
                .map(Cell::Prose)
        });
        let rows: Vec<_> = rows.collect();
        plain_table(h, &["Report", "Images", "Together", "Change of the known bytes"], rows.into_iter());
    });
}

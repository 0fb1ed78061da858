//! The page of a real image.

use std::io::{self, Write};

use crate::diag::{counted, format_bytes};

use super::super::image::{ImageReport, LayerOrigin, LayerRow};
use super::html::Html;
use super::layer::{Kind, Layer, Part, Words, share, table};
use super::picture::pictures;
use super::{Stat, limits, masthead, named, notes, range, section, stats};

const BASE: Kind = Kind { class: "k-catalogue", name: "base image", meaning: "what FROM brings" };
const OWN: Kind = Kind { class: "k-measured", name: "instruction", meaning: "of the Dockerfile" };
const SIMILAR: Kind =
    Kind { class: "k-estimated", name: "similar", meaning: "the image was built from another text" };
const LAYER: Kind = Kind { class: "k-measured", name: "layer", meaning: "of the image" };
const UNKNOWN: Kind = Kind { class: "k-unknown", name: "unknown", meaning: "no line of the Dockerfile fits" };

/// Writes what an image holds as a page.
///
/// # Errors
/// Those of `out`.
pub fn write_image_page(out: &mut dyn Write, report: &ImageReport) -> io::Result<()> {
    let lines = report.dockerfile.is_some();
    let words = Words {
        place: if lines { "Line" } else { "Layer" },
        what: "Instruction",
        many: "layers",
        all: "layers",
        waste: "hidden",
        waste_meaning: "replaced or deleted by later layers, and still part of the image",
        kinds: &[BASE, OWN, SIMILAR, LAYER, UNKNOWN],
    };
    let layers: Vec<Layer> = report.layers.iter().map(|row| layer(report, row, lines)).collect();
    let name = report.names.first().unwrap_or(&report.image);
    let sentence = sentence(report);
    super::write(out, &format!("{name}: {sentence}"), &format!("{sentence}."), &report.about, |h| {
        head(h, report, name, &sentence);
        limits(h, &report.checks);
        section(h, "picture", "Where the bytes are", |h| pictures(h, &layers, None, words));
        leftovers(h, report);
        section(h, "layers", "Layers", |h| table(h, &layers, report.bytes, "layers", words));
        duplicates(h, report);
        largest(h, report);
        notes(h, &report.notes);
    })
}

/// `359 MB in 12 layers, of which 21.6 MB are hidden by later ones`.
fn sentence(report: &ImageReport) -> String {
    let layers = counted(report.layers.len() as u64, "layer", "layers");
    let hidden = match report.hidden {
        0 => String::new(),
        hidden => format!(", of which {} are hidden by later ones", format_bytes(hidden)),
    };
    format!("{} in {layers}{hidden}", format_bytes(report.bytes))
}

/// How long it takes to fetch that many bytes at 100 Mbit/s.
fn pull_time(stored: u64) -> String {
    let tenths = stored.saturating_mul(8) / 10_000_000;
    match tenths {
        0 => "less than 0.1 s to pull at 100 Mbit/s".to_owned(),
        1..100 => format!("{}.{} s to pull at 100 Mbit/s", tenths / 10, tenths % 10),
        _ => format!("{} s to pull at 100 Mbit/s", tenths / 10),
    }
}

fn head(h: &mut Html, report: &ImageReport, name: &str, sentence: &str) {
    let mut facts = vec![("Platform", report.platform.clone())];
    if let Some(created) = &report.created {
        facts.push(("Built", created.get(..10).unwrap_or(created).to_owned()));
    }
    if let Some(dockerfile) = &report.dockerfile {
        facts.push(("Dockerfile", dockerfile.clone()));
    }
    facts.push(("Read from", report.image.clone()));
    masthead(h, &report.about, name, sentence, &facts);
    let whole = u128::from(report.bytes);
    let layers = counted(report.layers.len() as u64, "layer", "layers");
    let held = format!("{}, {layers}", counted(report.files, "file", "files"));
    let stored = format!("{} as it is stored, {}", format_bytes(report.stored), pull_time(report.stored));
    let mut seen = vec![share(report.visible, whole)];
    if report.duplicated > 0 {
        seen.push(format!("{} of it in further copies of equal files", format_bytes(report.duplicated)));
    }
    stats(
        h,
        &[
            Stat {
                name: "Image",
                value: format_bytes(report.bytes),
                notes: vec![held, stored],
                class: "now",
            },
            Stat {
                name: "A container sees",
                value: format_bytes(report.visible),
                notes: seen,
                class: "after",
            },
            Stat {
                name: "Hidden",
                value: format_bytes(report.hidden),
                notes: vec![share(report.hidden, whole)],
                class: "hidden",
            },
        ],
    );
}

fn layer(report: &ImageReport, row: &LayerRow, lines: bool) -> Layer {
    let mut parts = Vec::new();
    let files: Vec<(String, u64)> = report
        .largest
        .iter()
        .filter(|file| file.layer == row.layer)
        .map(|file| (file.path.clone(), file.bytes))
        .collect();
    if !files.is_empty() {
        let bytes = files.iter().map(|(_, bytes)| *bytes).fold(0, u64::saturating_add);
        parts.push(Part {
            amount: format_bytes(bytes),
            what: match files.len() {
                1 => "one of the largest files of the image".to_owned(),
                more => format!("{more} of the largest files of the image"),
            },
            source: None,
            waste: false,
            files,
            packages: Vec::new(),
        });
    }
    if row.bytes == 0 && row.deleted > 0 {
        parts.push(Part {
            amount: counted(row.deleted, "file", "files"),
            what: "deleted, which frees nothing: the bytes stay in the layers below".to_owned(),
            source: None,
            waste: false,
            files: Vec::new(),
            packages: Vec::new(),
        });
    }
    parts.extend(row.hidden_by.iter().map(|by| {
        let how = match by.how {
            "rewritten" => "written again unchanged by",
            "changed" => "replaced by",
            _ => "deleted by",
        };
        let place = by.lines.filter(|_| lines).map_or_else(|| format!("layer {}", by.layer), named);
        let more = if by.files > by.largest.len() as u64 { ", …" } else { "" };
        Part {
            amount: format_bytes(by.bytes),
            what: format!("{how} {place}: {}{more}", by.largest.join(", ")),
            source: None,
            waste: true,
            files: Vec::new(),
            packages: Vec::new(),
        }
    }));
    let number = format!("layer {}", row.layer);
    Layer {
        id: format!("layer-{}", row.layer),
        place: match (row.lines, lines) {
            (Some(lines), _) => range(lines),
            (None, true) => "?".to_owned(),
            (None, false) => row.layer.to_string(),
        },
        place_named: row.lines.map_or(number, named),
        stage: None,
        text: row.made_by.clone(),
        bytes: row.bytes,
        amount: format_bytes(row.bytes),
        range: None,
        unknown: false,
        kind: match row.from {
            LayerOrigin::Base => BASE,
            LayerOrigin::Instruction => OWN,
            LayerOrigin::Similar => SIMILAR,
            LayerOrigin::Unknown if lines => UNKNOWN,
            LayerOrigin::Unknown => LAYER,
        },
        waste: row.hidden.min(row.bytes),
        parts,
    }
}

fn leftovers(h: &mut Html, report: &ImageReport) {
    if report.leftovers.is_empty() {
        return;
    }
    section(h, "leftovers", "Left behind by the build", |h| {
        h.nest("ol", &[("class", "advice"), ("role", "list")], |h| {
            for row in &report.leftovers {
                h.nest("li", &[], |h| {
                    h.nest("p", &[("class", "saving")], |h| h.el("b", &[], &format_bytes(row.bytes)));
                    h.nest("div", &[], |h| {
                        h.el("p", &[("class", "do")], &row.what);
                        if !row.base {
                            h.nest("p", &[("class", "why")], |h| h.prose(&row.help));
                        }
                        let place = match (row.lines.as_slice(), row.base) {
                            (_, true) => "in the base image".to_owned(),
                            ([], _) => format!("layer {}", list(&row.layers)),
                            (lines, _) => format!("line {}", list(lines)),
                        };
                        let files = counted(row.files, "file", "files");
                        h.el("p", &[("class", "origin")], &format!("{place} · {files}"));
                    });
                });
                h.line();
            }
        });
    });
}

fn duplicates(h: &mut Html, report: &ImageReport) {
    let rows: Vec<_> = report.duplicates.iter().filter(|d| d.copies > 1 && d.bytes > 0).collect();
    if rows.is_empty() {
        return;
    }
    section(h, "duplicates", "Equal files", |h| {
        h.nest("ul", &[("class", "files"), ("role", "list")], |h| {
            for row in rows {
                h.nest("li", &[], |h| {
                    h.el("b", &[], &format!("{} × {}", row.copies, format_bytes(row.bytes)));
                    let more = if row.copies > row.paths.len() as u64 { ", …" } else { "" };
                    h.el("code", &[], &format!("{}{more}", row.paths.join(", ")));
                });
            }
        });
    });
}

fn largest(h: &mut Html, report: &ImageReport) {
    if report.largest.is_empty() {
        return;
    }
    section(h, "largest", "Largest files", |h| {
        h.nest("ul", &[("class", "files"), ("role", "list")], |h| {
            for row in &report.largest {
                h.nest("li", &[], |h| {
                    h.el("b", &[], &format_bytes(row.bytes));
                    h.el("code", &[], &row.path);
                    h.text(" ");
                    let place = match row.line {
                        Some(line) => format!("line {line}"),
                        None => format!("layer {}", row.layer),
                    };
                    h.el("a", &[("href", &format!("#layer-{}", row.layer))], &place);
                });
            }
        });
    });
}

fn list(numbers: &[impl ToString]) -> String {
    let shown: Vec<String> = numbers.iter().take(5).map(ToString::to_string).collect();
    let more = if numbers.len() > 5 { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

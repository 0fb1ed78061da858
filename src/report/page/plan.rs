//! The page of a plan.

use std::io::{self, Write};

use crate::diag::{counted, format_bytes};

use super::super::plan::{AdviceRow, Amounts, PlanReport, PlanRow, PlanStage, amount, short_amount};
use super::html::Html;
use super::layer::{Kind, Layer, Part, Words, share, table};
use super::picture::pictures;
use super::{Stat, limits, masthead, named, notes, range, section, stats, upper};

pub(super) const WORDS: Words = Words {
    place: "Line",
    what: "Instruction",
    many: "layers",
    all: "layers",
    waste: "waste",
    waste_meaning: "what the suggestions below would save",
    kinds: &[MEASURED, LEARNED, REGISTRY, FETCHED, INDEX, CATALOGUE, ESTIMATED, PARTLY],
};

const MEASURED: Kind = Kind { class: "k-measured", name: "measured", meaning: "in the build context" };
const LEARNED: Kind =
    Kind { class: "k-learned", name: "learned", meaning: "measured in a real build, from dlint.lock" };
const REGISTRY: Kind = Kind {
    class: "k-registry",
    name: "registry",
    meaning: "as the image's registry had it, from dlint.lock",
};
const FETCHED: Kind =
    Kind { class: "k-registry", name: "fetched", meaning: "as a web server said of a file, from dlint.lock" };
const INSTALLED: Kind =
    Kind { class: "k-index", name: "installed", meaning: "as it lies installed beside the Dockerfile" };
const INDEX: Kind =
    Kind { class: "k-index", name: "index", meaning: "from the distribution's package index" };
const CATALOGUE: Kind =
    Kind { class: "k-catalogue", name: "catalogue", meaning: "dated sizes of base images" };
const ESTIMATED: Kind =
    Kind { class: "k-estimated", name: "estimated", meaning: "typical for this kind of line" };
const PARTLY: Kind =
    Kind { class: "k-unknown", name: "partly known", meaning: "only the known part has an area" };
const UNKNOWN: Kind = Kind { class: "k-unknown", name: "unknown", meaning: "" };

/// Writes the plan as a page.
///
/// # Errors
/// Those of `out`.
pub fn write_plan_page(out: &mut dyn Write, report: &PlanReport) -> io::Result<()> {
    let (inside, outside): (Vec<&PlanStage>, Vec<&PlanStage>) =
        report.stages.iter().partition(|s| s.in_image);
    let layers = layers(report, &inside);
    let sentence = sentence(report);
    let title = format!("{}: {sentence}", title(report));
    super::write(out, &title, &format!("{sentence}."), &report.about, |h| {
        head(h, report, &sentence);
        limits(h, &report.checks);
        section(h, "picture", "Where the bytes are", |h| {
            let after = report.after.map(|_| layers.iter().map(without_waste).collect());
            pictures(h, &layers, after, WORDS);
        });
        advice(h, report);
        edits(h, report);
        section(h, "layers", if outside.is_empty() { "Layers" } else { "Layers of the image" }, |h| {
            table(h, &layers, report.image.bytes, "layers", WORDS);
        });
        others(h, report, &outside);
        notes(h, &report.notes);
    })
}

/// What the page is called: the project, and the Dockerfile where its name says more.
fn title(report: &PlanReport) -> String {
    match &report.about.project {
        Some(project) if report.dockerfile == "Dockerfile" => project.clone(),
        Some(project) if !report.dockerfile.contains(project) => format!("{project}, {}", report.dockerfile),
        _ => report.dockerfile.clone(),
    }
}

/// `359 MB now, 128 MB after 3 suggestions`; what is not known comes with it.
fn sentence(report: &PlanReport) -> String {
    let doubt = report.layers.doubt();
    let Some(after) = &report.after else {
        return match doubt {
            None => format!("{} expected", format_bytes(report.image.bytes)),
            Some(doubt) if report.image.bytes == 0 => doubt,
            Some(doubt) => format!("{doubt}; the others weigh {}", format_bytes(report.image.bytes)),
        };
    };
    let count = report.advice.iter().filter(|a| a.counted > 0).count() as u64;
    let suggestions = counted(count, "suggestion", "suggestions");
    let now = format_bytes(report.image.bytes);
    match doubt {
        None => format!("{now} now, {} after {suggestions}", format_bytes(after.bytes)),
        Some(doubt) => {
            let saved = format_bytes(report.image.bytes.saturating_sub(after.bytes));
            format!("at least {now} now ({doubt}), {saved} less after {suggestions}")
        }
    }
}

/// The layer once all suggestions are taken.
fn without_waste(layer: &Layer) -> Layer {
    let bytes = layer.bytes.saturating_sub(layer.waste);
    // The range is one of the whole.
    Layer { bytes, amount: format_bytes(bytes), range: None, waste: 0, parts: Vec::new(), ..layer.clone() }
}

fn head(h: &mut Html, report: &PlanReport, sentence: &str) {
    let mut facts = vec![("Platform", report.platform.clone())];
    if let Some(target) = &report.target {
        facts.insert(0, ("Target", target.clone()));
    }
    if let Some(context) = &report.context {
        facts.push(("Build context", context.clone()));
    }
    masthead(h, &report.about, &report.dockerfile, sentence, &facts);
    let now = Stat {
        name: "Image now",
        value: amount(&report.image),
        notes: doubts(report, &report.image),
        class: "now",
    };
    let Some(after) = report.after else {
        return stats(h, &[now]);
    };
    let saved = report.image.bytes.saturating_sub(after.bytes);
    let count = report.advice.iter().filter(|a| a.counted > 0).count();
    let pieces = if count == 1 { "one suggestion".to_owned() } else { format!("{count} suggestions") };
    let of = if report.image.unknown > 0 { "known layers" } else { "image" };
    let part = format!("{} of the {of}", share(saved, u128::from(report.image.bytes)));
    stats(
        h,
        &[
            now,
            Stat {
                name: "After the suggestions",
                value: amount(&after),
                notes: doubts(report, &after),
                class: "after",
            },
            Stat { name: "Saved", value: format_bytes(saved), notes: vec![part, pieces], class: "saved" },
        ],
    );
}

/// How sure a sum is.
fn doubts(report: &PlanReport, sum: &Amounts) -> Vec<String> {
    let mut notes = Vec::new();
    if sum.least != sum.most {
        let of = if sum.unknown > 0 { "known layers: " } else { "" };
        notes.push(format!("{of}{} to {}", format_bytes(sum.least), format_bytes(sum.most)));
    }
    notes.extend(report.layers.doubt());
    notes
}

/// The layers of stages, in the order of the file.
fn layers(report: &PlanReport, stages: &[&PlanStage]) -> Vec<Layer> {
    let several = stages.len() > 1;
    let rows = stages.iter().flat_map(|stage| stage.rows.iter().map(move |row| (stage, row)));
    rows.map(|(stage, row)| layer(report, row, several.then(|| stage_name(stage)))).collect()
}

/// The layers of the image that a plan has, without advice; their boxes lead to `link`.
pub(super) fn layers_of(stages: &[PlanStage], link: &str) -> Vec<Layer> {
    let inside: Vec<&PlanStage> = stages.iter().filter(|stage| stage.in_image).collect();
    let all = layers(&PlanReport::default(), &inside).into_iter();
    all.map(|layer| Layer { id: link.to_owned(), ..layer }).collect()
}

fn stage_name(stage: &PlanStage) -> String {
    match &stage.name {
        Some(name) => format!("Stage {name}"),
        None => format!("Stage {}", stage.stage),
    }
}

fn layer(report: &PlanReport, row: &PlanRow, stage: Option<String>) -> Layer {
    let sum = row.sum;
    let mut parts: Vec<Part> = row
        .pieces
        .iter()
        .map(|piece| Part {
            amount: piece.bytes.map_or_else(|| "?".to_owned(), format_bytes),
            what: piece.what.clone(),
            source: piece.source.clone(),
            waste: false,
            files: piece.largest.iter().map(|f| (f.path.clone(), f.bytes)).collect(),
            packages: piece.packages.iter().map(|p| (p.name.clone(), p.bytes)).collect(),
        })
        .collect();
    let advice = || row.advice.iter().filter_map(|at| report.advice.get(*at));
    parts.extend(advice().filter(|a| a.counted > 0).map(|advice| Part {
        amount: format_bytes(advice.counted),
        what: format!("waste: {}", advice.help.as_ref().unwrap_or(&advice.message)),
        source: Some(advice.rule.clone()),
        waste: true,
        files: Vec::new(),
        packages: Vec::new(),
    }));
    Layer {
        id: format!("line-{}", row.lines.0),
        place: range(row.lines),
        place_named: named(row.lines),
        stage,
        text: row.instruction.clone(),
        bytes: sum.bytes,
        amount: short_amount(&sum),
        range: (sum.least != sum.most).then_some((sum.least, sum.most)),
        unknown: sum.unknown > 0,
        kind: match row.known_by {
            "measured" => MEASURED,
            "learned" => LEARNED,
            "registry" => REGISTRY,
            "fetched" => FETCHED,
            "installed" => INSTALLED,
            "index" => INDEX,
            "catalogue" => CATALOGUE,
            "estimated" => ESTIMATED,
            _ if sum.bytes > 0 => PARTLY,
            _ => UNKNOWN,
        },
        waste: advice().map(|a| a.counted).fold(0, u64::saturating_add).min(sum.bytes),
        parts,
    }
}

fn advice(h: &mut Html, report: &PlanReport) {
    section(h, "advice", "Suggestions", |h| {
        if report.advice.is_empty() {
            return h.el("p", &[("class", "empty")], "No savings found.");
        }
        h.nest("p", &[("class", "lead")], |h| {
            h.text("Largest saving first. ");
            h.el("code", &[], "dlint explain RULE");
            h.text(" says more about each.");
        });
        h.line();
        h.nest("ol", &[("class", "advice"), ("role", "list")], |h| {
            for row in &report.advice {
                piece_of_advice(h, report, row);
                h.line();
            }
        });
    });
}

fn piece_of_advice(h: &mut Html, report: &PlanReport, row: &AdviceRow) {
    h.nest("li", &[], |h| {
        h.nest("p", &[("class", "saving")], |h| {
            h.el("b", &[], &format_bytes(row.bytes));
            if let Some((least, most)) = row.range {
                h.el("small", &[], &format!("{} to {}", format_bytes(least), format_bytes(most)));
            }
            if row.counted < row.bytes {
                let text = match row.counted {
                    0 => "nothing on top of the suggestions above".to_owned(),
                    counted => format!("{} on top of the suggestions above", format_bytes(counted)),
                };
                h.el("small", &[], &text);
            }
        });
        h.nest("div", &[], |h| {
            let text = row.help.as_deref().unwrap_or(&row.message);
            h.nest("p", &[("class", "do")], |h| {
                h.prose(&upper(text));
            });
            if row.help.is_some() {
                h.nest("p", &[("class", "why")], |h| h.prose(&row.message));
            }
            h.nest("p", &[("class", "origin")], |h| {
                let line = format!("line {}", row.line);
                let own = |r: &&PlanRow| (r.lines.0..=r.lines.1).contains(&row.line);
                match report.stages.iter().flat_map(|s| &s.rows).find(own) {
                    Some(layer) => h.el("a", &[("href", &format!("#line-{}", layer.lines.0))], &line),
                    None => h.text(&line),
                }
                h.text(" · ");
                h.el("code", &[], &row.rule);
                h.text(&format!(" · {}, {}", row.how, row.source));
            });
        });
    });
}

/// What the fixes of the suggestions would edit.
fn edits(h: &mut Html, report: &PlanReport) {
    if report.edits.is_empty() {
        return;
    }
    section(h, "edits", "Edits", |h| {
        h.nest("p", &[("class", "lead")], |h| {
            h.text("What the fixes of the suggestions change, for ");
            h.el("code", &[], "patch -p0");
            h.text(". Read it before you use it.");
        });
        h.nest("pre", &[("class", "diff")], |h| {
            for line in report.edits.split_inclusive('\n') {
                let class = match line.bytes().next() {
                    Some(b'+') => "plus",
                    Some(b'-') => "minus",
                    _ => "same",
                };
                h.nest("code", &[("class", class)], |h| h.lines(line));
            }
        });
    });
}

/// Stages that are built and thrown away.
fn others(h: &mut Html, report: &PlanReport, stages: &[&PlanStage]) {
    if stages.is_empty() {
        return;
    }
    section(h, "others", "Built, but not in the image", |h| {
        h.el("p", &[("class", "lead")], "The image holds only what it copies from these stages.");
        for stage in stages {
            let id = format!("stage-{}", stage.stage);
            h.line();
            h.nest("h3", &[("id", &id)], |h| {
                h.text(&stage_name(stage));
                h.el("small", &[], &format!("{}, {}", named(stage.lines), amount(&stage.sum)));
            });
            h.line();
            let layers = layers(report, &[stage]);
            table(h, &layers, stage.sum.bytes, &id, WORDS);
        }
    });
}

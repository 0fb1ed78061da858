//! What instructions weigh: at the ends of their lines, and where one points at them.

use std::collections::BTreeMap;

use crate::config::Settings;
use crate::diag::format_bytes;
use crate::report::{Amounts, sanitize, short_amount};
use crate::semantic::Analysis;
use crate::size::{Row, plan};
use crate::syntax::{File, Instruction};
use crate::text::Span;

use super::builds::Shown;
use super::document::Read;
use super::protocol::{InlayHint, InlayHintKind, MarkupContent, MarkupKind, Position, Tooltip};

/// What an image is weighed for unless the build says it.
const ARCHITECTURE: &str = "amd64";

/// What a build is called that no file starts.
const LAST_STAGE: &str = "the last stage";

/// How many files are named.
const MAX_FILES: usize = 5;

/// What an instruction weighs.
#[derive(Debug, Clone)]
pub(super) struct Weight {
    pub(super) step: usize,
    /// Its first line.
    pub(super) line: Span,
    /// In a few characters.
    pub(super) short: String,
    /// In Markdown: what it is made of, and how that is known.
    pub(super) text: String,
}

/// The weights of all builds, as far as they are known. Where they differ, those of the first are shown, and whose they
/// are.
pub(super) fn of_builds(builds: &[Shown], settings: &Settings) -> Vec<Weight> {
    let Some((first, others)) = builds.split_first() else { return Vec::new() };
    let of = |build: &Shown| weights(&build.analysis, settings);
    let mut all: BTreeMap<usize, Vec<(&Shown, Weight)>> = BTreeMap::new();
    for build in std::iter::once(first).chain(others) {
        of(build).into_iter().for_each(|weight| all.entry(weight.step).or_default().push((build, weight)));
    }
    all.into_values().filter_map(together).collect()
}

/// What an instruction weighs in the builds that have it.
fn together(mut of_builds: Vec<(&Shown, Weight)>) -> Option<Weight> {
    of_builds.dedup_by(|(_, a), (_, b)| a.text == b.text);
    if let [(_, only)] = &of_builds[..] {
        return Some(only.clone());
    }
    let (first, weight) = of_builds.first()?;
    let named = |(build, weight): &(&Shown, Weight)| {
        let name = build.name.as_deref().unwrap_or(LAST_STAGE);
        format!("`{}`: {}", sanitize(name), weight.text)
    };
    let text = of_builds.iter().map(named).collect::<Vec<_>>().join("\n\n");
    let is_same = of_builds.iter().all(|(_, other)| other.short == weight.short);
    let short = match is_same {
        true => weight.short.clone(),
        false => format!("{} ({})", weight.short, sanitize(first.short.as_deref().unwrap_or(LAST_STAGE))),
    };
    Some(Weight { short, text, ..weight.clone() })
}

/// The weights of a build, as far as they are known.
fn weights(analysis: &Analysis, settings: &Settings) -> Vec<Weight> {
    let platform = analysis.build().platform.as_ref();
    let architecture = platform.and_then(|p| p.architecture.as_deref()).unwrap_or(ARCHITECTURE);
    let plan = plan(analysis, &settings.base_images, architecture);
    let rows = plan.stages.iter().flat_map(|stage| &stage.rows);
    rows.filter_map(|row| weight(analysis, row)).collect()
}

fn weight(analysis: &Analysis, row: &Row) -> Option<Weight> {
    let sum = row.sum();
    let amounts = Amounts { bytes: sum.bytes, least: sum.range.0, most: sum.range.1, unknown: sum.unknown };
    if row.components.is_empty() || sum.bytes == 0 && sum.unknown > 0 {
        return None;
    }
    let short = short_amount(&amounts);
    Some(Weight {
        step: row.step,
        line: first_line(&analysis.file, analysis.instruction(row.step)),
        text: text(row, &short),
        short,
    })
}

/// The first line of an instruction, without the blanks around it.
pub(super) fn first_line(file: &File, instruction: &Instruction) -> Span {
    let first = instruction.first_keyword();
    let rest = &file.text()[first.start as usize..];
    let line = rest.split(['\n', '\r']).next().unwrap_or(rest).trim_end();
    Span::of(0..line.len()).shift(first.start)
}

fn text(row: &Row, whole: &str) -> String {
    let mut text = format!("**{whole}**");
    for component in &row.components {
        let what = sanitize(&component.what);
        match &component.estimate {
            Some(known) => {
                let about = if known.range.0 == known.range.1 { "" } else { "~" };
                let (bytes, how) = (format_bytes(known.bytes), known.provenance.name());
                let source = sanitize(&known.source);
                // Some sources say themselves what they are.
                let known =
                    if source.starts_with(how) { source.into_owned() } else { format!("{how}, {source}") };
                text.push_str(&format!("\n- {what}: {about}{bytes} ({known})"));
            }
            None => text.push_str(&format!("\n- {what}: unknown")),
        }
        for (path, bytes) in component.largest.iter().take(MAX_FILES) {
            text.push_str(&format!("\n  - `{}` {}", sanitize(path), format_bytes(*bytes)));
        }
    }
    text
}

/// The hints at the ends of the lines that `within` touches. `moved` says where a line that was weighed is now.
pub(super) fn hints(
    read: &Read,
    weights: &[Weight],
    within: Span,
    moved: impl Fn(Span) -> Option<Span>,
    markdown: bool,
) -> Vec<InlayHint> {
    let shown = |weight: &Weight| {
        let line = moved(weight.line).filter(|line| line.end >= within.start && line.start <= within.end)?;
        Some(hint(read, line, weight.short.clone(), weight.text.clone(), markdown))
    };
    weights.iter().filter_map(shown).collect()
}

/// A hint at the end of a line, with what is said of it where one points at it.
pub(super) fn hint(read: &Read, line: Span, label: String, text: String, markdown: bool) -> InlayHint {
    let position: Position = read.range(line).end;
    let kind = if markdown { MarkupKind::Markdown } else { MarkupKind::PlainText };
    InlayHint {
        position,
        label: label.into(),
        kind: Some(InlayHintKind::Type),
        text_edits: None,
        tooltip: Some(Tooltip::MarkupContent(MarkupContent { kind, value: text })),
        padding_left: Some(true),
        padding_right: None,
        data: None,
    }
}

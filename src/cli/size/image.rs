//! What is worth saying of a real image.

use crate::image::{Hiding, Image, Watch};
use crate::knowledge::Leftover;
use crate::report::{DuplicateRow, HiddenRow, ImageReport, LargeRow, LayerOrigin, LayerRow, LeftoverRow};
use crate::semantic::{Model, Stage};
use crate::size::{Attribution, Blame, Certainty, attribute};
use crate::text::Arrange;

/// Leftovers that weigh less are not worth a line.
const LEAST_LEFTOVER: u64 = 100_000;

/// Fills the report from an image, and from the Dockerfile and its stage if there is one.
pub(super) fn report(
    image: &Image,
    kinds: &[Leftover],
    places: &[(usize, Watch)],
    dockerfile: Option<(&Model, &Stage)>,
) -> ImageReport {
    let attribution = dockerfile.map(|(model, stage)| (model, stage, attribute(model, stage, image)));
    let mut layers: Vec<LayerRow> = (0..image.layers.len())
        .map(|index| match &attribution {
            Some((model, stage, attribution)) => named(image, index, model, stage, attribution),
            None => unnamed(image, index),
        })
        .collect();
    let lines: Vec<Option<(u32, u32)>> =
        layers.iter().map(|l| l.lines.filter(|_| l.from != LayerOrigin::Base)).collect();
    for hidden in &image.hidden {
        layers[hidden.layer].hidden_by.push(HiddenRow {
            layer: hidden.by + 1,
            lines: lines[hidden.by],
            how: match hidden.how {
                Hiding::Rewritten => "rewritten",
                Hiding::Changed => "changed",
                Hiding::Deleted => "deleted",
            },
            bytes: hidden.bytes,
            files: hidden.files,
            largest: hidden.largest.iter().map(|f| f.path.clone()).collect(),
        });
    }
    for layer in &mut layers {
        layer.hidden_by.arrange_by_key(|h| std::cmp::Reverse(h.bytes));
    }
    ImageReport {
        version: 1,
        names: image.names.clone(),
        platform: image.platform.clone(),
        created: image.created.clone(),
        bytes: image.bytes,
        files: image.files,
        visible: image.visible,
        hidden: image.hidden_bytes(),
        efficiency: image.efficiency(),
        duplicated: image.duplicated,
        stored: image.stored,
        leftovers: left(image, kinds, places, &layers),
        duplicates: image
            .duplicates
            .iter()
            .map(|d| DuplicateRow {
                bytes: d.bytes,
                copies: d.copies,
                paths: d.files.iter().map(|f| f.path.clone()).collect(),
            })
            .collect(),
        largest: image
            .largest
            .iter()
            .map(|f| LargeRow {
                bytes: f.bytes,
                path: f.path.clone(),
                layer: f.layer + 1,
                line: lines[f.layer].map(|l| l.0),
            })
            .collect(),
        notes: attribution.map(|(model, _, found)| notes(image, model, &found)).unwrap_or_default(),
        layers,
        ..ImageReport::default()
    }
}

/// A layer as the image's own history tells it.
fn unnamed(image: &Image, index: usize) -> LayerRow {
    let layer = &image.layers[index];
    let step = layer.step.and_then(|s| image.history.get(s));
    LayerRow {
        layer: index + 1,
        diff_id: layer.diff_id.clone(),
        made_by: step.map(|s| short(&s.created_by)).unwrap_or_default(),
        bytes: layer.bytes,
        files: layer.files,
        stored: layer.stored,
        added: layer.added,
        changed: layer.changed,
        deleted: layer.deleted,
        hidden: layer.hidden,
        ..LayerRow::default()
    }
}

/// What a builder wrote, without what is the same in every line.
fn short(created_by: &str) -> String {
    let text = created_by.trim();
    let text = text.strip_suffix("# buildkit").unwrap_or(text).trim_end();
    if let Some(nop) = text.strip_prefix("/bin/sh -c #(nop) ") {
        return nop.trim().to_owned();
    }
    match text.strip_prefix("/bin/sh -c ") {
        Some(script) => format!("RUN {script}"),
        None => text.replacen("RUN /bin/sh -c ", "RUN ", 1),
    }
}

/// A layer as the Dockerfile tells it.
fn named(image: &Image, index: usize, model: &Model, stage: &Stage, found: &Attribution) -> LayerRow {
    let row = unnamed(image, index);
    match &found.layers[index] {
        Blame::Base => {
            let root = model.lineage(stage).last().unwrap_or(stage);
            let from = model.instruction(root.steps.start);
            let image = root.base_word.as_ref().map_or("", |w| model.text(w.span));
            LayerRow {
                from: LayerOrigin::Base,
                lines: Some(from.lines),
                made_by: format!("FROM {image}"),
                ..row
            }
        }
        Blame::Steps(steps, certainty) => {
            let first = steps.first().map(|s| model.instruction(*s));
            let last = steps.last().map(|s| model.instruction(*s));
            let lines = first.zip(last).map(|(first, last)| (first.lines.0, last.lines.1));
            let text = |i: &crate::syntax::Instruction| i.shown(&model.file.source).into_owned();
            let made_by = match steps.as_slice() {
                [_] => last.map(text).unwrap_or_default(),
                _ => {
                    format!("{} instructions, the last: {}", steps.len(), last.map(text).unwrap_or_default())
                }
            };
            let from = match certainty {
                Certainty::Text => LayerOrigin::Instruction,
                Certainty::Keyword => LayerOrigin::Similar,
            };
            LayerRow { from, lines, made_by, ..row }
        }
        Blame::Squashed => {
            let root = model.lineage(stage).last().unwrap_or(stage);
            let from = model.instruction(root.steps.start);
            let last = model.instruction(stage.steps.end.saturating_sub(1));
            let image = root.base_word.as_ref().map_or("", |w| model.text(w.span));
            LayerRow {
                from: LayerOrigin::Instruction,
                lines: Some((from.lines.0, last.lines.1)),
                made_by: format!("FROM {image} and all instructions, squashed"),
                ..row
            }
        }
        Blame::Unknown => row,
    }
}

/// What no container needs.
fn left(
    image: &Image,
    kinds: &[Leftover],
    places: &[(usize, Watch)],
    layers: &[LayerRow],
) -> Vec<LeftoverRow> {
    let mut rows: Vec<LeftoverRow> = Vec::new();
    for (index, kind) in kinds.iter().enumerate() {
        let found = || image.watched.iter().filter(|w| places.get(w.watch).is_some_and(|(k, _)| *k == index));
        let bytes = found().map(|w| w.bytes).fold(0, u64::saturating_add);
        if bytes < LEAST_LEFTOVER {
            continue;
        }
        let mut held: Vec<usize> = found().filter(|w| w.bytes > 0).map(|w| w.layer).collect();
        held.sort_unstable();
        held.dedup();
        let own = held.iter().filter(|l| layers[**l].from != LayerOrigin::Base);
        rows.push(LeftoverRow {
            what: kind.what.to_owned(),
            bytes,
            files: found().map(|w| w.files).fold(0, u64::saturating_add),
            lines: own.filter_map(|l| layers[*l].lines.map(|l| l.0)).collect(),
            base: held.iter().all(|l| layers[*l].from == LayerOrigin::Base),
            layers: held.iter().map(|l| l + 1).collect(),
            help: kind.help.to_owned(),
        });
    }
    rows.arrange_by_key(|row| std::cmp::Reverse(row.bytes));
    rows
}

/// What does not fit between Dockerfile and image.
fn notes(image: &Image, model: &Model, found: &Attribution) -> Vec<String> {
    let line = |step: usize| model.instruction(step).lines.0;
    if image.history.is_empty() {
        return vec!["the image has no history, so no layer can be told from another".to_owned()];
    }
    if !image.layers.is_empty() && image.history.iter().all(|s| s.layer.is_none()) {
        return vec![
            "the history of the image does not fit its layers, so none is told from another".to_owned(),
        ];
    }
    let mut notes = Vec::new();
    if !found.agrees() {
        notes.push(
            "most instructions of this Dockerfile are not in the image; was it built from another one?"
                .to_owned(),
        );
    }
    if let Some(first) = found.missing.first() {
        let more = found.missing.len() - 1;
        let more = if more == 0 { String::new() } else { format!(", nor {more} more") };
        notes.push(format!("the instruction in line {} is not in the image{more}", line(*first)));
    }
    if let Some(first) = found.foreign.first() {
        let made = image.history.get(*first).map(|s| short(&s.created_by)).unwrap_or_default();
        let mut made: String = made.split_whitespace().collect::<Vec<_>>().join(" ");
        if made.chars().count() > 60 {
            made = made.chars().take(59).chain(['…']).collect();
        }
        let more = found.foreign.len() - 1;
        let more = if more == 0 { String::new() } else { format!(", and {more} more") };
        notes.push(format!("the image has `{made}`{more}, which the Dockerfile does not have"));
    }
    notes
}

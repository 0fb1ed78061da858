//! Layers as rows of the report.

use crate::cache::{Cause, Difference, Fate, Layer, Why};
use crate::context::{Change, SourceStatus};
use crate::engine::{Rebuilt, TriggerLayer};
use crate::report::{Amounts, CacheFate, CacheReason, CacheRow, ChangedPart};
use crate::rules::checks::secret_names::without_secrets;
use crate::semantic::{CopyFrom, Model, NamedContext, StageId};
use crate::syntax::Keyword;

use crate::cli::size::amounts;

/// All layers as rows: behind a FROM those that ONBUILD instructions of an image of the project make there.
pub(super) fn rows(
    model: &Model,
    rebuilt: &Rebuilt,
    cost: &dyn Fn(&Layer) -> (Amounts, &'static str),
) -> Vec<CacheRow> {
    let mut rows = Vec::new();
    for layer in &rebuilt.layers {
        let mut row = row(model, rebuilt, cost(layer), layer);
        let triggers: Vec<CacheRow> =
            triggers(model, rebuilt, layer).iter().map(|layer| triggered(&row, layer)).collect();
        for Amounts { bytes, least, most, unknown } in triggers.iter().map(|row| row.sum) {
            // They have rows of their own.
            row.sum.bytes = row.sum.bytes.saturating_sub(bytes);
            row.sum.least = row.sum.least.saturating_sub(least);
            row.sum.most = row.sum.most.saturating_sub(most);
            row.sum.unknown = row.sum.unknown.saturating_sub(unknown);
        }
        rows.push(row);
        rows.extend(triggers);
    }
    rows
}

/// What ONBUILD instructions make of the image that a stage starts from, if the layer is its FROM.
fn triggers<'r>(model: &Model, rebuilt: &'r Rebuilt, layer: &Layer) -> &'r [TriggerLayer] {
    let is_from = model.instruction(layer.step).keyword == Keyword::From;
    let stage = model.stages.get(layer.stage).filter(|_| is_from);
    let name = stage.and_then(|stage| model.named_base(stage)).map(|(name, _)| name);
    name.and_then(|name| rebuilt.triggers.get(name)).map_or(&[], Vec::as_slice)
}

/// What an ONBUILD instruction makes where a stage starts, as a row.
fn triggered(from: &CacheRow, layer: &TriggerLayer) -> CacheRow {
    CacheRow {
        instruction: format!("ONBUILD {}", layer.instruction),
        fate: fate(layer.fate),
        reason: match layer.fate {
            Fate::Kept => CacheReason::Untouched,
            Fate::Perhaps | Fate::Rebuilt => from.reason.clone(),
        },
        base: false,
        sum: amounts(layer.sum),
        known_by: layer.known_by,
        ..from.clone()
    }
}

const fn fate(fate: Fate) -> CacheFate {
    match fate {
        Fate::Kept => CacheFate::Kept,
        Fate::Perhaps => CacheFate::Perhaps,
        Fate::Rebuilt => CacheFate::Rebuilt,
    }
}

/// A layer as a row.
fn row(
    model: &Model,
    rebuilt: &Rebuilt,
    (sum, known_by): (Amounts, &'static str),
    layer: &Layer,
) -> CacheRow {
    let instruction = model.instruction(layer.step);
    let stage = model.stages.get(layer.stage);
    let text = instruction.shown(&model.file.source).split_whitespace().collect::<Vec<_>>().join(" ");
    CacheRow {
        stage: layer.stage.number(),
        stage_name: stage.and_then(|s| s.name_word.as_ref()).map(|n| n.text.to_string()),
        lines: instruction.lines,
        instruction: text,
        fate: fate(layer.fate),
        reason: reason(model, rebuilt, (instruction.keyword, &layer.why)),
        in_image: stage.is_some_and(|s| s.in_final_image),
        base: instruction.keyword == Keyword::From,
        sum,
        known_by,
    }
}

fn reason(model: &Model, rebuilt: &Rebuilt, (keyword, why): (Keyword, &Why)) -> CacheReason {
    let line = |step: usize| model.instruction(step).lines.0;
    let written = |copy: usize, source: usize| {
        let query = rebuilt.queries.iter().find(|q| q.id == copy);
        let path = query.and_then(|q| q.sources.get(source)).cloned().unwrap_or_default();
        match model.copy_of_query(copy).map(|(copy, _)| &copy.from) {
            Some(CopyFrom::Folder(name)) => format!("{name}:{path}"),
            _ => without_secrets(model.build(), &path),
        }
    };
    let name = |stage: StageId| {
        let named = model.stages.get(stage).and_then(|s| s.name_word.as_ref());
        named.map_or_else(|| stage.to_string(), |n| n.text.to_string())
    };
    match why {
        Why::Untouched => CacheReason::Untouched,
        Why::Elsewhere => CacheReason::Elsewhere,
        Why::Linked { step } => CacheReason::Linked { line: line(*step) },
        Why::Takes { copy, source, change, changes, files, example } => {
            // Of the folder of a named context the name stays: `lib:`.
            let is_named = |c: &&Change| !rebuilt.any || !(c.path.is_empty() || c.path.ends_with(':'));
            let change = rebuilt.changes.get(*change).filter(is_named);
            let is_deleted = |c: &Change| c.status == SourceStatus::Missing;
            CacheReason::Takes {
                source: written(*copy, *source),
                path: change.map(|c| c.path.clone()),
                paths: if rebuilt.any { 0 } else { *changes },
                deleted: change.is_some_and(is_deleted),
                files: *files,
                example: example.clone(),
            }
        }
        Why::Ignored { copy, source, flip, flips } => {
            let flip = rebuilt.flips.get(*flip);
            CacheReason::IgnoreFile {
                source: written(*copy, *source),
                path: flip.map(|f| f.change.path.clone()).unwrap_or_default(),
                paths: *flips,
                kept: flip.is_some_and(|f| f.kept),
            }
        }
        Why::UnknownIgnored { copy, source } => {
            CacheReason::UnknownIgnoreFile { source: written(*copy, *source) }
        }
        Why::Changed(difference) => changed(difference),
        Why::UnknownDockerfile => CacheReason::UnknownDockerfile,
        Why::UnknownSource { .. } => CacheReason::UnknownSource,
        Why::UnknownContext => CacheReason::UnknownContext,
        Why::UnknownTriggers => CacheReason::UnknownTriggers,
        Why::OnBuild { context } => on_build(model, rebuilt, context),
        Why::ProjectImage { image } if keyword == Keyword::From => {
            CacheReason::OnBuild { build: image.clone(), dockerfile: None, line: None }
        }
        Why::ProjectImage { image } => CacheReason::FromBuild { build: image.clone() },
        Why::FromBuild { context } => CacheReason::FromBuild { build: build_of(model, context) },
        Why::MissingSource { copy, source } => CacheReason::MissingSource { source: written(*copy, *source) },
        Why::Fails { copy, source } => CacheReason::Fails { source: written(*copy, *source) },
        Why::FromStage { stage } => CacheReason::FromStage { stage: name(*stage) },
        Why::OnStage { stage } => CacheReason::OnStage { stage: name(*stage) },
        Why::Follows { step } => CacheReason::Follows { line: line(*step) },
    }
}

/// The name of the build that a named context is.
fn build_of(model: &Model, context: &str) -> String {
    match model.build().contexts.get(context) {
        Some(NamedContext::Build(image)) => image.name.clone(),
        _ => context.to_owned(),
    }
}

/// Why a stage starts from another image.
fn on_build(model: &Model, rebuilt: &Rebuilt, context: &str) -> CacheReason {
    let of = |dockerfile, line| CacheReason::OnBuild { build: build_of(model, context), dockerfile, line };
    match rebuilt.below.get(context).map(|below| below.start.cause.clone()) {
        Some(Cause::Triggers { path, paths }) => CacheReason::Triggers { path, paths },
        Some(Cause::Line { dockerfile, line }) => of(Some(dockerfile), Some(line)),
        Some(Cause::Dockerfile { dockerfile }) => of(Some(dockerfile), None),
        Some(Cause::None | Cause::Unknown) | None => of(None, None),
    }
}

fn changed(difference: &Difference) -> CacheReason {
    let (what, names) = match difference {
        Difference::Instruction => (ChangedPart::Instruction, Vec::new()),
        Difference::Variables(names) => (ChangedPart::Variables, names.clone()),
        Difference::User => (ChangedPart::User, Vec::new()),
        Difference::Folder => (ChangedPart::Folder, Vec::new()),
        Difference::Shell => (ChangedPart::Shell, Vec::new()),
        Difference::Base => (ChangedPart::Base, Vec::new()),
        Difference::Context => (ChangedPart::Context, Vec::new()),
        Difference::Below => (ChangedPart::Below, Vec::new()),
    };
    CacheReason::Changed { what, names }
}

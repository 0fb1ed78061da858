//! What a copy from another stage takes, where that can be told without a build: what is copied into the stage
//! and not touched by a RUN behind that is the same files.

use crate::semantic::{Base, CopyFrom, CopyUse, Model, PerStage, SourceKind, StageId};

use super::Question;
use super::layer::{Fate, Why};

/// How many layers are looked through for one copy.
const MAX_LAYERS: usize = 500;
/// With more changes than this, parts of what is copied are not told apart.
const MAX_CHANGES: usize = 2000;

/// A layer of a stage with what becomes of it by itself, whatever is below it.
#[derive(Debug, Clone)]
pub(super) struct Own {
    pub(super) fate: Fate,
    pub(super) why: Why,
    /// What the chain of the stage makes of it.
    pub(super) layer: Fate,
    /// The numbers of its copies; none for RUN and WORKDIR.
    pub(super) copies: Vec<usize>,
    /// A RUN.
    pub(super) runs: bool,
}

/// Whether the files at a path of a stage are the same as before.
fn of_path(
    model: &Model,
    question: &Question<'_>,
    stages: &PerStage<Vec<Own>>,
    mut stage: StageId,
    path: &str,
) -> Fate {
    let mut budget = MAX_LAYERS;
    let mut covered = false;
    loop {
        for own in stages.get(stage).into_iter().flatten().rev() {
            budget = budget.saturating_sub(1);
            if budget == 0 {
                return Fate::Perhaps;
            }
            if own.runs {
                // What it does to the files is known only if nothing below it changes.
                return if own.layer == Fate::Kept { Fate::Kept } else { Fate::Perhaps };
            }
            if own.copies.is_empty() && own.fate != Fate::Kept {
                return Fate::Perhaps;
            }
            for (copy, _) in own.copies.iter().filter_map(|c| model.copy_of_query(*c)) {
                let Some(to) = copy.destination.known() else { return Fate::Perhaps };
                match effect(copy, to, path, own, question) {
                    Effect::None => {}
                    Effect::Unknown => return Fate::Perhaps,
                    Effect::Same => covered = true,
                    Effect::Changes if covered => return Fate::Perhaps,
                    Effect::Changes => return Fate::Rebuilt,
                }
            }
        }
        match model.stages.get(stage).map(|s| &s.base) {
            Some(Base::Stage(base)) => stage = *base,
            Some(Base::Image(_) | Base::Scratch) => return Fate::Kept,
            _ => return Fate::Perhaps,
        }
    }
}

/// What a copy into a stage does to a path of it.
enum Effect {
    /// It writes elsewhere.
    None,
    /// It writes there what it wrote before.
    Same,
    Changes,
    Unknown,
}

fn effect(copy: &CopyUse, to: &str, path: &str, own: &Own, question: &Question<'_>) -> Effect {
    let (to, path) = (to.trim_end_matches('/'), path.trim_end_matches('/'));
    let surely = matches!(own.why, Why::Takes { .. } | Why::FromStage { .. });
    // What is copied may also be a folder, or a file in one.
    let inside = below(path, to);
    let Some(rest) = below(to, path) else {
        return match (inside, own.fate) {
            (None, _) => Effect::None,
            (Some(_), Fate::Kept) => Effect::Same,
            // All that it writes lies in what is taken.
            (Some(_), Fate::Rebuilt) if surely => Effect::Changes,
            (Some(_), _) => Effect::Unknown,
        };
    };
    match own.fate {
        Fate::Kept => Effect::Same,
        Fate::Rebuilt if rest.is_empty() && surely => Effect::Changes,
        Fate::Rebuilt => part(copy, rest, own, question),
        Fate::Perhaps => Effect::Unknown,
    }
}

/// A part of what a copy writes, which is the same part of its source if that is one folder.
fn part(copy: &CopyUse, rest: &str, own: &Own, question: &Question<'_>) -> Effect {
    let plain = |text: &str| !text.contains(['*', '?', '[', '\\', '$']);
    let Why::Takes { changes: taken, .. } = own.why else { return Effect::Unknown };
    let [source] = copy.sources.as_slice() else { return Effect::Unknown };
    let (Some(from), SourceKind::Path, CopyFrom::Context, Some(query)) =
        (source.value.known(), source.kind, &copy.from, &copy.query)
    else {
        return Effect::Unknown;
    };
    let odd = copy.add || query.parents || !query.excludes.is_empty() || !question.flips.is_empty();
    if odd || question.any || question.changes.len() > MAX_CHANGES || !plain(from) || !plain(rest) {
        return Effect::Unknown;
    }
    let from = trimmed(from);
    let paths = || question.changes.iter().map(|c| trimmed(&c.path));
    let touches =
        |place: &str, changed: &str| below(changed, place).or_else(|| below(place, changed)).is_some();
    // What it takes by way of a link has another path.
    if paths().filter(|changed| touches(from, changed)).count() != taken {
        return Effect::Unknown;
    }
    // A source that is a file goes into the folder by its name.
    if from.rsplit('/').next() == Some(rest) {
        return if paths().any(|changed| changed == from) { Effect::Changes } else { Effect::Unknown };
    }
    let place = if from.is_empty() { rest.to_owned() } else { format!("{from}/{rest}") };
    if paths().any(|changed| touches(&place, changed)) { Effect::Changes } else { Effect::Same }
}

/// A path of the context without what does not count.
fn trimmed(path: &str) -> &str {
    let path = path.trim_start_matches("./").trim_matches('/');
    if path == "." { "" } else { path }
}

/// What of `path` lies below `folder`.
fn below<'p>(folder: &str, path: &'p str) -> Option<&'p str> {
    let rest = path.strip_prefix(folder)?;
    if rest.is_empty() || folder.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

/// The fate of what a copy takes from a stage of which something is rebuilt.
pub(super) fn of_copy(
    model: &Model,
    question: &Question<'_>,
    stages: &PerStage<Vec<Own>>,
    copy: &CopyUse,
    stage: StageId,
) -> Fate {
    let mut fate = Fate::Kept;
    for source in &copy.sources {
        let Some(path) = source.value.known().filter(|p| !p.contains(['*', '?', '[', '\\'])) else {
            return Fate::Perhaps;
        };
        match of_path(model, question, stages, stage, &format!("/{}", trimmed(path))) {
            Fate::Rebuilt => return Fate::Rebuilt,
            Fate::Perhaps => fate = Fate::Perhaps,
            Fate::Kept => {}
        }
    }
    fate
}

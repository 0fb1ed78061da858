//! Which layers are rebuilt, and why.

use std::collections::{HashMap, VecDeque};

use crate::context::SourceStatus;
use crate::semantic::{Analysis, Base, CopyFrom, CopyUse, SourceKind, Stage, is_manifest};
use crate::syntax::Keyword;

use super::Question;

/// What becomes of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It is taken from the cache.
    Kept,
    /// That depends on what only the build knows.
    Perhaps,
    /// It is built again.
    Rebuilt,
}

/// Why that becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// Nothing that it is made from changes.
    Untouched,
    /// It comes from an image, an address or a repository, which no file of the context changes.
    Elsewhere,
    /// It has `--link`, so it does not go by the layers below it, though the one of `step` is rebuilt.
    Linked {
        /// The first step that is rebuilt.
        step: usize,
    },
    /// A copy takes changed files.
    Takes {
        /// Index into [`Model::copies`].
        copy: usize,
        /// Index into what its query asks for.
        source: usize,
        /// Which change, the first if there are several.
        change: usize,
        /// How many changes it takes something of.
        changes: usize,
        /// How many changed files that are there.
        files: u64,
        /// The largest of these files.
        example: Option<String>,
    },
    /// A source of the copy depends on a variable.
    UnknownSource {
        /// Index into [`Model::copies`].
        copy: usize,
    },
    /// A source of the copy is not in the context now.
    MissingSource {
        /// Index into [`Model::copies`].
        copy: usize,
        /// Index into what its query asks for.
        source: usize,
    },
    /// A copy takes from a stage of which something is rebuilt.
    FromStage {
        /// Index into [`Model::copies`].
        copy: usize,
        /// The number of that stage.
        stage: usize,
    },
    /// Its stage starts from one of which the last layer is rebuilt.
    OnStage {
        /// The number of that stage.
        stage: usize,
    },
    /// It is built on the layer of an earlier step.
    Follows {
        /// The first step of the stage that is rebuilt.
        step: usize,
    },
}

/// One layer of what is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// The instruction that makes it; for an image that a stage starts from the FROM.
    pub step: usize,
    /// What becomes of it.
    pub fate: Fate,
    /// Why.
    pub why: Why,
}

/// How far a stage is rebuilt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Chain {
    fate: Fate,
    /// The first step that is the cause.
    step: usize,
}

/// What becomes of each layer of the stages that the target needs, in the order of the file.
#[must_use]
pub fn judge(model: &Analysis, question: &Question<'_>) -> Vec<Layer> {
    let changed = changed(question);
    let own: Vec<_> = (0..model.copies.len()).map(|c| taken(model, question, &changed, c)).collect();
    let mut ends: Vec<Option<Chain>> = vec![None; model.stages.len()];
    let mut layers = Vec::new();
    for stage in order(model) {
        let Some(stage) = model.stages.get(stage) else { continue };
        let end = of_stage(model, stage, &own, &ends, &mut layers);
        if let Some(slot) = ends.get_mut(stage.index) {
            *slot = Some(end);
        }
    }
    layers.sort_by_key(|l| l.step);
    layers
}

/// The stages that are built, each behind those that it needs.
fn order(model: &Analysis) -> Vec<usize> {
    let mut waits = vec![0_usize; model.stages.len()];
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); model.stages.len()];
    let chosen = model.stages.iter().flat_map(|s| s.choices.iter().map(|choice| (s.index, *choice)));
    for (stage, needed) in model.needs().into_iter().map(|n| (n.stage, n.needed)).chain(chosen) {
        if let (Some(waits), Some(users)) = (waits.get_mut(stage), users.get_mut(needed)) {
            *waits += 1;
            users.push(stage);
        }
    }
    let mut ready: VecDeque<usize> = (0..waits.len()).filter(|s| waits.get(*s) == Some(&0)).collect();
    let mut order = Vec::new();
    while let Some(stage) = ready.pop_front() {
        order.push(stage);
        for user in users.get(stage).into_iter().flatten() {
            let Some(left) = waits.get_mut(*user) else { continue };
            *left -= 1;
            if *left == 0 {
                ready.push_back(*user);
            }
        }
    }
    // A circle, which BuildKit refuses, has no order.
    order.extend((0..waits.len()).filter(|s| waits.get(*s).is_some_and(|w| *w > 0)));
    order.retain(|s| model.stages.get(*s).is_some_and(|s| s.reachable));
    order
}

fn of_stage(
    model: &Analysis,
    stage: &Stage,
    own: &[Option<(Fate, Why)>],
    ends: &[Option<Chain>],
    layers: &mut Vec<Layer>,
) -> Chain {
    let end_of = |stage: usize| ends.get(stage).copied().flatten();
    let is_changed = |end: &Chain| end.fate > Fate::Kept;
    let from = stage.steps.start;
    let mut chain = Chain { fate: Fate::Kept, step: from };
    let why = match stage.base {
        Base::Stage(base) => match end_of(base).filter(is_changed) {
            Some(end) => {
                chain = end;
                Why::OnStage { stage: base }
            }
            None => Why::Untouched,
        },
        // Which of them it is, only the build knows.
        _ => match stage.choices.iter().find_map(|s| Some((*s, end_of(*s).filter(is_changed)?))) {
            Some((base, end)) => {
                chain = Chain { fate: Fate::Perhaps, ..end };
                Why::OnStage { stage: base }
            }
            None => Why::Elsewhere,
        },
    };
    layers.push(Layer { step: from, fate: chain.fate, why });
    // Triggers make no layers in this build.
    for (step, instruction) in model.instructions_of(stage).skip(1).filter(|(_, i)| !i.is_trigger()) {
        if !matches!(instruction.keyword, Keyword::Run | Keyword::Copy | Keyword::Add | Keyword::Workdir) {
            continue;
        }
        if instruction.keyword == Keyword::Workdir && is_root(model, step) {
            continue;
        }
        let first = model.copies.partition_point(|c| c.step < step);
        let copies = model.copies.iter().enumerate().skip(first).take_while(|(_, c)| c.step == step);
        let mut made = (Fate::Kept, Why::Untouched);
        for (number, copy) in copies {
            let input = match copy.from {
                CopyFrom::Stage(from) => from_stage(number, from, end_of(from)),
                _ => own.get(number).cloned().flatten(),
            };
            if let Some(input) = input
                && (input.0 > made.0 || made.1 == Why::Untouched)
            {
                made = input;
            }
        }
        let link = instruction.flag("link").is_some_and(|f| f.value.as_deref().is_none_or(is_true));
        let below = chain;
        if made.0 > chain.fate {
            chain = Chain { fate: made.0, step };
        }
        let (fate, why) = match made {
            (fate, _) if !link && below.fate > fate => (below.fate, Why::Follows { step: below.step }),
            (fate, Why::Untouched | Why::Elsewhere) if !link && below.fate > Fate::Kept => {
                (fate.max(below.fate), Why::Follows { step: below.step })
            }
            (Fate::Kept, _) if link && below.fate > Fate::Kept => {
                (Fate::Kept, Why::Linked { step: below.step })
            }
            made => made,
        };
        layers.push(Layer { step, fate, why });
    }
    chain
}

/// True if the WORKDIR is the root, which needs no layer.
fn is_root(model: &Analysis, step: usize) -> bool {
    let own = model.workdirs.binary_search_by_key(&step, |w| w.step).ok().and_then(|i| model.workdirs.get(i));
    own.is_some_and(|w| w.path.known() == Some("/"))
}

/// What Go's `strconv.ParseBool` takes for true.
fn is_true(text: &str) -> bool {
    matches!(text, "1" | "t" | "T" | "TRUE" | "true" | "True")
}

/// What a copy from another stage makes of that stage's fate.
fn from_stage(copy: usize, stage: usize, end: Option<Chain>) -> Option<(Fate, Why)> {
    // Its files are compared, so that a new build of the stage may well change nothing.
    end.filter(|end| end.fate > Fate::Kept)?;
    Some((Fate::Perhaps, Why::FromStage { copy, stage }))
}

/// What a copy that takes nothing from a stage makes of the changes; `None` if nothing.
fn taken(
    model: &Analysis,
    question: &Question<'_>,
    changed: &HashMap<usize, Why>,
    number: usize,
) -> Option<(Fate, Why)> {
    let copy = model.copies.get(number)?;
    match copy.from {
        CopyFrom::Context => {}
        CopyFrom::Unknown => return Some((Fate::Perhaps, Why::UnknownSource { copy: number })),
        _ => return Some((Fate::Kept, Why::Elsewhere)),
    }
    if let Some(why) = changed.get(&number) {
        return Some((Fate::Rebuilt, why.clone()));
    }
    if copy.sources.iter().any(|s| s.kind == SourceKind::Unknown) && !question.changes.is_empty() {
        return Some((Fate::Perhaps, Why::UnknownSource { copy: number }));
    }
    if question.any
        && let Some(source) = missing(model, copy)
    {
        return Some((Fate::Perhaps, Why::MissingSource { copy: number, source }));
    }
    let remote = |k: SourceKind| matches!(k, SourceKind::Url | SourceKind::Git);
    let elsewhere = !copy.sources.is_empty() && copy.sources.iter().all(|s| remote(s.kind));
    elsewhere.then_some((Fate::Kept, Why::Elsewhere))
}

/// Why each query that takes changed files is affected.
fn changed(question: &Question<'_>) -> HashMap<usize, Why> {
    let mut whys: HashMap<usize, Why> = HashMap::new();
    for (number, change) in question.changes.iter().enumerate() {
        for taken in &change.taken {
            let Some(query) = question.queries.get(taken.query) else { continue };
            let why = whys.entry(query.id).or_insert_with(|| Why::Takes {
                copy: query.id,
                source: taken.source,
                change: number,
                changes: 0,
                files: 0,
                example: taken.largest.clone(),
            });
            if let Why::Takes { changes, files, .. } = why {
                *changes += 1;
                *files = files.saturating_add(taken.files.files);
            }
        }
    }
    whys
}

/// The first source of the copy that is not there, as far as it is no manifest.
fn missing(model: &Analysis, copy: &CopyUse) -> Option<usize> {
    let query = copy.query.as_ref()?;
    let scan = &model.context()?.scan;
    let result = scan.per_query.get(scan.per_query.binary_search_by_key(&query.id, |q| q.id).ok()?)?;
    result.sources.iter().position(|s| s.status == SourceStatus::Missing && !is_manifest(&s.source))
}

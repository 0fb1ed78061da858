//! Which layers are rebuilt, and why.

use std::collections::{HashMap, HashSet, VecDeque};

use dockerignore::filepath::{has_wildcard, path_match};

use crate::context::{SourceResult, SourceStatus};
use crate::semantic::{Analysis, Base, CopyFrom, CopyUse, PerStage, SourceKind, Stage, StageId, is_manifest};
use crate::syntax::ImageRef;

use super::content::{self, Own};
use super::layer::{Difference, Fate, Layer, Why};
use super::old::{Chains, Old};
use super::recipe::{Input, Made, StageRecipe, recipes};
use super::{Question, Store};

/// With more sources than this, a folder counts as sent.
const MAX_SENT: usize = 1000;

/// How far a stage is rebuilt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Chain {
    fate: Fate,
    /// The first step that is the cause.
    step: usize,
}

/// What becomes of each layer of the stages that the target needs, stage by stage.
#[must_use]
pub fn judge(model: &Analysis, question: &Question<'_>) -> Vec<Layer> {
    let stages = recipes(model);
    let mut judge = Judge {
        model,
        question,
        chains: Chains::of(&stages),
        old: question.old.map(Old::of),
        changed: changed(question),
        unsure: question.unsure.iter().copied().collect(),
        sent: Vec::new(),
        ends: model.stages.each(None),
        own: model.stages.each(Vec::new()),
        layers: Vec::new(),
        stages,
    };
    judge.sent = judge.sent();
    for stage in order(model) {
        let Some(stage) = model.stages.get(stage) else { continue };
        let end = judge.stage(stage);
        if let Some(slot) = judge.ends.get_mut(stage.index) {
            *slot = Some(end);
        }
    }
    // A stable sort: triggers stay before what follows them.
    judge.layers.sort_by_key(|l| l.stage);
    judge.layers
}

/// The stages that are built, each behind those that it needs.
fn order(model: &Analysis) -> Vec<StageId> {
    let mut waits = model.stages.each(0_usize);
    let mut users: PerStage<Vec<StageId>> = model.stages.each(Vec::new());
    let chosen = model.stages.iter().flat_map(|s| s.choices.iter().map(|choice| (s.index, *choice)));
    for (stage, needed) in model.needs().into_iter().map(|n| (n.stage, n.needed)).chain(chosen) {
        if let (Some(waits), Some(users)) = (waits.get_mut(stage), users.get_mut(needed)) {
            *waits += 1;
            users.push(stage);
        }
    }
    let mut ready: VecDeque<StageId> = waits.ids().filter(|s| waits.get(*s) == Some(&0)).collect();
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
    order.extend(waits.ids().filter(|s| waits.get(*s).is_some_and(|w| *w > 0)));
    order.retain(|s| model.stages.get(*s).is_some_and(|s| s.reachable));
    order
}

struct Judge<'q> {
    model: &'q Analysis,
    question: &'q Question<'q>,
    stages: PerStage<Option<StageRecipe>>,
    chains: Chains,
    old: Option<Old>,
    /// Why each query that takes changed files is affected.
    changed: HashMap<usize, Why>,
    unsure: HashMap<usize, usize>,
    /// The sources that are there, and sent.
    sent: Vec<String>,
    ends: PerStage<Option<Chain>>,
    own: PerStage<Vec<Own>>,
    layers: Vec<Layer>,
}

impl Judge<'_> {
    fn stage(&mut self, stage: &Stage) -> Chain {
        let Some(Some(recipe)) = self.stages.get(stage.index) else {
            return Chain { fate: Fate::Kept, step: stage.steps.start };
        };
        let keys = self.chains.keys.get(stage.index).map_or(&[][..], Vec::as_slice);
        let from = stage.steps.start;
        let (fate, why) = self.ground(stage, keys.first().copied().unwrap_or_default());
        let mut chain = match &why {
            Why::OnStage { stage: base } => {
                Chain { fate, ..self.end(*base).unwrap_or(Chain { fate, step: from }) }
            }
            _ => Chain { fate, step: from },
        };
        let mut layers = vec![Layer { stage: stage.index, step: from, fate, why }];
        let mut own = Vec::new();
        let mut known = true;
        for (number, (made, key)) in recipe.layers.iter().zip(keys.iter().skip(1)).enumerate() {
            let (mut fate, mut why) = self.input(made);
            if let Some(old) = &self.old {
                let found = old.has(*key);
                if !found && made.linked && old.has_linked(&made.recipe) {
                    // Only what is below it differs.
                    if known && chain.fate == Fate::Kept {
                        (fate, why) = match self.question.store {
                            Store::Merging => (fate, why),
                            Store::Plain => (Fate::Rebuilt, Why::Changed(Difference::Below)),
                            Store::Unknown => (fate.max(Fate::Perhaps), Why::Linked { step: made.step }),
                        };
                    }
                } else if !found {
                    // An instruction that is new is a cause of its own; all others follow the first.
                    if chain.fate < Fate::Rebuilt || !old.knows_text(&made.recipe) {
                        let difference = old.difference(&self.stages, stage.index, number, made);
                        (fate, why) = (Fate::Rebuilt, Why::Changed(difference));
                    }
                } else if fate < Fate::Perhaps {
                    let inputs: Vec<u64> = made.inputs.iter().map(|i| self.chains.input(*i)).collect();
                    if !old.has_inputs(*key, &inputs) {
                        (fate, why) = (Fate::Perhaps, other_input(made));
                    }
                }
                known = found;
            }
            if self.question.unknown_dockerfile && fate == Fate::Kept {
                (fate, why) = (Fate::Perhaps, Why::UnknownDockerfile);
            }
            let below = chain;
            if fate > chain.fate {
                chain = Chain { fate, step: made.step };
            }
            let runs = self.model.instruction(made.step).keyword == crate::syntax::Keyword::Run;
            let (result, reason) = on(below, (fate, why.clone()), made.linked, self.question.store);
            own.push(Own { fate, why, layer: result, copies: made.copies.clone(), runs });
            layers.push(Layer { stage: stage.index, step: made.step, fate: result, why: reason });
        }
        self.layers.extend(layers);
        if let Some(slot) = self.own.get_mut(stage.index) {
            *slot = own;
        }
        chain
    }

    fn end(&self, stage: StageId) -> Option<Chain> {
        self.ends.get(stage).copied().flatten().filter(|end| end.fate > Fate::Kept)
    }

    /// What becomes of what a stage starts from.
    fn ground(&self, stage: &Stage, key: u64) -> (Fate, Why) {
        if stage.base_value.known().is_some_and(|name| self.question.is_other(name)) {
            return (Fate::Rebuilt, Why::Changed(Difference::Base));
        }
        if let Base::Stage(base) = stage.base {
            return match self.end(base) {
                Some(end) => (end.fate, Why::OnStage { stage: base }),
                None => (Fate::Kept, Why::Untouched),
            };
        }
        // Which of them it is, only the build knows.
        if let Some(base) = stage.choices.iter().find(|s| self.end(**s).is_some()) {
            return (Fate::Perhaps, Why::OnStage { stage: *base });
        }
        let named = self.model.named_base(stage).map(|(context, _)| context);
        if let Some((context, below)) = named.and_then(|name| self.question.below.get_key_value(name))
            && below.start.fate > Fate::Kept
        {
            return (below.start.fate, Why::OnBuild { context: context.clone() });
        }
        match &self.old {
            Some(old) if !old.has_ground(key) && stage.choices.is_empty() => {
                (Fate::Rebuilt, Why::Changed(Difference::Base))
            }
            Some(_) if !stage.choices.is_empty() => (Fate::Perhaps, Why::UnknownDockerfile),
            _ if self.question.unknown_dockerfile => (Fate::Perhaps, Why::UnknownDockerfile),
            _ if self.is_made_here(stage.image()) => {
                let image = stage.image().map(|image| image.path.to_string()).unwrap_or_default();
                (Fate::Perhaps, Why::ProjectImage { image })
            }
            _ if has_triggers(&stage.base) && !self.question.changes.is_empty() => {
                (Fate::Perhaps, Why::UnknownTriggers)
            }
            _ => (Fate::Kept, Why::Elsewhere),
        }
    }

    /// True for an image that another build of the project makes, of files that may change.
    fn is_made_here(&self, image: Option<&ImageRef>) -> bool {
        self.question.files_change && image.is_some_and(|image| self.model.is_of_project(image))
    }

    /// What the files that a layer takes make of it.
    fn input(&self, made: &Made) -> (Fate, Why) {
        let mut found = (Fate::Kept, Why::Untouched);
        for number in &made.copies {
            let Some((copy, _)) = self.model.copy_of_query(*number) else { continue };
            let is_other =
                || self.model.copy_reference(copy).is_some_and(|(name, _)| self.question.is_other(name));
            let input = match copy.from {
                // Its files are compared.
                _ if is_other() => Some((Fate::Perhaps, Why::Changed(Difference::Context))),
                CopyFrom::Stage(from) => self.of_stage(copy, from),
                CopyFrom::Named => Some(self.of_build(copy)),
                _ => self.taken(copy, *number),
            };
            if let Some(input) = input
                && (input.0 > found.0 || found.1 == Why::Untouched)
            {
                found = input;
            }
        }
        found
    }

    /// What a copy from another stage makes of that stage's fate.
    fn of_stage(&self, copy: &CopyUse, stage: StageId) -> Option<(Fate, Why)> {
        // Its files are compared, so that a new build of the stage may well change nothing.
        self.end(stage)?;
        let why = Why::FromStage { stage };
        if self.old.is_some() || self.question.unknown_dockerfile {
            return Some((Fate::Perhaps, why));
        }
        let fate = content::of_copy(self.model, self.question, &self.own, copy, stage);
        Some((fate, why))
    }

    /// What a copy from a named context that is no folder makes of the fate of the image of another build.
    fn of_build(&self, copy: &CopyUse) -> (Fate, Why) {
        let name =
            self.model.copy_reference(copy).and_then(|(name, _)| self.model.build().context_called(name));
        match name.and_then(|(name, _)| self.question.below.get_key_value(name)) {
            // Its files are compared, as those of a stage are.
            Some((context, below)) if below.image.fate > Fate::Kept => {
                (Fate::Perhaps, Why::FromBuild { context: context.clone() })
            }
            _ => (Fate::Kept, Why::Elsewhere),
        }
    }

    /// What a copy that takes nothing from a stage makes of the changes; `None` if nothing.
    fn taken(&self, copy: &CopyUse, number: usize) -> Option<(Fate, Why)> {
        let question = self.question;
        let gone = |(source, _)| Some((Fate::Rebuilt, Why::Fails { copy: number, source }));
        if let Some(why) = self.changed.get(&number) {
            let missing = if question.any { None } else { self.missing(copy).filter(|(_, sure)| *sure) };
            return missing.map_or_else(|| Some((Fate::Rebuilt, why.clone())), gone);
        }
        match &copy.from {
            CopyFrom::Context => {}
            CopyFrom::Unknown => return Some((Fate::Perhaps, Why::UnknownSource { copy: number })),
            CopyFrom::Image(Some(image)) if self.is_made_here(Some(image)) => {
                return Some((Fate::Perhaps, Why::ProjectImage { image: image.path.to_string() }));
            }
            CopyFrom::Image(Some(image)) if question.unknown_contexts => {
                let bare = !image.path.trim_start_matches("library/").contains('/');
                let named =
                    bare && image.tag.is_none() && image.digest.is_none() && &*image.registry == "docker.io";
                return Some(if named && crate::semantic::facts(image).is_none() {
                    (Fate::Perhaps, Why::UnknownContext)
                } else {
                    (Fate::Kept, Why::Elsewhere)
                });
            }
            _ => return Some((Fate::Kept, Why::Elsewhere)),
        }
        if copy.sources.iter().any(|s| s.kind == SourceKind::Unknown) && !question.changes.is_empty() {
            return Some((Fate::Perhaps, Why::UnknownSource { copy: number }));
        }
        if let Some(source) = self.unsure.get(&number) {
            return Some((Fate::Perhaps, Why::UnknownIgnored { copy: number, source: *source }));
        }
        // What was missing before is missing still where no file changes.
        if let Some((source, sure)) = self.missing(copy)
            && (question.any || sure && !question.changes.is_empty())
        {
            return Some((Fate::Perhaps, Why::MissingSource { copy: number, source }));
        }
        let remote = |k: SourceKind| matches!(k, SourceKind::Url | SourceKind::Git);
        let elsewhere = !copy.sources.is_empty() && copy.sources.iter().all(|s| remote(s.kind));
        elsewhere.then_some((Fate::Kept, Why::Elsewhere))
    }

    /// The first source of the copy that is not there, and whether the build surely fails for it.
    fn missing(&self, copy: &CopyUse) -> Option<(usize, bool)> {
        let sources = &self.model.taken(copy)?.sources;
        let gone = |s: &SourceResult| match s.status {
            SourceStatus::Found => None,
            SourceStatus::Excluded { .. } => (!has_wildcard(&s.source)).then_some(true),
            // A wildcard that hits nothing is fine, unless its folder is not there.
            SourceStatus::Missing if has_wildcard(&s.source) => Some(!self.has_folder(&s.source)),
            SourceStatus::Missing => Some(true),
        };
        let manifest = |s: &SourceResult| self.question.any && is_manifest(&s.source);
        let found = sources.iter().enumerate().filter(|(_, s)| !manifest(s));
        found
            .filter_map(|(number, s)| Some((number, gone(s)?)))
            .max_by_key(|(number, sure)| (*sure, usize::MAX - number))
    }

    /// True if the folder that a wildcard is in is sent for another source, or may be.
    fn has_folder(&self, source: &str) -> bool {
        let end = source.find(['*', '?', '[', '\\']).unwrap_or(source.len());
        let folder = source.get(..end).unwrap_or_default();
        let folder = folder
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder)
            .trim_start_matches("./")
            .trim_matches('/');
        let covers = |sent: &String| {
            let sent = sent.trim_start_matches("./").trim_matches('/');
            let under = |outer: &str, inner: &str| {
                inner.strip_prefix(outer).is_some_and(|r| r.is_empty() || r.starts_with('/'))
            };
            let first = |path: &str| path.split('/').next().unwrap_or_default().to_owned();
            let hits = has_wildcard(sent) && path_match(first(sent).as_bytes(), first(folder).as_bytes());
            matches!(sent, "" | ".") || hits || under(sent, folder) || under(folder, sent)
        };
        let many = self.sent.len() > MAX_SENT;
        many || folder.is_empty() || has_wildcard(folder) || self.sent.iter().any(covers)
    }

    fn sent(&self) -> Vec<String> {
        let Some(context) = self.model.context() else { return Vec::new() };
        let reached: HashSet<usize> =
            self.question.queries.iter().filter(|q| q.reachable).map(|q| q.id).collect();
        let results = context.scan.per_query.iter().filter(|r| reached.contains(&r.id));
        let sources = results.flat_map(|r| &r.sources).filter(|s| s.status == SourceStatus::Found);
        sources.map(|s| s.source.clone()).collect()
    }
}

/// True if an image has triggers by its tag, as `python:3-onbuild` has. They mostly copy the whole context.
fn has_triggers(base: &Base) -> bool {
    matches!(base, Base::Image(image) if image.tag.as_deref().is_some_and(|tag| tag.contains("onbuild")))
}

/// What a layer on one of that fate is, if its own is this.
fn on(below: Chain, own: (Fate, Why), link: bool, store: Store) -> (Fate, Why) {
    let (fate, why) = own;
    if below.fate == Fate::Kept {
        return (fate, why);
    }
    if link {
        return match store {
            _ if fate >= below.fate && fate == Fate::Rebuilt => (fate, why),
            Store::Merging if fate == Fate::Kept => (fate, Why::Linked { step: below.step }),
            Store::Merging => (fate, why),
            Store::Plain => (below.fate.max(fate), Why::Follows { step: below.step }),
            Store::Unknown => (Fate::Perhaps, Why::Linked { step: below.step }),
        };
    }
    if below.fate > fate || matches!(why, Why::Untouched | Why::Elsewhere) {
        return (fate.max(below.fate), Why::Follows { step: below.step });
    }
    (fate, why)
}

/// Why a layer whose instruction is the same may take other files.
fn other_input(made: &Made) -> Why {
    match made.inputs.iter().find_map(|i| if let Input::Stage(stage) = i { Some(*stage) } else { None }) {
        Some(stage) => Why::FromStage { stage },
        None => Why::Changed(Difference::Instruction),
    }
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
    for (number, flip) in question.flips.iter().enumerate() {
        for taken in &flip.change.taken {
            let Some(query) = question.queries.get(taken.query) else { continue };
            let why = whys.entry(query.id).or_insert_with(|| Why::Ignored {
                copy: query.id,
                source: taken.source,
                flip: number,
                flips: 0,
            });
            if let Why::Ignored { flips, .. } = why {
                *flips += 1;
            }
        }
    }
    whys
}

//! What the layers of a Dockerfile will weigh, before anything is built.

mod apk;
mod base;
mod beside;
mod copies;
mod downloads;
mod estimate;
mod fetched;
mod files;
mod indexes;
mod little;
mod one_layer;
mod python;
mod runs;
mod touched;
mod written;

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use crate::semantic::{Analysis, Model, SiblingImage, Stage, StageId};
use crate::syntax::Kind;
use crate::text::Span;

use super::apk::apk_steps;
use super::indexed::indexed_installs;
use super::own::BaseImages;
use super::packages::apt_installs;

pub use estimate::{Estimate, Provenance};

/// How many images of the project that start from each other are counted; what is below that is unknown.
const MAX_LEVELS: usize = 16;

/// The plan of a build: what each instruction of the stages that it runs adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The stages that the build runs, in the order of the file.
    pub stages: Vec<StagePlan>,
}

/// The layers of one stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagePlan {
    /// The stage.
    pub stage: StageId,
    /// True if its layers are in the image that is built.
    pub in_image: bool,
    /// One for each instruction that makes a layer of files, in order. What a stage takes over from another
    /// one with FROM is in the rows of that stage.
    pub rows: Vec<Row>,
}

/// What one instruction adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The instruction.
    pub step: usize,
    /// What its bytes are made of. None means that it adds nothing worth a word.
    pub components: Vec<Component>,
}

/// A part of what an instruction adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// What it is, for people: "package lists of apt".
    pub what: String,
    /// The words of the Dockerfile that bring it.
    pub span: Span,
    /// Its bytes, if anything is known of them.
    pub estimate: Option<Estimate>,
    /// The files in it that weigh most, with their bytes.
    pub largest: Vec<(String, u64)>,
    /// The packages in it with their bytes, those that weigh most first.
    pub packages: Vec<(String, u64)>,
    /// The folder that all of it is in, as an absolute path, where that is known.
    pub folder: Option<String>,
    /// True for files that the stage has already and that are written again, in their place.
    pub is_rewritten: bool,
}

impl Component {
    pub(super) fn known(what: impl Into<String>, span: Span, estimate: Estimate) -> Self {
        Self { estimate: Some(estimate), ..Self::unknown(what, span) }
    }

    fn unknown(what: impl Into<String>, span: Span) -> Self {
        let what = what.into();
        Self {
            what,
            span,
            estimate: None,
            largest: Vec::new(),
            packages: Vec::new(),
            folder: None,
            is_rewritten: false,
        }
    }

    fn within(self, folder: Option<&str>) -> Self {
        Self { folder: folder.map(str::to_owned), ..self }
    }
}

impl Row {
    /// What is known of its bytes.
    #[must_use]
    pub fn sum(&self) -> Sum {
        let mut sum = Sum::default();
        for component in &self.components {
            sum.add(component.estimate.as_ref());
        }
        sum
    }

    /// How its bytes are known: as the least certain of its components. `None` if any of them is unknown.
    #[must_use]
    pub fn provenance(&self) -> Option<Provenance> {
        let mut bases = self.components.iter().map(|p| p.estimate.as_ref().map(|f| f.provenance));
        // Nothing is counted as such.
        bases.try_fold(Provenance::Measured, |worst, provenance| Some(worst.max(provenance?)))
    }
}

/// Figures together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum {
    /// Bytes that are known, as likely as any.
    pub bytes: u64,
    /// The least and the most of what is known.
    pub range: (u64, u64),
    /// How many components are unknown, and not in the bytes.
    pub unknown: usize,
}

impl Sum {
    fn add(&mut self, estimate: Option<&Estimate>) {
        let Some(estimate) = estimate else {
            self.unknown += 1;
            return;
        };
        self.bytes = self.bytes.saturating_add(estimate.bytes);
        self.range.0 = self.range.0.saturating_add(estimate.range.0);
        self.range.1 = self.range.1.saturating_add(estimate.range.1);
    }

    fn merge(&mut self, other: Self) {
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.range.0 = self.range.0.saturating_add(other.range.0);
        self.range.1 = self.range.1.saturating_add(other.range.1);
        self.unknown += other.unknown;
    }
}

impl StagePlan {
    /// What is known of the bytes of its own layers.
    #[must_use]
    pub fn sum(&self) -> Sum {
        let mut sum = Sum::default();
        self.rows.iter().for_each(|row| sum.merge(row.sum()));
        sum
    }
}

impl Plan {
    /// What is known of the bytes of the image.
    #[must_use]
    pub fn image(&self) -> Sum {
        let mut sum = Sum::default();
        self.stages.iter().filter(|s| s.in_image).for_each(|stage| sum.merge(stage.sum()));
        sum
    }

    /// The row of an instruction, if it makes a layer.
    #[must_use]
    pub fn row(&self, step: usize) -> Option<&Row> {
        self.stages.iter().flat_map(|s| &s.rows).find(|row| row.step == step)
    }
}

/// Plans the build of `model`'s target for an architecture such as `amd64`.
#[must_use]
pub fn plan(model: &Analysis, images: &BaseImages, arch: &str) -> Plan {
    Plan { stages: of_level(model, (images, arch), 0, &mut Siblings::new()).stages }
}

/// The same for a build whose image another one takes from, `level` builds up.
fn of_level(
    model: &Analysis,
    (images, arch): (&BaseImages, &str),
    level: usize,
    siblings: &mut Siblings,
) -> Planned {
    let (apt, apk) = (apt_installs(model), apk_steps(model));
    let indexed = indexed_installs(model, &images.indexes, arch, &|cmd| indexes::known(cmd, &apt, &apk));
    let mut planner = Planner {
        model,
        images,
        arch,
        installs: runs::Installs {
            apt,
            apk,
            indexed,
            locks: python::Locks::default(),
            fetches: &images.fetched,
        },
        planned: Planned::default(),
        siblings,
        level,
    };
    for stage in model.stages.iter().filter(|s| s.reachable) {
        let rows = planner.rows(stage);
        planner.planned.places.insert(stage.index, planner.planned.stages.len());
        planner.planned.stages.push(StagePlan { stage: stage.index, in_image: stage.in_final_image, rows });
    }
    planner.planned
}

/// The stages that are planned.
#[derive(Debug, Default)]
struct Planned {
    stages: Vec<StagePlan>,
    /// Where the stages of the file stand among them.
    places: HashMap<StageId, usize>,
}

impl Planned {
    fn of(&self, stage: &Stage) -> Option<&StagePlan> {
        self.stages.get(*self.places.get(&stage.index)?)
    }
}

/// Another build of the project, planned.
#[derive(Debug)]
struct Sibling {
    model: Analysis,
    planned: Planned,
}

/// Other builds, each planned once however many start from it or copy from it, by model and architecture.
type Siblings = HashMap<(*const Model, String), Rc<Sibling>>;

/// What is known while stages are planned one after the other.
struct Planner<'m> {
    model: &'m Analysis,
    images: &'m BaseImages,
    arch: &'m str,
    installs: runs::Installs<'m>,
    planned: Planned,
    siblings: &'m mut Siblings,
    /// How many builds take from this one, one after the other.
    level: usize,
}

impl Planner<'_> {
    fn rows(&mut self, stage: &Stage) -> Vec<Row> {
        let model = self.model;
        let mut rows = Vec::new();
        rows.extend(self.base_row(stage));
        let runs = runs::components(model, stage, &self.installs);
        for step in model.triggers_in(stage) {
            let instruction = model.instruction(*step);
            let components = match &instruction.kind {
                Kind::Run(_) => {
                    vec![Component::unknown("files written by an ONBUILD instruction", instruction.span)]
                }
                Kind::Copy(_) | Kind::Add(_) => self.triggered(stage, *step),
                _ => continue,
            };
            rows.push(Row { step: *step, components });
        }
        let Range { start, end } = stage.steps.clone();
        for step in start + 1..end {
            let components = match &model.instruction(step).kind {
                // It writes into other images.
                _ if model.is_trigger(step) => continue,
                Kind::Run(_) => runs.get(&step).cloned().unwrap_or_default(),
                Kind::Copy(_) | Kind::Add(_) => self.copied(step),
                _ => continue,
            };
            rows.push(Row { step, components });
        }
        if !model.build().builder.makes_layers() {
            one_layer::settle(model, stage, &mut rows);
        }
        rows
    }

    /// The build that a named context stands for; `None` if nothing is known of it. Where the triggers of that run in
    /// this build, it is those, upon that.
    fn sibling(&mut self, context: &str, image: &SiblingImage, arch: &str) -> Option<Rc<Sibling>> {
        let model = image.model.as_ref()?;
        let key = (Arc::as_ptr(model), arch.to_owned());
        if let Some(known) = self.siblings.get(&key) {
            return Some(Rc::clone(known));
        }
        if self.level >= MAX_LEVELS {
            return None;
        }
        let measured = self.model.named().images.get(context).cloned();
        let model = measured.unwrap_or_else(|| Analysis::new(Arc::clone(model)));
        let planned = of_level(&model, (self.images, arch), self.level + 1, self.siblings);
        let sibling = Rc::new(Sibling { model, planned });
        self.siblings.insert(key, Rc::clone(&sibling));
        Some(sibling)
    }
}

#[cfg(test)]
mod tests;

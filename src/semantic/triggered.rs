//! The triggers of a stage, where another stage of the same file starts from it: BuildKit runs them there, before
//! that stage's own steps.

use crate::syntax::{Kind, Value};

use super::build::Builder;
use super::copy::TriggeredCopy;
use super::env::{BindingKind, Environment, Given, View};
use super::{CopyUse, Model, ScriptKind, Stage, StageId, scripts, step};

/// How often triggers are run in a file; beyond that they count as none.
const MAX_RUNS: usize = 20_000;

impl Builder<'_> {
    /// Runs the triggers of `parent` in the stage that the FROM of `step` opens.
    pub(super) fn run_triggers(&mut self, step: usize, parent: StageId) {
        let Some(stage) = self.model.stages.last_id() else { return };
        let triggers = self.model.stages.get(parent).map_or_else(Vec::new, |s| s.triggers.clone());
        self.ran += triggers.len();
        // The image of a stage keeps none with Podman.
        if self.ran > MAX_RUNS || self.build.drops_config() {
            return;
        }
        self.model.stages[stage].ran = triggers.len();
        for trigger in triggers {
            self.run_trigger(step, stage, trigger);
        }
    }

    fn run_trigger(&mut self, from: usize, stage: StageId, trigger: usize) {
        let file = std::sync::Arc::clone(&self.model.file);
        let Some(instruction) = file.instructions.get(trigger) else { return };
        // What is bound at the FROM counts from the next step on.
        let environment =
            Environment { scopes: &self.model.scopes, stage: Some(stage), step: from + 1, view: View::Own };
        let mut copies = self.transfers(trigger, instruction, environment, self.state);
        let value = |word: &crate::syntax::Word| environment.value(word);
        match &instruction.kind {
            Kind::User(Some(_)) => self.state.user = Some(trigger),
            Kind::Shell(Some(shell)) => {
                self.state.shell = Some(trigger);
                self.state.dialect = scripts::interpreter(scripts::shell_program(&shell.items));
            }
            Kind::Workdir(Some(word)) => {
                let path = self.path_of(value(word), self.state);
                self.state.workdir = Some(self.model.workdirs.len());
                self.model.workdirs.push(step::Workdir { step: from, path });
            }
            Kind::Env(pairs) => {
                let values: Vec<(Value, Value)> = pairs
                    .iter()
                    .map(|p| (value(&p.key), p.value.as_ref().map_or(Value::Unknown, value)))
                    .collect();
                for (name, value) in values {
                    if let Some(name) = name.known() {
                        self.bind(from, name, BindingKind::Env, value, Given::Surely);
                    }
                }
            }
            Kind::Arg(decls) => {
                let values: Vec<_> =
                    decls.iter().map(|d| (value(&d.name), d.default.as_ref().map(value))).collect();
                for (name, default) in values {
                    if let Some(name) = name.known() {
                        let (value, given) = self.argument(name, default);
                        self.bind(from, name, BindingKind::Arg, value, given);
                    }
                }
            }
            _ => {}
        }
        self.bound(&mut copies);
        self.model.triggered.extend(copies.into_iter().map(|copy| TriggeredCopy { stage, copy }));
    }
}

impl Model {
    /// The triggers that run first in a stage, since the stage that it starts from has them.
    #[must_use]
    pub fn triggers_in(&self, stage: &Stage) -> &[usize] {
        let super::Base::Stage(parent) = stage.base else { return &[] };
        self.stages.get(parent).and_then(|parent| parent.triggers.get(..stage.ran)).unwrap_or_default()
    }

    /// The copies that a build of this file makes, each with the number of its query and its stage: those of triggers in
    /// the stages that run them.
    pub fn copies_made(&self) -> impl Iterator<Item = (usize, &CopyUse, &Stage)> {
        let own = self.copies.iter().enumerate().filter(|(_, copy)| !copy.onbuild);
        let own = own.filter_map(|(number, copy)| Some((number, copy, self.stage_of(copy.step)?)));
        let triggered = self.triggered.iter().enumerate();
        let triggered = triggered.filter_map(|(number, TriggeredCopy { stage, copy })| {
            Some((self.copies.len() + number, copy, self.stages.get(*stage)?))
        });
        own.chain(triggered)
    }

    /// The copy that a query asks for, and the stage that it is made in.
    #[must_use]
    pub fn copy_of_query(&self, id: usize) -> Option<(&CopyUse, &Stage)> {
        if let Some(copy) = self.copies.get(id) {
            return Some((copy, self.stage_of(copy.step)?));
        }
        let triggered = self.triggered.get(id.checked_sub(self.copies.len())?)?;
        Some((&triggered.copy, self.stages.get(triggered.stage)?))
    }

    /// The variables as the last of the triggers that run in a stage sees them, and what follows it.
    #[must_use]
    pub fn environment_after_triggers(&self, stage: &Stage) -> Environment<'_> {
        let step = stage.steps.start + 1;
        Environment { scopes: &self.scopes, stage: Some(stage.index), step, view: View::Own }
    }
}

impl Model {
    /// The steps of the RUNs that builds run which start from an image of the file.
    #[must_use]
    pub fn trigger_runs(&self) -> &[usize] {
        self.facts.trigger_runs.get_or_init(|| {
            let triggers = self.scripts.iter().filter(|s| s.onbuild && s.kind == ScriptKind::Run);
            triggers.map(|s| s.step).collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::semantic::{Build, Builder, Model};
    use crate::syntax::parse;
    use crate::text::Source;

    #[test]
    fn the_image_of_a_stage_has_no_triggers_where_its_format_drops_them() {
        let ran = |builder, docker_format| {
            let file = parse(Source::from_text("Dockerfile", "FROM a AS b\nONBUILD COPY x /\nFROM b\n"));
            let build = Build { builder, docker_format, ..Build::default() };
            Model::of_build(file, &build).triggered.len()
        };
        assert_eq!([ran(Builder::BuildKit, false), ran(Builder::Podman, true)], [1, 1]);
        assert_eq!(ran(Builder::Podman, false), 0);
    }
}

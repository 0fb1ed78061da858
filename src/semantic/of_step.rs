//! What stands in one step: its commands, scripts and copies.

use super::{Cmd, CopyUse, Model, ScriptKind, ScriptUse, Stage};

impl Model {
    /// The commands of a step.
    pub fn commands_of(&self, step: usize) -> impl ExactSizeIterator<Item = Cmd<'_>> {
        let first = |step: usize| self.first_commands.get(step).copied().unwrap_or(self.commands.len());
        let commands = self.commands.get(first(step)..first(step.saturating_add(1))).unwrap_or_default();
        commands.iter().map(|usage| Cmd { model: self, usage })
    }

    /// The commands that a build runs in a stage and in those that it starts from, in the order of the file.
    pub fn run_commands_below<'m>(&'m self, stage: &Stage) -> impl Iterator<Item = Cmd<'m>> + use<'m> {
        let stages: Vec<_> = self.lineage(stage).map(|stage| stage.steps.clone()).collect();
        let commands = stages.into_iter().rev().flatten().flat_map(|step| self.commands_of(step));
        commands.filter(|cmd| cmd.script().kind == ScriptKind::Run)
    }

    /// The scripts of a step.
    #[must_use]
    pub fn scripts_of(&self, step: usize) -> &[ScriptUse] {
        of_step(&self.scripts, step, |script| script.step)
    }

    /// The copies of a step, its mounts too.
    #[must_use]
    pub fn copies_of(&self, step: usize) -> &[CopyUse] {
        of_step(&self.copies, step, |copy| copy.step)
    }

    /// The commands of a step behind one of them.
    pub fn commands_behind(&self, cmd: &Cmd<'_>) -> impl Iterator<Item = Cmd<'_>> {
        let (from, step) = (cmd.id().index() + 1, cmd.step());
        let commands = self.commands.get(from..).unwrap_or_default().iter();
        commands.map(|usage| Cmd { model: self, usage }).take_while(move |c| c.step() == step)
    }

    /// The commands of a step's RUN, those that a build runs: not of CMD, not behind ONBUILD.
    pub fn run_commands(&self) -> impl Iterator<Item = Cmd<'_>> {
        self.commands().filter(|c| c.script().kind == ScriptKind::Run)
    }
}

/// Those of a step among what stands in the order of the steps.
fn of_step<T>(all: &[T], step: usize, step_of: impl Fn(&T) -> usize) -> &[T] {
    let own = all.get(all.partition_point(|one| step_of(one) < step)..).unwrap_or_default();
    own.get(..own.partition_point(|one| step_of(one) == step)).unwrap_or_default()
}

//! What is left of the instructions of a stage where all of them make one layer, as `buildah build` does without
//! `--layers`: files that a later instruction removes or replaces weigh nothing, and those that it writes again weigh
//! once.

use crate::knowledge::Action;
use crate::semantic::{Analysis, Cmd, CopyUse, Stage, covers};
use crate::syntax::Kind;

use super::{Component, Estimate, Provenance, Row};

/// Takes from the rows of a stage what nothing is left of at its end.
pub(super) fn settle(model: &Analysis, stage: &Stage, rows: &mut [Row]) {
    for at in 0..rows.len() {
        let Some((row, later)) = rows.get_mut(at..).and_then(<[Row]>::split_first_mut) else { break };
        // What triggers bring is left as it is.
        if !stage.steps.contains(&row.step) {
            continue;
        }
        let behind = Behind { model, stage, step: row.step, later };
        let line = |step: usize| model.instruction(step).lines.0;
        let is_copy = matches!(model.instruction(row.step).kind, Kind::Copy(_) | Kind::Add(_));
        let gone = if is_copy { behind.takes_copy() } else { None };
        for component in &mut row.components {
            if let Some(step) = gone.or_else(|| behind.takes(component)) {
                *component = component.without_bytes(&format!("gone again in line {}", line(step)));
            } else if component.is_rewritten {
                *component = component.without_bytes("in one layer with these files");
            } else if behind.uninstalls(component) {
                component.estimate.iter_mut().for_each(|estimate| estimate.range.0 = 0);
            }
        }
    }
}

/// What comes after an instruction in its stage.
struct Behind<'a> {
    model: &'a Analysis,
    stage: &'a Stage,
    step: usize,
    later: &'a [Row],
}

impl<'a> Behind<'a> {
    fn commands(&self) -> impl Iterator<Item = Cmd<'a>> {
        let (model, steps) = (self.model, self.step + 1..self.stage.steps.end);
        steps.filter(|step| !model.is_trigger(*step)).flat_map(|step| model.commands_of(step))
    }

    /// The step that removes all that is in a folder, or writes it anew.
    fn takes(&self, component: &Component) -> Option<usize> {
        let folder = component.folder.as_deref()?;
        let kept = self.model.leftovers(self.step).iter().filter(|kept| {
            let own = self.model.folder(kept);
            own.is_some_and(|own| covers(&own, folder) || covers(folder, &own))
        });
        let kept: Vec<_> = kept.map(|kept| (kept.manager, kept.cache)).collect();
        let cleans = |cmd: &Cmd<'_>| kept.iter().any(|(manager, cache)| cmd.cleans(manager, cache));
        let removed = self.commands().find(|cmd| removes(cmd, folder) || cleans(cmd)).map(|cmd| cmd.step());
        // Lists of packages are written over.
        let is_anew = |other: &Component| {
            !kept.is_empty() && other.folder == component.folder && other.what == component.what
        };
        let written = self.later.iter().find(|row| row.components.iter().any(is_anew)).map(|row| row.step);
        removed.into_iter().chain(written).min()
    }

    /// The step that removes all files of a COPY, or copies others over them.
    fn takes_copy(&self) -> Option<usize> {
        let [copy] = self.model.copies_of(self.step) else { return None };
        let targets = copy.targets();
        let is_gone = |cmd: &Cmd<'_>| {
            cmd.program() == "rm"
                && (!targets.is_empty() && targets.iter().all(|target| removes(cmd, target))
                    || copy.is_named_by(cmd.removed_paths()))
        };
        // What was moved before is elsewhere.
        let first = self.commands().find(|cmd| cmd.program() == "mv" || is_gone(cmd));
        let removed = first.filter(|cmd| cmd.program() != "mv").map(|cmd| cmd.step());
        let covered = |row: &&Row| matches!(self.model.copies_of(row.step), [later] if is_plain(later) && later.holds(copy));
        let covered = self.later.iter().find(covered).map(|row| row.step);
        removed.into_iter().chain(covered).min()
    }

    /// True if packages may be removed again by another RUN.
    fn uninstalls(&self, component: &Component) -> bool {
        let is_index = component.estimate.as_ref().is_some_and(|e| e.provenance == Provenance::Index);
        is_index && self.commands().any(|cmd| cmd.usage.action == Action::Remove)
    }
}

fn is_plain(copy: &CopyUse) -> bool {
    !copy.mount && !copy.onbuild
}

fn removes(cmd: &Cmd<'_>, path: &str) -> bool {
    cmd.program() == "rm" && cmd.removed_paths().iter().any(|removed| removed != "/" && covers(removed, path))
}

impl Component {
    fn without_bytes(&self, why: &str) -> Self {
        let source = self.estimate.as_ref().map_or_else(String::new, |estimate| estimate.source.clone());
        let estimate = Estimate { bytes: 0, range: (0, 0), provenance: Provenance::Measured, source };
        let what = format!("{}, {why}", self.what);
        Self { what, estimate: Some(estimate), largest: Vec::new(), packages: Vec::new(), ..self.clone() }
    }
}

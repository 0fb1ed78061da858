//! What a container of a stage runs.

use crate::syntax::Kind;

use super::{Cmd, Model, ScriptUse, Stage};

/// The ENTRYPOINT and the CMD that count for a stage, as steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Entry {
    /// The step of the ENTRYPOINT; `None` if no stage of the lineage has one.
    pub entrypoint: Option<usize>,
    /// The step of the CMD; `None` if no stage of the lineage has one, or an ENTRYPOINT unset it.
    pub cmd: Option<usize>,
}

impl Entry {
    /// True if the file says nothing of what runs.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.entrypoint.is_none() && self.cmd.is_none()
    }

    /// The steps, that of the ENTRYPOINT first.
    pub fn steps(self) -> impl Iterator<Item = usize> {
        self.entrypoint.into_iter().chain(self.cmd)
    }
}

impl Model {
    /// What a container of `stage` runs as far as the file says it: the last ENTRYPOINT and the last
    /// CMD of its lineage. As in BuildKit, an ENTRYPOINT unsets the CMD of the stages before.
    #[must_use]
    pub fn entry(&self, stage: &Stage) -> Entry {
        let mut entry = Entry::default();
        for ancestor in self.lineage(stage) {
            if entry.entrypoint.is_some() {
                break;
            }
            for step in ancestor.steps.clone().rev() {
                match self.instruction(step).kind {
                    // Containers of this image do not run it.
                    _ if self.is_trigger(step) => {}
                    Kind::Entrypoint(_) if entry.entrypoint.is_none() => entry.entrypoint = Some(step),
                    Kind::Cmd(_) if entry.cmd.is_none() => entry.cmd = Some(step),
                    _ => {}
                }
            }
        }
        entry
    }

    /// The script of a step.
    #[must_use]
    pub fn script_of(&self, step: usize) -> Option<&ScriptUse> {
        let at = self.scripts.binary_search_by_key(&step, |s| s.step).ok()?;
        self.scripts.get(at)
    }

    /// The commands of ENTRYPOINT and CMD.
    pub fn entry_commands(&self, entry: Entry) -> impl Iterator<Item = Cmd<'_>> {
        entry.steps().flat_map(|step| self.commands_of(step))
    }

    /// True if `stage` is an image of its own: the final one, or one that has a name and that no other
    /// stage uses, so that it is most likely a target.
    #[must_use]
    pub fn is_output(&self, stage: &Stage) -> bool {
        stage.is_final || stage.name.is_some() && stage.used_by.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;
    use crate::text::Source;

    fn entry(text: &str) -> (Option<u32>, Option<u32>) {
        let file = parse(Source::from_text("Dockerfile", text));
        let model = Model::new(file.clone());
        let entry = model.entry(model.final_stage().unwrap());
        let line = |step: usize| model.instruction(step).lines.0;
        (entry.entrypoint.map(line), entry.cmd.map(line))
    }

    #[test]
    fn the_last_of_the_lineage_counts() {
        assert_eq!(entry("FROM a\nRUN x"), (None, None));
        assert_eq!(entry("FROM a\nCMD x\nCMD y"), (None, Some(3)));
        assert_eq!(entry("FROM a AS b\nENTRYPOINT x\nCMD y\nFROM b\nCMD z"), (Some(2), Some(5)));
        assert_eq!(entry("FROM a AS b\nCMD y\nFROM b\nENTRYPOINT x"), (Some(4), None));
        assert_eq!(entry("FROM a AS b\nCMD y\nFROM a"), (None, None));
        assert_eq!(entry("FROM a\nONBUILD CMD y\nHEALTHCHECK CMD z"), (None, None));
    }
}

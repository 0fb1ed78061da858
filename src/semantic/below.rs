//! The image of another build of the project that a stage starts from, and what it leaves to the stage.

use crate::syntax::Found;

use super::env::{Environment, View};
use super::{Base, Model, NamedContext, ShellWords, Stage};

impl Model {
    /// The build that makes the image which `stage` starts from in the end, with the stage that is that image; `None`
    /// if no other build of the project makes it, nothing is known of that, or triggers of it run here.
    #[must_use]
    pub fn below<'m>(&'m self, stage: &Stage) -> Option<(&'m Self, &'m Stage)> {
        let (_, context) = self.named_base(stage)?;
        let NamedContext::Build(image) = context else { return None };
        let model = image.model.as_deref()?;
        let end = model.final_stage()?;
        end.triggers.is_empty().then_some((model, end))
    }

    /// The named context that `stage` starts from in the end, with its name as
    /// [`context_name`](super::context_name) gives it.
    #[must_use]
    pub fn named_base<'m>(&'m self, stage: &Stage) -> Option<(&'m str, &'m NamedContext)> {
        let root = self.stages.get(stage.root).filter(|root| root.base == Base::Named)?;
        self.build().context_called(root.base_value.known()?)
    }

    /// The working directory of containers of a stage, where that is known.
    pub(super) fn end_workdir<'m>(&'m self, stage: &'m Stage) -> Option<&'m str> {
        match self.end_state(stage).workdir {
            Some(at) => self.workdirs.get(at)?.path.known(),
            None => self.base_workdir(stage),
        }
    }

    /// The SHELL that the image of a stage keeps for those that start from it.
    pub(super) fn end_shell<'m>(&'m self, stage: &'m Stage) -> Option<ShellWords<'m>> {
        match self.end_state(stage).shell {
            Some(step) => self.shell_words(step),
            None => self.below(stage).and_then(|(model, stage)| model.end_shell(stage)),
        }
    }

    /// What the image that is built sets a variable to.
    pub(super) fn image_variable(&self, name: &str) -> Found<'_> {
        let Some(stage) = self.final_stage() else { return Found::Unknown };
        // As a trigger sees it, before the first of them.
        let stage = Some(stage.index);
        Environment { scopes: &self.scopes, stage, step: 0, view: View::Trigger }.find(name)
    }
}

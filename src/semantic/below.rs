//! The image of another build of the project that a stage starts from, and what it leaves to the stage.

use std::sync::Arc;

use crate::syntax::{DirectiveKind, Found};
use crate::text::Span;

use super::env::{Environment, View};
use super::{Base, Model, NamedContext, ShellWords, SiblingImage, Stage, State};

impl Model {
    /// The build that makes the image which `stage` starts from in the end, with the stage that is that image; `None`
    /// if no other build of the project makes it, nothing is known of that, or triggers of it run here.
    #[must_use]
    pub fn below<'m>(&'m self, stage: &Stage) -> Option<(&'m Self, &'m Stage)> {
        let (_, context) = self.named_base(stage)?;
        let NamedContext::Build(image) = context else { return None };
        let model = image.start()?.as_ref();
        Some((model, model.final_stage()?))
    }

    /// What `stage` starts from in the end, through the builds of the project whose images are in between: with the model
    /// that it is in.
    #[must_use]
    pub fn bottom<'m>(&'m self, stage: &'m Stage) -> (&'m Self, &'m Stage) {
        let (mut model, mut stage) = (self, stage);
        while let Some(below) = model.below(stage) {
            (model, stage) = below;
        }
        (model, stage)
    }

    /// True if a Dockerfile of the project that `stage` starts from says something: `is_set` is asked of the state at the
    /// end of each.
    #[must_use]
    pub fn is_set_below(&self, stage: &Stage, is_set: impl Fn(&State) -> bool) -> bool {
        let mut below = self.below(stage);
        while let Some((model, stage)) = below {
            if is_set(&model.end_state(stage)) {
                return true;
            }
            below = model.below(stage);
        }
        false
    }

    /// True if the image has no triggers for those that start from it.
    #[must_use]
    pub fn leaves_no_trigger(&self) -> bool {
        self.build.drops_config() || self.final_stage().is_some_and(|stage| stage.triggers.is_empty())
    }

    /// The text of a Dockerfile with the triggers of the image as plain instructions, upon an image called `base`;
    /// `None` if it has none.
    #[must_use]
    pub fn triggers_upon(&self, base: &str) -> Option<String> {
        let stage = self.final_stage().filter(|_| !self.leaves_no_trigger())?;
        let escape = self.file.directive(DirectiveKind::Escape).map(|_| self.file.escape.char());
        let mut text = escape.map_or_else(String::new, |escape| format!("# escape={escape}\n"));
        text.push_str(&format!("FROM {base}\n"));
        for step in &stage.triggers {
            let instruction = self.instruction(*step);
            let written = Span::new(instruction.keyword_span.start, instruction.span.end);
            text.push_str(written.text(self.file.text()));
            text.push('\n');
        }
        Some(text)
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
            Some(step) => self.shell_words(step).filter(|_| !self.build().drops_config()),
            None => self.base_shell(stage),
        }
    }

    /// The SHELL of what a stage starts from in the end.
    pub(super) fn base_shell<'m>(&'m self, stage: &'m Stage) -> Option<ShellWords<'m>> {
        match self.base_config(stage) {
            Some(config) => ShellWords::of(&config.shell),
            None => self.below(stage).and_then(|(model, stage)| model.end_shell(stage)),
        }
    }

    /// What the image that is built sets a variable to.
    fn image_variable(&self, name: &str) -> Found<'_> {
        // As a trigger sees it, before the first of them.
        self.end_variable(name, View::Trigger, 0)
    }

    fn end_variable(&self, name: &str, view: View, step: usize) -> Found<'_> {
        let Some(stage) = self.final_stage() else { return Found::Unknown };
        Environment { scopes: &self.scopes, stage: Some(stage.index), step, view }.find(name)
    }
}

impl SiblingImage {
    /// The model of the image without what its triggers do.
    #[must_use]
    pub fn plain(&self) -> Option<&Arc<Model>> {
        let model = self.model.as_ref()?;
        if !self.is_triggers {
            return Some(model);
        }
        model.build().contexts.values().find_map(|context| match context {
            NamedContext::Build(below) if below.ran && below.name == self.name => below.model.as_ref(),
            _ => None,
        })
    }

    /// What a variable is to a stage that starts from the image. The ARGs of its triggers count there, too.
    pub(super) fn variable(&self, name: &str) -> Found<'_> {
        match self.start() {
            Some(triggers) if self.is_triggers => triggers.end_variable(name, View::Own, usize::MAX),
            Some(model) => model.image_variable(name),
            None => Found::Unknown,
        }
    }
}

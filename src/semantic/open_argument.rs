//! What variables are in a build that gets no `--build-arg`.

use crate::syntax::{Found, Kind, Lookup, Value, Word};

use super::env::{BindingKind, Environment, PLATFORM_ARGS, View, is_automatic};
use super::{CopyFrom, CopyUse, Model, Stage};

/// The variables of a step, where what neither the file nor the base image sets is known to be unset.
struct UnsetByBase<'m> {
    model: &'m Model,
    stage: &'m Stage,
    environment: Environment<'m>,
}

impl Lookup for UnsetByBase<'_> {
    fn get(&self, name: &str) -> Found<'_> {
        match self.environment.get(name) {
            Found::Unknown if is_unset(self.model, self.stage, self.environment, name) => Found::Unset,
            found => found,
        }
    }
}

/// True if nothing declares a variable, and the base image is known not to set it.
fn is_unset(model: &Model, stage: &Stage, environment: Environment<'_>, name: &str) -> bool {
    environment.binding(name).is_none()
        && !is_automatic(name)
        && name != "PATH"
        && model.base_leaves_unset(stage, name) == Some(true)
}

/// The variables of a step in a build without `--build-arg`: an ARG without a default is not set.
pub struct WithoutArgs<'m> {
    model: &'m Model,
    environment: Environment<'m>,
}

impl<'m> WithoutArgs<'m> {
    /// Those of `step`.
    #[must_use]
    pub fn at(model: &'m Model, step: usize) -> Self {
        Self { model, environment: model.environment(step) }
    }

    /// True if an ARG declares `name`, and nothing gives it a value.
    #[must_use]
    pub fn is_left_open(&self, name: &str) -> bool {
        let binding = self
            .environment
            .binding(name)
            .filter(|b| b.kind == BindingKind::Arg && b.value == Value::Unknown);
        binding.is_some_and(|b| match &self.model.instruction(b.step).kind {
            Kind::Arg(decls) => {
                decls.iter().rev().find(|d| &*d.name.text == name).is_some_and(|d| d.default.is_none())
            }
            _ => false,
        }) && !PLATFORM_ARGS.contains(&name)
    }

    /// True if the word is empty then.
    #[must_use]
    pub fn is_empty(&self, word: &Word) -> bool {
        matches!(word.expand(self), Ok(Value::Known(text)) if String::is_empty(&text))
    }
}

impl Lookup for WithoutArgs<'_> {
    fn get(&self, name: &str) -> Found<'_> {
        let undeclared = || {
            let stage = self.model.stage_of(self.environment.step);
            stage.is_some_and(|stage| is_unset(self.model, stage, self.environment, name))
        };
        match self.environment.get(name) {
            _ if self.is_left_open(name) => Found::Unset,
            Found::Unknown if undeclared() => Found::Unset,
            found => found,
        }
    }
}

impl Model {
    /// The value of a source in the last stage so far, where what the base image is known to leave unset is empty.
    pub(super) fn source_value(&self, environment: Environment<'_>, word: &Word) -> Value {
        match (environment.value(word), self.stages.last()) {
            (Value::Unknown, Some(stage)) if environment.view == View::Own => {
                word.expand(&UnsetByBase { model: self, stage, environment }).unwrap_or(Value::Unknown)
            }
            (value, _) => value,
        }
    }

    /// The sources of `copy` that stand beside others and are empty without `--build-arg`, which means the whole build
    /// context. One that stands alone is meant to be given.
    #[must_use]
    pub fn whole_sources(&self, copy: &CopyUse) -> Vec<usize> {
        let may_be = copy.sources.len() > 1
            && !copy.mount
            && !copy.onbuild
            && copy.from == CopyFrom::Context
            && copy.sources.iter().any(|source| source.value == Value::Unknown);
        let (Kind::Copy(transfer) | Kind::Add(transfer)) = &self.instruction(copy.step).kind else {
            return Vec::new();
        };
        if !may_be {
            return Vec::new();
        }
        let plain = WithoutArgs::at(self, copy.step);
        let words = transfer.paths().zip(&copy.sources).enumerate();
        let open = words.filter(|(_, (word, source))| source.value == Value::Unknown && plain.is_empty(word));
        open.map(|(at, _)| at).collect()
    }
}

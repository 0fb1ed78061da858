//! What variables are in a build that gets no `--build-arg`.

use crate::syntax::{Found, Kind, Lookup, Value, Word};

use super::env::{BindingKind, Environment, PLATFORM_ARGS};
use super::{CopyFrom, CopyUse, Model};

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
        if self.is_left_open(name) { Found::Unset } else { self.environment.get(name) }
    }
}

impl Model {
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

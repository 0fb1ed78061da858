//! `.hadolint.yaml` and the `HADOLINT_…` variables: what they say, and what dlint makes of it.
//!
//! With them the rules that hadolint has are on, with hadolint's levels, so that the same is found and fails.

mod levels;
mod moved;
mod read;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::diag::{Format, Severity};
use crate::knowledge::{Level, hadolint_level, hadolint_levels};
use crate::rules::policy::{LabelFormat, RegistryPattern};
use crate::rules::{Catalogue, Choice, Policy, Selector};
use crate::text::toml::At;

use super::{Color, Config, FailOn};

pub use moved::moved;
pub use read::{read, variables};

/// What `.hadolint.yaml` says, as it says it.
#[derive(Debug, Clone, Default)]
pub struct Hadolint {
    /// `ignored`.
    pub ignored: Vec<At<String>>,
    /// `override`: the ids that get a level, those of the worst level first.
    pub overrides: Vec<(At<String>, Level)>,
    /// `trustedRegistries`.
    pub trusted: Vec<RegistryPattern>,
    /// `label-schema`: label and format.
    pub labels: Vec<(String, LabelFormat)>,
    /// `strict-labels`.
    pub strict_labels: bool,
    /// `failure-threshold`.
    pub threshold: Option<Level>,
    /// `format`.
    pub format: Option<Format>,
    /// `no-fail`.
    pub no_fail: bool,
    /// `no-color`.
    pub no_color: bool,
    /// `disable-ignore-pragma`.
    pub disable_ignore_pragma: bool,
}

impl Hadolint {
    /// What it means for dlint.
    #[must_use]
    pub fn config(&self, catalogue: Arc<Catalogue>) -> Config {
        let choice = self.choice(&catalogue);
        Config {
            choice,
            policy: self.policy(),
            fail_on: Some(self.fail_on()),
            format: self.format,
            color: self.no_color.then_some(Color::Never),
            disable_ignore_pragma: Some(self.disable_ignore_pragma),
            catalogue,
            ..Config::default()
        }
    }

    /// What it demands of images and labels.
    #[must_use]
    pub fn policy(&self) -> Policy {
        Policy {
            allow_registries: (!self.trusted.is_empty()).then(|| self.trusted.clone()),
            require_labels: self.labels.iter().cloned().collect(),
            allow_labels: self.strict_labels.then(Vec::new),
            ..Policy::default()
        }
    }

    /// The level of an id: the worst that `override` gives it, or its own.
    #[must_use]
    pub fn level(&self, id: &str) -> Option<Level> {
        let given = self.overrides.iter().find(|(named, _)| named.value.eq_ignore_ascii_case(id));
        given.map(|(_, level)| *level).or_else(|| hadolint_level(id))
    }

    /// True if `ignored` names an id.
    #[must_use]
    pub fn ignores(&self, id: &str) -> bool {
        self.ignored.iter().any(|named| named.value.eq_ignore_ascii_case(id))
    }

    /// When hadolint fails: from `info` on, unless it is told otherwise.
    #[must_use]
    pub fn fail_on(&self) -> FailOn {
        match self.threshold {
            _ if self.no_fail => FailOn::Never,
            Some(Level::Error) => FailOn::At(Severity::Error),
            Some(Level::Warning) => FailOn::At(Severity::Warning),
            Some(Level::Info | Level::Style | Level::Ignore) | None => FailOn::At(Severity::Info),
        }
    }

    /// True if findings of the level `style` fail as well.
    #[must_use]
    pub fn style_fails(&self) -> bool {
        matches!(self.threshold, Some(Level::Style | Level::Ignore))
    }

    fn choice(&self, catalogue: &Catalogue) -> Choice {
        let mut advisory = Vec::new();
        let mut choice =
            Choice { select: Some(catalogue.lookup("hadolint").into_iter().collect()), ..Choice::default() };
        for (id, _) in hadolint_levels() {
            let Some(selector) = selector(catalogue, id) else { continue };
            match self.level(id) {
                _ if self.ignores(id) => choice.ignore.push(selector),
                Some(level) => match level.severity() {
                    Some(severity) => {
                        if level == Level::Style && !self.style_fails() {
                            advisory.push(selector.clone());
                        }
                        choice.severity.push((selector, severity));
                    }
                    None => choice.ignore.push(selector),
                },
                None => {}
            }
        }
        // What ShellCheck finds, if it is asked.
        let of_shellcheck = |id: &&At<String>| hadolint_level(&id.value.to_ascii_uppercase()).is_none();
        let lookup = |id: &At<String>| catalogue.lookup(&id.value);
        choice.ignore.extend(self.ignored.iter().filter(of_shellcheck).filter_map(lookup));
        for (id, level) in self.overrides.iter().rev().filter(|(id, _)| of_shellcheck(&id)) {
            choice.severity.extend(lookup(id).zip(level.severity()));
        }
        choice.advisory = Some(advisory);
        choice
    }
}

/// What dlint has of an id of hadolint.
fn selector(catalogue: &Catalogue, id: &str) -> Option<Selector> {
    catalogue.lookup(&format!("hadolint:{id}"))
}

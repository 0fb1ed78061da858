//! What an image sets for the builds that start from it, where its registry has told.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::syntax::{ExecItem, Found, Value};
use crate::text::Span;

use super::{Base, Model, Stage};

/// What builds take over from an image, its triggers included.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BaseConfig {
    /// Its USER, empty if it has none; `None` if that is not known.
    pub user: Option<String>,
    /// Its WORKDIR; `None` if that is not known.
    pub workdir: Option<String>,
    /// Its variables by name.
    pub env: BTreeMap<String, Value>,
    /// True if it sets no others.
    pub is_whole: bool,
    /// The words of its SHELL; none if it has none, or if that is not known.
    pub shell: Vec<ExecItem>,
    /// True if it starts a program of its own, whatever CMD says.
    pub has_entrypoint: bool,
    /// The platforms that it is for; none if they are not known.
    pub platforms: Vec<String>,
    /// What its tag stood for, if that was another image than its digest names.
    pub moved: Option<Moved>,
}

/// What a tag stood for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The digest.
    pub digest: String,
    /// The day on which the registry was asked: `2026-11-30`.
    pub date: String,
}

/// Images by their full names: `docker.io/library/node:22`.
pub type BaseConfigs = BTreeMap<String, Arc<BaseConfig>>;

impl BaseConfig {
    /// What one of its variables is to those who start from it.
    pub(super) fn variable(&self, name: &str) -> Found<'_> {
        match self.env.get(name) {
            Some(Value::Known(value)) => Found::Known(value),
            None if self.is_whole => Found::Unset,
            Some(Value::Unknown) | None => Found::Unknown,
        }
    }

    /// What is true of both.
    #[must_use]
    pub fn in_common(mut self, other: &Self) -> Self {
        let same =
            |one: Option<String>, other: &Option<String>| one.filter(|one| Some(one) == other.as_ref());
        self.user = same(self.user, &other.user);
        self.workdir = same(self.workdir, &other.workdir);
        for (name, value) in &mut self.env {
            if other.env.get(name) != Some(value) {
                *value = Value::Unknown;
            }
        }
        for name in other.env.keys() {
            self.env.entry(name.clone()).or_insert(Value::Unknown);
        }
        self.is_whole &= other.is_whole;
        if self.shell != other.shell {
            self.shell.clear();
        }
        self.has_entrypoint |= other.has_entrypoint;
        if self.platforms != other.platforms {
            self.platforms.clear();
        }
        self.moved =
            self.moved.filter(|moved| Some(&moved.digest) == other.moved.as_ref().map(|moved| &moved.digest));
        self
    }

    /// Words of a SHELL, which stand nowhere in the file.
    #[must_use]
    pub fn shell_of(words: &[String]) -> Vec<ExecItem> {
        let item = |word: &String| ExecItem { span: Span::at(0), value: word.as_str().into(), exact: false };
        words.iter().map(item).collect()
    }
}

impl Model {
    /// What is known of the settings of the image that a stage starts from in the end.
    #[must_use]
    pub fn base_config(&self, stage: &Stage) -> Option<&BaseConfig> {
        match self.root_base(stage) {
            Base::Image(image) => self.build.base_config(image).map(|config| &**config),
            _ => None,
        }
    }
}

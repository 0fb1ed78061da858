//! `dlint.toml` and `.hadolint.yaml`: reading them, finding them, and what they say for one file.
//!
//! Reading gives all that is wrong at once, with places and suggestions. Paths and globs are relative
//! to the folder of the file; a glob without `/` fits a name in any folder, and one that fits a folder
//! fits all that is in it.

mod discovery;
mod docs_url;
mod globs;
pub mod hadolint;
mod index_files;
mod input;
mod policy;
mod read;
mod rule_files;
#[cfg(test)]
mod schema;
mod shellcheck;
mod size;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

pub use discovery::{
    ConfigError, ConfigFile, ConfigKind, Found, discover, fallback, find_hadolint, is_settings_name, load,
    problems, problems_of,
};
pub use docs_url::DocsUrl;
pub use globs::Globs;
pub use read::parse;
pub use rule_files::UserRules;
pub use size::{IndexFile, UnknownSizes};

use crate::diag::{Finding, Format, Severity};
use crate::rules::{Catalogue, Choice, Chosen, Options, Policy, Rule, RuleId, RuleSet, Text};
use crate::semantic::Builder;
use crate::size::BaseImages;
use crate::text::toml::At;

/// The JSON schema of `dlint.toml`: its keys, and what they mean.
pub const SCHEMA: &str = include_str!("../../dlint.schema.json");

/// The least severity of a finding with which the exit code is 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailOn {
    /// This severity, and what is worse.
    At(Severity),
    /// None.
    Never,
}

impl Default for FailOn {
    /// Warnings and errors.
    fn default() -> Self {
        Self::At(Severity::Warning)
    }
}

impl FailOn {
    /// The names of all values.
    pub const NAMES: [&'static str; 4] = ["error", "warning", "info", "never"];

    /// True if a finding of `severity` fails the run.
    #[must_use]
    pub fn fails(self, severity: Severity) -> bool {
        match self {
            Self::At(least) => severity >= least,
            Self::Never => false,
        }
    }
}

impl FromStr for FailOn {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        match s {
            "never" => Ok(Self::Never),
            _ => s
                .parse()
                .map(Self::At)
                .map_err(|_| format!("`{s}` must be one of {}", Self::NAMES.join(", "))),
        }
    }
}

impl fmt::Display for FailOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(severity) => severity.fmt(f),
            Self::Never => f.pad("never"),
        }
    }
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Color {
    /// On a terminal, unless the environment says otherwise.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// The names of all values.
    pub const NAMES: [&'static str; 3] = ["auto", "always", "never"];
}

impl FromStr for Color {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        match s {
            "auto" => Ok(Self::Auto),
            "always" => Ok(Self::Always),
            "never" => Ok(Self::Never),
            _ => Err(format!("`{s}` must be one of {}", Self::NAMES.join(", "))),
        }
    }
}

/// The order of findings in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// That of the text.
    #[default]
    Position,
    /// Those that save the most first; the rest behind in the order of the text.
    Saving,
}

impl Sort {
    /// The names of all values.
    pub const NAMES: [&'static str; 2] = ["position", "saving"];
}

impl FromStr for Sort {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        match s {
            "position" => Ok(Self::Position),
            "saving" => Ok(Self::Saving),
            _ => Err(format!("`{s}` must be one of {}", Self::NAMES.join(", "))),
        }
    }
}

/// Options by rule name, as they are set.
pub type OptionTables = BTreeMap<Text, toml::Table>;

/// What a configuration file says.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// The rules that there are: what names a rule was read with it.
    pub catalogue: Arc<Catalogue>,
    /// Which rules are on, and how bad.
    pub choice: Choice,
    /// When the run fails.
    pub fail_on: Option<FailOn>,
    /// What is not linted, even if it is named: editors and hooks name files.
    pub exclude: Globs,
    /// The build context of all Dockerfiles.
    pub context: Option<At<PathBuf>>,
    /// What builds all Dockerfiles.
    pub builder: Option<Builder>,
    /// The options of rules.
    pub options: OptionTables,
    /// What images have to be like. [`Config::choice`] knows of it.
    pub policy: Policy,
    /// What holds for some files only, later ones over earlier ones.
    pub overrides: Vec<Override>,
    /// What reports are written as.
    pub format: Option<Format>,
    /// When reports have colours.
    pub color: Option<Color>,
    /// The order of findings in a file.
    pub sort: Option<Sort>,
    /// Where reports link to.
    pub docs_url: Option<DocsUrl>,
    /// The file of the findings that are known.
    pub baseline: Option<PathBuf>,
    /// Only findings that save as many bytes are said.
    pub min_saving: Option<u64>,
    /// Whether comments that suppress findings count for nothing.
    pub disable_ignore_pragma: Option<bool>,
    /// What base images weigh.
    pub base_images: Arc<BaseImages>,
    /// What becomes of limits that cannot be checked.
    pub unknown_sizes: Option<UnknownSizes>,
    /// Package indexes of the user's own.
    pub indexes: Vec<IndexFile>,
}

/// An `[[overrides]]` table.
#[derive(Debug, Clone, Default)]
pub struct Override {
    /// The files it is about.
    pub files: Globs,
    /// Which rules are on, and how bad.
    pub choice: Choice,
    /// The options of rules.
    pub options: OptionTables,
    /// What is added to the policy. [`Override::choice`] knows of it.
    pub policy: Policy,
    /// The build context of the Dockerfiles among them.
    pub context: Option<At<PathBuf>>,
    /// What builds them.
    pub builder: Option<Builder>,
}

/// What holds for one file.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The rules that are on, and how bad.
    pub rules: RuleSet,
    /// When the run fails.
    pub fail_on: FailOn,
    /// What images have to be like.
    pub policy: Policy,
    /// True if comments that suppress findings count for nothing.
    pub disable_ignore_pragma: bool,
    /// Only findings that save as many bytes are said.
    pub min_saving: Option<u64>,
    /// What base images weigh.
    pub base_images: Arc<BaseImages>,
    /// What becomes of limits that cannot be checked.
    pub unknown_sizes: UnknownSizes,
    /// What builds, if somebody has said so.
    pub builder: Option<Builder>,
    options: OptionTables,
}

impl Config {
    /// What holds for the file at `path`, relative to the configuration's folder. `choice` and
    /// `fail_on` come from the command line and win; `choice` was read for the same catalogue.
    #[must_use]
    pub fn settings(&self, path: &Path, choice: &Choice, fail_on: Option<FailOn>) -> Settings {
        self.with_overrides(&self.overrides_of(path), choice, fail_on)
    }

    /// Which of [`Config::overrides`] are about the file at `path`, relative to the configuration's folder.
    #[must_use]
    pub fn overrides_of(&self, path: &Path) -> Vec<usize> {
        let fits = |(_, over): &(usize, &Override)| over.files.fit(path);
        self.overrides.iter().enumerate().filter(fits).map(|(index, _)| index).collect()
    }

    /// The build context of the file at `path`, relative to the configuration's folder, seen from there.
    #[must_use]
    pub fn context_of(&self, path: &Path) -> Option<&Path> {
        let fits = |over: &&Override| over.context.is_some() && over.files.fit(path);
        let own = self.overrides.iter().rev().find(fits).and_then(|over| over.context.as_ref());
        own.or(self.context.as_ref()).map(|context| context.value.as_path())
    }

    /// True if an override names a build context.
    #[must_use]
    pub fn has_contexts(&self) -> bool {
        self.overrides.iter().any(|over| over.context.is_some())
    }

    /// Takes out the build contexts for which `keep` is false.
    fn retain_contexts(&mut self, mut keep: impl FnMut(&At<PathBuf>) -> bool) {
        for context in
            std::iter::once(&mut self.context).chain(self.overrides.iter_mut().map(|o| &mut o.context))
        {
            *context = context.take().filter(&mut keep);
        }
    }

    /// What holds for all files that these overrides are about; see [`Config::settings`].
    #[must_use]
    pub fn with_overrides(&self, overrides: &[usize], choice: &Choice, fail_on: Option<FailOn>) -> Settings {
        let mut rules = RuleSet::of(Arc::clone(&self.catalogue)).with(&self.choice);
        let mut options = self.options.clone();
        let mut policy = self.policy.clone();
        let mut builder = self.builder;
        for over in overrides.iter().filter_map(|index| self.overrides.get(*index)) {
            rules = rules.with(&over.choice);
            for (rule, table) in &over.options {
                options.entry(rule.clone()).or_default().extend(table.clone());
            }
            policy.add(&over.policy);
            builder = over.builder.or(builder);
        }
        Settings {
            rules: rules.with(choice),
            fail_on: fail_on.or(self.fail_on).unwrap_or_default(),
            policy,
            disable_ignore_pragma: self.disable_ignore_pragma.unwrap_or_default(),
            min_saving: self.min_saving,
            base_images: Arc::clone(&self.base_images),
            unknown_sizes: self.unknown_sizes.unwrap_or_default(),
            builder,
            options,
        }
    }

    /// False if all files have the same settings and none is excluded, so that paths do not matter.
    #[must_use]
    pub fn is_by_path(&self) -> bool {
        !self.overrides.is_empty() || !self.exclude.is_empty()
    }

    /// True if a search of folders passes over `path`, relative to the configuration's folder.
    #[must_use]
    pub fn excludes(&self, path: &Path) -> bool {
        self.exclude.fit(path)
    }
}

impl Settings {
    /// What rules go by of the choice of others.
    #[must_use]
    pub fn chosen(&self) -> Chosen {
        Chosen {
            docker_check: self.rules.is_docker_check(),
            missing_program: self.rules.is_enabled(RuleId::MISSING_PROGRAM),
        }
    }

    /// True if a finding makes the exit code 1.
    #[must_use]
    pub fn fails(&self, finding: &Finding) -> bool {
        self.fail_on.fails(finding.severity) && !self.rules.is_advisory(finding)
    }

    /// True if a finding saves enough to be said.
    #[must_use]
    pub fn is_worthwhile(&self, finding: &Finding) -> bool {
        self.min_saving.is_none_or(|least| finding.saving.as_ref().is_some_and(|s| s.bytes >= least))
    }

    /// The options of a rule.
    #[must_use]
    pub fn options<'a>(&'a self, rule: &'a Rule) -> Options<'a> {
        Options::new(&rule.meta, self.options.get(&rule.meta.name))
    }
}

#[cfg(test)]
mod tests;

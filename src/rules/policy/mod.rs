//! What a team demands of its images: the `[policy]` table of `dlint.toml`.
//!
//! A policy says nothing by itself. Each demand switches on the rule that reports what breaks it.

mod format;
mod license;
mod pattern;

use std::collections::BTreeMap;
use std::fmt;

pub use format::LabelFormat;
pub use pattern::{CommandPattern, ImagePattern, PackagePattern, RegistryPattern};

use super::RuleId;
use crate::text::Wildcard;

/// What a team demands of its images. What is not set is not demanded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// The registries that images may come from.
    pub allow_registries: Option<Vec<RegistryPattern>>,
    /// The images that a build may use.
    pub allow_images: Option<Vec<ImagePattern>>,
    /// Images that no build may use.
    pub deny_images: Vec<ImagePattern>,
    /// Whether images need a digest.
    pub require_digest: Option<bool>,
    /// How much of a version a tag has to say.
    pub require_tag: Option<Precision>,
    /// Whether images have to be maintained.
    pub require_supported: Option<bool>,
    /// Whether images have to run as another user than root.
    pub require_non_root: Option<bool>,
    /// The labels that an image needs, and what their values look like.
    pub require_labels: BTreeMap<String, LabelFormat>,
    /// The labels that an image may have beside those; nothing set means any.
    pub allow_labels: Option<Vec<Wildcard>>,
    /// Packages that no build may install.
    pub deny_packages: Vec<PackagePattern>,
    /// Commands that no build may run.
    pub deny_commands: Vec<CommandPattern>,
}

/// How much of a version a tag says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Precision {
    /// `2`.
    Major,
    /// `2.1`.
    Minor,
    /// `2.1.106`.
    Patch,
}

impl Precision {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Major, Self::Minor, Self::Patch];

    /// The name in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Major => "major",
            Self::Minor => "minor",
            Self::Patch => "patch",
        }
    }

    /// The precision called `name`.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.name() == name)
    }

    /// How many numbers the version has.
    #[must_use]
    pub const fn numbers(self) -> usize {
        self as usize + 1
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Policy {
    /// Adds another policy: its lists and labels come to those that are there, and it wins elsewhere.
    pub fn add(&mut self, more: &Self) {
        fn join<T: Clone>(list: &mut Option<Vec<T>>, more: Option<&Vec<T>>) {
            if let Some(more) = more {
                list.get_or_insert_default().extend_from_slice(more);
            }
        }
        join(&mut self.allow_registries, more.allow_registries.as_ref());
        join(&mut self.allow_images, more.allow_images.as_ref());
        join(&mut self.allow_labels, more.allow_labels.as_ref());
        self.deny_images.extend_from_slice(&more.deny_images);
        self.deny_packages.extend_from_slice(&more.deny_packages);
        self.deny_commands.extend_from_slice(&more.deny_commands);
        self.require_labels.extend(more.require_labels.clone());
        self.require_digest = more.require_digest.or(self.require_digest);
        self.require_supported = more.require_supported.or(self.require_supported);
        self.require_tag = more.require_tag.or(self.require_tag);
        self.require_non_root = more.require_non_root.or(self.require_non_root);
    }

    /// The rules that report what breaks it.
    pub fn rules(&self) -> impl Iterator<Item = RuleId> + use<> {
        let labels = !self.require_labels.is_empty();
        [
            (RuleId::REGISTRY_NOT_ALLOWED, self.allow_registries.is_some()),
            (RuleId::IMAGE_NOT_ALLOWED, self.allow_images.is_some() || !self.deny_images.is_empty()),
            (RuleId::IMAGE_NOT_PINNED_BY_DIGEST, self.require_digest == Some(true)),
            (RuleId::DEPRECATED_IMAGE, self.require_supported == Some(true)),
            (RuleId::END_OF_LIFE_IMAGE, self.require_supported == Some(true)),
            (RuleId::IMPRECISE_TAG, self.require_tag.is_some()),
            (RuleId::ROOT_NOT_ALLOWED, self.require_non_root == Some(true)),
            (RuleId::MISSING_LABEL, labels),
            (RuleId::INVALID_LABEL_VALUE, labels),
            (RuleId::LABEL_NOT_ALLOWED, self.allow_labels.is_some()),
            (RuleId::PACKAGE_NOT_ALLOWED, !self.deny_packages.is_empty()),
            (RuleId::COMMAND_NOT_ALLOWED, !self.deny_commands.is_empty()),
        ]
        .into_iter()
        .filter(|(_, on)| *on)
        .map(|(rule, _)| rule)
    }
}

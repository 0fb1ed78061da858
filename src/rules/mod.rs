//! Rules: what they are called, which are on, and what they check.
//!
//! A rule is described in one place, `rules/<name>.md`: its front matter makes a line of
//! `registry.rs`, its page is what `dlint explain` shows, and its examples are tests.

mod catalogue;
pub mod checks;
mod cx;
mod entry;
pub mod examples;
pub mod file;
#[cfg(test)]
pub(crate) mod generate;
pub(crate) mod keys;
pub mod matcher;
mod meta;
mod options;
pub mod policy;
mod reading;
mod registry;
mod selector;
pub mod suppression;
mod unit;

pub use catalogue::Catalogue;
pub use cx::{Chosen, Cx, Given};
pub use entry::{Change, EntryBuild, EntryCx, EntryFiles, EntryFinding, Presence};
pub use matcher::Matcher;
pub use meta::{Category, Code, FixKind, Needs, OptionValue, Preset, Reading, RuleMeta, Status, Text, bare};
pub use options::{Key, Options};
pub use policy::Policy;
pub use reading::for_readers;
pub use registry::RULES;
pub use selector::{Choice, RuleSet, Scope, Selector, UnknownSelector, is_hadolint};
pub use unit::{RuleId, Unit};

/// How a rule finds what it reports.
pub enum Check {
    /// A function.
    Code(fn(&mut Cx)),
    /// A function that looks at files that start builds.
    Entry(fn(&EntryCx)),
    /// The `[match]` table of its rule file.
    Match,
    /// That of a user's own rule.
    User(Box<Matcher>),
    /// None: the engine itself reports it.
    Engine,
}

/// A rule.
pub struct Rule {
    /// What is known of it.
    pub meta: RuleMeta,
    /// What it does.
    pub check: Check,
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.meta.name)
    }
}

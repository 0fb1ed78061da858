//! What several rules, the plan and the rewrites ask of a model: each fact is worked out for the whole file at once,
//! when somebody asks for the first time, and is looked up from then on.
//!
//! A fact that goes through a script's commands for each of them again makes a long script take hours. So what is
//! asked for each command, and depends on the others, belongs here.

mod assignments;
mod checks;
mod failing;
mod installed;
mod mentions;
mod removals;

use std::collections::HashSet;
use std::sync::OnceLock;

use crate::knowledge::Suite;
use crate::text::{ShortText, Span};

use super::verification::ChecksOff;
use super::{Leftover, PerStage};

pub(super) use assignments::Assigned;
pub use failing::{Failing, is_errexit};

/// The facts of one model, as far as they were asked for.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// What RUNs leave of caches and lists, in the order of the file.
    pub(super) leftovers: OnceLock<Vec<Leftover>>,
    /// The steps of RUNs behind ONBUILD.
    pub(super) trigger_runs: OnceLock<Vec<usize>>,
    /// The names that ARGs declare, as written.
    pub(super) arg_names: OnceLock<HashSet<ShortText>>,
    /// By stage: the release whose figures count for it.
    pub(super) suites: OnceLock<PerStage<Option<&'static Suite>>>,
    /// Where it shows that the file is a template, if it does.
    pub(super) template_mark: OnceLock<Option<Span>>,
    assignments: OnceLock<assignments::Assignments>,
    /// Where checks of certificates and signatures are turned off.
    pub(super) checks_off: OnceLock<ChecksOff>,
    checks: OnceLock<Vec<checks::Check>>,
    /// By script: what comes of it where a command fails.
    failing: OnceLock<failing::ByScript>,
    installed: OnceLock<installed::Installed>,
    mentions: OnceLock<Box<[OnceLock<mentions::Mentions>]>>,
    removals: OnceLock<removals::Removals>,
}

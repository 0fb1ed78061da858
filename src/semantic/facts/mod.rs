//! What several rules, the plan and the rewrites ask of a model: each fact is worked out for the whole file at once,
//! when somebody asks for the first time, and is looked up from then on.
//!
//! A fact that goes through a script's commands for each of them again makes a long script take hours. So what is
//! asked for each command, and depends on the others, belongs here.

mod assignments;
mod checks;
mod installed;
mod mentions;
mod removals;

use std::collections::HashSet;
use std::sync::OnceLock;

use crate::text::{ShortText, Span};

use super::Leftover;

pub(super) use assignments::Assigned;

/// The facts of one model, as far as they were asked for.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// What RUNs leave of caches and lists, in the order of the file.
    pub(super) leftovers: OnceLock<Vec<Leftover>>,
    /// The names that ARGs declare, as written.
    pub(super) arg_names: OnceLock<HashSet<ShortText>>,
    /// Where it shows that the file is a template, if it does.
    pub(super) template_mark: OnceLock<Option<Span>>,
    assignments: OnceLock<assignments::Assignments>,
    checks: OnceLock<Vec<checks::Check>>,
    installed: OnceLock<installed::Installed>,
    mentions: OnceLock<Box<[OnceLock<mentions::Mentions>]>>,
    removals: OnceLock<removals::Removals>,
}

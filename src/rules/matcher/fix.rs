//! What a rule file says to write instead.

use crate::diag::{Applicability, Fix};
use crate::text::{Edit, Span};

use super::template::{Place, Template};

/// A fix.
#[derive(Debug, Clone)]
pub(super) enum Change {
    /// Puts an option behind the subcommand, or a flag behind the instruction.
    Insert(Template),
    /// Puts a text in the place of what is reported.
    Replace(Template),
}

/// Where a change can be made, if it can.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Editable {
    /// Behind which byte an option goes.
    pub(super) insert: Option<u32>,
    /// What can be replaced without harm to what is around it.
    pub(super) replace: Option<Span>,
}

impl Change {
    /// The fix of a finding, if it can be made there.
    pub(super) fn fix(
        &self,
        at: Editable,
        applicability: Applicability,
        show: impl Fn(Place) -> String,
    ) -> Option<Fix> {
        let (title, edit) = match self {
            Self::Insert(template) => {
                // What is shown may be more than a word.
                let option = template.fill_all(show).filter(|o| !o.contains(char::is_whitespace))?;
                (format!("add `{option}`"), Edit::insert(at.insert?, format!(" {option}")))
            }
            Self::Replace(template) => {
                let text = template.fill_all(show).filter(|t| !t.contains(char::is_control))?;
                (format!("write `{text}`"), Edit::replace(at.replace?, text))
            }
        };
        Some(Fix { applicability, title, edits: vec![edit] })
    }
}

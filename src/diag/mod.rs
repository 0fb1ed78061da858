//! What a rule says: findings, their severity, their fix and the bytes they cost.

mod finding;
mod fix;
mod saving;
mod severity;

pub use finding::{Finding, Label, Origin};
pub use fix::{Applicability, Fix};
pub use saving::{How, Saving, format_bytes};
pub use severity::Severity;

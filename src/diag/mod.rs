//! What a rule says: findings, their severity, their fix and the bytes they cost; and what a
//! whole run found.

mod bytes;
mod finding;
mod fix;
mod format;
mod problem;
mod report;
mod saving;
mod severity;

pub use bytes::{counted, format_bytes, format_count, parse_bytes};
pub use finding::{Finding, Label, Origin};
pub use fix::{Applicability, Fix};
pub use format::Format;
pub use problem::Problem;
pub use report::{BuiltBy, FileReport, Refusal, RuleBook, RuleInfo, RunReport};
pub use saving::{How, Part, Saving};
pub use severity::Severity;

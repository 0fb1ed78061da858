//! The build context: one parallel walk that says what is there, what the ignore file leaves out, what
//! each COPY takes, and what BuildKit would send.
//!
//! Only `walk` does I/O. Nothing is listed: counters and short lists of the largest are kept.

mod changes;
mod largest;
mod model;
mod notable;
mod progress;
mod secrets;
mod sources;
mod suggest;
mod urgent;
mod views;
mod walk;

pub use changes::{Change, ChangeQuery, Taken};
pub use model::{
    Detail, ListedFile, Notable, PatternUse, QueryResult, Scan, ScanRequest, Secret, SecretKind, SourceQuery,
    SourceResult, SourceStatus, Tally, TopEntry, ViewsRequest,
};
pub use progress::Progress;
pub use secrets::secret_by_name;
pub use suggest::{Suggestion, secret_suggestions, suggestions};
pub use urgent::Urgent;
pub use views::Views;
pub use walk::{flips, scan, scan_changes, scan_changes_and_files, scan_files, scan_views};

#[cfg(test)]
mod change_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod view_tests;

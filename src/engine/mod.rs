//! Linting and fixing: one file, and many.

mod baseline_file;
mod builder;
mod builds;
mod builds_of;
mod check;
mod contexts;
mod diff;
mod discover;
mod entry_files;
mod examples;
mod fix;
mod generated;
mod guess;
mod ignore_change;
mod lint;
mod linted;
mod lock_bases;
mod lock_file;
mod names;
mod opened;
mod outcome;
mod pin;
mod rebuilt;
mod run;
mod savings;
mod scripts;
mod sent;
mod several;
mod taken;
mod texts;
mod today;
mod together;
mod verify;
mod walk;
mod weights;
mod write;

pub use baseline_file::BaselinePlace;
pub use builder::settle_one as settle_builder;
pub use check::{Cancelled, check, fixed, quick_fix};
pub use diff::diff;
#[cfg(any(test, feature = "internals"))]
pub use discover::InputKind;
pub use discover::{Found, discover};
pub use examples::test_rule;
pub use guess::likely_context;
pub use ignore_change::IgnoreChange;
pub use lock_bases::{AskedBase, WantedImage, WantedImages, add_wanted, ask_base};
pub use lock_file::LockPlace;
pub use names::is_dockerfile_name;
pub use opened::{Opened, read_target};
pub use outcome::{Changed, Fixing, Outcome};
pub use pin::pin;
pub use rebuilt::{BuildChange, FileChange, NamedContext, Rebuilt};
pub use run::{Run, lint_model, merge};
pub use savings::{LayerSaving, layer_savings};
pub use sent::sent;
pub use taken::TakenFiles;
pub use today::today;
pub use together::open_all;
pub use walk::{load_ignore, measure_named};
pub use write::{append_report, write_atomically, write_report};
// For tests and benchmarks.
#[cfg(feature = "internals")]
pub use {discover::Input, fix::Fixer, lint::lint};

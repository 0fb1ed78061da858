//! Linting and fixing: one file, and many.

mod check;
mod contexts;
mod diff;
mod discover;
mod examples;
mod fix;
mod ignore_change;
mod lint;
mod opened;
mod outcome;
mod rebuilt;
mod run;
mod savings;
mod scripts;
mod texts;
mod verify;
mod walk;
mod write;

pub use check::{Cancelled, check};
pub use diff::diff;
pub use discover::{Input, InputKind, discover, is_dockerfile_name, is_ignorefile_name};
pub use examples::test_rule;
pub use fix::{Applied, FixOutcome, Fixed, Fixer, MAX_ROUNDS, Refused, Unfinished};
pub use ignore_change::{IgnoreChange, IgnoreChangeError};
pub use lint::lint;
pub use opened::{OpenError, Opened, read_target};
pub use outcome::{Changed, Fixing, Outcome};
pub use rebuilt::Rebuilt;
pub use run::{Run, lint_model, merge};
pub use savings::{LayerSaving, layer_savings};
pub use texts::read_texts;
pub use verify::Refusal;
pub use walk::{load_ignore, measure};
pub use write::{write_atomically, write_new, write_report};

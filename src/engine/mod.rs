//! Linting and fixing: one file, and many.

mod contexts;
mod diff;
mod discover;
mod examples;
mod fix;
mod lint;
mod read;
mod run;
mod scripts;
mod texts;
mod verify;
mod write;

pub use contexts::{load_ignore, measure, root as context_root};
pub use diff::diff;
pub use discover::{Input, InputKind, discover, is_dockerfile_name, is_ignorefile_name};
pub use examples::test_rule;
pub use fix::{Applied, FixOutcome, Fixed, Fixer, MAX_ROUNDS, Refused, Unfinished};
pub use lint::lint;
pub use read::{describe, read_source, read_stdin};
pub use run::{Changed, ContextChoice, Fixing, Outcome, Run, lint_model, merge};
pub use texts::read_texts;
pub use verify::Refusal;
pub use write::{write_atomically, write_new, write_report};

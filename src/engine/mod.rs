//! Puts the rooms to work: fixes that cannot break a file, differences, and files written whole.

mod diff;
mod fix;
mod verify;
mod write;

pub use diff::diff;
pub use fix::{Applied, FixOutcome, Fixed, Fixer, MAX_ROUNDS, Refused, Unfinished};
pub use verify::Refusal;
pub use write::write_atomically;

//! What the program ShellCheck says of the scripts of a Dockerfile.
//!
//! [`jobs`] picks the scripts, and says for each in which dialect it is and which variables it finds
//! set. A [`Checker`] runs the program on them, many at a time, remembers what it said, and brings it
//! to the exact characters of the Dockerfile. The program reads scripts; nothing runs them.

mod answer;
mod checker;
mod child;
mod dialect;
mod directives;
mod findings;
mod job;
mod places;
mod program;
#[cfg(test)]
pub(crate) mod tests;

pub use answer::Level;
pub use checker::{Checker, Trouble};
pub use job::{Job, jobs};
pub use program::Limits;

/// The rule that passes its findings on; each carries the number too, `shellcheck:SC2086`.
pub const RULE: &str = "shellcheck";

/// Where more is said of a code.
#[must_use]
pub fn page(code: u16) -> String {
    format!("https://www.shellcheck.net/wiki/SC{code}")
}

/// What it is called where no program is named.
pub const PROGRAM: &str = "shellcheck";

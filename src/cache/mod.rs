//! What BuildKit's cache keeps when files of the build context change, to the letter of its cache keys:
//!
//! - COPY and ADD go by the content of what they take, and by what is below them; `--link` by the content
//!   alone.
//! - RUN goes by its text, its arguments, what is below it, and the content of its bind mounts.
//! - Stages are built each by itself. What comes from another stage goes by content as well: if that is
//!   built anew with the same result, nothing behind it is.
//!
//! This room does no I/O: what changed and who takes it comes from [`crate::context`].

mod judge;
mod order;
#[cfg(test)]
mod tests;

pub use judge::{Fate, Layer, Why, judge};
pub use order::{Order, orders};

use crate::context::{Change, SourceQuery};

/// What changes.
#[derive(Debug, Clone, Copy)]
pub struct Question<'q> {
    /// What was asked of the context, as [`crate::semantic::Model::source_queries`] says.
    pub queries: &'q [SourceQuery],
    /// What the context says of each changed path.
    pub changes: &'q [Change],
    /// True if no paths were named: then any source may change, one that is not there yet too.
    pub any: bool,
}

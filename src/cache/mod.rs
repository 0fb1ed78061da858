//! What BuildKit's cache keeps when files, the ignore file, the Dockerfile or build arguments change, to the letter
//! of its cache keys:
//!
//! - COPY and ADD go by the content of what they take, and by what is below them; `--link` by the content
//!   alone where the store can.
//! - RUN goes by its text, its variables, user, folder and shell, what is below it, and the content of its bind
//!   mounts.
//! - Stages are built each by itself. What comes from another stage goes by content as well: if that is
//!   built anew with the same result, nothing behind it is.
//!
//! This room does no I/O: what changed and who takes it comes from [`crate::context`].

mod below;
mod content;
mod judge;
mod layer;
mod old;
mod order;
mod recipe;
#[cfg(test)]
mod tests;

pub use below::{Below, Built, Cause};
pub use judge::judge;
pub use layer::{Difference, Fate, Layer, Why};
pub use order::{Order, orders};

use std::collections::{BTreeMap, BTreeSet};

use crate::context::{Change, SourceQuery};
use crate::semantic::{Model, context_name};

/// What changes.
#[derive(Debug, Clone, Copy)]
pub struct Question<'q> {
    /// What was asked of the context, as [`crate::semantic::Analysis::source_queries`] says, and then of other
    /// contexts.
    pub queries: &'q [SourceQuery],
    /// What the context says of each changed path.
    pub changes: &'q [Change],
    /// True if no paths were named: then any source may change, one that is not there yet too.
    pub any: bool,
    /// The paths that the ignore file now lets in or leaves out.
    pub flips: &'q [FlippedPath],
    /// The queries that another ignore file may change, where the old one is not known: each with its source.
    pub unsure: &'q [(usize, usize)],
    /// What becomes of the images of other builds of the project, by the names of the contexts that they are.
    pub below: &'q BTreeMap<String, Below>,
    /// True if files change, of this context or elsewhere.
    pub files_change: bool,
    /// The Dockerfile of the cached build, with what that was told, if either differs.
    pub old: Option<&'q Model>,
    /// True if the Dockerfile changes in a way that is not known.
    pub unknown_dockerfile: bool,
    /// True if a changed path may belong to a build context with a name that dlint is not told.
    pub unknown_contexts: bool,
    /// The names of build contexts that were something else in the cached build, or that only one of the two has.
    pub other_contexts: &'q BTreeSet<String>,
    /// Where the cache is.
    pub store: Store,
}

impl Question<'_> {
    /// True if this names a build context that was something else.
    pub(crate) fn is_other(&self, name: &str) -> bool {
        !self.other_contexts.is_empty() && self.other_contexts.contains(&context_name(name))
    }
}

/// A path that the ignore file now lets in or leaves out.
#[derive(Debug, Clone)]
pub struct FlippedPath {
    /// Who takes something of it.
    pub change: Change,
    /// True if it is let in.
    pub kept: bool,
}

/// Where the engine keeps images, which decides about `--link`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Store {
    /// It is not known.
    #[default]
    Unknown,
    /// One that can merge layers: containerd's, or that of a builder in a container.
    Merging,
    /// The engine's own, such as overlay2: `--link` does nothing for the cache.
    Plain,
}

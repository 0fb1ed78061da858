//! Text and places in it: sources, byte spans, line and column positions, edits.
//!
//! This is the lowest room: it knows nothing of Dockerfiles.

mod arrange;
mod edit;
mod find;
mod hash;
mod lines;
mod nearest;
mod path;
mod plain;
mod source;
mod span;
pub mod toml;
mod trim;
mod wildcard;
#[cfg(test)]
pub(crate) mod work;
pub mod yaml;

pub use arrange::{Arrange, Gather};
pub use edit::{Edit, EditError, apply};
pub use find::holds;
pub use hash::fnv;
pub use lines::{LineIndex, Position};
pub use nearest::{distance, nearest};
pub use path::plain_path;
pub use source::{MAX_SOURCE_BYTES, Source, SourceError, Within, with_word};
pub use span::Span;
pub use trim::{lines_with_ends, trim_end_of, trim_start};
pub use wildcard::Wildcard;

/// Text that takes no memory of its own where it is short, as nearly all words are.
pub type ShortText = ecow::EcoString;

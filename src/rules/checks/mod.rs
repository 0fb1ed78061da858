//! The rules that need more than a matcher. Each is described in `rules/<name>.md`.

pub mod add;
pub mod comment;
pub mod ignore;
pub mod instruction;
pub mod source;
pub mod waste;

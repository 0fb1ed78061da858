//! The rules that need more than a matcher. Each is described in `rules/<name>.md`.

pub mod add;
pub mod cd;
pub mod comment;
pub mod env;
pub mod ignore;
pub mod installs;
pub mod instruction;
pub mod pipe;
pub mod secrets;
pub mod source;
pub mod sudo;
pub mod syntax;
pub mod waste;

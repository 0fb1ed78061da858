//! The rules that need more than a matcher. Each is described in `rules/<name>.md`.

pub mod cd;
pub mod env;
pub mod instruction;
pub mod pipe;
pub mod secrets;
pub mod sudo;
pub mod syntax;

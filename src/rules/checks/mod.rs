//! The rules that need more than a matcher. Each is described in `rules/<name>.md`.

pub mod caches;
pub mod cleanup;
pub mod installs;
pub mod instruction;
pub mod layers;

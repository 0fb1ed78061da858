//! The rules that need more than a matcher. Each is described in `rules/<name>.md`.

pub mod base_image;
pub mod entry;
pub mod instruction;
pub mod multi_stage;
pub mod stages;
pub mod user;
pub mod workdir;

//! What lies between files and checks: which texts there are, which settings count where, and what is built.
//!
//! A [`Target`] says what is built. [`Files`] has the texts, those of an editor's buffers before those on the
//! disk. [`SettingsByFolder`] knows which configuration counts for which file.

mod files;
mod read;
mod settings;
mod target;

pub use files::{Document, Files};
pub use read::{ReadError, describe, read_source, read_stdin};
pub use settings::{ConfigChoice, Overrides, SettingsByFolder, catalogue, catalogue_at, from_here, loaded};
pub use target::{Builder, ContextSource, DockerfileSource, IgnoreSource, Target, TargetOrigin};

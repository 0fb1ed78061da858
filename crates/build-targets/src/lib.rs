//! Reads the files that start container builds, and says what each of them builds: which Dockerfile, from which build
//! context, with which stage, arguments, platforms and named contexts, as the tools themselves resolve them, and where
//! it is written.
//!
//! Nothing is run and nothing fetched: files are read through [`Files`], and the process environment counts only if the
//! caller gives it as an [`Environment`].

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod bake;
pub mod compose;
pub mod devcontainer;
pub mod dotenv;
mod entry;
mod environment;
mod eval;
mod files;
mod flags;
mod hcl;
mod images;
pub mod interpolate;
pub mod jobs;
mod json;
pub mod paths;
mod problem;
pub mod quadlet;
mod remote;
mod resolve;
mod similar;
mod source;
mod target;
pub mod yaml;

pub use entry::{Entry, EntryKind};
pub use environment::Environment;
pub use files::{Disk, Files, Memory};
pub use problem::{Problem, Warning, WarningKind};
pub use resolve::{Options, resolve};
pub use source::{FileId, Place, SourceFile, Sources};
pub use target::{
    Argument, Context, Dockerfile, IgnoreFile, Inline, Kind, Mention, Mounted, NamedContext, Piece,
    Resolution, Target, Text, Tool,
};

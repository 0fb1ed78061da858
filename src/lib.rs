//! dlint reads Dockerfiles as BuildKit does, finds what a good reviewer would say, and says what it
//! costs in bytes.
//!
//! Data flows one way through the rooms of this crate: `text`, `syntax`, `shell`, `semantic`,
//! `rules`, `engine`, `cli`. See `ARCHITECTURE.md`.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod cache;
pub mod cli;
pub mod config;
pub mod context;
pub mod diag;
pub mod engine;
pub mod image;
pub mod knowledge;
pub mod report;
pub mod rewrite;
pub mod rules;
pub mod semantic;
pub mod shell;
pub mod shellcheck;
pub mod size;
pub mod syntax;
pub mod text;
pub mod workspace;

//! Integration tests: one binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod architecture;
mod bad_builds;
mod baseline;
mod builders;
mod cli;
mod differential;
mod docs;
#[cfg(unix)]
mod figures;
mod hooks;
mod lsp;
mod moving;
mod projects;
mod readme;
mod recorded_builds;
mod registry;
mod robust;

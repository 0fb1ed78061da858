//! dlint reads Dockerfiles as BuildKit does, finds what a good reviewer would say, and says what it costs in bytes.
//!
//! ```
//! let settings = dlint::Settings::default();
//! for finding in dlint::lint("FROM debian:12\nRUN apt-get install curl\n", &settings) {
//!     println!("{finding}");
//! }
//! ```
//!
//! [`lint`] takes a text. [`check`] takes a [`Target`], which is what `docker build` is told: a Dockerfile, its build
//! context, arguments and so on. So it knows what a `COPY .` brings:
//!
//! ```
//! use dlint::{Build, Progress, Workspace};
//!
//! let path = "testdata/flask-naive/Dockerfile".as_ref();
//! let mut workspace = Workspace::default();
//! let mut problems = Vec::new();
//! workspace.load_settings([path], &mut problems); // the nearest dlint.toml
//! assert!(problems.is_empty());
//! let snapshot = workspace.snapshot();
//! let target = snapshot.target_of(path, &Build::default());
//! let report = dlint::check(&snapshot, &target, &Progress::default())?;
//! for finding in report.findings() {
//!     let at = finding.start(); // line and column, both from 1
//!     println!("{}, line {}: {}", finding.source().name(), at.line, finding.message());
//!     if let Some(saving) = finding.saving() {
//!         println!("  saves {} bytes: {saving}", saving.bytes);
//!     }
//!     if let Some(fix) = finding.fix() {
//!         println!("  fix: {}", fix.title);
//!     }
//! }
//! # assert!(report.findings().iter().any(|finding| finding.saving().is_some()));
//! # Ok::<(), dlint::Cancelled>(())
//! ```
//!
//! A [`Finding`] knows its place, its message, perhaps a [`Fix`], whose edits [`apply`] makes, and a [`Saving`].
//! [`Settings`] come from the text of a `dlint.toml`. A [`Workspace`] finds them by folder, and holds the buffers of an
//! editor over the files on the disk:
//!
//! ```
//! use dlint::{Progress, Target, Workspace};
//!
//! let mut workspace = Workspace::default();
//! workspace.files_mut().open("app/Dockerfile".into(), 1, "FROM debian:12\nRUN cd /app\n");
//! let target = Target::of_file("app/Dockerfile");
//! let report = dlint::check(&workspace.snapshot(), &target, &Progress::default())?;
//! let said = "this `cd` has no effect: it lasts until the RUN ends, and nothing follows it there";
//! let place = "app/Dockerfile:2:5: warning[cd-has-no-effect]";
//! assert_eq!(report.findings()[0].to_string(), format!("{place} {said}"));
//! # Ok::<(), dlint::Cancelled>(())
//! ```
//!
//! Offsets and sizes are in bytes. No text makes it panic, hang or grow without bound, and nothing here uses the
//! network or starts another program. All of it can be used from many threads at a time.

// Data flows one way through the rooms below: see `ARCHITECTURE.md`.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod api;
mod baseline;
mod cache;
mod cli;
mod config;
mod context;
mod diag;
mod engine;
mod entries;
mod git;
mod image;
mod knowledge;
mod lock;
mod lsp;
mod registry;
mod report;
mod rewrite;
mod rules;
mod screen;
mod semantic;
mod shell;
mod shellcheck;
mod size;
mod syntax;
mod text;
mod tree;
mod workspace;

pub use api::{Finding, Report, Settings, SettingsError, check, lint};
pub use context::Progress;
pub use diag::{Applicability, Fix, How, Label, Problem, Saving, Severity};
pub use engine::Cancelled;
pub use semantic::{Build, Builder};
pub use syntax::Platform;
pub use text::{Edit, EditError, LineIndex, Position, Source, SourceError, Span, apply};
pub use workspace::{
    ContextSource, DockerfileSource, Document, Files, IgnoreSource, ReadError, Snapshot, Target,
    TargetOrigin, Workspace,
};

/// What the program does: the arguments, the run, the exit code.
#[doc(hidden)]
#[must_use]
pub fn run_program() -> std::process::ExitCode {
    cli::main()
}

/// The inside, for the tests, benchmarks and fuzz targets of this repository. No promise is made about it.
#[cfg(feature = "internals")]
#[doc(hidden)]
pub mod internals {
    pub mod baseline {
        pub use crate::baseline::*;
    }
    pub mod cli {
        pub use crate::cli::command;
    }
    pub mod config {
        pub use crate::config::*;
    }
    pub mod context {
        pub use crate::context::*;
    }
    pub mod diag {
        pub use crate::diag::*;
    }
    pub mod engine {
        pub use crate::engine::*;
    }
    pub mod image {
        pub use crate::image::*;
    }
    pub mod registry {
        pub use crate::registry::*;
    }
    pub mod rules {
        pub use crate::rules::*;
    }
    pub mod semantic {
        pub use crate::semantic::*;
    }
    pub mod shell {
        pub use crate::shell::*;
    }
    pub mod size {
        pub use crate::size::*;
    }
    pub mod syntax {
        pub use crate::syntax::*;
    }
    pub mod text {
        pub use crate::text::*;
    }
    pub mod tree {
        pub use crate::tree::*;
    }
    pub mod workspace {
        pub use crate::workspace::*;
    }
}

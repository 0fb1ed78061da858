//! `dlint.lock`: what was learned of builds, as a text that is committed.
//!
//! ```text
//! version = 1
//!
//! [base]
//! "docker.io/library/node:22-slim linux/amd64" = { digest = "sha256:…", bytes = 219400000, … }
//!
//! [fetch]
//! "https://example.com/x.tar.xz" = { bytes = 13686292, unpacked = 60000000, … }
//!
//! [layer."app/Dockerfile prod linux/amd64"]
//! e220d3bb6d1b0f34 = { what = "RUN", bytes = 7000022, date = "2026-11-28", by = "docker", inputs = { … } }
//! ```
//!
//! One line an entry, sorted, so that Git merges it. It holds hashes, sizes and names, and no value of an argument.
//! This room does no I/O.

mod base;
mod fetch;
mod fields;
mod read;
#[cfg(test)]
mod tests;
mod write;

use std::collections::BTreeMap;

pub use base::{BaseFacts, Bases, LockedBase, base_key};
pub use fetch::{Fetches, LockedFetch, Unpacked};

/// The name of the file.
pub const NAME: &str = "dlint.lock";
/// The version of the format that is read and written.
pub const VERSION: u64 = 1;
/// A file that is larger is not read.
pub const MAX_BYTES: u64 = 8 << 20;
/// More entries than that are refused.
pub const MAX_ENTRIES: usize = 50_000;

/// What a layer was made from besides its instruction: hashes, each empty where nothing of its kind counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inputs {
    /// The base image, by its name or digest.
    pub base: String,
    /// ENV, ARG, USER, WORKDIR and SHELL in force, as they are written.
    pub settings: String,
    /// The steps before it.
    pub steps: String,
    /// The files that COPY, ADD and mounts brought.
    pub files: String,
}

/// A layer that was measured in a real image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Learned {
    /// The keyword of the instruction: `RUN`.
    pub what: String,
    /// Bytes of file contents.
    pub bytes: u64,
    /// The day on which it was measured: `2026-11-28`.
    pub date: String,
    /// Where the image was: `docker`, `podman`, `archive`.
    pub by: String,
    /// The names of the build arguments that were given from outside, and that it may depend on.
    pub args: Vec<String>,
    /// What it was made from.
    pub inputs: Inputs,
}

/// The layers of one build, by their keys.
pub type Layers = BTreeMap<String, Learned>;

/// What a lock file holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LockFile {
    /// The layers by build: `app/Dockerfile prod linux/amd64`.
    layers: BTreeMap<String, Layers>,
    /// Base images by name and platform.
    bases: Bases,
    /// Files of web servers by their addresses.
    fetches: Fetches,
}

impl LockFile {
    /// What registries have of base images.
    #[must_use]
    pub const fn bases(&self) -> &Bases {
        &self.bases
    }

    /// Puts other base images in place of those that were there.
    pub fn set_bases(&mut self, bases: Bases) {
        self.bases = bases;
    }

    /// What web servers have of files.
    #[must_use]
    pub const fn fetches(&self) -> &Fetches {
        &self.fetches
    }

    /// Puts other files in place of those that were there.
    pub fn set_fetches(&mut self, fetches: Fetches) {
        self.fetches = fetches;
    }

    /// What was learned of a build.
    #[must_use]
    pub fn layers(&self, build: &str) -> Option<&Layers> {
        self.layers.get(build)
    }

    /// Puts what is known now of a build in place of what was.
    pub fn set_layers(&mut self, build: String, layers: Layers) {
        if layers.is_empty() {
            self.layers.remove(&build);
        } else {
            self.layers.insert(build, layers);
        }
    }
}

//! Files of a project that start builds, such as Compose files, and what each of them builds.
//!
//! `build-targets` reads them. Here their builds become [`Target`]s, by the Dockerfile that each builds.

mod convert;
mod inline;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use build_targets::Resolution;

use crate::workspace::Target;

pub use inline::InlineDockerfile;

/// The builds that files of a project start.
#[derive(Debug, Default)]
pub struct Entries {
    resolutions: Vec<Arc<Resolution>>,
    /// By Dockerfile, without links.
    by_dockerfile: HashMap<PathBuf, Vec<Target>>,
    /// Those whose Dockerfile is written in the file that starts the build.
    inline: Vec<InlineDockerfile>,
    /// Folders without links, by how they are written.
    real: HashMap<PathBuf, PathBuf>,
}

impl Entries {
    /// Adds what a file, or some files together, build.
    pub fn add(&mut self, resolution: Resolution) {
        let resolution = Arc::new(resolution);
        for target in &resolution.targets {
            match convert::target(target, &resolution.sources) {
                Some(convert::Converted::File(path, target)) => {
                    let builds = self.by_dockerfile.entry(real(&path)).or_default();
                    // Services often share an image and its build.
                    if !builds.iter().any(|known| same_build(known, &target)) {
                        builds.push(target);
                    }
                }
                Some(convert::Converted::Inline(inline)) => self.inline.push(inline),
                None => {}
            }
        }
        self.resolutions.push(resolution);
    }

    /// The builds of the Dockerfile at a path: none if no file says how it is built.
    #[must_use]
    pub fn builds_of(&self, dockerfile: &Path) -> Vec<Target> {
        if self.by_dockerfile.is_empty() {
            return Vec::new();
        }
        let builds = self.by_dockerfile.get(&real(dockerfile)).into_iter().flatten();
        // The report names the file as the run does.
        builds.map(|target| target.clone().at(dockerfile)).collect()
    }

    /// The Dockerfiles that are built, each once, as the files that start the builds name them.
    pub fn dockerfiles(&self) -> impl Iterator<Item = &Path> {
        self.by_dockerfile.values().filter_map(|builds| builds.first()?.path())
    }

    /// The Dockerfiles that are written in the files that start their builds.
    #[must_use]
    pub fn inline(&self) -> &[InlineDockerfile] {
        &self.inline
    }

    /// What was read, file by file.
    pub fn resolutions(&self) -> impl Iterator<Item = &Resolution> {
        self.resolutions.iter().map(AsRef::as_ref)
    }
}

fn same_build(one: &Target, other: &Target) -> bool {
    one.context == other.context
        && one.ignore == other.ignore
        && one.build == other.build
        && one.builder == other.builder
}

/// A path without links; as it is written if nothing is there.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

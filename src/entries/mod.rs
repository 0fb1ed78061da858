//! Files of a project that start builds, such as Compose files, and what each of them builds.
//!
//! `build-targets` reads them. Here their builds become [`Target`]s, by the Dockerfile that each builds.

mod convert;
mod find;
mod inline;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use build_targets::{Entry, Environment, Options, Resolution};

use crate::workspace::{Files, Target};

pub use inline::InlineDockerfile;

/// The builds that files of a project start.
#[derive(Debug, Default)]
pub struct Entries {
    resolutions: Vec<Arc<Resolution>>,
    /// By Dockerfile, without links.
    by_dockerfile: HashMap<PathBuf, Vec<Target>>,
    /// Those whose Dockerfile is written in the file that starts the build.
    inline: Vec<InlineDockerfile>,
}

impl Entries {
    /// The builds of the files that the tools find by themselves in `folders`, and in those of `dockerfiles` and all above
    /// them up to the tops of their repositories. `leaves_out` says of a file whether it is not looked at.
    #[must_use]
    pub fn find<'p>(
        files: &Files,
        dockerfiles: impl IntoIterator<Item = &'p Path>,
        folders: &[PathBuf],
        environment: Option<Environment>,
        leaves_out: &dyn Fn(&Path) -> bool,
    ) -> Self {
        let mut entries = Self::default();
        let options = Options { environment, all: true };
        for entry in find::find(files, dockerfiles, folders) {
            let resolution = resolve(files, &entry, &options);
            if !resolution.sources.iter().any(|(_, file)| leaves_out(&file.path)) {
                entries.add(resolution);
            }
        }
        entries
    }

    /// The builds of these files.
    #[must_use]
    pub fn read(files: &Files, entries: &[Entry], environment: Option<Environment>) -> Self {
        let mut read = Self::default();
        let options = Options { environment, all: true };
        for entry in entries {
            read.add(resolve(files, entry, &options));
        }
        read
    }

    /// These builds, and those of Dockerfiles that only `others` build.
    #[must_use]
    pub fn or(mut self, others: Self) -> Self {
        for (path, builds) in others.by_dockerfile {
            self.by_dockerfile.entry(path).or_insert(builds);
        }
        self.inline.extend(others.inline);
        self.resolutions.extend(others.resolutions);
        self
    }

    /// Adds what a file, or some files together, build.
    fn add(&mut self, resolution: Resolution) {
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

    /// Drops the Dockerfiles in other files that are not wanted.
    pub fn retain_inline(&mut self, wanted: &dyn Fn(&InlineDockerfile) -> bool) {
        self.inline.retain(wanted);
    }

    /// What was read, file by file.
    pub fn resolutions(&self) -> impl Iterator<Item = &Resolution> {
        self.resolutions.iter().map(AsRef::as_ref)
    }
}

/// What an entry builds, by the texts of a workspace.
#[must_use]
pub fn resolve(files: &Files, entry: &Entry, options: &Options) -> Resolution {
    build_targets::resolve(&find::Texts(files), entry, options)
}

/// What the tools find by themselves when they are run in a folder; Compose also looks above it.
#[must_use]
pub fn as_tools_find(files: &Files, folder: &Path) -> Vec<Entry> {
    find::as_tools(files, folder)
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

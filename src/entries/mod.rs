//! Files of a project that start builds, such as Compose files, and what each of them builds.
//!
//! `build-targets` reads them. Here their builds become [`Target`]s, by the Dockerfile that each builds.

mod choose;
mod convert;
mod find;
mod inline;
mod siblings;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use build_targets::{Entry, Environment, FileId, Options, Resolution, SourceFile};

use crate::diag::Problem;
use crate::syntax::Platform;
use crate::text::{Source, Span, plain_path};

use crate::workspace::{Files, Target};

pub use inline::InlineDockerfile;

/// The builds that files of a project start.
#[derive(Debug, Default)]
pub struct Entries {
    resolutions: Vec<Resolution>,
    /// The texts of the files of each, made once however much points into them.
    texts: Vec<Texts>,
    builds: Vec<EntryBuild>,
    /// The builds of each Dockerfile, by its path without links: equal ones once.
    by_dockerfile: HashMap<PathBuf, Vec<usize>>,
    /// True if only one build counts, which somebody has named.
    is_chosen: bool,
}

/// Texts by their files.
type Texts = HashMap<FileId, Source>;

/// One build.
#[derive(Debug)]
struct EntryBuild {
    /// Which resolution it is of, and which target of that.
    of: (usize, usize),
    dockerfile: BuiltFrom,
}

/// What is built.
#[derive(Debug)]
enum BuiltFrom {
    /// A Dockerfile of its own.
    File(Target),
    /// One that is written in the file that starts the build.
    Inline(InlineDockerfile),
    /// It cannot be known, or is not on this machine.
    Elsewhere,
}

impl BuiltFrom {
    /// The build, where it is known.
    const fn target(&self) -> Option<&Target> {
        match self {
            Self::File(target) => Some(target),
            Self::Inline(inline) => Some(&inline.target),
            Self::Elsewhere => None,
        }
    }

    const fn target_mut(&mut self) -> Option<&mut Target> {
        match self {
            Self::File(target) => Some(target),
            Self::Inline(inline) => Some(&mut inline.target),
            Self::Elsewhere => None,
        }
    }
}

impl Entries {
    /// The builds of the files that the tools find by themselves in `folders`, and in those of `dockerfiles` and all
    /// above them up to the tops of their repositories. `leaves_out` says of a file whether it is not looked at.
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
                entries.add(files, resolution);
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
            read.add(files, resolve(files, entry, &options));
        }
        read
    }

    /// These builds, and those of `others` that build other Dockerfiles.
    #[must_use]
    pub fn or(mut self, others: Self) -> Self {
        let shift = self.resolutions.len();
        self.resolutions.extend(others.resolutions);
        self.texts.extend(others.texts);
        let from = self.builds.len();
        for mut build in others.builds {
            build.of.0 += shift;
            self.builds.push(build);
        }
        for (path, builds) in others.by_dockerfile {
            let builds = builds.into_iter().map(|at| at + from).collect();
            self.by_dockerfile.entry(path).or_insert(builds);
        }
        self
    }

    /// Adds what a file, or some files together, build.
    fn add(&mut self, files: &Files, resolution: Resolution) {
        let text = |(id, file): (FileId, &SourceFile)| {
            let name = plain_path(&file.path).display().to_string();
            (id, Source::from_text(name, &*file.text))
        };
        let texts: Texts = resolution.sources.iter().map(text).collect();
        let built = resolution.targets.iter();
        let built = built.map(|target| (&*target.name, convert::target(target, &resolution.sources, &texts)));
        let built = siblings::linked(files, built.collect());
        for (number, dockerfile) in built.into_iter().enumerate() {
            if let BuiltFrom::File(target) = &dockerfile
                && let Some(path) = target.path()
            {
                let known = self.by_dockerfile.entry(real(path)).or_default();
                // Services often share an image and its build.
                let is_same = |at: &usize| match self.builds.get(*at).map(|build| &build.dockerfile) {
                    Some(BuiltFrom::File(known)) => known.is_same_build(target),
                    _ => false,
                };
                if !known.iter().any(is_same) {
                    known.push(self.builds.len());
                }
            }
            self.builds.push(EntryBuild { of: (self.resolutions.len(), number), dockerfile });
        }
        self.resolutions.push(resolution);
        self.texts.push(texts);
    }

    /// The builds of the Dockerfile at a path, equal ones once: none if no file says how it is built.
    #[must_use]
    pub fn builds_of(&self, dockerfile: &Path) -> Vec<Target> {
        if self.by_dockerfile.is_empty() {
            return Vec::new();
        }
        let builds = self.by_dockerfile.get(&real(dockerfile)).into_iter().flatten();
        let targets = builds.filter_map(|at| match &self.builds.get(*at)?.dockerfile {
            BuiltFrom::File(target) => Some(target),
            BuiltFrom::Inline(_) | BuiltFrom::Elsewhere => None,
        });
        // The report names the file as the run does.
        let mut builds: Vec<Target> = targets.map(|target| target.clone().at(dockerfile)).collect();
        // Where each of them builds a stage that it names, such as one for development, the last stage is built
        // elsewhere: by a release that no file here tells of.
        if !self.is_chosen
            && builds.iter().all(|build| build.build.target.is_some())
            && let Some(first) = builds.first()
        {
            builds.push(first.clone().of_last_stage());
        }
        builds
    }

    /// The Dockerfiles that are built, each once, as the files that start the builds name them.
    pub fn dockerfiles(&self) -> impl Iterator<Item = &Path> {
        let first = self.by_dockerfile.values().filter_map(|builds| builds.first());
        first.filter_map(|at| match &self.builds.get(*at)?.dockerfile {
            BuiltFrom::File(target) => target.path(),
            BuiltFrom::Inline(_) | BuiltFrom::Elsewhere => None,
        })
    }

    /// The Dockerfiles that are written in the files that start their builds.
    pub fn inline(&self) -> impl Iterator<Item = &InlineDockerfile> {
        self.builds.iter().filter_map(|build| match &build.dockerfile {
            BuiltFrom::Inline(inline) => Some(inline),
            BuiltFrom::File(_) | BuiltFrom::Elsewhere => None,
        })
    }

    /// Builds all for this platform, whatever their files say.
    pub fn on_platform(&mut self, platform: &Platform) {
        for target in self.builds.iter_mut().filter_map(|build| build.dockerfile.target_mut()) {
            *target = target.clone().on_one_platform(Some(platform.clone()));
        }
    }

    /// Drops the Dockerfiles in other files that are not wanted.
    pub fn retain_inline(&mut self, wanted: &dyn Fn(&InlineDockerfile) -> bool) {
        for build in &mut self.builds {
            if matches!(&build.dockerfile, BuiltFrom::Inline(inline) if !wanted(inline)) {
                build.dockerfile = BuiltFrom::Elsewhere;
            }
        }
    }

    /// All builds in the order of their files, each with its file's resolution, and as a target if it is known.
    pub fn iter(&self) -> impl Iterator<Item = (&build_targets::Target, &Resolution, Option<&Target>)> {
        self.builds.iter().filter_map(|build| {
            let resolution = self.resolutions.get(build.of.0)?;
            Some((resolution.targets.get(build.of.1)?, resolution, build.dockerfile.target()))
        })
    }

    /// Why files are refused: what their tools would say, each with its place.
    pub fn refusals(&self) -> impl Iterator<Item = Problem> {
        let files = self.resolutions.iter().zip(&self.texts);
        files
            .flat_map(|(resolution, texts)| resolution.problems.iter().map(|problem| refusal(problem, texts)))
    }

    /// The Dockerfiles that are built when the tools are run plainly and that are not there, each with its place.
    pub fn missing(&self) -> impl Iterator<Item = Problem> {
        self.builds.iter().filter_map(|build| {
            let read = self.resolutions.get(build.of.0)?.targets.get(build.of.1)?;
            let BuiltFrom::File(target) = &build.dockerfile else { return None };
            let dockerfile = target.file().filter(|path| read.by_default && !path.exists())?;
            let message =
                format!("`{}` is built from `{}`, which does not exist", read.name, dockerfile.display());
            let place = match &read.dockerfile {
                build_targets::Dockerfile::File { text: Some(text), .. } => text.place,
                _ => read.place,
            };
            let problem = build_targets::Problem { place: Some(place), message };
            Some(refusal(&problem, self.texts.get(build.of.0)?))
        })
    }

    /// What was read, file by file.
    pub fn resolutions(&self) -> impl Iterator<Item = &Resolution> {
        self.resolutions.iter()
    }
}

fn refusal(problem: &build_targets::Problem, texts: &Texts) -> Problem {
    let place =
        problem.place.and_then(|place| Some((texts.get(&place.file)?.clone(), Span::of(place.span()))));
    let path = place.as_ref().map(|(source, _)| source.name().to_owned());
    Problem { path, place, message: problem.message.clone(), ..Problem::default() }
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

/// A path without links; only its folder is if the file is not there, and it is as written without a folder.
fn real(path: &Path) -> PathBuf {
    let in_folder = || {
        let folder = path.parent()?;
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        Some(folder.canonicalize().ok()?.join(path.file_name()?))
    };
    path.canonicalize().ok().or_else(in_folder).unwrap_or_else(|| path.to_path_buf())
}

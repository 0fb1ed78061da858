//! What is built: a Dockerfile, its build context, and what the build is told.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::semantic::{Build, Builder};
use crate::syntax::Platform;
use crate::text::{Source, Span};

/// Where the Dockerfile of a build is.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum DockerfileSource {
    /// In a file.
    File(PathBuf),
    /// In a text at hand: standard input, or what a file of another kind holds.
    Text {
        /// The text.
        source: Source,
        /// The file that it stands for: its folder, ignore file and settings count.
        stands_for: Option<PathBuf>,
    },
}

impl DockerfileSource {
    /// The text, if it is at hand.
    #[must_use]
    pub(crate) const fn text(&self) -> Option<&Source> {
        match self {
            Self::File(_) => None,
            Self::Text { source, .. } => Some(source),
        }
    }

    /// What it is called for people.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Text { source, .. } => source.name().to_owned(),
        }
    }
}

/// Where the build context is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ContextSource {
    /// Nowhere: only the Dockerfile is looked at.
    None,
    /// The folder that the Dockerfile is in.
    Beside,
    /// This folder.
    Folder(PathBuf),
    /// A repository or an archive, by its address: it is never fetched.
    Remote(String),
}

impl ContextSource {
    /// The folder that it is for a Dockerfile, if it is one.
    #[must_use]
    pub fn folder(&self, dockerfile: Option<&Path>) -> Option<PathBuf> {
        match self {
            Self::None | Self::Remote(_) => None,
            Self::Folder(folder) => Some(folder.clone()),
            Self::Beside => {
                let parent = dockerfile?.parent()?;
                let here = parent.as_os_str().is_empty();
                Some(if here { PathBuf::from(".") } else { parent.to_path_buf() })
            }
        }
    }
}

/// Which ignore file counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum IgnoreSource {
    /// The one that the builder finds: beside the Dockerfile, then in the context.
    #[default]
    Found,
    /// This file.
    File(PathBuf),
    /// None.
    None,
}

/// How a file that starts builds says where the context of one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum EntryForm {
    /// The keys of a Compose file.
    #[default]
    Compose,
    /// The attributes of a bake file.
    Bake,
    /// The keys of a `devcontainer.json`.
    Devcontainer,
    /// The keys of a unit.
    Quadlet,
    /// The inputs of a step, or a command in one.
    Workflow,
    /// The arguments of a command.
    Command,
}

/// What says that a target is built.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum TargetOrigin {
    /// The command line.
    #[default]
    CommandLine,
    /// A file of the project, such as a Compose file.
    Entry {
        /// The file.
        path: PathBuf,
        /// What it calls the build: a service, a target.
        name: String,
        /// How it says where the context is.
        form: EntryForm,
        /// Where it says so.
        span: Span,
    },
}

/// One build of a Dockerfile.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Target {
    /// The Dockerfile.
    pub dockerfile: DockerfileSource,
    /// Its build context.
    pub context: ContextSource,
    /// The ignore file of the context.
    pub ignore: IgnoreSource,
    /// What the build is told: stage, arguments, platform, named contexts; and what builds.
    pub build: Build,
    /// What says so.
    pub origin: TargetOrigin,
    /// The platforms that it is built for, if there are several; the build then tells none.
    pub platforms: Vec<Platform>,
    /// What else builds the Dockerfile, by what the project shows: sorted, each once, without the builder of this.
    pub also: Vec<Builder>,
    /// The other builds of the project whose images are its named contexts, by the names of those.
    pub siblings: BTreeMap<String, Arc<Target>>,
}

impl Target {
    /// What `docker build -f FILE FOLDER` builds, with the folder of the file as its context.
    #[must_use]
    pub fn of_file(path: impl Into<PathBuf>) -> Self {
        Self::new(DockerfileSource::File(path.into()))
    }

    /// A Dockerfile that is in no file, and without a build context.
    #[must_use]
    pub fn of_text(source: Source) -> Self {
        let dockerfile = DockerfileSource::Text { source, stands_for: None };
        Self { context: ContextSource::None, ..Self::new(dockerfile) }
    }

    fn new(dockerfile: DockerfileSource) -> Self {
        Self {
            dockerfile,
            context: ContextSource::Beside,
            ignore: IgnoreSource::default(),
            build: Build::default(),
            origin: TargetOrigin::default(),
            platforms: Vec::new(),
            also: Vec::new(),
            siblings: BTreeMap::new(),
        }
    }

    /// A text in place of the file at `path`, with the folder of that as its context.
    #[must_use]
    pub fn of_text_at(source: Source, path: impl Into<PathBuf>) -> Self {
        Self::new(DockerfileSource::Text { source, stands_for: Some(path.into()) })
    }

    /// True if both build alike, apart from which Dockerfile.
    #[must_use]
    pub fn is_same_build(&self, other: &Self) -> bool {
        // Which sibling it is, the build says.
        let Self { dockerfile: _, context, ignore, build, origin: _, platforms, also: _, siblings: _ } = self;
        *context == other.context
            && *ignore == other.ignore
            && *build == other.build
            && *platforms == other.platforms
    }

    /// True if both make the same image, apart from which Dockerfile: how its containers run is another matter.
    #[must_use]
    pub fn is_same_image(&self, other: &Self) -> bool {
        let image = |target: &Self| {
            let build = Build {
                own_user: false,
                health_check: None,
                starts: Vec::new(),
                for_tests: false,
                runs_once: false,
                mounts: false,
                for_development: false,
                for_editor: false,
                ..target.build.clone()
            };
            Self { build, ..target.clone() }
        };
        self.is_same_build(other) || image(self).is_same_build(&image(other))
    }

    /// The same number for what is the same build, apart from which Dockerfile; mostly another one for others.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let Self { context, ignore, build, platforms, .. } = self;
        let mut hasher = DefaultHasher::new();
        (&build.target, &build.args, &build.open_args).hash(&mut hasher);
        format!("{context:?} {ignore:?} {platforms:?} {:?} {:?}", build.platform, build.contexts)
            .hash(&mut hasher);
        hasher.finish()
    }

    /// A build for each of its platforms.
    #[must_use]
    pub fn by_platform(&self) -> Vec<Self> {
        let on = |platform: &Platform| {
            let build = Build { platform: Some(platform.clone()), ..self.build.clone() };
            Self { build, ..self.clone() }
        };
        match self.platforms.as_slice() {
            [] => vec![self.clone()],
            platforms => platforms.iter().map(on).collect(),
        }
    }

    /// The build for one platform: the one that is wanted, else the most usual one of its own.
    #[must_use]
    pub(crate) fn on_one_platform(mut self, wanted: Option<Platform>) -> Self {
        let is_usual = |platform: &&Platform| platform.to_string() == "linux/amd64";
        let usual = self.platforms.iter().find(is_usual).or(self.platforms.first()).cloned();
        self.build.platform = wanted.or(usual).or(self.build.platform);
        Self { platforms: Vec::new(), ..self }
    }

    /// The same for the last stage, which nobody names.
    #[must_use]
    pub(crate) fn of_last_stage(mut self) -> Self {
        self.build.target = None;
        // That is of the stage that was named.
        self.build.health_check = None;
        self.build.starts = Vec::new();
        self.build.runs_once = false;
        Self { origin: TargetOrigin::CommandLine, ..self }
    }

    /// The same for the Dockerfile under another path to it.
    #[must_use]
    pub(crate) fn at(self, path: &Path) -> Self {
        Self { dockerfile: DockerfileSource::File(path.to_path_buf()), ..self }
    }

    /// The same with another folder as its context, if there is one.
    #[must_use]
    pub(crate) fn with_guess(&self, folder: Option<&Path>) -> Self {
        let context = folder.map_or_else(|| self.context.clone(), |f| ContextSource::Folder(f.to_path_buf()));
        Self { context, ..self.clone() }
    }

    /// What the Dockerfile is called for people.
    #[must_use]
    pub fn name(&self) -> String {
        self.dockerfile.name()
    }

    /// What starts the build, for people: `compose.yaml: web`. `None` if that is the command line.
    #[must_use]
    pub fn entry(&self) -> Option<String> {
        match &self.origin {
            TargetOrigin::CommandLine => None,
            TargetOrigin::Entry { path, name, .. } => Some(format!("{}: {name}", path.display())),
        }
    }

    /// The same with the platform, if it is one of several.
    #[must_use]
    pub(crate) fn entry_on_platform(&self) -> Option<String> {
        let entry = self.entry()?;
        match &self.build.platform {
            Some(platform) if self.platforms.len() > 1 => Some(format!("{entry} ({platform})")),
            _ => Some(entry),
        }
    }

    /// The file that the Dockerfile is in, or stands for.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &self.dockerfile {
            DockerfileSource::File(path) => Some(path),
            DockerfileSource::Text { stands_for, .. } => stands_for.as_deref(),
        }
    }

    /// The file that fixes are written to.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match &self.dockerfile {
            DockerfileSource::File(path) => Some(path),
            DockerfileSource::Text { .. } => None,
        }
    }

    /// The folder of the build context, if that is one.
    #[must_use]
    pub fn context_folder(&self) -> Option<PathBuf> {
        self.context.folder(self.path())
    }

    /// Whether somebody says which folder the context is: a file that starts builds, an option, or a setting.
    #[must_use]
    pub fn says_context(&self) -> bool {
        self.entry().is_some() || matches!(self.context, ContextSource::Folder(_))
    }

    /// The files that may be the ignore file of a context in `folder`; the first that is there counts.
    #[must_use]
    pub fn ignore_files(&self, folder: &Path) -> Vec<PathBuf> {
        match (&self.ignore, self.path()) {
            (IgnoreSource::None, _) => Vec::new(),
            (IgnoreSource::File(file), _) => vec![file.clone()],
            (IgnoreSource::Found, Some(path)) => self.builder().dialect().candidates(path, folder),
            // What comes from standard input has no ignore file of its own.
            (IgnoreSource::Found, None) => self.builder().dialect().shared(folder),
        }
    }

    /// What builds.
    #[must_use]
    pub const fn builder(&self) -> Builder {
        self.build.builder
    }
}

/// The builds that these start from or copy from, and those that they start from, each once and behind all that it starts
/// from itself.
#[must_use]
pub fn builds_below<'t>(targets: impl IntoIterator<Item = &'t Target>) -> Vec<Arc<Target>> {
    fn add(target: &Target, seen: &mut HashSet<*const Target>, below: &mut Vec<Arc<Target>>) {
        for sibling in target.siblings.values() {
            if seen.insert(Arc::as_ptr(sibling)) {
                add(sibling, seen, below);
                below.push(Arc::clone(sibling));
            }
        }
    }
    let (mut seen, mut below) = (HashSet::new(), Vec::new());
    targets.into_iter().for_each(|target| add(target, &mut seen, &mut below));
    below
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_that_many_ways_lead_to_is_looked_at_once() {
        // Each starts from the one below by two names: 2^60 ways.
        let top = (1..60).fold(Target::of_file("0"), |below, number| {
            let below = Arc::new(below);
            let siblings = ["x", "y"].map(|name| (name.to_owned(), Arc::clone(&below))).into();
            Target { siblings, ..Target::of_file(number.to_string()) }
        });
        let below: Vec<String> = builds_below([&top, &top]).iter().map(|target| target.name()).collect();
        assert_eq!(below, (0..59).map(|number| number.to_string()).collect::<Vec<_>>());
    }

    #[test]
    fn the_context_and_its_ignore_file_follow_the_dockerfile() {
        let mut target = Target::of_file("app/Dockerfile");
        assert_eq!(target.context_folder(), Some("app".into()));
        assert_eq!(Target::of_file("Dockerfile").context_folder(), Some(".".into()));
        let files = |target: &Target| -> Vec<String> {
            target.ignore_files(Path::new("app")).iter().map(|p| p.display().to_string()).collect()
        };
        assert_eq!(files(&target), ["app/Dockerfile.dockerignore", "app/.dockerignore"]);
        target.ignore = IgnoreSource::File("x/.dockerignore".into());
        assert_eq!(files(&target), ["x/.dockerignore"]);
        target.ignore = IgnoreSource::None;
        assert!(files(&target).is_empty());
        target.context = ContextSource::Remote("https://example.com/app.git".to_owned());
        assert_eq!(target.context_folder(), None);
        let mut inline = Target::of_text(Source::from_text("-", "FROM a\n"));
        assert_eq!((inline.path(), inline.context_folder()), (None, None));
        inline.context = ContextSource::Folder("app".into());
        assert_eq!(files(&inline), ["app/.dockerignore"]);
        inline.build.builder = Builder::Podman;
        assert_eq!(files(&inline), ["app/.containerignore", "app/.dockerignore"]);
    }
}

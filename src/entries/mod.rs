//! Files of a project that start builds, such as Compose files, and what each of them builds.
//!
//! `build-targets` reads them. Here their builds become [`Target`]s, by the Dockerfile that each builds.

mod choose;
mod convert;
mod find;
mod folders;
mod images;
mod inline;
mod siblings;
mod supplied;

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use build_targets::{Entry, EntryKind, Environment, FileId, Options, Resolution, SourceFile};

use crate::diag::Problem;
use crate::semantic::NamedContext;
use crate::syntax::Platform;
use crate::text::{Source, Span, plain_path};

use crate::workspace::{ContextSource, Files, Target};

pub use folders::{InFolder, KnownFolders};
pub use inline::InlineDockerfile;

/// The builds that files of a project start.
#[derive(Debug, Default)]
pub struct Entries {
    groups: Vec<Arc<EntryGroup>>,
    builds: Vec<EntryBuild>,
    /// The builds of each Dockerfile, by its path without links: equal ones once.
    by_dockerfile: HashMap<PathBuf, Vec<usize>>,
    /// The same by Dockerfile and fingerprint, to find equal ones fast.
    alike: HashMap<(PathBuf, u64), Vec<usize>>,
    /// The name of the only build that counts, where somebody has given one.
    chosen: Option<String>,
    /// The platform that all are built for, where somebody has said so.
    platform: Option<Platform>,
    options: Options,
    scope: Scope,
    /// Names of contexts that bake files supply which their tool does not find by itself.
    supplied: Vec<supplied::Supplied>,
    /// The images that builds make, by repository.
    images: Vec<images::MadeImages>,
    /// What they were read from.
    files: Files,
}

/// Files that start builds together, as they were read.
#[derive(Debug)]
pub struct EntryGroup {
    /// Which they are.
    pub entry: Entry,
    /// What they say.
    pub resolution: Resolution,
    /// Their texts, made once however much points into them.
    texts: Texts,
    /// True if somebody has named one of them.
    is_named: bool,
}

/// Which files are looked at for themselves.
#[derive(Debug, Clone, Default)]
struct Scope {
    /// What was searched; `None`: all files count.
    searched: Option<Vec<PathBuf>>,
    /// The numbers of the groups that are looked at; `None`: all are.
    groups: Option<BTreeSet<usize>>,
}

impl Scope {
    /// What lies above or beside what was searched is not what was asked about.
    fn holds(&self, path: &Path) -> bool {
        let under =
            |folder: &PathBuf| folder.as_os_str() == "." && path.is_relative() || path.starts_with(folder);
        self.searched.as_ref().is_none_or(|all| all.iter().any(under) && !path.starts_with(".."))
    }
}

/// How many builds of one Dockerfile are looked at.
const MAX_BUILDS: usize = 128;

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
        let options = Options { environment, all: true };
        let folders = find::folders(files, dockerfiles, folders).into_iter();
        let folders: Vec<InFolder> =
            folders.map(|folder| InFolder::read(files, folder, &options, leaves_out)).collect();
        Self::in_folders(files, folders.iter(), options)
    }

    /// The builds of the files of folders that were read before.
    #[must_use]
    pub fn around(files: &Files, folders: &[Arc<InFolder>]) -> Self {
        Self::in_folders(files, folders.iter().map(|folder| &**folder), folders::options())
    }

    fn in_folders<'f>(files: &Files, folders: impl Iterator<Item = &'f InFolder>, options: Options) -> Self {
        let mut entries = Self { options, files: files.clone(), ..Self::default() };
        for folder in folders {
            folder.groups.iter().for_each(|group| entries.add(files, Arc::clone(group)));
            entries.supplied.extend(folder.supplied.clone());
        }
        entries.gather_images();
        entries
    }

    /// The builds of these files.
    #[must_use]
    pub fn read(files: &Files, entries: &[Entry], environment: Option<Environment>) -> Self {
        let options = Options { environment, all: true };
        let mut read = Self { options, files: files.clone(), ..Self::default() };
        for entry in entries {
            let resolution = resolve(files, entry, &read.options);
            let (entry, resolution) = folders::from_above(files, entry.clone(), resolution, &read.options);
            read.add(files, EntryGroup::new(entry, resolution, true));
        }
        read.gather_images();
        read
    }

    /// The same entries as they are in `files`, where only the files at `changed` are others.
    #[must_use]
    pub fn again(&self, files: &Files, changed: &BTreeSet<PathBuf>) -> Self {
        let of = |is_named: bool| {
            let mut read = Self {
                options: self.options.clone(),
                scope: self.scope.clone(),
                files: files.clone(),
                ..Self::default()
            };
            for group in self.groups.iter().filter(|group| group.is_named == is_named) {
                let is_changed =
                    group.resolution.sources.iter().any(|(_, file)| changed.contains(&file.path));
                let group = match is_changed {
                    true => {
                        let resolution = resolve(files, &group.entry, &self.options);
                        EntryGroup::new(group.entry.clone(), resolution, is_named)
                    }
                    false => Arc::clone(group),
                };
                read.add(files, group);
            }
            read
        };
        let mut read = of(true).or(of(false));
        read.supplied.clone_from(&self.supplied);
        read.gather_images();
        if let Some(platform) = &self.platform {
            read.on_platform(platform);
        }
        if let Some(name) = &self.chosen {
            // An edit that changes what the name means is refused by those who compare.
            let _ = read.only(name);
        }
        read
    }

    /// Files that are not in `searched` are not looked at for themselves, unless they are named.
    pub fn limit_to(&mut self, searched: &[PathBuf]) {
        self.scope.searched = Some(searched.to_vec());
    }

    /// Only these groups are looked at for themselves, by their numbers.
    pub fn look_only_at(&mut self, groups: &BTreeSet<usize>) {
        self.scope.groups = Some(groups.clone());
    }

    /// True if a path is in what was searched.
    #[must_use]
    pub fn holds(&self, path: &Path) -> bool {
        self.scope.holds(path)
    }

    /// These builds, and those of `others` that build other Dockerfiles.
    #[must_use]
    pub fn or(mut self, others: Self) -> Self {
        let shift = self.groups.len();
        self.groups.extend(others.groups);
        self.images.extend(others.images);
        self.scope = others.scope;
        self.supplied.extend(others.supplied);
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
    fn add(&mut self, files: &Files, group: Arc<EntryGroup>) {
        let built = group.resolution.targets.iter();
        let built = built.map(|target| {
            let mut built = convert::target(target, &group);
            built.target_mut().into_iter().for_each(|target| files.tell_bases(target));
            (&*target.name, built)
        });
        let mut built = siblings::linked(files, built.collect());
        images::name_in_inline(&group.resolution, &mut built);
        for (number, dockerfile) in built.into_iter().enumerate() {
            let is_built = group.resolution.targets.get(number);
            let is_built = is_built.is_none_or(|read| !is_only_inherited(read, &group.resolution));
            if let BuiltFrom::File(target) = &dockerfile
                && let Some(path) = target.path().filter(|_| is_built)
            {
                let path = real(files, path);
                // Services often share an image and its build.
                let is_same = |at: &usize| match self.builds.get(*at).map(|build| &build.dockerfile) {
                    Some(BuiltFrom::File(known)) => known.is_same_build(target),
                    _ => false,
                };
                let alike = self.alike.entry((path.clone(), target.fingerprint())).or_default();
                if !alike.iter().any(is_same) {
                    alike.push(self.builds.len());
                    self.by_dockerfile.entry(path).or_default().push(self.builds.len());
                }
            }
            self.builds.push(EntryBuild { of: (self.groups.len(), number), dockerfile });
        }
        self.groups.push(group);
    }

    /// The builds of the Dockerfile at a path, equal ones once, at most [`MAX_BUILDS`]: none if no file says how it is
    /// built.
    #[must_use]
    pub fn builds_of(&self, dockerfile: &Path) -> Vec<Target> {
        if self.by_dockerfile.is_empty() {
            return Vec::new();
        }
        let builds =
            self.by_dockerfile.get(&real(&self.files, dockerfile)).into_iter().flatten().take(MAX_BUILDS);
        let targets = builds.filter_map(|at| match &self.builds.get(*at)?.dockerfile {
            BuiltFrom::File(target) => Some(target),
            BuiltFrom::Inline(_) | BuiltFrom::Elsewhere => None,
        });
        // The report names the file as the run does.
        let mut builds: Vec<Target> = targets.map(|target| target.clone().at(dockerfile)).collect();
        let images = self.images_for(dockerfile);
        builds.iter_mut().for_each(|target| target.build.project_images = images.clone());
        // Where each of them builds a stage that it names, such as one for development, the last stage is built
        // elsewhere: by a release that no file here tells of.
        if self.chosen.is_none()
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

    /// The Dockerfiles that are written in files that are looked at and start their builds, each with the numbers of its
    /// group and of its target there.
    pub fn inline(&self) -> impl Iterator<Item = ((usize, usize), &InlineDockerfile)> {
        self.builds.iter().filter_map(|build| match &build.dockerfile {
            BuiltFrom::Inline(inline) => {
                let group = self.groups.get(build.of.0)?;
                self.looks_at(group, Path::new(inline.file.name())).then_some((build.of, inline))
            }
            BuiltFrom::File(_) | BuiltFrom::Elsewhere => None,
        })
    }

    /// Builds all for this platform, whatever their files say.
    pub fn on_platform(&mut self, platform: &Platform) {
        for target in self.builds.iter_mut().filter_map(|build| build.dockerfile.target_mut()) {
            *target = target.clone().on_one_platform(Some(platform.clone()));
        }
        self.platform = Some(platform.clone());
    }

    /// The same, where nothing is known of the build contexts of Dockerfiles that are written in the files.
    #[must_use]
    pub fn without_contexts(&self) -> Self {
        let mut own = self.again(&self.files, &BTreeSet::new());
        for build in &mut own.builds {
            let BuiltFrom::Inline(inline) = &mut build.dockerfile else { continue };
            inline.target.context = ContextSource::None;
            let named = inline.target.build.contexts.values_mut();
            named
                .filter(|context| matches!(context, NamedContext::Folder(_)))
                .for_each(|context| *context = NamedContext::Other);
        }
        own
    }

    /// True if a file of a group is looked at for itself. A script is only evidence.
    #[must_use]
    pub fn looks_at(&self, group: &EntryGroup, path: &Path) -> bool {
        let is_meant = self.scope.groups.as_ref().is_none_or(|numbers| {
            numbers.iter().filter_map(|number| self.groups.get(*number)).any(|of| std::ptr::eq(&**of, group))
        });
        is_meant
            && (group.is_named || group.entry.kind != EntryKind::Script && self.scope.holds(plain_path(path)))
    }

    /// The builds of a group, in the order of its targets: each as a target, if it is known.
    pub fn builds_in(&self, group: usize) -> impl Iterator<Item = Option<&Target>> {
        // They stand in the order of the groups.
        let first = self.builds.partition_point(|build| build.of.0 < group);
        let builds = self.builds.iter().skip(first).take_while(move |build| build.of.0 == group);
        builds.map(|build| build.dockerfile.target())
    }

    /// The groups of files.
    #[must_use]
    pub fn groups(&self) -> &[Arc<EntryGroup>] {
        &self.groups
    }

    /// True if only one build counts, which somebody has named.
    #[must_use]
    pub fn is_chosen(&self) -> bool {
        self.chosen.is_some()
    }

    /// All builds in the order of their files, each with its file's resolution, and as a target if it is known. What the
    /// tool refuses is no build.
    pub fn iter(&self) -> impl Iterator<Item = (&build_targets::Target, &Resolution, Option<&Target>)> {
        self.builds.iter().filter_map(|build| {
            let resolution = &self.groups.get(build.of.0)?.resolution;
            let read = resolution.targets.get(build.of.1).filter(|read| !read.is_refused)?;
            Some((read, resolution, build.dockerfile.target()))
        })
    }

    /// Why files are refused: what their tools would say, each with its place. Only those that are looked at count.
    pub fn refusals(&self) -> impl Iterator<Item = Problem> {
        self.groups.iter().flat_map(|group| {
            let refusals = group.resolution.problems.iter().map(|problem| refusal(problem, &group.texts));
            let asked = |problem: &Problem| {
                problem.path.as_deref().is_none_or(|path| self.looks_at(group, Path::new(path)))
            };
            refusals.filter(asked)
        })
    }

    /// The Dockerfiles that are built in more ways than are looked at.
    pub fn beyond(&self) -> impl Iterator<Item = Problem> {
        let many = self.by_dockerfile.values().filter(|builds| builds.len() > MAX_BUILDS);
        many.filter_map(|builds| {
            let BuiltFrom::File(target) = &self.builds.get(*builds.first()?)?.dockerfile else { return None };
            let message = format!("is built in {} ways: the first {MAX_BUILDS} are checked", builds.len());
            Some(Problem { path: Some(target.name()), message, ..Problem::default() })
        })
    }

    /// What was read, file by file.
    pub fn resolutions(&self) -> impl Iterator<Item = &Resolution> {
        self.groups.iter().map(|group| &group.resolution)
    }
}

impl EntryGroup {
    fn new(entry: Entry, resolution: Resolution, is_named: bool) -> Arc<Self> {
        let text = |(id, file): (FileId, &SourceFile)| {
            let name = plain_path(&file.path).display().to_string();
            (id, Source::from_text(name, &*file.text))
        };
        let texts = resolution.sources.iter().map(text).collect();
        Arc::new(Self { entry, resolution, texts, is_named })
    }

    /// What it is called for people: the first of its files.
    #[must_use]
    pub fn name(&self) -> String {
        let first = self.resolution.sources.iter().next();
        plain_path(first.map_or(&self.entry.folder, |(_, file)| &file.path)).display().to_string()
    }

    /// The text of a file of it.
    #[must_use]
    pub fn source(&self, file: FileId) -> Option<&Source> {
        self.texts.get(&file)
    }

    /// A remark on a place in its files.
    #[must_use]
    pub fn remark(&self, problem: &build_targets::Problem) -> Problem {
        refusal(problem, &self.texts)
    }
}

/// True for a target of bake that is there for others to inherit from. Its name says so, with `_` in front or as the one
/// that docker/metadata-action fills; or others inherit from it, and those say what is built while it does not. No group
/// leads to it.
#[must_use]
pub fn is_only_inherited(target: &build_targets::Target, resolution: &Resolution) -> bool {
    use build_targets::{Context, Dockerfile, Kind};
    let says_what = |target: &build_targets::Target| {
        let is_default = matches!(target.context, Context::Folder { text: None, .. })
            && matches!(target.dockerfile, Dockerfile::File { text: None, .. });
        !is_default || target.stage.is_some() || !target.tags.is_empty()
    };
    let is_meant = || {
        let mentions = || resolution.mentions.iter().filter(|mention| mention.name == target.name);
        mentions().any(|mention| mention.inherits)
            && mentions().all(|mention| mention.inherits)
            && !says_what(target)
            && resolution.targets.iter().any(says_what)
    };
    let is_named_so = target.name.starts_with('_') || target.name == "docker-metadata-action";
    target.kind == Kind::Bake && !target.by_default && (is_named_so || is_meant())
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

/// Files that somebody names, as the `-f` of the tools takes them.
#[must_use]
pub fn of_files(files: &Files, folder: PathBuf, paths: Vec<PathBuf>) -> Entry {
    Entry::of_files(&find::Texts(files), folder, paths)
}

/// What the tools find by themselves when they are run in a folder; Compose also looks above it.
#[must_use]
pub fn as_tools_find(files: &Files, folder: &Path) -> Vec<Entry> {
    find::as_tools(files, folder)
}

/// A path without links; only its folder is if the file is not there, and it is as written without a folder.
fn real(files: &Files, path: &Path) -> PathBuf {
    let in_folder = || {
        let folder = path.parent()?;
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        Some(files.file_tree().real(folder).ok()?.join(path.file_name()?))
    };
    files.file_tree().real(path).ok().or_else(in_folder).unwrap_or_else(|| path.to_path_buf())
}

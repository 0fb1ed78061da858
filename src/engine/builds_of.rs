//! Which builds there are of the files of a run.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use build_targets::Environment;

use crate::diag::Problem;
use crate::entries::{Entries, InFolder, KnownFolders};
use crate::semantic::Build;
use crate::workspace::{ContextSource, Snapshot, Target, builds_below};

use super::discover::{Found, Input, InputKind};

impl Found {
    /// Of searched folders without any Dockerfile: that they hold none, and why if files are refused that may name some.
    #[must_use]
    pub fn nothing_in(empty: Vec<Problem>, entries: &Entries) -> Vec<Problem> {
        const REFUSED: &str = "a file here that starts builds is refused: what it builds cannot be told";
        let is_refused = entries.refusals().next().is_some();
        let why = |problem: Problem| match is_refused {
            true => Problem { help: Some(REFUSED.to_owned()), ..problem },
            false => problem,
        };
        empty.into_iter().map(why).collect()
    }

    /// The builds that files of the project start of what was found: files that are named, those in the folders that
    /// were searched, and those in the folders of Dockerfiles and above. The Dockerfiles that they build are inputs as
    /// well, as far as they are in `searched` or a named file builds them. A Dockerfile whose settings name its build
    /// context is built as they say. `also` is a Dockerfile that is no input, such as one that standard input stands for.
    ///
    /// Files that are named and that their tools would refuse are problems; those that were found are notes.
    #[must_use]
    pub fn entries(
        &mut self,
        snapshot: &Snapshot,
        searched: &[PathBuf],
        also: Option<&Path>,
        environment: Option<Environment>,
    ) -> Entries {
        let (files, settings) = (snapshot.files(), snapshot.settings());
        let inputs = self.inputs.iter().filter(|input| input.kind == InputKind::Dockerfile);
        let dockerfiles = inputs.map(|input| input.path.as_path()).chain(also);
        let dockerfiles = dockerfiles.filter(|path| settings.context(path) == ContextSource::Beside);
        let mut found = Entries::find(files, dockerfiles, &self.folders, environment.clone(), &|path| {
            settings.excludes(path)
        });
        let named = Entries::read(files, &self.entries, environment);
        // What a file below which nothing was searched holds itself is not what was asked about.
        found.limit_to(searched);
        let is_searched = |path: &Path| found.holds(path);
        let more: Vec<&Path> =
            found.dockerfiles().filter(|path| is_searched(path)).chain(named.dockerfiles()).collect();
        let known: HashSet<PathBuf> = self.inputs.iter().map(|input| input.path.clone()).collect();
        let more = more
            .into_iter()
            .filter(|path| !known.contains(*path) && files.is_file(path) && !settings.excludes(path));
        let more: Vec<Input> =
            more.map(|path| Input { path: path.to_path_buf(), kind: InputKind::Dockerfile }).collect();
        self.inputs.extend(more);
        self.inputs.sort_unstable();
        self.problems.extend(named.refusals());
        self.notes.extend(found.refusals());
        named.or(found)
    }
}

/// The builds of the Dockerfile at a path: how its settings say that it is built, else what files of the project build,
/// and else what `build` says.
#[must_use]
pub fn targets_of(snapshot: &Snapshot, entries: &Entries, build: &Build, dockerfile: &Path) -> Vec<Target> {
    let built = said_by(snapshot, entries, dockerfile);
    if built.is_empty() { vec![lone_target(snapshot, entries, build, dockerfile)] } else { built }
}

/// What files of the project build from the Dockerfile at a path, unless its settings say how it is built. A build that is
/// chosen by its name counts in any case.
#[must_use]
pub fn said_by(snapshot: &Snapshot, entries: &Entries, dockerfile: &Path) -> Vec<Target> {
    match snapshot.settings().context(dockerfile) {
        ContextSource::Beside => entries.builds_of(dockerfile),
        _ if entries.is_chosen() => entries.builds_of(dockerfile),
        _ => Vec::new(),
    }
}

/// What is built from a Dockerfile that no file of the project builds.
#[must_use]
pub fn lone_target(snapshot: &Snapshot, entries: &Entries, build: &Build, dockerfile: &Path) -> Target {
    let mut target = snapshot.target_of(dockerfile, build);
    entries.supply(dockerfile, &mut target.build);
    target
}

/// How one Dockerfile is built, for who keeps that.
#[derive(Debug)]
pub struct BuildsOf {
    /// Its builds, for each platform.
    pub targets: Vec<Target>,
    /// The folders of the files that may say so.
    folders: Vec<Arc<InFolder>>,
    /// The Dockerfiles of other builds that these start from.
    below: BTreeSet<PathBuf>,
}

impl BuildsOf {
    /// The builds of the Dockerfile at a path as [`discover`](super::discover) and [`Found::entries`] find them for that
    /// file alone; `known` keeps what was read of folders.
    #[must_use]
    pub fn read(snapshot: &Snapshot, dockerfile: &Path, known: &mut KnownFolders) -> Self {
        let settings = snapshot.settings();
        let folders = match settings.context(dockerfile) {
            ContextSource::Beside => {
                known.around(snapshot.files(), dockerfile, &|path| settings.excludes(path))
            }
            _ => Vec::new(),
        };
        let entries = Entries::around(snapshot.files(), &folders);
        let builds = targets_of(snapshot, &entries, &Build::default(), dockerfile);
        let targets: Vec<Target> = builds.iter().flat_map(Target::by_platform).collect();
        let below = builds_below(&builds);
        let below = below.iter().filter_map(|target| target.path().map(Path::to_path_buf)).collect();
        Self { targets, folders, below }
    }

    /// A Dockerfile that only this builds.
    #[must_use]
    pub fn lone(target: Target) -> Self {
        Self { targets: vec![target], folders: Vec::new(), below: BTreeSet::new() }
    }

    /// True if another text at `path` may mean other builds.
    #[must_use]
    pub fn depends_on(&self, path: &Path) -> bool {
        self.below.contains(path) || self.folders.iter().any(|folder| folder.has_read(path))
    }

    /// True if a file that comes to `path`, changes or goes may mean other builds.
    #[must_use]
    pub fn looks_at(&self, path: &Path) -> bool {
        self.depends_on(path) || self.folders.iter().any(|folder| folder.is_looked_at(path))
    }

    /// True if an ignore file at `path` may count for one of the builds.
    #[must_use]
    pub fn may_have_ignore_file(&self, path: &Path) -> bool {
        let above = self.targets.first().and_then(|target| target.path()?.parent());
        let names = |target: &Target| {
            let root = target.context_folder();
            let files = root.map(|root| target.ignore_files(&root)).unwrap_or_default();
            // The context may be guessed to be a folder above.
            let may_be_above = target.context == ContextSource::Beside
                && path.parent().is_some_and(|folder| above.is_some_and(|above| above.starts_with(folder)));
            may_be_above || files.iter().any(|file| file == path)
        };
        self.targets.iter().any(names)
    }
}

//! What commands on one build begin with: the target that the arguments mean, and what is known of it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use build_targets::Environment;

use crate::context::Progress;
use crate::diag::BuiltBy;
use crate::engine::{self, Opened};
use crate::entries::Entries;
use crate::report::sanitize;
use crate::semantic::{Build, Builder};
use crate::syntax::Platform;
use crate::text::{Gather, plain_path};
use crate::workspace::{ContextSource, Files, Overrides, SettingsByFolder, Target};

use super::args::{BuildArgs, ConfigArgs, EntryArgs, TargetArgs};

/// Reads the Dockerfile and the configuration, and measures the build context. All rules are on. An error is a
/// sentence for people.
pub(super) fn open(
    dockerfile: Option<&Path>,
    target: &TargetArgs,
    config: &ConfigArgs,
    progress: &Progress,
) -> Result<Opened, String> {
    let platform = Platform::parse(PLATFORM);
    let (opened, _) = unmeasured(dockerfile, target, config, platform)?;
    Ok(opened.measured(&Files::default(), progress))
}

/// What an image is weighed for unless it is said.
pub(super) const PLATFORM: &str = "linux/amd64";

/// The same without a look at the build context, and the platforms that the build is for, where a file says several and
/// nobody chooses one. `platform` is built for where nothing says another.
pub(super) fn unmeasured(
    dockerfile: Option<&Path>,
    target: &TargetArgs,
    config: &ConfigArgs,
    platform: Option<Platform>,
) -> Result<(Opened, Vec<Platform>), String> {
    let files = Files::default();
    let build = target.build.build()?;
    let told = match &target.entries.entry {
        Some(name) => Some(named_build(&files, dockerfile, name, target.entries.environment())?),
        None => None,
    };
    let path = match told.as_ref().and_then(Target::path) {
        Some(path) => path.to_path_buf(),
        None if told.is_some() => PathBuf::new(),
        None => {
            let at = dockerfile.unwrap_or(Path::new("."));
            let builder = target.build.builder().unwrap_or_default();
            dockerfile_at(at, builder).map_err(|error| with_builds(&files, at, &target.entries, error))?
        }
    };
    let mut problems = Vec::new();
    let overrides = Overrides {
        select: Some(vec!["all".to_owned()]),
        context: target.context.clone().map(ContextSource::Folder),
        builder: target.build.builder(),
        config: config.choice(),
        ..Overrides::default()
    };
    let mut settings = SettingsByFolder::new(overrides, &mut problems);
    settings.load_for([path.as_path()], &mut problems);
    let context = settings.context(&path);
    let wanted = build.platform.clone();
    let built = match told {
        Some(told) => told,
        None if target.says_how() || target.entries.no_entries || context != ContextSource::Beside => {
            Target { context, build: Build { all_args: true, ..build }, ..Target::of_file(path.clone()) }
        }
        None => found_build(&files, &path, &target.entries).unwrap_or_else(|| Target {
            build: Build { all_args: true, ..Build::default() },
            ..Target::of_file(path.clone())
        }),
    };
    let platforms = if wanted.is_none() { built.platforms.clone() } else { Vec::new() };
    let mut built = built.on_one_platform(wanted);
    built.build.platform = built.build.platform.or(platform);
    let opened = Opened::new(&files, built, settings.settings(&path));
    let mut opened = opened.map_err(|error| sanitize(&error.to_string()).into_owned())?;
    opened.problems = problems;
    if let Some(folder) = &opened.guessed {
        let folder = sanitize(&folder.display().to_string()).into_owned();
        eprintln!(
            "dlint: the build context is taken to be `{folder}`, since it has what the Dockerfile copies; use `--context` to set another"
        );
    }
    if let Some(BuiltBy { title, why, .. }) = &opened.built_by {
        eprintln!("dlint: built by {title}, because {}; use `--builder` to choose another", sanitize(why));
    }
    Ok((opened, platforms))
}

/// The build that `--entry` names, among those of files in the folder of the Dockerfile, below it and above.
pub(super) fn named_build(
    files: &Files,
    dockerfile: Option<&Path>,
    name: &str,
    environment: Option<Environment>,
) -> Result<Target, String> {
    let at = dockerfile.unwrap_or(Path::new("."));
    let searched = if at.is_dir() { vec![at.to_path_buf()] } else { Vec::new() };
    let found = engine::discover(&searched);
    let start = if at.is_dir() { at.join("Dockerfile") } else { at.to_path_buf() };
    let entries = Entries::find(files, [start.as_path()], &found.folders, environment, &|_| false);
    let mut build = entries.choose(name).map_err(|error| sanitize(&error.to_string()).into_owned())?;
    if let Some(path) = build.file() {
        build.build.project_images = entries.images_for(path);
    }
    Ok(build)
}

/// How many builds an error names.
const MAX_NAMED: usize = 3;

/// An error that there is no Dockerfile in a folder, with the builds that may be meant.
fn with_builds(files: &Files, folder: &Path, args: &EntryArgs, error: String) -> String {
    if args.no_entries {
        return error;
    }
    let found = engine::discover(&[folder.to_path_buf()]);
    let start = folder.join("Dockerfile");
    let entries = Entries::find(files, [start.as_path()], &found.folders, args.environment(), &|_| false);
    let known = entries.iter().filter(|(.., target)| target.is_some());
    let names: BTreeSet<&str> = known.map(|(read, ..)| &*read.name).gather();
    let few: Vec<String> = names.iter().take(MAX_NAMED).map(|name| format!("`{}`", sanitize(name))).collect();
    match names.len() {
        0 => error,
        1 => format!("{error}; `--entry` chooses the build {}", few.join(", ")),
        all if all <= MAX_NAMED => {
            format!("{error}; choose one of the builds {} with `--entry`", few.join(", "))
        }
        all => format!("{error}; choose one of {all} builds with `--entry`, such as {}", few.join(", ")),
    }
}

/// How files of the project build the Dockerfile at a path; of several ways the first, which is said.
fn found_build(files: &Files, path: &Path, args: &EntryArgs) -> Option<Target> {
    let entries = Entries::find(files, [path], &[], args.environment(), &|_| false);
    first_of(entries.builds_of(path))
}

/// The first of several builds, which is said.
pub(super) fn first_of(builds: Vec<Target>) -> Option<Target> {
    let mut builds = builds.into_iter();
    let first = builds.next()?;
    let name = sanitize(&first.entry().unwrap_or_default()).into_owned();
    let others: Vec<String> = builds.filter_map(|build| build.entry()).collect();
    match others.as_slice() {
        [] => eprintln!("dlint: as built by {name}; `--no-entries` ignores that file"),
        [other] => {
            eprintln!("dlint: as built by {name}; `--entry` chooses the other build ({})", sanitize(other))
        }
        _ => eprintln!("dlint: as built by {name}; `--entry` chooses one of the {} others", others.len()),
    }
    Some(first)
}

/// The Dockerfile in a folder that `builder` takes where none is named.
pub(super) fn dockerfile_in(folder: &Path, builder: Builder) -> Option<PathBuf> {
    let mut paths = builder.dockerfile_names().iter().map(|name| folder.join(name));
    let found = paths.find(|path| path.symlink_metadata().is_ok())?;
    Some(plain_path(&found).to_path_buf())
}

/// The Dockerfile that a path means: itself, or the one in the folder that `builder` takes.
fn dockerfile_at(path: &Path, builder: Builder) -> Result<PathBuf, String> {
    if !path.is_dir() {
        return Ok(path.to_path_buf());
    }
    dockerfile_in(path, builder)
        .ok_or_else(|| format!("there is no Dockerfile in {}", sanitize(&path.display().to_string())))
}

impl BuildArgs {
    /// What the build is told; an error is a sentence for people.
    pub(super) fn build(&self) -> Result<Build, String> {
        // An empty name is none, as for `docker build`.
        let target = self.target.clone().filter(|name| !name.is_empty());
        let mut build = Build { target, ..Build::default() };
        for arg in &self.build_arg {
            let (name, value) = match arg.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                // As `docker build` does; one that is not set counts as not given.
                None => (arg.as_str(), std::env::var(arg).ok()),
            };
            if name.is_empty() {
                return Err(format!("--build-arg is written as KEY=VALUE, not `{}`", sanitize(arg)));
            }
            build.args.extend(value.map(|value| (name.to_owned(), value)));
        }
        if let Some(text) = &self.platform {
            let platform = Platform::parse(text);
            let fault = || match text.contains(',') {
                true => format!("`{}` names several platforms: run dlint once for each", sanitize(text)),
                false => format!("`{}` is not a platform: write it as in `linux/arm64`", sanitize(text)),
            };
            build.platform = Some(platform.ok_or_else(fault)?);
        }
        Ok(build)
    }
}

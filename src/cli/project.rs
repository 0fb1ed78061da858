//! What commands on one build begin with: the target that the arguments mean, and what is known of it.

use std::path::{Path, PathBuf};

use crate::context::Progress;
use crate::engine::Opened;
use crate::report::sanitize;
use crate::semantic::Build;
use crate::syntax::Platform;
use crate::workspace::{ContextSource, Files, Overrides, SettingsByFolder, Target};

use super::args::{BuildArgs, ConfigArgs, TargetArgs};

/// Reads the Dockerfile and the configuration, and measures the build context. All rules are on. An error is a
/// sentence for people.
pub(super) fn open(
    dockerfile: Option<&Path>,
    target: &TargetArgs,
    config: &ConfigArgs,
    progress: &Progress,
) -> Result<Opened, String> {
    Ok(unmeasured(dockerfile, target, config)?.measured(&Files::default(), progress))
}

/// The same without a look at the build context.
pub(super) fn unmeasured(
    dockerfile: Option<&Path>,
    target: &TargetArgs,
    config: &ConfigArgs,
) -> Result<Opened, String> {
    let path = dockerfile_at(dockerfile.unwrap_or(Path::new(".")))?;
    let mut problems = Vec::new();
    let overrides = Overrides {
        select: Some(vec!["all".to_owned()]),
        context: target.context.clone().map(ContextSource::Folder),
        config: config.choice(),
        ..Overrides::default()
    };
    let mut settings = SettingsByFolder::new(overrides, &mut problems);
    settings.load_for([path.as_path()], &mut problems);
    let target = Target {
        context: settings.context(&path),
        build: Build { all_args: true, ..target.build.build()? },
        ..Target::of_file(path.clone())
    };
    let opened = Opened::new(&Files::default(), target, settings.settings(&path));
    let mut opened = opened.map_err(|error| sanitize(&error.to_string()).into_owned())?;
    opened.problems = problems;
    if let Some(folder) = &opened.guessed {
        let folder = sanitize(&folder.display().to_string()).into_owned();
        eprintln!(
            "dlint: the build context is taken to be `{folder}`, which has what the Dockerfile copies; `--context` names another"
        );
    }
    Ok(opened)
}

/// The Dockerfile that a path means: itself, or the one in the folder.
fn dockerfile_at(path: &Path) -> Result<PathBuf, String> {
    if !path.is_dir() {
        return Ok(path.to_path_buf());
    }
    let shown = |name: &str| {
        let path = path.join(name);
        path.strip_prefix("./").map(Path::to_path_buf).unwrap_or(path)
    };
    let found = ["Dockerfile", "Containerfile"].map(shown).into_iter().find(|p| p.symlink_metadata().is_ok());
    found.ok_or_else(|| format!("there is no Dockerfile in {}", sanitize(&path.display().to_string())))
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

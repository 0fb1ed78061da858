//! A Dockerfile with its build context, and what its build is told: what commands on one build begin with.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::Settings;
use crate::context::Progress;
use crate::diag::Problem;
use crate::engine::{context_root, measure, read_source};
use crate::report::sanitize;
use crate::semantic::{Analysis, Build, Model};
use crate::syntax::{self, File};

use super::args::{BuildArgs, ConfigArgs, LintArgs};
use super::context::target;
use super::settings::SettingsBook;

/// A Dockerfile, and all that is known before it is built.
pub(super) struct Project {
    /// Where the Dockerfile is.
    pub(super) path: PathBuf,
    /// The folder of the build context.
    pub(super) root: Option<PathBuf>,
    pub(super) analysis: Analysis,
    pub(super) settings: Arc<Settings>,
    /// What could not be read.
    pub(super) problems: Vec<Problem>,
    /// Build arguments that no ARG declares.
    pub(super) unused: Vec<String>,
}

impl Project {
    /// Reads the Dockerfile and the configuration, and measures the build context. All rules are on. An
    /// error is a sentence for people.
    pub(super) fn open(
        dockerfile: Option<&Path>,
        build: &BuildArgs,
        config: &ConfigArgs,
        progress: &Progress,
    ) -> Result<Self, String> {
        let mut own = Self::unmeasured(dockerfile, build, config)?;
        let context = own
            .root
            .as_deref()
            .and_then(|r| measure(&own.analysis, &own.path, r, Some(progress), &mut own.problems));
        own.analysis = own.analysis.with_context(context.map(Arc::new));
        Ok(own)
    }

    /// The same without a look at the build context.
    pub(super) fn unmeasured(
        dockerfile: Option<&Path>,
        build: &BuildArgs,
        config: &ConfigArgs,
    ) -> Result<Self, String> {
        let path = dockerfile_at(dockerfile.unwrap_or(Path::new(".")))?;
        let (model, unused) = told(read(&path)?, build)?;
        let mut problems = Vec::new();
        let lint = LintArgs {
            select: vec!["all".to_owned()],
            config: config.clone(),
            context: build.context.clone(),
            ..LintArgs::default()
        };
        let mut book = SettingsBook::new(&lint, &mut problems);
        book.load_for([path.as_path()], &mut problems);
        let root = context_root(&book.context(&path), Some(&path));
        let settings = book.settings(&path);
        Ok(Self { path, root, settings, problems, unused, analysis: Analysis::new(model) })
    }
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

/// Reads a Dockerfile; an error is a sentence for people.
pub(super) fn read(path: &Path) -> Result<File, String> {
    let name = path.display().to_string();
    match read_source(path, &name) {
        Ok(source) => Ok(syntax::parse(source)),
        Err(message) => Err(format!("{} {message}", sanitize(&name))),
    }
}

/// What the build of `file` means, and the build arguments that it does not know.
pub(super) fn told(file: File, args: &BuildArgs) -> Result<(Model, Vec<String>), String> {
    let mut build = Build::default();
    for arg in &args.build_arg {
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
    build.target.clone_from(&args.target);
    let model = Model::of_build(file, &build);
    if model.stages.is_empty() {
        return Err(format!(
            "{}: there is no FROM, so there is nothing to build",
            sanitize(model.file.source.name())
        ));
    }
    if let Some(name) = &args.target {
        target(&model, name)?;
    }
    let declared: Vec<&str> = model.declared_args().collect();
    let unused = build.args.keys().filter(|n| !declared.contains(&n.as_str()) && !is_predefined(n)).cloned();
    let mut unused: Vec<String> = unused.collect();
    unused.sort();
    Ok((model, unused))
}

/// True for the build arguments that BuildKit knows without an ARG (`ReservedArgs` and the `proxy` ones).
fn is_predefined(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    upper.starts_with("BUILDKIT_")
        || ["HTTP", "HTTPS", "FTP", "NO", "ALL"].iter().any(|p| upper == format!("{p}_PROXY"))
        || upper == "SOURCE_DATE_EPOCH"
}

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use crate::config::Settings;
use crate::diag::{BuiltBy, Problem};
use crate::semantic::{Analysis, BuildContext, Model, UnknownStage};
use crate::syntax::File;
use crate::workspace::{Files, ReadError, Target};

use super::builder::settle_one;
use super::guess::guessed;
use super::names::other_kind;
use super::weights::weigh_installed;

/// One build, and all that is known before it runs: what commands on one build begin with.
#[derive(Debug, Clone)]
pub struct Opened {
    /// What is built.
    pub target: Target,
    /// What it means.
    pub analysis: Analysis,
    /// The settings that count for its Dockerfile.
    pub settings: Arc<Settings>,
    /// The folder that is taken for the context, where nobody has told it and it is not that of the Dockerfile.
    pub guessed: Option<PathBuf>,
    /// What is taken for its builder, where nobody has told it and it is not BuildKit.
    pub built_by: Option<BuiltBy>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// The tree of a Dockerfile that several builds share, once one of them has read it.
pub(super) type SharedTree = Mutex<Option<Arc<File>>>;

/// Why there is nothing to build.
#[derive(Debug)]
pub enum OpenError {
    /// The Dockerfile cannot be read.
    Read(String, ReadError),
    /// The file of that name is another kind of file; which.
    OtherKind(String, &'static str),
    /// The Dockerfile of that name has no FROM.
    NoStage(String),
    /// The stage that is to be built is not there.
    UnknownStage(UnknownStage),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(name, error) => write!(f, "{name} {error}"),
            Self::OtherKind(name, kind) => write!(f, "{name} {kind}"),
            Self::NoStage(name) => write!(f, "{name}: there is no FROM, so there is nothing to build"),
            Self::UnknownStage(unknown) => unknown.fmt(f),
        }
    }
}

impl std::error::Error for OpenError {}

/// Reads the Dockerfile of a target, and what it means when that is built.
///
/// # Errors
/// If it cannot be read, or has no stage of the name that is to be built.
pub fn read_target(files: &Files, target: &Target) -> Result<Analysis, OpenError> {
    let analysis = read_shared(files, target, None)?;
    match unknown_stage(&analysis) {
        Some(unknown) => Err(OpenError::UnknownStage(unknown)),
        None => Ok(analysis),
    }
}

/// The same, where `shared` keeps the tree for other builds of the Dockerfile. Of a stage that a file of the project asks
/// for and that is not there, a rule on that file speaks: this is the Dockerfile with its last stage, then.
pub(super) fn read_shared(
    files: &Files,
    target: &Target,
    shared: Option<&SharedTree>,
) -> Result<Analysis, OpenError> {
    if let Some(model) = files.known(&target.dockerfile, &target.build) {
        return checked(model, target);
    }
    let parse = || files.tree(&target.dockerfile).map_err(|error| OpenError::Read(target.name(), error));
    let file = match shared {
        None => parse()?,
        Some(shared) => {
            // Others wait for the tree instead of making it as well.
            let mut tree = shared.lock().unwrap_or_else(PoisonError::into_inner);
            match &*tree {
                Some(file) => Arc::clone(file),
                None => Arc::clone(tree.insert(parse()?)),
            }
        }
    };
    refuse_other_kinds(&file)?;
    checked(Arc::new(Model::of_build(file, &target.build)), target)
}

/// The same, kept for others that ask for it in this run.
pub(super) fn read_kept(files: &Files, target: &Target) -> Result<Analysis, OpenError> {
    let model = files.understood(&target.dockerfile, &target.build);
    checked(model.map_err(|error| OpenError::Read(target.name(), error))?, target)
}

/// What a model tells, if there is something to build.
fn checked(model: Arc<Model>, target: &Target) -> Result<Analysis, OpenError> {
    refuse_other_kinds(&model.file)?;
    match unknown_stage(&model) {
        Some(unknown) if target.entry().is_none() => Err(OpenError::UnknownStage(unknown)),
        _ => Ok(Analysis::new(model).with_also(target.also.clone())),
    }
}

/// The stage that is to be built and is not there. A file without any stage has a fault of its own.
fn unknown_stage(model: &Model) -> Option<UnknownStage> {
    model.unknown_target().filter(|_| !model.stages.is_empty())
}

fn refuse_other_kinds(file: &File) -> Result<(), OpenError> {
    let name = file.source.name();
    other_kind(name, file).map_or(Ok(()), |kind| Err(OpenError::OtherKind(name.to_owned(), kind)))
}

impl Opened {
    /// Reads a target; its build context is not looked at.
    ///
    /// # Errors
    /// If it cannot be read, or there is nothing to build.
    pub fn new(files: &Files, mut target: Target, settings: Arc<Settings>) -> Result<Self, OpenError> {
        let built_by = settle_one(files, &mut target, settings.builder);
        let analysis = read_target(files, &target)?;
        if analysis.stages.is_empty() {
            return Err(OpenError::NoStage(analysis.file.source.name().to_owned()));
        }
        let guessed = guessed(files, &target, &analysis);
        let target = target.with_guess(guessed.as_deref());
        Ok(Self { target, analysis, settings, guessed, built_by, problems: Vec::new() })
    }

    /// A build below another one, of which only its image counts.
    pub(super) fn of_image(target: &Target, analysis: Analysis) -> Self {
        let (target, settings) = (target.clone(), Arc::new(Settings::default()));
        Self { target, analysis, settings, guessed: None, built_by: None, problems: Vec::new() }
    }

    /// Why the Dockerfile does not build, if it does not: the first thing that is refused, with its line.
    #[must_use]
    pub fn refusal(&self) -> Option<String> {
        let file = &self.analysis.file;
        let error = file.errors.first()?;
        Some(format!("line {}: {}", file.source.line_number(error.span.start), error.message))
    }

    /// True if the Dockerfile asks which platform it is built for. If it never does, it is the same build for all of them.
    #[must_use]
    pub fn asks_for_platform(&self) -> bool {
        self.analysis.file.text().contains("TARGET")
    }
}

impl Opened {
    /// What is known of the build, with what lies installed beside its Dockerfile. Of a commit's files nothing does.
    #[must_use]
    pub fn with_installed(&self, files: &Files) -> Cow<'_, Analysis> {
        let tree = files.file_tree();
        let (Some(root), Some(context)) = (self.target.context_folder(), self.analysis.context()) else {
            return Cow::Borrowed(&self.analysis);
        };
        let asked = self.analysis.installed_beside();
        if asked.is_empty() || tree.differences().is_some() {
            return Cow::Borrowed(&self.analysis);
        }
        let installed = weigh_installed(tree, &root, asked);
        if installed.is_empty() {
            return Cow::Borrowed(&self.analysis);
        }
        let context = BuildContext { installed, ..context.clone() };
        Cow::Owned(self.analysis.clone().with_context(Some(Arc::new(context))))
    }
}

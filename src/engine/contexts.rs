//! Build contexts of many Dockerfiles: which there are, and one walk through each.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dockerignore::IgnoreFile;
use rayon::prelude::*;

use crate::context::{Detail, Progress, SourceQuery, Views, ViewsRequest, scan_views};
use crate::diag::Problem;

use crate::semantic::{Analysis, BuildContext, ContextIgnore, Model, Texts};
use crate::syntax;
use crate::text::Source;

use super::discover::{Input, InputKind, own_dockerfile};
use super::read::{describe, read_source};
use super::run::{ContextChoice, Outcome, Run, guarded, problem};
use super::scripts;
use super::texts::read_texts;

/// How many contexts are worked on at a time, and how many files of one stay parsed.
const BATCH: usize = 64;
const FILES: usize = 256;
/// Among many, a file larger than this is read again rather than kept, in bytes.
const KEPT_BYTES: usize = 64 << 10;

/// Scans `root` for the Dockerfile at `path`, for what `analysis` takes if its target is built. `None` if
/// that is nothing, or if the folder cannot be read, which is a problem then.
pub fn measure(
    analysis: &Analysis,
    path: &Path,
    root: &Path,
    progress: Option<&Progress>,
    problems: &mut Vec<Problem>,
) -> Option<BuildContext> {
    let queries = analysis.source_queries();
    if queries.is_empty() {
        return None;
    }
    let ignore_files = dockerignore::candidates(path, root).to_vec();
    let walked = Walked::new(root, ignore_files, vec![queries], progress, problems)?;
    Some(walked.context(0, read_texts(root, analysis.read_files())))
}

/// What an ignore file alone tells: nothing is measured.
pub(super) fn unmeasured(source: Source) -> BuildContext {
    let file = IgnoreFile::parse(source.text());
    BuildContext { ignore: Some(Arc::new(ContextIgnore { file, source })), ..BuildContext::default() }
}

/// Scans the context of one file, if it takes anything from one.
pub(super) fn load(
    run: &Run<'_>,
    path: Option<&Path>,
    analysis: &Analysis,
    problems: &mut Vec<Problem>,
) -> Option<BuildContext> {
    let name = Path::new(analysis.file.source.name());
    let root = root(&(run.context)(path.unwrap_or(name)), path)?;
    let queries = analysis.source_queries();
    if queries.is_empty() {
        return None;
    }
    let ignore_files = match path {
        Some(path) => dockerignore::candidates(path, &root).to_vec(),
        // What comes from standard input has no ignore file of its own.
        None => vec![root.join(".dockerignore")],
    };
    let walked = Walked::new(&root, ignore_files, vec![queries], run.progress, problems)?;
    Some(walked.context(0, read_texts(&root, analysis.read_files())))
}

/// A context that was walked for some Dockerfiles.
struct Walked {
    views: Views,
    ignore: Option<Arc<ContextIgnore>>,
}

impl Walked {
    fn new(
        root: &Path,
        ignore_files: Vec<PathBuf>,
        views: Vec<Vec<SourceQuery>>,
        progress: Option<&Progress>,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let ignore = load_first(ignore_files, problems);
        let request = ViewsRequest {
            root: root.to_path_buf(),
            ignore: ignore.as_ref().map(|(file, _)| file),
            views,
            detail: Detail::Lint,
            progress,
        };
        let scanned = catch_unwind(AssertUnwindSafe(|| scan_views(&request)));
        let why = match scanned {
            Ok(Ok(views)) => {
                let ignore = ignore.map(|(file, source)| Arc::new(ContextIgnore { file, source }));
                return Some(Self { views, ignore });
            }
            Ok(Err(error)) => describe(&error),
            Err(_) => "made dlint fail".to_owned(),
        };
        problems.push(problem(&root.display().to_string(), why));
        None
    }

    fn context(&self, view: usize, texts: Texts) -> BuildContext {
        BuildContext { scan: self.views.view(view), ignore: self.ignore.clone(), texts }
    }
}

/// Lints all inputs, each with its context. Outcomes come in the order of the inputs.
pub(super) fn lint_all(run: &Run<'_>, inputs: &[Input]) -> Vec<Outcome> {
    let mut outcomes: Vec<Outcome> = Vec::new();
    outcomes.resize_with(inputs.len(), Outcome::default);
    let kept = if inputs.len() == 1 { usize::MAX } else { KEPT_BYTES };
    let mut settle = |done: Vec<(usize, Outcome)>| {
        for (number, outcome) in done {
            if let Some(slot) = outcomes.get_mut(number) {
                *slot = outcome;
            }
        }
    };
    scripts::prepare(run, inputs);
    let (alone, groups) = groups(run, inputs);
    // What needs no context is dropped as soon as it is linted.
    let one = |number: &usize| Some((*number, run.one(inputs.get(*number)?)));
    settle(alone.par_iter().filter_map(one).collect());
    for batch in groups.chunks(BATCH) {
        settle(batch.par_iter().flat_map(|group| group.lint(run, inputs, kept)).collect());
    }
    outcomes
}

/// The inputs that have a context and an ignore file in common.
struct Group {
    root: PathBuf,
    inputs: Vec<usize>,
}

/// The folder that is the context of a Dockerfile.
#[must_use]
pub fn root(choice: &ContextChoice, dockerfile: Option<&Path>) -> Option<PathBuf> {
    match choice {
        ContextChoice::None => None,
        ContextChoice::Folder(folder) => Some(folder.clone()),
        ContextChoice::Beside => {
            let parent = dockerfile?.parent()?;
            let here = parent.as_os_str().is_empty();
            Some(if here { PathBuf::from(".") } else { parent.to_path_buf() })
        }
    }
}

/// The inputs that have no context, and the others.
fn groups(run: &Run<'_>, inputs: &[Input]) -> (Vec<usize>, Vec<Group>) {
    let mut alone = Vec::new();
    let mut groups: Vec<Group> = Vec::new();
    let mut known: HashMap<(PathBuf, Option<PathBuf>), usize> = HashMap::new();
    // One folder may go by several names.
    let mut folders: HashMap<PathBuf, PathBuf> = HashMap::new();
    for (number, input) in inputs.iter().enumerate() {
        let choice = (run.context)(&input.path);
        let root = match input.kind {
            // The one that all Dockerfiles share counts for the folder that it is in.
            InputKind::Ignorefile
                if choice != ContextChoice::None && own_dockerfile(&input.path).is_none() =>
            {
                root(&ContextChoice::Beside, Some(&input.path))
            }
            InputKind::Dockerfile | InputKind::Ignorefile => root(&choice, Some(&input.path)),
        };
        let Some(root) = root else {
            alone.push(number);
            continue;
        };
        let folder = folders
            .entry(root.clone())
            .or_insert_with(|| root.canonicalize().unwrap_or_else(|_| root.clone()))
            .clone();
        let own = match input.kind {
            InputKind::Dockerfile => {
                let [own, _] = dockerignore::candidates(&input.path, &root);
                own.symlink_metadata().is_ok().then_some(own)
            }
            InputKind::Ignorefile => own_dockerfile(&input.path).map(|_| input.path.clone()),
        };
        let at = *known.entry((folder, own)).or_insert_with(|| {
            groups.push(Group { root, inputs: Vec::new() });
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(at) {
            group.inputs.push(number);
        }
    }
    (alone, groups)
}

/// An input on its way: read once, so that it is known what it asks of the context.
struct Asked<'i> {
    number: usize,
    input: &'i Input,
    state: State,
    /// Which view of the context is its own.
    view: Option<usize>,
    /// The files of the context whose texts it needs.
    reads: Vec<String>,
}

enum State {
    /// It failed.
    Done(Box<Outcome>),
    Read(Analysis),
    /// Too much to be kept: to be read again.
    Again,
}

impl Group {
    fn lint(&self, run: &Run<'_>, inputs: &[Input], kept: usize) -> Vec<(usize, Outcome)> {
        let kept = if self.inputs.len() <= FILES { kept } else { 0 };
        let of = |kind| {
            let input = |number: &usize| Some((*number, inputs.get(*number)?));
            self.inputs.iter().filter_map(input).filter(move |(_, input)| input.kind == kind)
        };
        let dockerfiles: Vec<_> = of(InputKind::Dockerfile).collect();
        let (mut asked, mut queries): (Vec<Asked<'_>>, Vec<_>) =
            dockerfiles.par_iter().map(|&(number, input)| Asked::read(number, input, kept)).unzip();
        let mut views = Vec::new();
        for (asked, queries) in asked.iter_mut().zip(&mut queries) {
            if !queries.is_empty() {
                asked.view = Some(views.len());
                views.push(std::mem::take(queries));
            }
        }
        let mut problems = Vec::new();
        let first = asked.iter().find(|a| a.view.is_some());
        let walked = first.and_then(|first| {
            let ignore_files = dockerignore::candidates(&first.input.path, &self.root).to_vec();
            Walked::new(&self.root, ignore_files, views, run.progress, &mut problems)
        });
        let told = first.map(|first| first.number);
        let lint = |asked: Asked<'_>| (asked.number, asked.lint(run, walked.as_ref(), &self.root));
        let mut outcomes: Vec<(usize, Outcome)> = asked.into_par_iter().map(lint).collect();
        // What is wrong with the context is said once.
        if let Some((_, outcome)) = outcomes.iter_mut().find(|(number, _)| Some(*number) == told) {
            outcome.problems.splice(0..0, problems);
        }
        let in_use = walked.as_ref().and_then(|w| Path::new(w.ignore.as_ref()?.source.name()).file_name());
        // What no Dockerfile shows is looked at alone.
        let alone = of(InputKind::Ignorefile).filter(|(_, i)| told.is_none() || i.path.file_name() != in_use);
        outcomes.extend(alone.map(|(number, input)| (number, self.ignorefile(run, &input.path))));
        outcomes
    }

    /// Lints an ignore file that no Dockerfile at hand makes use of.
    fn ignorefile(&self, run: &Run<'_>, path: &Path) -> Outcome {
        let mut problems = Vec::new();
        let files = vec![path.to_path_buf()];
        let walked = Walked::new(&self.root, files, vec![Vec::new()], run.progress, &mut problems);
        let name = path.display().to_string();
        let linted =
            guarded(&name, || walked.map(|walked| run.ignorefile(path, walked.context(0, Texts::default()))));
        let mut outcome = match linted {
            Ok(outcome) => outcome.unwrap_or_default(),
            Err(failed) => *failed,
        };
        outcome.problems.splice(0..0, problems);
        outcome
    }
}

impl<'i> Asked<'i> {
    fn read(number: usize, input: &'i Input, kept: usize) -> (Self, Vec<SourceQuery>) {
        let (mut queries, mut reads) = (Vec::new(), Vec::new());
        let state = match read_file(&input.path) {
            Err(outcome) => State::Done(outcome),
            Ok(source) => {
                let name = source.name().to_owned();
                let parsed = guarded(&name, || {
                    let analysis = Analysis::new(Model::new(syntax::parse(source)));
                    (queries, reads) = (analysis.source_queries(), analysis.read_files());
                    analysis
                });
                match parsed {
                    Err(outcome) => State::Done(outcome),
                    Ok(analysis) if analysis.file.source.bytes().len() <= kept => State::Read(analysis),
                    Ok(_) => State::Again,
                }
            }
        };
        (Self { number, input, state, view: None, reads }, queries)
    }

    fn lint(self, run: &Run<'_>, walked: Option<&Walked>, root: &Path) -> Outcome {
        let path = &self.input.path;
        let name = path.display().to_string();
        let context = || Some(Arc::new(walked?.context(self.view?, read_texts(root, self.reads))));
        let lint = |analysis: Analysis| run.analysis(analysis.with_context(context()), Some(path));
        let outcome = match self.state {
            State::Done(outcome) => return *outcome,
            State::Read(analysis) => guarded(&name, || lint(analysis)),
            State::Again => match read_file(path) {
                Err(outcome) => return *outcome,
                Ok(source) => guarded(&name, || lint(Analysis::new(Model::new(syntax::parse(source))))),
            },
        };
        outcome.unwrap_or_else(|failed| *failed)
    }
}

fn read_file(path: &Path) -> Result<Source, Box<Outcome>> {
    let name = path.display().to_string();
    read_source(path, &name).map_err(|message| Box::new(Outcome::problem(problem(&name, message))))
}

/// The ignore file that counts for a Dockerfile and a context.
pub fn load_ignore(
    dockerfile: &Path,
    root: &Path,
    problems: &mut Vec<Problem>,
) -> Option<(IgnoreFile, Source)> {
    load_first(dockerignore::candidates(dockerfile, root), problems)
}

fn load_first(
    candidates: impl IntoIterator<Item = PathBuf>,
    problems: &mut Vec<Problem>,
) -> Option<(IgnoreFile, Source)> {
    for candidate in candidates {
        if candidate.symlink_metadata().is_err() {
            continue;
        }
        let shown = candidate.strip_prefix("./").unwrap_or(&candidate).display().to_string();
        return match read_source(&candidate, &shown) {
            Ok(source) => Some((IgnoreFile::parse(source.text()), source)),
            Err(message) => {
                problems.push(problem(&shown, message));
                None
            }
        };
    }
    None
}

#[cfg(test)]
mod tests;

//! Build contexts of many Dockerfiles: which there are, and one walk through each.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use dockerignore::Dialect;
use rayon::prelude::*;

use crate::context::SourceQuery;
use crate::diag::{BuiltBy, Problem};
use crate::semantic::{Analysis, BuildContext, Builder, NamedContexts, Reads};
use crate::text::plain_path;
use crate::workspace::{ContextSource, Files, Target};

use super::builder::{settle, settle_one};
use super::discover::{Input, InputKind, own_dockerfile};
use super::fitting::fitting;
use super::guess::{Tops, guess};
use super::links;
use super::named::{NamedQueries, walk_named};
use super::opened::{OpenError, Opened, SharedTree, read_shared};
use super::outcome::{Outcome, guarded, problem};
use super::run::Run;
use super::scripts;
use super::walk::{Walked, load_first, own_ignore_file, real, unread};

/// How many contexts are worked on at a time.
const BATCH: usize = 64;
/// How many files are read before ShellCheck is run on their scripts.
const FILES: usize = 256;
/// How much text of the Dockerfiles of one context stays at hand as trees, in bytes. A tree takes about 30
/// times as much; what finds no room is read again once the context is known.
const KEPT_BYTES: usize = 4 << 20;

/// Room for the trees of Dockerfiles, in bytes of their texts.
struct Room(AtomicUsize);

impl Room {
    const fn new(bytes: usize) -> Self {
        Self(AtomicUsize::new(bytes))
    }

    /// Takes room for a text; false if there is not enough left.
    fn takes(&self, bytes: usize) -> bool {
        let left = |left: usize| left.checked_sub(bytes);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left).is_ok()
    }
}

/// Lints all inputs, each with its context. Outcomes come in the order of the inputs.
pub(super) fn lint_all(run: &Run<'_>, inputs: &[Input]) -> Vec<Outcome> {
    let mut outcomes: Vec<Outcome> = Vec::new();
    outcomes.resize_with(inputs.len(), Outcome::default);
    let mut settle = |number: usize, outcome| {
        if let Some(slot) = outcomes.get_mut(number) {
            *slot = outcome;
        }
    };
    let mut once: Vec<Job<'_>> = Vec::with_capacity(inputs.len());
    let mut often: Vec<Vec<Job<'_>>> = Vec::new();
    for (number, input) in inputs.iter().enumerate() {
        let mut jobs = Job::of(run, number, input);
        if jobs.len() > 1 { often.push(jobs) } else { once.append(&mut jobs) }
    }
    for (number, done) in work(run, &once) {
        settle(number, done.outcome(run));
    }
    for batch in often.chunks(BATCH) {
        let jobs: Vec<Job<'_>> = batch.iter().flatten().cloned().collect();
        let mut builds: BTreeMap<usize, Vec<Done>> = BTreeMap::new();
        for (number, done) in work(run, &jobs) {
            builds.entry(number).or_default().push(done);
        }
        let builds: Vec<(usize, Vec<Done>)> = builds.into_iter().collect();
        let merged = builds.into_par_iter().map(|(number, done)| (number, Done::merge(run, done)));
        merged.collect::<Vec<_>>().into_iter().for_each(|(number, outcome)| settle(number, outcome));
    }
    links::without_repeated(run.files.file_tree(), inputs, &mut outcomes);
    outcomes
}

/// One build of an input.
#[derive(Clone)]
struct Job<'i> {
    /// Which of the inputs it is.
    number: usize,
    input: &'i Input,
    target: Target,
    /// What is taken for its builder.
    built_by: Option<BuiltBy>,
    /// The tree of a Dockerfile that is built in several ways: parsed once.
    shared: Option<Arc<SharedTree>>,
}

impl<'i> Job<'i> {
    fn of(run: &Run<'_>, number: usize, input: &'i Input) -> Vec<Self> {
        let mut targets = match input.kind {
            InputKind::Dockerfile => run.builds_of(&input.path),
            InputKind::Ignorefile => Vec::new(),
        };
        if targets.is_empty() {
            targets.push((run.target)(&input.path));
        }
        let told = targets.first().and_then(|target| run.told(target));
        let built_by = match input.kind {
            InputKind::Dockerfile => settle(run.files, &mut targets, told),
            InputKind::Ignorefile => {
                targets.iter_mut().for_each(|target| target.build.builder = reader(run, &input.path, told));
                vec![None]
            }
        };
        let shared = (targets.len() > 1).then(Arc::default);
        let job = |(target, built_by)| Self { number, input, target, built_by, shared: shared.clone() };
        targets.into_iter().zip(built_by).map(job).collect()
    }

    fn analysis(&self, run: &Run<'_>) -> Result<Analysis, Box<Outcome>> {
        analysis(run.files, &self.target, self.shared.as_deref())
    }
}

/// What reads an ignore file that is looked at alone.
fn reader(run: &Run<'_>, path: &Path, told: Option<Builder>) -> Builder {
    if let Some(told) = told {
        return told;
    }
    let is_podmans = path.to_string_lossy().ends_with(".containerignore");
    match own_dockerfile(path) {
        _ if is_podmans => Builder::Podman,
        Some(dockerfile) => {
            let mut target = (run.target)(&dockerfile);
            settle_one(run.files, &mut target, None);
            target.builder()
        }
        None => Builder::BuildKit,
    }
}

/// What came of a job.
enum Done {
    /// It is linted, or failed.
    Linted(Outcome),
    /// One of several builds of a Dockerfile, which are linted together.
    Read(Box<Opened>),
}

impl Done {
    fn outcome(self, run: &Run<'_>) -> Outcome {
        match self {
            Self::Linted(outcome) => outcome,
            build @ Self::Read(_) => Self::merge(run, vec![build]),
        }
    }

    /// The outcome of all builds of a Dockerfile.
    fn merge(run: &Run<'_>, done: Vec<Self>) -> Outcome {
        let (mut builds, mut failed) = (Vec::new(), Vec::new());
        for done in done {
            match done {
                Self::Read(build) => builds.push(*build),
                Self::Linted(outcome) => failed.extend(outcome.problems),
            }
        }
        let name = builds.first().map(|build| build.target.name()).unwrap_or_default();
        let linted = guarded(&name, || run.builds(builds)).unwrap_or_else(|failed| *failed);
        let mut outcome = linted;
        failed.append(&mut outcome.problems);
        // What is wrong with the file is wrong for each build.
        failed.dedup_by(|a, b| a.path == b.path && a.message == b.message);
        Outcome { problems: failed, ..outcome }
    }
}

/// Does all jobs. Those that alone are a build of their input are linted on the way, so that not all are in memory.
fn work(run: &Run<'_>, jobs: &[Job<'_>]) -> Vec<(usize, Done)> {
    let mut all: Vec<(usize, Done)> = Vec::with_capacity(jobs.len());
    let early = Early::read(run, jobs);
    let (alone, groups) = groups(run, jobs, &early);
    let early = Mutex::new(early);
    let is_checked = |job: &&Job<'_>| {
        let is_on = || scripts::is_on(&(run.settings)(&job.input.path));
        job.shared.is_some() || run.shellcheck.is_some() && is_on()
    };
    let (checked, alone): (Vec<&Job<'_>>, Vec<&Job<'_>>) =
        alone.iter().filter_map(|at| jobs.get(*at)).partition(is_checked);
    // As many scripts in a process as may be.
    for batch in checked.chunks(FILES) {
        all.extend(lint_alone(run, batch));
    }
    // What needs neither a context nor another program is dropped as soon as it is linted.
    all.par_extend(alone.par_iter().map(|job| (job.number, Done::Linted(run.job(job.input, &job.target)))));
    for batch in groups.chunks(BATCH) {
        let room = Room::new(KEPT_BYTES);
        let read = batch.par_iter().map(|group| group.read(run, jobs, &early, &room));
        let mut read: Vec<Vec<Read<'_>>> = read.collect();
        // A folder may be a named context of builds with other contexts.
        let asked = read.iter_mut().flatten().map(|(asked, _)| std::mem::take(&mut asked.asks_named));
        let named = walk_named(run.files, asked.collect(), run.progress);
        for ((asked, _), named) in read.iter_mut().flatten().zip(named) {
            asked.named = named;
        }
        let lint = |(group, read): (&Group, Vec<Read<'_>>)| group.lint(run, jobs, read);
        all.par_extend(batch.par_iter().zip(read).flat_map(lint));
    }
    all
}

/// Lints inputs that need no context, after the scripts of all of them have been checked.
fn lint_alone(run: &Run<'_>, batch: &[&Job<'_>]) -> Vec<(usize, Done)> {
    let room = Room::new(usize::MAX);
    let (dockerfiles, others): (Vec<&Job<'_>>, Vec<&Job<'_>>) =
        batch.iter().partition(|job| job.input.kind == InputKind::Dockerfile);
    let asked: Vec<Asked<'_>> =
        dockerfiles.par_iter().map(|job| Asked::read(run, job, &room, None).0).collect();
    scripts::prepare(run.shellcheck, run.settings, asked.iter().filter_map(Asked::analysis));
    let done = asked.into_par_iter().map(|asked| (asked.job.number, asked.lint(run, None, Path::new(""))));
    let mut done: Vec<(usize, Done)> = done.collect();
    let lint = |job: &&Job<'_>| (job.number, Done::Linted(run.job(job.input, &job.target)));
    done.extend(others.iter().map(lint));
    done
}

/// The jobs that have a context and an ignore file in common.
struct Group {
    root: PathBuf,
    /// Whose rules count for the ignore file.
    dialect: Dialect,
    jobs: Vec<usize>,
}

/// Jobs whose Dockerfiles are read before it is known where their contexts are, since that is guessed from what they
/// copy.
#[derive(Default)]
struct Early<'i>(HashMap<usize, Read<'i>>);

impl<'i> Early<'i> {
    fn read(run: &Run<'_>, jobs: &'i [Job<'i>]) -> Self {
        let mut tops = Tops::default();
        let dockerfiles = jobs.iter().enumerate().filter(|(_, job)| job.input.kind == InputKind::Dockerfile);
        let unsure: Vec<(usize, &Job<'i>, usize)> = dockerfiles
            .filter_map(|(at, job)| Some((at, job, tops.levels(run.files, &job.target)?)))
            .collect();
        let room = Room::new(KEPT_BYTES);
        let read = |&(at, job, levels): &(usize, &'i Job<'i>, usize)| {
            (at, Asked::read(run, job, &room, Some(levels)))
        };
        Self(unsure.par_iter().map(read).collect())
    }

    /// The folder that is taken for the context of a job.
    fn root(&self, at: usize) -> Option<PathBuf> {
        self.0.get(&at)?.0.guessed.clone()
    }
}

/// The jobs that have no context, and the others.
fn groups(run: &Run<'_>, jobs: &[Job<'_>], early: &Early<'_>) -> (Vec<usize>, Vec<Group>) {
    let mut alone = Vec::new();
    let mut groups: Vec<Group> = Vec::new();
    let mut known: HashMap<(PathBuf, Option<PathBuf>, Dialect), usize> = HashMap::new();
    // One folder may go by several names.
    let mut folders: HashMap<PathBuf, PathBuf> = HashMap::new();
    for (at, Job { input, target, .. }) in jobs.iter().enumerate() {
        let root = match input.kind {
            // The one that all Dockerfiles share counts for the folder that it is in.
            InputKind::Ignorefile
                if target.context != ContextSource::None && own_dockerfile(&input.path).is_none() =>
            {
                ContextSource::Beside.folder(Some(&input.path))
            }
            InputKind::Dockerfile | InputKind::Ignorefile => {
                early.root(at).or_else(|| target.context_folder())
            }
        };
        let Some(root) = root else {
            alone.push(at);
            continue;
        };
        let folder = folders
            .entry(root.clone())
            .or_insert_with(|| run.files.file_tree().real(&root).unwrap_or_else(|_| root.clone()))
            .clone();
        let own = match input.kind {
            InputKind::Dockerfile => own_ignore_file(run.files, target, &root),
            InputKind::Ignorefile => {
                let is_shared = input.path.file_name().is_some_and(|name| name == ".dockerignore");
                (!is_shared).then(|| real(run.files, &input.path))
            }
        };
        let dialect = target.builder().dialect();
        let group = *known.entry((folder, own, dialect)).or_insert_with(|| {
            groups.push(Group { root, dialect, jobs: Vec::new() });
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(group) {
            group.jobs.push(at);
        }
    }
    (alone, groups)
}

/// A job on its way: its Dockerfile is read, so that it is known what it asks of the context.
struct Asked<'i> {
    job: &'i Job<'i>,
    state: State,
    /// The folder that is taken for its context, where that is not its own.
    guessed: Option<PathBuf>,
    /// Which view of the context is its own.
    view: Option<usize>,
    /// The files of the context whose content it needs.
    reads: Reads,
    /// What it asks of its named contexts, until these are walked, and what is known of them then.
    asks_named: NamedQueries,
    named: (NamedContexts, Vec<Problem>),
}

/// A job on its way, and what it asks of the context.
type Read<'i> = (Asked<'i>, Vec<SourceQuery>);

enum State {
    /// It failed.
    Done(Box<Outcome>),
    Read(Analysis),
    /// Too much to be kept: to be read again.
    Again,
}

impl Group {
    /// Its jobs of a kind.
    fn of<'i>(&self, jobs: &'i [Job<'i>], kind: InputKind) -> impl Iterator<Item = (usize, &'i Job<'i>)> {
        let job = |at: &usize| Some((*at, jobs.get(*at)?));
        self.jobs.iter().filter_map(job).filter(move |(_, job)| job.input.kind == kind)
    }

    /// Reads its Dockerfiles.
    fn read<'i>(
        &self,
        run: &Run<'_>,
        jobs: &'i [Job<'i>],
        early: &Mutex<Early<'i>>,
        room: &Room,
    ) -> Vec<Read<'i>> {
        let dockerfiles: Vec<_> = self.of(jobs, InputKind::Dockerfile).collect();
        let read = |at, job| {
            let known = early.lock().unwrap_or_else(PoisonError::into_inner).0.remove(&at);
            known.unwrap_or_else(|| Asked::read(run, job, room, None))
        };
        dockerfiles.par_iter().map(|&(at, job)| read(at, job)).collect()
    }

    /// Lints them, with their context.
    fn lint<'i>(&self, run: &Run<'_>, jobs: &'i [Job<'i>], read: Vec<Read<'i>>) -> Vec<(usize, Done)> {
        let (mut asked, mut queries): (Vec<Asked<'_>>, Vec<_>) = read.into_iter().unzip();
        scripts::prepare(run.shellcheck, run.settings, asked.iter().filter_map(Asked::analysis));
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
            let ignore_files = first.job.target.ignore_files(&self.root);
            let ignore = load_first(run.files, self.dialect, ignore_files, &mut problems);
            Walked::new(run.files, &self.root, ignore, views, run.progress, &mut problems)
        });
        let told = first.map(|first| first.job.number);
        let lint = |asked: Asked<'_>| (asked.job.number, asked.lint(run, walked.as_ref(), &self.root));
        let mut done: Vec<(usize, Done)> = asked.into_par_iter().map(lint).collect();
        // What is wrong with the context is said once.
        if let Some((_, done)) = done.iter_mut().find(|(number, _)| Some(*number) == told) {
            match done {
                Done::Linted(outcome) => outcome.problems.splice(0..0, problems),
                Done::Read(build) => build.problems.splice(0..0, problems),
            };
        }
        let in_use = walked.as_ref().and_then(|w| Path::new(w.ignore.as_ref()?.source.name()).file_name());
        // What no Dockerfile shows is looked at alone.
        let alone = self
            .of(jobs, InputKind::Ignorefile)
            .filter(|(_, job)| told.is_none() || job.input.path.file_name() != in_use);
        let lint = |job: &Job<'_>| Done::Linted(self.ignorefile(run, &job.input.path));
        done.extend(alone.map(|(_, job)| (job.number, lint(job))));
        done
    }

    /// Lints an ignore file that no Dockerfile at hand makes use of.
    fn ignorefile(&self, run: &Run<'_>, path: &Path) -> Outcome {
        let mut problems = Vec::new();
        let files = vec![path.to_path_buf()];
        let ignore = load_first(run.files, self.dialect, files, &mut problems);
        let walked =
            Walked::new(run.files, &self.root, ignore, vec![Vec::new()], run.progress, &mut problems);
        let name = path.display().to_string();
        let linted = guarded(&name, || {
            walked.map(|walked| run.ignorefile(path, walked.context(0, Reads::default(), None)))
        });
        let mut outcome = match linted {
            Ok(outcome) => outcome.unwrap_or_default(),
            Err(failed) => *failed,
        };
        outcome.problems.splice(0..0, problems);
        outcome
    }
}

impl<'i> Asked<'i> {
    /// Reads a Dockerfile; its tree is kept if there is room for it. Its context may be up to `levels` above its
    /// folder.
    fn read(run: &Run<'_>, job: &'i Job<'i>, room: &Room, levels: Option<usize>) -> Read<'i> {
        let (mut queries, mut reads, mut guessed) = (Vec::new(), Reads::default(), None);
        let mut asks_named = NamedQueries::default();
        let state = match job.analysis(run) {
            Err(outcome) => State::Done(outcome),
            Ok(analysis) => {
                (queries, reads) = (analysis.source_queries(), analysis.reads());
                asks_named = NamedQueries::of(run.files, &analysis);
                guessed = levels.and_then(|levels| guess(run.files, &job.target, &analysis, levels));
                let kept = room.takes(analysis.file.source.bytes().len());
                if kept { State::Read(analysis) } else { State::Again }
            }
        };
        (Self { job, state, guessed, view: None, reads, asks_named, named: Default::default() }, queries)
    }

    /// What the Dockerfile means, where that was kept.
    fn analysis(&self) -> Option<(&Path, &Analysis)> {
        match &self.state {
            State::Read(analysis) => Some((&self.job.input.path, analysis)),
            State::Done(_) | State::Again => None,
        }
    }

    fn lint(self, run: &Run<'_>, walked: Option<&Walked>, root: &Path) -> Done {
        let Job { input, target, built_by, shared, .. } = self.job;
        let name = input.path.display().to_string();
        let guess = self.guessed.as_ref().map(|folder| plain_path(folder).display().to_string());
        let context = |analysis: &Analysis| {
            let (walked, view) = (walked?, self.view?);
            let unread = unread(run.files, target, root, &self.reads.folders);
            let is_said = target.says_context();
            let context = walked.context(view, self.reads, target.path());
            let fitting = fitting(run.files, target, analysis, &context.scan);
            Some(Arc::new(BuildContext { unread, is_said, guess: guess.clone(), fitting, ..context }))
        };
        let analysis = match self.state {
            State::Done(outcome) => return Done::Linted(*outcome),
            State::Read(analysis) => Ok(analysis),
            State::Again => self.job.analysis(run),
        };
        let (named, problems) = self.named;
        let build = |analysis: Analysis| {
            let context = context(&analysis);
            let analysis = analysis.with_context(context).with_named(named);
            let built_by = built_by.clone();
            Opened { built_by, problems, ..run.opened(target.clone(), analysis, self.guessed) }
        };
        let is_one_of_several = shared.is_some();
        let done = analysis.and_then(|analysis| {
            guarded(&name, || match build(analysis) {
                build if is_one_of_several => Done::Read(Box::new(build)),
                build => Done::Linted(run.builds(vec![build])),
            })
        });
        done.unwrap_or_else(|failed| Done::Linted(*failed))
    }
}

/// Reads the Dockerfile of a target, and what it means when that is built. `shared` holds its tree for other builds.
pub(super) fn analysis(
    files: &Files,
    target: &Target,
    shared: Option<&SharedTree>,
) -> Result<Analysis, Box<Outcome>> {
    let name = target.name();
    guarded(&name, || read_shared(files, target, shared))?.map_err(|error| {
        let problem = match error {
            OpenError::Read(_, error) => problem(&name, error.to_string()),
            OpenError::OtherKind(_, kind) => problem(&name, kind.to_owned()),
            error @ (OpenError::UnknownStage(_) | OpenError::NoStage(_)) => problem(&name, error.to_string()),
        };
        Box::new(Outcome::problem(problem))
    })
}

#[cfg(test)]
mod tests;

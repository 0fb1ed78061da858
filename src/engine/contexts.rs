//! Build contexts of many Dockerfiles: which there are, and one walk through each.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use crate::context::SourceQuery;
use crate::semantic::{Analysis, BuildContext, Reads};
use crate::workspace::{ContextSource, Files, IgnoreSource, Target};

use super::discover::{Input, InputKind, own_dockerfile};
use super::guess::{Tops, guess};
use super::opened::{OpenError, read_target};
use super::outcome::{Outcome, guarded, problem};
use super::run::Run;
use super::scripts;
use super::walk::{Walked, unread};

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
    let mut settle = |done: Vec<(usize, Outcome)>| {
        for (number, outcome) in done {
            if let Some(slot) = outcomes.get_mut(number) {
                *slot = outcome;
            }
        }
    };
    let early = Early::read(run, inputs);
    let (alone, groups) = groups(run, inputs, &early);
    let early = Mutex::new(early);
    let is_checked = |number: &usize| inputs.get(*number).is_some_and(|i| scripts::is_wanted(run, &i.path));
    let (checked, alone): (Vec<usize>, Vec<usize>) = alone.into_iter().partition(is_checked);
    // As many scripts in a process as may be.
    for batch in checked.chunks(FILES) {
        settle(lint_alone(run, inputs, batch));
    }
    // What needs neither a context nor another program is dropped as soon as it is linted.
    let one = |number: &usize| Some((*number, run.one(inputs.get(*number)?)));
    settle(alone.par_iter().filter_map(one).collect());
    for batch in groups.chunks(BATCH) {
        settle(batch.par_iter().flat_map(|group| group.lint(run, inputs, &early)).collect());
    }
    outcomes
}

/// Lints inputs that need no context, after the scripts of all of them have been checked.
fn lint_alone(run: &Run<'_>, inputs: &[Input], batch: &[usize]) -> Vec<(usize, Outcome)> {
    let room = Room::new(usize::MAX);
    let read = |number: &usize| Some(Asked::read(run, *number, inputs.get(*number)?, &room, None).0);
    let (dockerfiles, others): (Vec<usize>, Vec<usize>) = batch
        .iter()
        .partition(|number| inputs.get(**number).is_some_and(|i| i.kind == InputKind::Dockerfile));
    let asked: Vec<Asked<'_>> = dockerfiles.par_iter().filter_map(read).collect();
    scripts::prepare(run, asked.iter().filter_map(Asked::analysis));
    let done = asked.into_par_iter().map(|asked| (asked.number, asked.lint(run, None, Path::new(""))));
    let mut done: Vec<(usize, Outcome)> = done.collect();
    done.extend(others.iter().filter_map(|number| Some((*number, run.one(inputs.get(*number)?)))));
    done
}

/// The inputs that have a context and an ignore file in common.
struct Group {
    root: PathBuf,
    inputs: Vec<usize>,
}

/// Inputs that are read before it is known where their contexts are, since that is guessed from what they copy.
#[derive(Default)]
struct Early<'i>(HashMap<usize, (Asked<'i>, Vec<SourceQuery>)>);

impl<'i> Early<'i> {
    fn read(run: &Run<'_>, inputs: &'i [Input]) -> Self {
        let mut tops = Tops::default();
        let dockerfiles = inputs.iter().enumerate().filter(|(_, input)| input.kind == InputKind::Dockerfile);
        let unsure: Vec<(usize, &Input, usize)> = dockerfiles
            .filter_map(|(number, input)| Some((number, input, tops.levels(&(run.target)(&input.path))?)))
            .collect();
        let room = Room::new(KEPT_BYTES);
        let read = |&(number, input, levels): &(usize, &'i Input, usize)| {
            (number, Asked::read(run, number, input, &room, Some(levels)))
        };
        Self(unsure.par_iter().map(read).collect())
    }

    /// The folder that is taken for the context of an input.
    fn root(&self, number: usize) -> Option<PathBuf> {
        self.0.get(&number)?.0.guessed.clone()
    }
}

/// The inputs that have no context, and the others.
fn groups(run: &Run<'_>, inputs: &[Input], early: &Early<'_>) -> (Vec<usize>, Vec<Group>) {
    let mut alone = Vec::new();
    let mut groups: Vec<Group> = Vec::new();
    let mut known: HashMap<(PathBuf, Option<PathBuf>), usize> = HashMap::new();
    // One folder may go by several names.
    let mut folders: HashMap<PathBuf, PathBuf> = HashMap::new();
    for (number, input) in inputs.iter().enumerate() {
        let target = (run.target)(&input.path);
        let root = match input.kind {
            // The one that all Dockerfiles share counts for the folder that it is in.
            InputKind::Ignorefile
                if target.context != ContextSource::None && own_dockerfile(&input.path).is_none() =>
            {
                ContextSource::Beside.folder(Some(&input.path))
            }
            InputKind::Dockerfile | InputKind::Ignorefile => {
                early.root(number).or_else(|| target.context_folder())
            }
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
            InputKind::Dockerfile => own_ignore_file(run.files, &target, &root),
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

/// The ignore file of a target's own, where it has one: not the one that all Dockerfiles of a context share.
fn own_ignore_file(files: &Files, target: &Target, root: &Path) -> Option<PathBuf> {
    match (&target.ignore, target.ignore_files(root).as_slice()) {
        (IgnoreSource::Found, [own, _]) => files.exists(own).then(|| own.clone()),
        (IgnoreSource::Found, _) => None,
        (IgnoreSource::File(file), _) => Some(file.clone()),
        // No path is as good as any that nothing else has.
        (IgnoreSource::None, _) => Some(PathBuf::new()),
    }
}

/// An input on its way: read once, so that it is known what it asks of the context.
struct Asked<'i> {
    number: usize,
    input: &'i Input,
    state: State,
    /// The folder that is taken for its context, where that is not its own.
    guessed: Option<PathBuf>,
    /// Which view of the context is its own.
    view: Option<usize>,
    /// The files of the context whose content it needs.
    reads: Reads,
}

enum State {
    /// It failed.
    Done(Box<Outcome>),
    Read(Analysis),
    /// Too much to be kept: to be read again.
    Again,
}

impl Group {
    fn lint<'i>(
        &self,
        run: &Run<'_>,
        inputs: &'i [Input],
        early: &Mutex<Early<'i>>,
    ) -> Vec<(usize, Outcome)> {
        let room = Room::new(KEPT_BYTES);
        let of = |kind| {
            let input = |number: &usize| Some((*number, inputs.get(*number)?));
            self.inputs.iter().filter_map(input).filter(move |(_, input)| input.kind == kind)
        };
        let dockerfiles: Vec<_> = of(InputKind::Dockerfile).collect();
        let read = |number, input| {
            let known = early.lock().unwrap_or_else(PoisonError::into_inner).0.remove(&number);
            known.unwrap_or_else(|| Asked::read(run, number, input, &room, None))
        };
        let (mut asked, mut queries): (Vec<Asked<'_>>, Vec<_>) =
            dockerfiles.par_iter().map(|&(number, input)| read(number, input)).unzip();
        scripts::prepare(run, asked.iter().filter_map(Asked::analysis));
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
            let ignore_files = (run.target)(&first.input.path).ignore_files(&self.root);
            Walked::new(run.files, &self.root, ignore_files, views, run.progress, &mut problems)
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
        let walked = Walked::new(run.files, &self.root, files, vec![Vec::new()], run.progress, &mut problems);
        let name = path.display().to_string();
        let linted =
            guarded(&name, || walked.map(|walked| run.ignorefile(path, walked.context(0, Reads::default()))));
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
    fn read(
        run: &Run<'_>,
        number: usize,
        input: &'i Input,
        room: &Room,
        levels: Option<usize>,
    ) -> (Self, Vec<SourceQuery>) {
        let (mut queries, mut reads, mut guessed) = (Vec::new(), Reads::default(), None);
        let target = (run.target)(&input.path);
        let state = match analysis(run.files, &target) {
            Err(outcome) => State::Done(outcome),
            Ok(analysis) => {
                (queries, reads) = (analysis.source_queries(), analysis.reads());
                guessed = levels.and_then(|levels| guess(&target, &analysis, levels));
                let kept = room.takes(analysis.file.source.bytes().len());
                if kept { State::Read(analysis) } else { State::Again }
            }
        };
        (Self { number, input, state, guessed, view: None, reads }, queries)
    }

    /// What the Dockerfile means, where that was kept.
    fn analysis(&self) -> Option<(&Path, &Analysis)> {
        match &self.state {
            State::Read(analysis) => Some((&self.input.path, analysis)),
            State::Done(_) | State::Again => None,
        }
    }

    fn lint(self, run: &Run<'_>, walked: Option<&Walked>, root: &Path) -> Outcome {
        let target = (run.target)(&self.input.path);
        let name = self.input.path.display().to_string();
        let context = || {
            let context = walked?.context(self.view?, self.reads);
            Some(Arc::new(BuildContext { unread: unread(run.files, &target, root), ..context }))
        };
        let analysis = match self.state {
            State::Done(outcome) => return *outcome,
            State::Read(analysis) => Ok(analysis),
            State::Again => analysis(run.files, &target),
        };
        let lint = |analysis: Analysis| run.analysis(analysis.with_context(context()), &target);
        let outcome = analysis.and_then(|analysis| guarded(&name, || lint(analysis)));
        outcome.unwrap_or_else(|failed| *failed).with_guess(self.guessed.as_deref())
    }
}

/// Reads the Dockerfile of a target, and what it means when that is built.
pub(super) fn analysis(files: &Files, target: &Target) -> Result<Analysis, Box<Outcome>> {
    let name = target.name();
    guarded(&name, || read_target(files, target))?.map_err(|error| {
        let message = match error {
            OpenError::Read(_, error) => error.to_string(),
            OpenError::OtherKind(_, kind) => kind.to_owned(),
            error => error.to_string(),
        };
        Box::new(Outcome::problem(problem(&name, message)))
    })
}

#[cfg(test)]
mod tests;

//! Builds that the jobs of continuous integration start: steps of GitHub workflows, and lines of scripts there and in
//! GitLab's jobs; and those of Podman and buildah in scripts and Makefiles of the project.
//!
//! Only what can be read for sure is said. A word with a variable is a word that is not known, a line with what a shell
//! would make more words of is left out, and so is the rest of a script that goes to a folder which is not sure.

mod bake;
mod changes;
mod command;
mod compose;
mod github;
mod gitlab;
mod images;
mod list;
mod matrix;
mod script;
mod shell;
mod standing;
mod variables;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use crate::bake as files_of_bake;
use crate::bake::DEFAULT_FILES;
use crate::entry::{EntryKind, is_readme};
use crate::files::Files;
use crate::images::names_in_script;
use crate::problem::{Problem, quoted};
use crate::source::{FileId, Place, Sources};
use crate::target::{Resolution, Target};
use crate::yaml::{self, Node};

use self::changes::Changes;
use self::standing::Standing;

/// Which jobs a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// A workflow of GitHub Actions.
    Github,
    /// The jobs of GitLab CI.
    Gitlab,
    /// None: a shell script or a Makefile.
    Shell,
}

/// How many steps with bake files are read.
const MOST_BAKES: usize = 20;

/// How many builds of one file are read.
const MOST: usize = 1000;

/// Says what the jobs of a file build in the repository whose top is `folder`.
#[must_use]
pub fn resolve(files: &dyn Files, folder: &Path, path: &Path, host: Host) -> Resolution {
    Resolution::of(|resolution| {
        let Found { targets, bakes, composes, problems } = read(files, folder, path, host, resolution)?;
        resolution.targets = targets;
        resolution.problems = problems;
        composes.add_to(files, resolution);
        for mut step in bakes {
            if step.is_command {
                step.request.unsure = bake::unsure(&resolution.sources.file(step.place.file).text);
            }
            let before = resolution.targets.len();
            let refused = files_of_bake::add(files, &step.request, resolution);
            let added = resolution.targets.split_off(before);
            resolution.targets.extend(added.into_iter().filter(|target| !step.changes.touches_build(target)));
            let refused = refused.into_iter().filter_map(|problem| step.says(problem, &resolution.sources));
            let refused: Vec<Problem> = refused.collect();
            resolution.problems.extend(refused);
        }
        Ok(())
    })
}

/// What a file says.
#[derive(Default)]
struct Found {
    targets: Vec<Target>,
    /// The steps that run bake.
    bakes: Vec<BakeStep>,
    /// What commands ask of Compose.
    composes: compose::Requests,
    problems: Vec<Problem>,
}

impl Found {
    /// Adds a step that says more than the files do which bake finds by itself, each once.
    fn add_bake(&mut self, step: Option<BakeStep>, files: &dyn Files) {
        let says_more = |step: &BakeStep| {
            step.request.selection != files_of_bake::Selection::All || !step.request.files.is_empty()
        };
        let Some(step) = step.filter(says_more) else { return };
        let request = &step.request;
        let is_same = |BakeStep { request: other, .. }: &BakeStep| {
            let pairs = || other.overrides.iter().zip(&request.overrides);
            other.folder == request.folder
                && other.files == request.files
                && other.selection == request.selection
                && other.environment == request.environment
                && other.overrides.len() == request.overrides.len()
                && pairs().all(|(one, two)| one.says_the_same(two))
        };
        let is_known = self.bakes.iter().any(is_same);
        let gone = request.files.iter().any(|file| !files.is_file(file));
        // What is not there may be made by an earlier step.
        if !is_known && self.bakes.len() < MOST_BAKES && (!gone || step.knows_files) {
            self.bakes.push(step);
        }
    }
}

/// A step that runs bake.
struct BakeStep {
    request: files_of_bake::Request,
    /// Whether it is a command in a script, which may have variables of its own.
    is_command: bool,
    /// Whether all files that it reads are known.
    knows_files: bool,
    /// What steps before it have changed.
    changes: Changes,
    /// Where it says what is built.
    place: Place,
}

impl BakeStep {
    /// A command in a script. What is wrong with it is not said: variables of the script may be meant.
    fn of_command(request: files_of_bake::Request, place: Place, changes: &Changes) -> Self {
        Self { request, is_command: true, knows_files: false, changes: changes.clone(), place }
    }

    /// Whether something before it has changed the files that it reads.
    fn is_touched(&self) -> bool {
        let mut files = self.request.files.iter();
        // Those that it finds by itself may have been changed as well.
        let mut found = DEFAULT_FILES.iter().map(|name| self.request.folder.join(name));
        files.any(|file| self.changes.touches(file)) || found.any(|file| self.changes.touches(&file))
    }

    /// What is wrong with the step, where bake refuses it; `None` if that is not sure, or is said where the file is
    /// looked at for itself.
    fn says(&self, problem: Problem, sources: &Sources) -> Option<Problem> {
        let is_said = |place: Place| EntryKind::found_as(&sources.file(place.file).path).is_some();
        let of_step = problem.place.is_some_and(|place| place.file == self.place.file);
        let is_own = of_step || !problem.place.is_some_and(is_said);
        let place = problem.place.or(Some(self.place));
        (self.knows_files && is_own).then_some(Problem { place, ..problem })
    }
}

fn read(
    files: &dyn Files,
    folder: &Path,
    path: &Path,
    host: Host,
    resolution: &mut Resolution,
) -> Result<Found, Problem> {
    let name = quoted(&path.display().to_string());
    let missing = |message| Problem { place: None, message };
    let Resolution { sources, images: made, .. } = resolution;
    let file = sources
        .open(files, path)
        .map_err(|error| missing(format!("{name} cannot be read: {error}")))?
        .ok_or_else(|| missing(format!("there is no file {name}")))?;
    let text = sources.file(file).text.clone();
    if host == Host::Shell {
        // What a README shows may be meant for another folder: only the names count.
        if is_readme(path) {
            made.extend(names_in_script(&text.replace('`', " "), &|_| None));
            return Ok(Found::default());
        }
        made.extend(names_in_script(&text, &|_| None));
        return Ok(script::read(files, folder, path, (&text, file)));
    }
    let documents = yaml::parse(file, &text)?;
    let folder = folder.to_path_buf();
    let mut jobs = Jobs { files, sources, folder, found: Found::default(), matrix: matrix::Row::default() };
    match (documents.first(), host) {
        (Some(document), Host::Github) => images::of_workflow(document, made),
        (Some(document), _) => images::of_gitlab(document, made),
        (None, _) => {}
    }
    match (documents.first(), host) {
        (Some(document), Host::Github) => github::read(&mut jobs, document),
        (Some(document), _) => gitlab::read(&mut jobs, document),
        (None, _) => {}
    }
    Ok(jobs.found)
}

/// What is read from a file.
struct Jobs<'a> {
    files: &'a dyn Files,
    sources: &'a Sources,
    /// The top of the repository.
    folder: PathBuf,
    found: Found,
    /// The variables of the matrix in the run of a job that is read.
    matrix: matrix::Row,
}

impl Jobs<'_> {
    fn add(&mut self, target: Target) {
        if self.found.targets.len() < MOST {
            self.found.targets.push(target);
        }
    }

    /// Adds the builds of a script whose Dockerfiles are those of the repository; `false` if it goes to a folder that is not
    /// known or takes another commit, so that nothing after it is sure.
    /// `makes_files` says whether something before it may have made files.
    fn script(
        &mut self,
        script: &Node,
        name: &str,
        standing: &mut Standing,
        (changes, makes_files): (&mut Changes, &mut bool),
    ) -> bool {
        let Some(text) = script.text() else { return true };
        let places = Places { pieces: yaml::pieces(self.sources, script), file: script.written().file };
        let mut values = self.matrix.without_assigned(text);
        for mut line in shell::commands(text) {
            values.is_at_top = standing.folder() == self.folder;
            values.expand_words(text, &mut line.words);
            if !standing.enter(&line) {
                return false;
            }
            let folder = standing.folder().to_path_buf();
            if !standing.follow(&line, self.files) {
                return false;
            }
            standing.leave(&line);
            let place = |range: std::ops::Range<usize>| places.place(range);
            changes.note(&line, &folder, self.files);
            if changes.is_all() {
                return false;
            }
            let is_of_checkout = !*makes_files;
            *makes_files |= changes::makes_files(&line);
            if !line.sure {
                continue;
            }
            let request = compose::request(&line.words, &folder, self.files);
            let is_touched =
                |request: &crate::compose::Request| request.files.iter().any(|file| changes.touches(file));
            self.found.composes.extend(request.filter(|request| !is_touched(request)));
            let baked = bake::request(&line.words, &place, &folder, self.files);
            let step = baked.map(|(request, place)| BakeStep::of_command(request, place, changes));
            self.found.add_bake(step.filter(|step| !step.is_touched()), self.files);
            let target = command::target(&line.words, &place, name, &folder, self.files);
            if let Some(target) = target.filter(|target| !changes.touches_build(target)) {
                self.add(Target { is_of_checkout, ..target });
            }
        }
        true
    }
}

/// Where the bytes of a script are written.
struct Places {
    pieces: Vec<crate::target::Piece>,
    file: FileId,
}

impl Places {
    fn place(&self, range: std::ops::Range<usize>) -> Place {
        let at = |offset: usize, end: bool| {
            let before = |piece: &crate::target::Piece| (piece.start as usize) <= offset;
            let Some(piece) = self.pieces[..self.pieces.partition_point(before)].last() else { return 0 };
            let span = piece.place.span();
            match (piece.literal, end) {
                (true, _) => (span.start + offset - piece.start as usize).min(span.end),
                (false, true) => span.end,
                (false, false) => span.start,
            }
        };
        let start = at(range.start, false);
        let last = at(range.end.saturating_sub(1).max(range.start), false);
        Place::new(self.file, start..(last + usize::from(!range.is_empty())).max(start))
    }
}

//! Builds that the jobs of continuous integration start: steps of GitHub workflows, and lines of scripts there and in
//! GitLab's jobs; and those of Podman and buildah in scripts and Makefiles of the project.
//!
//! Only what can be read for sure is said. A word with a variable is a word that is not known, a line with what a shell
//! would make more words of is left out, and so is a script that goes to another folder.

mod command;
mod github;
mod gitlab;
mod list;
mod script;
mod shell;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use crate::bake;
use crate::files::Files;
use crate::problem::{Problem, quoted};
use crate::source::{FileId, Place, Sources};
use crate::target::{Resolution, Target};
use crate::yaml::{self, Node};

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

/// How many builds of one file are read.
const MOST: usize = 1000;

/// Says what the jobs of a file build in the repository whose top is `folder`.
#[must_use]
pub fn resolve(files: &dyn Files, folder: &Path, path: &Path, host: Host) -> Resolution {
    Resolution::of(|resolution| {
        let (targets, bakes) = read(files, folder, path, host, &mut resolution.sources)?;
        resolution.targets = targets;
        for request in bakes {
            bake::add(files, &request, resolution);
        }
        Ok(())
    })
}

fn read(
    files: &dyn Files,
    folder: &Path,
    path: &Path,
    host: Host,
    sources: &mut Sources,
) -> Result<(Vec<Target>, Vec<bake::Request>), Problem> {
    let name = quoted(&path.display().to_string());
    let missing = |message| Problem { place: None, message };
    let file = sources
        .open(files, path)
        .map_err(|error| missing(format!("{name} cannot be read: {error}")))?
        .ok_or_else(|| missing(format!("there is no file {name}")))?;
    let text = sources.file(file).text.clone();
    if host == Host::Shell {
        return Ok((script::read(files, folder, path, (&text, file)), Vec::new()));
    }
    let documents = yaml::parse(file, &text)?;
    let folder = folder.to_path_buf();
    let mut jobs = Jobs { files, sources, folder, targets: Vec::new(), bakes: Vec::new() };
    match (documents.first(), host) {
        (Some(document), Host::Github) => github::read(&mut jobs, document),
        (Some(document), _) => gitlab::read(&mut jobs, document),
        (None, _) => {}
    }
    Ok((jobs.targets, jobs.bakes))
}

/// What is read from a file.
struct Jobs<'a> {
    files: &'a dyn Files,
    sources: &'a Sources,
    /// The top of the repository.
    folder: PathBuf,
    targets: Vec<Target>,
    /// The bake files that steps name.
    bakes: Vec<bake::Request>,
}

impl Jobs<'_> {
    fn add(&mut self, target: Target) {
        if self.targets.len() < MOST {
            self.targets.push(target);
        }
    }

    /// Adds the builds of a script; `false` if it leaves the folder, so that nothing after it is sure.
    fn script(&mut self, script: &Node, name: &str, folder: &Path) -> bool {
        let Some(text) = script.text() else { return true };
        let places = Places { pieces: yaml::pieces(self.sources, script), file: script.written().file };
        for line in shell::commands(text) {
            if line.leaves_folder {
                return false;
            }
            let place = |range: std::ops::Range<usize>| places.place(range);
            if let Some(target) = command::target(&line.words, &place, name, folder, self.files) {
                self.add(target);
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

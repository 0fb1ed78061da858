//! Commands of Compose that name files which Compose does not find by itself.

use std::path::{Path, PathBuf};

use crate::compose::{Profiles, Request, resolve_with};
use crate::entry::{Entry, EntryKind};
use crate::files::Files;
use crate::paths::{clean, is_nothing, join};
use crate::target::Resolution;

use super::shell::{Word, lead};

/// How many commands of one file are followed.
const MOST: usize = 40;

/// The subcommands that build.
const BUILDS: [&str; 6] = ["build", "create", "push", "run", "up", "watch"];

/// What the commands of a file ask of Compose, each once.
#[derive(Default)]
pub(super) struct Requests(Vec<Request>);

impl Requests {
    pub(super) fn extend(&mut self, request: Option<Request>) {
        let Some(request) = request.filter(|_| self.0.len() < MOST) else { return };
        let is_same = |other: &Request| {
            other.files == request.files
                && other.folder == request.folder
                && other.project_directory == request.project_directory
                && other.env_files == request.env_files
        };
        if !self.0.iter().any(is_same) {
            self.0.push(request);
        }
    }

    /// Adds what they build. What is refused may be meant for variables that the job has.
    pub(super) fn add_to(self, files: &dyn Files, resolution: &mut Resolution) {
        for request in self.0 {
            let (found, _) = resolve_with(files, &request, std::mem::take(&mut resolution.sources));
            resolution.sources = found.sources;
            if found.problems.is_empty() {
                resolution.targets.extend(found.targets);
                resolution.warnings.extend(found.warnings);
            }
        }
    }
}

/// What a command that is run in `folder` asks of Compose; `None` if it is none, if it is not sure which files are read, if
/// one is not there, or if all of them are found anyway.
pub(super) fn request(words: &[Word], folder: &Path, files: &dyn Files) -> Option<Request> {
    let word = |at: usize| words.get(at).and_then(|word| word.text.as_deref());
    let mut at = lead(words);
    at += match (word(at)?, word(at + 1)) {
        ("docker-compose", _) => 1,
        ("docker" | "podman", Some("compose")) => 2,
        _ => return None,
    };
    let mut request = Request { folder: clean(folder), profiles: Profiles::All, ..Request::default() };
    loop {
        let flag = word(at)?;
        if BUILDS.contains(&flag) {
            break;
        }
        let short = flag.strip_prefix("-f").filter(|value| !value.is_empty() && !flag.starts_with("--"));
        let (name, value) = match (short, flag.split_once('=')) {
            (Some(value), _) => ("-f", Some(value)),
            (None, Some((name, value))) => (name, Some(value)),
            (None, None) => (flag, None),
        };
        let takes_next = value.is_none();
        // The value of what says nothing of files need not be known.
        let path = || value.or_else(|| word(at + 1)).map(|path| join(folder, path));
        at += match name {
            "-f" | "--file" => {
                request.files.push(path()?);
                1 + usize::from(takes_next)
            }
            "--project-directory" => {
                request.project_directory = Some(path()?);
                1 + usize::from(takes_next)
            }
            "--env-file" => {
                request.env_files.push(path()?);
                1 + usize::from(takes_next)
            }
            "-p" | "--project-name" | "--profile" | "--ansi" | "--parallel" | "--progress" => {
                1 + usize::from(takes_next)
            }
            "--compatibility" | "--dry-run" | "--verbose" | "--all-resources" => 1,
            _ => return None,
        };
    }
    let is_found = |path: &PathBuf| EntryKind::found_as(path).is_some() || Entry::is_variant(path);
    let mut read = request.files.iter().chain(request.env_files.iter().filter(|file| !is_nothing(file)));
    let are_there = read.all(|path| files.is_file(path));
    (are_there && !request.files.iter().all(is_found)).then_some(request)
}

//! What files of the project build.

use std::io;
use std::path::PathBuf;

use build_targets::{Entry, Environment, Options, Resolution};

use crate::entries;
use crate::report;
use crate::workspace::Files;

use super::Exit;
use super::args::DebugTargetsArgs;

/// Shows how the files that start builds are read: what the tools find by themselves in a folder, or the files of `-f`.
pub(super) fn debug(args: &DebugTargetsArgs) -> io::Result<Exit> {
    let here = std::env::current_dir()?;
    let folder = here.join(args.path.as_deref().unwrap_or(std::path::Path::new("")));
    let environment = if args.env { Environment::of_process() } else { Environment::empty() };
    let options = Options { environment: Some(environment), all: args.all };
    let files: Vec<PathBuf> = args.file.iter().map(|file| here.join(file)).collect();
    let files_of = Files::default();
    let entries = match files.is_empty() {
        true => entries::as_tools_find(&files_of, &folder),
        false => vec![Entry::of_files(folder, files)],
    };
    let resolutions: Vec<Resolution> =
        entries.iter().map(|entry| entries::resolve(&files_of, entry, &options)).collect();
    let mut out = io::stdout().lock();
    report::write_targets_json(&mut out, &resolutions, &here)?;
    let fails = resolutions.iter().any(|resolution| !resolution.problems.is_empty());
    Ok(if fails { Exit::Failure } else { Exit::Clean })
}

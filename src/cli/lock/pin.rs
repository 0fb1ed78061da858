//! `dlint lock --pin`: writes the digests of dlint.lock into Dockerfiles.

use std::io;
use std::path::PathBuf;

use crate::diag::Problem;
use crate::engine::{self, pin, write_atomically};
use crate::report::{self, sanitize};
use crate::semantic::{Build, Model};
use crate::tree::DISK;
use crate::workspace::{LockPlace, Overrides, Workspace};

use super::super::Exit;
use super::super::args::LockArgs;
use super::super::output::{self, Sink};

/// Pins the images of all Dockerfiles below the path, or shows what that would change.
pub(super) fn run(args: &LockArgs) -> io::Result<Exit> {
    let mut problems = Vec::new();
    let at = args.path.clone().unwrap_or_else(|| PathBuf::from("."));
    let overrides = Overrides { config: args.config.choice(), ..Overrides::default() };
    let mut workspace = Workspace::new(overrides, &mut problems);
    let mut found = engine::discover(std::slice::from_ref(&at));
    workspace.load_settings(found.paths(), &mut problems);
    let snapshot = workspace.snapshot();
    found.inputs.retain(|input| !snapshot.settings().excludes(&input.path));
    problems.append(&mut found.problems);
    problems.append(&mut found.empty);
    let (mut diffs, mut rows) = (Vec::new(), Vec::new());
    for path in found.dockerfiles() {
        let name = path.display().to_string();
        let mut say = |message: String| problems.push(Problem { message, ..Problem::default() });
        let document = match snapshot.files().document(path) {
            Ok(document) => document,
            Err(error) => {
                say(format!("{name} {error}"));
                continue;
            }
        };
        let bases = match LockPlace::of(&DISK, path).map(|place| place.read(&DISK)) {
            Some(Ok(Some(file))) => file.bases().clone(),
            Some(Err(error)) => {
                say(format!("dlint.lock of {name}: {error}"));
                continue;
            }
            Some(Ok(None)) | None => Default::default(),
        };
        let model = Model::of_build(document.file, &Build { all_args: true, ..Build::default() });
        let pinned = pin(&model, &bases);
        if !args.quiet {
            for (line, why) in &pinned.left {
                eprintln!("dlint: {}:{line} is left: {why}", sanitize(&name));
            }
        }
        let Some(after) = pinned.text else { continue };
        if args.diff {
            diffs.push(engine::diff(&name, model.file.source.bytes(), &after));
            continue;
        }
        if let Err(error) = write_atomically(path, &after) {
            say(format!("{name} cannot be written: {error}"));
            continue;
        }
        let row = |(line, text): &(u32, String)| format!("{}:{line}: {}", sanitize(&name), sanitize(text));
        rows.extend(pinned.rows.iter().filter(|_| !args.quiet).map(row));
    }
    let raw = !Sink::Stdout.is_terminal();
    output::write(Sink::Stdout, args.color, args.quiet, |out, style| {
        for diff in &diffs {
            report::write_patch(out, diff, raw, style)?;
        }
        rows.iter().try_for_each(|row| writeln!(out, "{row}"))
    })?;
    Ok(match output::problems(args.color, &problems)? {
        Exit::Clean if !diffs.is_empty() => Exit::Findings,
        other => other,
    })
}

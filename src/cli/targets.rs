//! What files of the project build.

use std::collections::{BTreeSet, HashSet};
use std::io;
use std::path::PathBuf;

use build_targets::{Environment, Options, Problem, Resolution};

use crate::engine;
use crate::entries::{self, Entries};
use crate::report::{self, TargetProblem, TargetRow, TargetsReport};
use crate::rules::checks::secret_names::sounds_secret;
use crate::text::Gather;
use crate::workspace::{ContextSource, Files, Overrides, SettingsByFolder};

use super::Exit;
use super::args::{DebugTargetsArgs, TableFormatArg, TargetsArgs};
use super::output::{self, Sink};

/// Lists what files of the project build.
pub(super) fn run(args: &TargetsArgs) -> io::Result<Exit> {
    let files = Files::default();
    let environment = args.env.then(Environment::of_process);
    let here = [PathBuf::from(".")];
    let paths: &[PathBuf] = if args.paths.is_empty() { &here } else { &args.paths };
    if let Some(gone) = paths.iter().chain(&args.file).find(|path| !path.exists()) {
        return Ok(output::failed(&format!(
            "{} does not exist",
            report::sanitize(&gone.display().to_string())
        )));
    }
    let mut problems = Vec::new();
    let overrides = Overrides { config: args.config.choice(), ..Overrides::default() };
    let mut settings = SettingsByFolder::new(overrides, &mut problems);
    let (named, folders) = match args.file.is_empty() {
        true => {
            let mut found = engine::discover(paths);
            settings.load_for(found.paths(), &mut problems);
            found.inputs.retain(|input| !settings.excludes(&input.path));
            // A script shows builds by what is in it alone, so that no search for names finds its folder.
            let searched = paths.iter().filter(|path| path.is_dir()).cloned();
            let beside = found.dockerfiles().filter_map(|path| ContextSource::Beside.folder(Some(path)));
            let folders: BTreeSet<PathBuf> = searched.chain(beside).chain(found.folders.clone()).gather();
            (found.entries, folders.into_iter().collect())
        }
        false => (vec![entries::of_files(&files, PathBuf::from("."), args.file.clone())], Vec::new()),
    };
    let searched = Entries::find(&files, [], &folders, environment.clone(), &|path| settings.excludes(path));
    let read = Entries::read(&files, &named, environment);
    let fails = read.resolutions().any(|resolution| !resolution.problems.is_empty());
    let entries = read.or(searched);
    let targets: Vec<_> = entries.iter().collect();
    let sent = engine::sent(&files, &targets.iter().map(|(.., target)| *target).collect::<Vec<_>>(), None);
    let rows = targets.iter().zip(sent).map(|((target, resolution, _), sent)| {
        let sent = sent.map(|sent| (sent.bytes, sent.files));
        TargetRow::new(target, &resolution.sources, sent, args.show_values, &sounds_secret)
    });
    let refused = entries.resolutions().flat_map(|resolution| {
        resolution.problems.iter().map(|problem| TargetProblem::new(problem, &resolution.sources))
    });
    // What bake reads of a Compose file beside it is there as that file has it.
    let mut known = HashSet::new();
    let rows = rows
        .filter(|row| known.insert(format!("{:?}", TargetRow { kind: "", by_default: true, ..row.clone() })));
    let report = TargetsReport { version: 1, targets: rows.collect(), problems: refused.collect() };
    let sink = Sink::named(args.out.output.as_deref());
    output::write(sink, args.out.color, false, |out, style| match args.format {
        TableFormatArg::Human => report::write_targets(out, &report, style),
        TableFormatArg::Json => report::write_targets_report(out, &report),
    })?;
    Ok(match output::problems(args.out.color, &problems)? {
        Exit::Clean if fails => Exit::Failure,
        other => other,
    })
}

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
        false => vec![entries::of_files(&files_of, folder, files)],
    };
    let mut resolutions: Vec<Resolution> =
        entries.iter().map(|entry| entries::resolve(&files_of, entry, &options)).collect();
    let is_nothing = |one: &Resolution| one.problems.is_empty() && one.sources.iter().next().is_none();
    if resolutions.iter().all(is_nothing) {
        let message = "there is no file here that a tool finds by itself".to_owned();
        let problems = vec![Problem { place: None, message }];
        resolutions.push(Resolution { problems, ..Resolution::default() });
    }
    let mut out = io::stdout().lock();
    report::write_targets_json(&mut out, &resolutions, &here)?;
    let fails = resolutions.iter().any(|resolution| !resolution.problems.is_empty());
    Ok(if fails { Exit::Failure } else { Exit::Clean })
}

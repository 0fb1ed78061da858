//! `dlint compare`: what a change brings.

mod findings;
mod images;
mod layers;
mod pairs;
mod parts;
mod sent;

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::config::UnknownSizes;
use crate::context::Progress;
use crate::diag::{Problem, format_bytes};
use crate::engine::{self, Opened, Outcome};
use crate::entries::Entries;
use crate::report::{self, About, CheckRow, CompareReport, ImageState, sanitize};
use crate::shellcheck::{self, Checker};
use crate::text::{Arrange, Gather};
use crate::tree::DISK;
use crate::workspace::{Target, Workspace};

use super::Exit;
use super::about::{self, Command};
use super::args::{CompareArgs, CompareFormatArg, UnknownArg};
use super::base::{Base, name_now};
use super::output::{self, Sink};
use super::progress;
use super::same::Same;
use super::side::{Side, Told, files_of};
use pairs::Starter;

/// Compares, and prints what comes of it.
pub(super) fn run(args: &CompareArgs) -> io::Result<Exit> {
    let measured = Progress::default();
    let compared = match progress::shown(args.quiet, &measured, || gather(args, &measured)) {
        Ok(compared) => compared,
        Err(problem) => return Ok(output::failed_with(&problem)),
    };
    let Compared { report, problems, fails } = compared;
    let sink = Sink::named(args.out.output.as_deref());
    output::write(sink, args.out.color, args.quiet, |out, style| match args.format {
        CompareFormatArg::Human => report::write_compare(out, &report, style),
        CompareFormatArg::Markdown => report::write_compare_markdown(out, &report),
        CompareFormatArg::Json => report::write_compare_json(out, &report),
        CompareFormatArg::Html => report::write_compare_page(out, &report),
    })?;
    let exceeds = report.checks.iter().any(|check| !check.passed);
    Ok(match output::problems(args.out.color, &problems)? {
        Exit::Clean if fails || exceeds => Exit::Findings,
        other => other,
    })
}

struct Compared {
    report: CompareReport,
    problems: Vec<Problem>,
    /// True if a finding is gained that is as bad as the settings' threshold.
    fails: bool,
}

fn gather(args: &CompareArgs, progress: &Progress) -> Result<Compared, Problem> {
    let said = |message: String| Problem { message, ..Problem::default() };
    let build = args.target.build.build().map_err(said)?;
    let here = [PathBuf::from(".")];
    let paths: &[PathBuf] = if args.paths.is_empty() { &here } else { &args.paths };
    let mut problems = Vec::new();
    let mut workspace = Workspace::new(args.overrides(), &mut problems);
    // Git works while the files are searched.
    let (base, mut found) = rayon::join(|| Base::of(&args.commit, paths), || engine::discover(paths));
    let base = base?;
    workspace.load_settings(found.paths(), &mut problems);
    let snapshot = workspace.snapshot();
    found.inputs.retain(|input| !snapshot.settings().excludes(&input.path));
    let environment = args.target.entries.environment();
    let mut entries = match args.looks_for_entries() {
        true => found.entries(&snapshot, paths, None, environment.clone()),
        false => Entries::default(),
    };
    if let Some(platform) = &build.platform {
        entries.on_platform(platform);
    }
    if let Some(name) = &args.target.entries.entry {
        let only = entries.only(name).map_err(|error| said(sanitize(&error.to_string()).into_owned()))?;
        found.only(only);
    }
    problems.append(&mut found.problems);
    let told = Told {
        overrides: args.overrides(),
        build: &build,
        searched: paths,
        named: found.entries.clone(),
        folders: found.folders.clone(),
        environment,
        looks: args.looks_for_entries(),
        entry: args.target.entries.entry.as_deref(),
        known: Some(found.inputs.clone()),
    };
    let mut now = Side { snapshot: snapshot.clone(), inputs: found.inputs, entries };
    base.limit(&told, &mut now);
    let before = base.before(&told, &now.inputs);
    let checker = Checker::new(shellcheck::PROGRAM.as_ref(), shellcheck::Limits::default());
    let all = |side: &Side| -> Vec<Target> {
        side.entries.iter().filter_map(|(_, _, target)| target.cloned()).collect()
    };
    let (all_before, all_after) = (all(&before), all(&now));
    let starters = starters(&base, &now);
    let refused = [refused(&base, &before), refused(&base, &now)];
    let (old_files, new_files) = (before.snapshot.files().clone(), snapshot.files().clone());
    let (was, old_builds) = linted(before, &told, &checker, progress);
    let (is, new_builds) = linted(now, &told, &checker, progress);
    let mut notes: Vec<String> = Vec::new();
    let note = |problem: &Problem| match &problem.path {
        Some(path) => format!("{path}: {}", problem.message),
        None => problem.message.clone(),
    };
    notes.extend(base.notes().iter().chain(&found.notes).map(note));
    for outcome in &is {
        problems.extend(outcome.problems.iter().cloned());
        notes.extend(outcome.notes.iter().map(note));
    }
    let shows_all = args.format == CompareFormatArg::Html;
    let (old_files, new_files) = (&old_files, &new_files);
    let paths = |outcomes: &[Outcome]| -> Vec<String> {
        outcomes.iter().flat_map(|o| &o.problems).filter_map(|problem| problem.path.clone()).collect()
    };
    let unread = [
        paths(&was).iter().map(|path| PathBuf::from(base.name_before(path))).gather(),
        paths(&is).iter().map(|path| PathBuf::from(name_now(path))).gather(),
    ];
    let same = Same::new(&base);
    let images = images::Images {
        base: &base,
        old_files,
        new_files,
        progress,
        same,
        all_before,
        all_after,
        starters,
        refused,
        unread,
        shows_all,
    };
    let changes = images.compare(&old_builds, &new_builds, &mut notes);
    let (was, mut is) = (files_of(was), files_of(is));
    is.retain(|file| !base.lacks(Path::new(&name_now(&file.path))));
    let changed = findings::compare(&base, was, is);
    let fails = changed.gained.iter().any(|(path, finding)| snapshot.settings_of(path).fails(finding));
    let mut report = CompareReport {
        version: 1,
        commit: args.commit.clone(),
        base: base.commit().to_string(),
        gained: changed.rows_gained,
        lost: changed.rows_lost,
        notes,
        about: About { project: about::project(base.top()), commit: None, command: command(args).text() },
        ..CompareReport::default()
    };
    for image in changes {
        report.sum.add(&image.growth);
        if images::is_same(&image) { report.same += 1 } else { report.take(image) }
    }
    report.images.arrange_by_key(|image| std::cmp::Reverse(image.growth.bytes));
    report.notes.sort_unstable();
    report.notes.dedup();
    let then = args.limits.then(snapshot.settings_of(Path::new(".")).unknown_sizes);
    report.checks = checks(args, &report, then == UnknownSizes::Pass);
    Ok(Compared { report, problems, fails })
}

/// What starts builds now.
fn starters(base: &Base, now: &Side) -> HashSet<Starter> {
    let named = now.entries.iter().map(|(read, resolution, _)| {
        let file = &resolution.sources.file(read.place.file).path;
        Starter::Entry(base.place(&DISK, file), read.name.clone())
    });
    named.collect()
}

/// Why files that start builds are refused, by their whole paths as they are called now: their tools build nothing then.
fn refused(base: &Base, side: &Side) -> HashMap<PathBuf, String> {
    let mut refused = HashMap::new();
    for group in side.entries.groups() {
        let Some(problem) = group.resolution.problems.first() else { continue };
        let problem = group.remark(problem);
        let path = problem.path.clone().unwrap_or_else(|| group.name());
        for (_, file) in group.resolution.sources.iter() {
            let why = || format!("{path} is refused: {}", problem.message);
            refused.entry(base.place(side.snapshot.files().file_tree(), &file.path)).or_insert_with(why);
        }
    }
    refused
}

/// The command that makes the same page.
fn command(args: &CompareArgs) -> Command {
    Command::new("compare")
        .words([args.commit.clone()])
        .paths(&args.paths)
        .build(&args.target)
        .option("--max-growth", args.max_growth.map(|most| format!("{most}B")))
        .option("--unknown", (args.limits.unknown == Some(UnknownArg::Pass)).then(|| "pass".to_owned()))
}

/// What is found on one side, and what is built there.
fn linted(
    side: Side,
    told: &Told<'_>,
    checker: &Checker,
    progress: &Progress,
) -> (Vec<Outcome>, Vec<Opened>) {
    let builds: Mutex<Vec<Opened>> = Mutex::default();
    let seen = |build: &Opened| builds.lock().unwrap_or_else(PoisonError::into_inner).push(build.clone());
    let outcomes = side.lint(told, checker, progress, Some(&seen));
    (outcomes, builds.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Holds the images against the limits.
fn checks(args: &CompareArgs, report: &CompareReport, passes: bool) -> Vec<CheckRow> {
    let Some(most) = args.max_growth else { return Vec::new() };
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    let images = report.images.iter();
    // What was not built before does not grow.
    let images = images.filter(|image| image.state == ImageState::Changed && image.was_fault.is_none());
    let broken = images.clone().find(|image| image.fault.is_some());
    let over = images.clone().find(|image| image.growth.bytes > limit);
    let unknown = images.clone().find(|image| image.growth.unknown > 0);
    let largest = images.max_by_key(|image| image.growth.bytes);
    let actual = match broken.or(over).or(unknown).or(largest) {
        Some(image) if image.fault.is_some() => format!("{} {}", image.title(), image.sentence()),
        Some(image) => format!("{} {}", image.title(), image.growth.sentence()),
        None => "no image that was there before changes".to_owned(),
    };
    vec![CheckRow {
        option: "--max-growth",
        limit: format_bytes(most),
        actual,
        is_sentence: true,
        passed: broken.is_none() && over.is_none() && (unknown.is_none() || passes),
        unknown: broken.is_none() && over.is_none() && unknown.is_some(),
    }]
}

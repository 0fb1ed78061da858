use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::context::Progress;
use crate::diag::{Applicability, Problem, RunReport};
use crate::engine::{self, Changed, Fixing, Outcome, Run};
use crate::report::{self, Format, Style};

use super::Exit;
use super::args::{ColorArg, FormatArg, LintArgs};
use super::book::Book;
use super::color;
use super::progress;
use super::settings::SettingsBook;

/// Lints files and prints the report.
pub(super) fn run(args: &LintArgs) -> io::Result<Exit> {
    let start = Instant::now();
    let mut problems = Vec::new();
    let mut book = SettingsBook::new(args, &mut problems);
    let here = [PathBuf::from(".")];
    let paths: &[PathBuf] = if args.paths.is_empty() { &here } else { &args.paths };
    let (stdin, files): (Vec<PathBuf>, Vec<PathBuf>) =
        paths.iter().cloned().partition(|p| p.as_os_str() == "-");
    book.load_for(files.iter().map(PathBuf::as_path), &mut problems);
    let (mut inputs, missing) = engine::discover(&files);
    book.load_for(inputs.iter().map(|i| i.path.as_path()), &mut problems);
    book.load_for(args.stdin_filename.as_deref(), &mut problems);
    inputs.retain(|input| !book.excludes(&input.path));
    problems.extend(missing);
    let for_path = |path: &Path| book.settings(path);
    let context = |path: &Path| book.context(path);
    let measured = Progress::default();
    let run = Run { settings: &for_path, context: &context, progress: Some(&measured), fixing: fixing(args) };
    let mut outcomes = progress::shown(args.quiet, &measured, || run.all(&inputs));
    if !stdin.is_empty() {
        outcomes.push(progress::shown(args.quiet, &measured, || lint_stdin(args, &run)));
    }
    let looked_at = outcomes.iter().filter(|o| !o.files.is_empty()).count();
    let fails = outcomes.iter().any(|o| o.fails);
    let mut report = RunReport { checked: looked_at, ..RunReport::default() };
    let mut changed = Vec::new();
    for outcome in outcomes {
        report.files.extend(outcome.files);
        report.problems.extend(outcome.problems);
        report.fixed += outcome.fixed;
        report.refused.extend(outcome.refused);
        changed.extend(outcome.changed);
    }
    report.problems.splice(0..0, problems);
    report.files = engine::merge(std::mem::take(&mut report.files));
    report.elapsed = start.elapsed();
    if args.diff {
        return show_diff(&changed, &report);
    }
    write(args, &report)?;
    Ok(match (report.problems.is_empty(), fails) {
        (false, _) => Exit::Failure,
        (true, true) => Exit::Findings,
        (true, false) => Exit::Clean,
    })
}

/// Prints what the fixes would change. Exit code 1 if they would change anything.
fn show_diff(changed: &[Changed], report: &RunReport) -> io::Result<Exit> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for file in changed {
        out.write_all(&engine::diff(&file.path, &file.before, &file.after))?;
    }
    out.flush()?;
    for problem in &report.problems {
        let path = problem.path.as_deref().unwrap_or("");
        eprintln!("dlint: {} {}", report::sanitize(path), report::sanitize(&problem.message));
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

fn lint_stdin(args: &LintArgs, run: &Run<'_>) -> Outcome {
    let name = args.stdin_filename.as_ref().map_or_else(|| "<stdin>".to_owned(), |p| p.display().to_string());
    match engine::read_stdin(&name) {
        Ok(source) => run.dockerfile(source, args.stdin_filename.as_deref()),
        Err(message) => Outcome {
            problems: vec![Problem { path: Some(name), message, help: None, place: None }],
            ..Outcome::default()
        },
    }
}

fn write(args: &LintArgs, report: &RunReport) -> io::Result<()> {
    let on_actions = std::env::var_os("GITHUB_ACTIONS").is_some_and(|v| v == "true");
    let format = match args.format {
        Some(FormatArg::Human) => Format::Human,
        Some(FormatArg::Short) => Format::Short,
        Some(FormatArg::Json) => Format::Json,
        Some(FormatArg::Sarif) => Format::Sarif,
        Some(FormatArg::Github) => Format::Github,
        None if on_actions && args.output.is_none() => Format::Github,
        None => Format::Human,
    };
    match &args.output {
        Some(path) => {
            let style =
                Style { color: args.color == ColorArg::Always, quiet: args.quiet, ..Style::default() };
            let mut file = File::create(path)?;
            report::write(&mut file, format, report, &Book, &style)
        }
        None => {
            let stdout = io::stdout();
            let style = color::style(args.color, &stdout, args.quiet);
            let mut out = stdout.lock();
            report::write(&mut out, format, report, &Book, &style)?;
            out.flush()
        }
    }
}

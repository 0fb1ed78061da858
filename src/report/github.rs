use std::borrow::Cow;
use std::io::{self, Write};

use crate::diag::{FileReport, Finding, Problem, RunReport, Severity};
use crate::text::Position;

use super::place::Places;
use super::repository::RepositoryPaths;
use super::sanitize::sanitize;
use super::{Counts, built_by, short};

/// As many annotations of a level as GitHub shows per step; it drops the rest without a word
/// (actions/toolkit, docs/problem-matchers.md).
const SHOWN: usize = 10;

/// Workflow commands, the worst first; what GitHub would drop of them follows as lines for the log.
pub(super) fn write(out: &mut dyn Write, report: &RunReport, paths: &RepositoryPaths) -> io::Result<()> {
    let counts = Counts::of(report);
    let errors = counts.error + report.problems.len();
    let omitted = errors > SHOWN || counts.warning > SHOWN || counts.info > SHOWN;
    for problem in report.problems.iter().take(SHOWN) {
        of_file(out, "error", problem, paths)?;
    }
    let mut rest = Vec::new();
    for severity in Severity::ALL.into_iter().rev() {
        let room = match severity {
            Severity::Error => SHOWN.saturating_sub(report.problems.len()),
            Severity::Warning => SHOWN,
            // The last notice says what is missing.
            Severity::Info => SHOWN - usize::from(omitted),
        };
        rest.extend(of_severity(out, report, paths, severity, room)?);
    }
    let room = (SHOWN - usize::from(omitted)).saturating_sub(counts.info);
    let notes: Vec<&Problem> = report.notes.iter().filter(|note| note.path.is_some()).collect();
    for note in notes.iter().take(room) {
        of_file(out, "notice", note, paths)?;
    }
    if omitted {
        let mut problems = report.problems.iter().skip(SHOWN);
        let left = problems.len() + rest.len();
        problems.try_for_each(|problem| short::problem(out, problem, "error"))?;
        rest.into_iter().try_for_each(|(file, finding)| short::one(out, file, finding))?;
        let total = counts.total() + report.problems.len();
        let text = format!(
            "{total} in all: {errors} errors, {} warnings, {} infos. GitHub shows {SHOWN} of a level per step \
             and 50 per job; the other {left} of this step are in its log, and `--format sarif` is for uploading all.",
            counts.warning, counts.info
        );
        command(out, "notice", None, None, "dlint", [Some(&text), None])?;
    }
    Ok(())
}

/// What is said of a file and is no finding.
fn of_file(out: &mut dyn Write, level: &str, problem: &Problem, paths: &RepositoryPaths) -> io::Result<()> {
    let range = problem.place.as_ref().map(|(source, span)| Places::new(source).span(*span));
    let path = problem.path.as_deref().map(|path| paths.of(path));
    command(out, level, path, range, "dlint", [Some(&problem.message), problem.help.as_ref()])
}

/// Writes the first `room` findings of one severity, and gives the others.
fn of_severity<'a>(
    out: &mut dyn Write,
    report: &'a RunReport,
    paths: &RepositoryPaths,
    severity: Severity,
    mut room: usize,
) -> io::Result<Vec<(&'a FileReport, &'a Finding)>> {
    let level = match severity {
        Severity::Info => "notice",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let mut rest = Vec::new();
    for file in &report.files {
        let mut found = file.findings.iter().filter(|f| f.severity == severity).peekable();
        if found.peek().is_none() {
            continue;
        }
        let places = Places::new(&file.source);
        for finding in found {
            if room == 0 {
                rest.push((file, finding));
                continue;
            }
            room -= 1;
            let range = Some(places.span(places.visible(finding.span)));
            let saving = saving(finding);
            let builds = built_by(finding, paths);
            let data = [Some(&finding.message), builds.as_ref(), saving.as_ref(), finding.help.as_ref()];
            command(out, level, Some(paths.of(&file.path)), range, &finding.rule, data)?;
        }
    }
    Ok(rest)
}

fn saving(finding: &Finding) -> Option<String> {
    finding.saving.as_ref().map(|saving| format!("saves {saving}"))
}

/// One command. Its data are the given texts, each on lines of its own.
fn command<const N: usize>(
    out: &mut dyn Write,
    level: &str,
    path: Option<&str>,
    range: Option<(Position, Position)>,
    title: &str,
    data: [Option<&String>; N],
) -> io::Result<()> {
    write!(out, "::{level} ")?;
    if let Some(path) = path {
        write!(out, "file={},", property(path))?;
    }
    if let Some((start, end)) = range {
        write!(out, "line={},endLine={},", start.line, end.line)?;
        // The runner drops columns of a range that has several lines.
        if start.line == end.line {
            write!(out, "col={},endColumn={},", start.column, end.column)?;
        }
    }
    write!(out, "title={}::", property(title))?;
    for (i, line) in data.into_iter().flatten().flat_map(|text| text.lines()).enumerate() {
        write!(out, "{}{}", if i == 0 { "" } else { "%0A" }, sanitize(line).replace('%', "%25"))?;
    }
    writeln!(out)
}

/// A property's value, as `@actions/core` escapes it.
fn property(text: &str) -> Cow<'_, str> {
    let clean = sanitize(text);
    if clean.contains(['%', ':', ',']) {
        Cow::Owned(clean.replace('%', "%25").replace(':', "%3A").replace(',', "%2C"))
    } else {
        clean
    }
}

use std::io::{self, Write};

use crate::diag::{FileReport, Finding, Problem, RunReport};

use super::place::Places;
use super::sanitize::{path, sanitize};
use super::{Style, in_order, message};

/// `path:line:col: severity[rule] message`, one line a finding; problems come first, and notes on files last.
pub(super) fn write(out: &mut dyn Write, report: &RunReport, style: &Style) -> io::Result<()> {
    for of_run in &report.problems {
        problem(out, of_run, "error")?;
    }
    for (file, finding) in in_order(report, style) {
        one(out, file, finding)?;
    }
    for note in report.notes.iter().filter(|note| note.path.is_some() && !style.quiet) {
        problem(out, note, "note")?;
    }
    Ok(())
}

/// The line of a finding.
pub(super) fn one(out: &mut dyn Write, file: &FileReport, finding: &Finding) -> io::Result<()> {
    let places = Places::new(&file.source);
    let (at, _) = places.span(places.visible(finding.span));
    let (name, line, column) = (path(&file.path), at.line, at.column);
    let (severity, rule) = (finding.severity, sanitize(&finding.rule));
    let message = sanitize(&message(finding)).into_owned();
    writeln!(out, "{name}:{line}:{column}: {severity}[{rule}] {message}")
}

/// The line of what is no finding.
pub(super) fn problem(out: &mut dyn Write, problem: &Problem, kind: &str) -> io::Result<()> {
    if let Some(name) = &problem.path {
        write!(out, "{}:", path(name))?;
        if let Some((source, span)) = &problem.place {
            let at = Places::new(source).at(span.start);
            write!(out, "{}:{}:", at.line, at.column)?;
        }
        write!(out, " ")?;
    }
    writeln!(out, "{kind}: {}", sanitize(&problem.message))
}

use std::io::{self, Write};

use crate::diag::RunReport;

use super::message;
use super::place::Places;
use super::sanitize::{path, sanitize};

/// `path:line:col: severity[rule] message`, one line a finding; problems come first.
pub(super) fn write(out: &mut dyn Write, report: &RunReport) -> io::Result<()> {
    for problem in &report.problems {
        if let Some(name) = &problem.path {
            write!(out, "{}:", path(name))?;
            if let Some((source, span)) = &problem.place {
                let at = Places::new(source).at(span.start);
                write!(out, "{}:{}:", at.line, at.column)?;
            }
            write!(out, " ")?;
        }
        writeln!(out, "error: {}", sanitize(&problem.message))?;
    }
    for file in &report.files {
        let places = Places::new(&file.source);
        let name = path(&file.path);
        for finding in &file.findings {
            let (at, _) = places.span(places.visible(finding.span));
            let (line, column) = (at.line, at.column);
            let (severity, rule) = (finding.severity, sanitize(&finding.rule));
            let message = sanitize(&message(finding)).into_owned();
            writeln!(out, "{name}:{line}:{column}: {severity}[{rule}] {message}")?;
        }
    }
    Ok(())
}

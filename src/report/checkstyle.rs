use std::io::{self, Write};

use crate::diag::RunReport;

use super::message;
use super::place::Places;
use super::xml::{HEAD, escape};

/// Checkstyle, as Jenkins and reviewdog read it: one `file` for each path.
pub(super) fn write(out: &mut dyn Write, report: &RunReport) -> io::Result<()> {
    writeln!(out, "{HEAD}\n<checkstyle version=\"4.3\">")?;
    for problem in &report.problems {
        let (line, column) = match &problem.place {
            Some((source, span)) => {
                let at = Places::new(source).at(span.start);
                (at.line, at.column)
            }
            None => (1, 1),
        };
        writeln!(out, "  <file name=\"{}\">", escape(problem.path.as_deref().unwrap_or(".")))?;
        error(out, (line, column), "error", &problem.message, "dlint")?;
        writeln!(out, "  </file>")?;
    }
    for file in report.files.iter().filter(|file| !file.findings.is_empty()) {
        writeln!(out, "  <file name=\"{}\">", escape(&file.path))?;
        let places = Places::new(&file.source);
        for finding in &file.findings {
            let (at, _) = places.span(places.visible(finding.span));
            let source = format!("dlint.{}", finding.rule);
            error(out, (at.line, at.column), finding.severity.name(), &message(finding), &source)?;
        }
        writeln!(out, "  </file>")?;
    }
    writeln!(out, "</checkstyle>")
}

fn error(
    out: &mut dyn Write,
    (line, column): (u32, u32),
    severity: &str,
    message: &str,
    source: &str,
) -> io::Result<()> {
    let (message, source) = (escape(message), escape(source));
    writeln!(
        out,
        "    <error line=\"{line}\" column=\"{column}\" severity=\"{severity}\" message=\"{message}\" source=\"{source}\"/>"
    )
}

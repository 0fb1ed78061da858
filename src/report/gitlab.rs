use std::io::{self, Write};

use serde::Serialize;

use crate::diag::{RunReport, Severity};
use crate::text::fnv;

use super::fingerprint::Prints;
use super::json::to_writer;
use super::message_from_top;
use super::place::Places;
use super::repository::RepositoryPaths;

/// An entry of a Code Quality report, as GitLab reads it. The widget shows the description alone.
#[derive(Serialize)]
struct Entry<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

/// A Code Quality report: one array. A fingerprint is made of path, rule, text of the line and occurrence,
/// so that it stays when lines move.
pub(super) fn write(out: &mut dyn Write, report: &RunReport, paths: &RepositoryPaths) -> io::Result<()> {
    let mut entries = Vec::new();
    for problem in &report.problems {
        // GitLab leaves out what has no path.
        let path = problem.path.as_deref().map_or(".", |path| paths.of(path));
        let begin = problem.place.as_ref().map_or(1, |(source, span)| Places::new(source).line(span.start));
        let fingerprint = format!("{:016x}", fnv(["dlint", path, &problem.message]));
        entries.push(Entry {
            description: problem.message.clone(),
            check_name: "dlint",
            fingerprint,
            severity: "blocker",
            location: Location { path, lines: Lines { begin, end: begin } },
        });
    }
    for file in &report.files {
        let places = Places::new(&file.source);
        let mut prints = Prints::default();
        let path = paths.of(&file.path);
        for finding in &file.findings {
            let (start, end) = places.span(places.visible(finding.span));
            let (print, count) = prints.of(&places, &finding.rule, start.line);
            let print = fnv([path, &format!("{print:016x}"), &count.to_string()]);
            entries.push(Entry {
                description: format!("{} [{}]", message_from_top(finding, paths), finding.rule),
                check_name: &finding.rule,
                fingerprint: format!("{print:016x}"),
                severity: match finding.severity {
                    Severity::Error => "critical",
                    Severity::Warning => "major",
                    Severity::Info => "minor",
                },
                location: Location { path, lines: Lines { begin: start.line, end: end.line } },
            });
        }
    }
    to_writer(out, &entries)
}

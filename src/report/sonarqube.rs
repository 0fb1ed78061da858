use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;

use crate::diag::{RunReport, Severity};
use crate::text::Position;

use super::json::to_writer;
use super::message;
use super::place::Places;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Issue<'a> {
    engine_id: &'static str,
    rule_id: &'a str,
    severity: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    primary_location: Location<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    message: Cow<'a, str>,
    file_path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text_range: Option<Range>,
}

/// Lines from 1, columns from 0.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Range {
    start_line: u32,
    end_line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_column: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<u32>,
}

impl Range {
    /// SonarQube refuses a report with an empty range, so one becomes its line.
    fn of((start, end): (Position, Position)) -> Self {
        let column = |at: Position| (start != end).then(|| at.column - 1);
        Self {
            start_line: start.line,
            end_line: end.line,
            start_column: column(start),
            end_column: column(end),
        }
    }
}

/// Generic issue data, in the form that all versions of SonarQube read.
pub(super) fn write(out: &mut dyn Write, report: &RunReport) -> io::Result<()> {
    #[derive(Serialize)]
    struct Document<'a> {
        issues: Vec<Issue<'a>>,
    }
    let mut issues = Vec::new();
    for problem in &report.problems {
        // An issue belongs to a file.
        let Some(path) = &problem.path else { continue };
        let range = problem.place.as_ref().map(|(source, span)| Range::of(Places::new(source).span(*span)));
        issues.push(issue("dlint", ("BLOCKER", "BUG"), Cow::Borrowed(&problem.message), path, range));
    }
    for file in &report.files {
        let places = Places::new(&file.source);
        for finding in &file.findings {
            let range = Range::of(places.span(places.visible(finding.span)));
            let weight = match finding.severity {
                Severity::Error => ("CRITICAL", "BUG"),
                Severity::Warning => ("MAJOR", "CODE_SMELL"),
                Severity::Info => ("MINOR", "CODE_SMELL"),
            };
            issues.push(issue(&finding.rule, weight, message(finding), &file.path, Some(range)));
        }
    }
    to_writer(out, &Document { issues })
}

fn issue<'a>(
    rule_id: &'a str,
    (severity, kind): (&'static str, &'static str),
    message: Cow<'a, str>,
    path: &'a str,
    text_range: Option<Range>,
) -> Issue<'a> {
    let file_path = path.strip_prefix("./").unwrap_or(path);
    let primary_location = Location { message, file_path, text_range };
    Issue { engine_id: "dlint", rule_id, severity, kind, primary_location }
}

use std::io::{self, Write};

use serde::Serialize;

use crate::diag::{Applicability, Fix, Problem, RunReport, Severity};
use crate::text::Span;

use super::json::to_writer;
use super::place::Places;
use super::{Rules, message};

/// The diagnostics of reviewdog (its proto/rdf/reviewdog.proto). Paths are those of the working folder, which
/// reviewdog knows.
pub(super) fn write(out: &mut dyn Write, report: &RunReport, rules: &Rules<'_>) -> io::Result<()> {
    #[derive(Serialize)]
    struct Document<'a> {
        source: Named<'a>,
        diagnostics: Vec<Diagnostic<'a>>,
    }
    let mut diagnostics: Vec<Diagnostic<'_>> = report.problems.iter().map(Diagnostic::of_problem).collect();
    for file in &report.files {
        let places = Places::new(&file.source);
        let path = file.path.strip_prefix("./").unwrap_or(&file.path);
        for finding in &file.findings {
            let mut text = message(finding).into_owned();
            if let Some(help) = &finding.help {
                text.push('\n');
                text.push_str(help);
            }
            let link = rules.get(&finding.rule).and_then(|info| info.link.as_deref());
            diagnostics.push(Diagnostic {
                message: text,
                location: Some(Location {
                    path,
                    range: Some(Range::of(&places, places.visible(finding.span))),
                }),
                severity: match finding.severity {
                    Severity::Error => "ERROR",
                    Severity::Warning => "WARNING",
                    Severity::Info => "INFO",
                },
                code: Code { value: &finding.rule, url: link },
                suggestions: finding.fix.iter().flat_map(|fix| suggestions(fix, &places)).collect(),
            });
        }
    }
    let source = Named { name: "dlint", url: rules.book.home() };
    to_writer(out, &Document { source, diagnostics })
}

/// The edit of a fix. Of several, each by itself could break the file, and reviewdog offers them one by one.
fn suggestions<'a>(fix: &'a Fix, places: &Places<'_>) -> Option<Suggestion<'a>> {
    match fix.edits.as_slice() {
        [edit] if fix.applicability != Applicability::Display => {
            Some(Suggestion { range: Range::of(places, edit.span), text: &edit.text })
        }
        _ => None,
    }
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct Diagnostic<'a> {
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Location<'a>>,
    severity: &'static str,
    code: Code<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggestion<'a>>,
}

impl<'a> Diagnostic<'a> {
    fn of_problem(problem: &'a Problem) -> Self {
        let place = |(source, span): &(_, Span)| Range::of(&Places::new(source), *span);
        Self {
            message: problem.message.clone(),
            location: problem
                .path
                .as_deref()
                .map(|path| Location { path, range: problem.place.as_ref().map(place) }),
            severity: "ERROR",
            code: Code { value: "dlint", url: None },
            suggestions: Vec::new(),
        }
    }
}

#[derive(Serialize)]
struct Code<'a> {
    value: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<Range>,
}

#[derive(Serialize)]
struct Suggestion<'a> {
    range: Range,
    text: &'a str,
}

/// The end is behind the last character.
#[derive(Serialize)]
struct Range {
    start: Position,
    end: Position,
}

impl Range {
    fn of(places: &Places<'_>, span: Span) -> Self {
        Self { start: Position::of(places, span.start), end: Position::of(places, span.end) }
    }
}

/// Lines and columns from 1; columns are bytes of UTF-8.
#[derive(Serialize)]
struct Position {
    line: u32,
    column: u32,
}

impl Position {
    fn of(places: &Places<'_>, offset: u32) -> Self {
        let offset = offset.min(places.end());
        let line = places.line(offset);
        Self { line, column: offset - places.line_span(line).start + 1 }
    }
}

//! Comments that suppress findings in files that are no Dockerfiles: YAML, HCL, JSON with comments, units.

use crate::diag::Finding;
use crate::rules::RuleSet;
use crate::text::Span;

use super::comment::of_dlint;
use super::{Commented, Outcome, Ran, Reach, Suppression, sort_out};

/// A text whose comments are read line by line.
#[derive(Debug, Clone, Copy)]
pub struct Lines<'a> {
    /// The text.
    pub text: &'a str,
    /// The name of its file, which says how comments begin.
    pub name: &'a str,
    /// Parts with comments of their own, such as an inline Dockerfile.
    pub inside: &'a [Span],
}

/// Sorts the findings in a text by whether a comment suppresses them: one at the end of their line, or in lines of its own
/// before it, or one for the file.
#[must_use]
pub fn apply_to_lines(lines: &Lines<'_>, findings: Vec<Finding>, rules: &RuleSet, ran: &Ran<'_>) -> Outcome {
    let suppressions = suppressions(lines);
    if suppressions.is_empty() {
        return Outcome { kept: findings, ..Outcome::default() };
    }
    let line_of = |finding: &Finding| {
        let before = lines.text.get(..finding.span.range().start).unwrap_or("");
        Span::of(before.rfind('\n').map_or(0, |at| at + 1)..before.len()).start
    };
    let of = Commented { text: lines.text, suppressions: &suppressions, directives: &[] };
    sort_out(&of, findings, rules, ran, &|finding| vec![Reach::File, Reach::Line(line_of(finding))])
}

fn suppressions(lines: &Lines<'_>) -> Vec<Suppression> {
    // Most files have none.
    if !lines.text.contains("dlint") {
        return Vec::new();
    }
    let marks: &[&str] = match lines.name.rsplit('.').next() {
        Some("hcl") => &["#", "//"],
        Some("json") => &["//"],
        Some("build") => &["#", ";"],
        _ => &["#"],
    };
    let mut found: Vec<Suppression> = Vec::new();
    // Comments that wait for the line that they are about.
    let mut waiting = 0;
    let mut start = 0;
    for line in lines.text.split_inclusive('\n') {
        let here = Span::of(start..start + line.trim_end().len());
        start += line.len();
        if lines.inside.iter().any(|span| span.start <= here.start && here.start < span.end) {
            continue;
        }
        let words = line.trim();
        if words.is_empty() {
            continue;
        }
        let reach = Reach::Line(here.start);
        let is_comment = marks.iter().any(|mark| words.starts_with(mark));
        if !is_comment {
            for suppression in found.iter_mut().skip(waiting).filter(|s| s.reach == Reach::Nothing) {
                suppression.reach = reach;
            }
            waiting = found.len();
        }
        if let Some((mark, span)) = comment(line, here, marks) {
            let about = if is_comment { Reach::Nothing } else { reach };
            found.extend(of_dlint(span.text(lines.text), mark, span, about));
            if !is_comment {
                waiting = found.len();
            }
        }
    }
    found
}

/// The comment of dlint's in a line: how long its mark is, and where it stands.
fn comment(line: &str, here: Span, marks: &[&str]) -> Option<(usize, Span)> {
    let word = line.find("dlint")?;
    let before = line[..word].trim_end();
    let mark = marks.iter().find(|mark| before.ends_with(*mark))?;
    let at = before.len() - mark.len();
    let is_apart = before[..at].is_empty() || before[..at].ends_with([' ', '\t']);
    is_apart.then(|| (mark.len(), Span::new(here.start + Span::of(0..at).end, here.end)))
}

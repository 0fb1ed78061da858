//! Findings as diagnostics.

use crate::config::{self, DocsUrl};
use crate::diag::{Finding, Problem, Severity};
use crate::report::sanitize;
use crate::rules::{Catalogue, RuleId};

use super::document::{Document, Read};
use super::protocol::{
    Code, CodeDescription, Diagnostic, DiagnosticMessage, DiagnosticRelatedInformation, DiagnosticSeverity,
    DiagnosticTag, Location, Uri,
};

/// What diagnostics call the program that found them.
pub(super) const SOURCE: &str = "dlint";

/// What is known of rules.
pub(super) struct Rules<'a> {
    pub(super) catalogue: &'a Catalogue,
    /// Where their pages are.
    pub(super) docs: Option<&'a DocsUrl>,
}

impl Rules<'_> {
    /// The page of a rule on the web, where there are such pages.
    pub(super) fn page(&self, rule: &str) -> Option<Uri> {
        // The site knows nothing of users' own rules.
        let known = self.catalogue.find(rule).filter(|rule| rule.meta.file.is_none())?;
        Some(Uri(self.docs?.page(&known.meta.name)))
    }
}

/// A finding as diagnostic.
pub(super) fn diagnostic(read: &Read, finding: &Finding, rules: &Rules<'_>) -> Diagnostic {
    let related = finding.labels.iter().map(|label| DiagnosticRelatedInformation {
        location: Location { uri: read.uri.clone(), range: read.range(label.span) },
        message: sanitize(&label.text).into_owned(),
    });
    let related: Vec<_> = related.collect();
    let tags = tags(&finding.rule);
    Diagnostic {
        range: read.range(finding.span),
        severity: Some(severity(finding.severity)),
        code: Some(Code::String(finding.rule.to_string())),
        code_description: rules.page(&finding.rule).map(|href| CodeDescription { href }),
        source: Some(SOURCE.to_owned()),
        message: DiagnosticMessage::String(message(finding)),
        tags: (!tags.is_empty()).then_some(tags),
        related_information: (!related.is_empty()).then_some(related),
        data: None,
    }
}

/// What is wrong with the document as a whole.
pub(super) fn problem(message: &str) -> Diagnostic {
    Diagnostic {
        severity: Some(DiagnosticSeverity::Error),
        source: Some(SOURCE.to_owned()),
        message: DiagnosticMessage::String(sanitize(message).into_owned()),
        ..Diagnostic::default()
    }
}

/// What is wrong with a configuration file.
pub(super) fn of_configuration(document: &Document) -> Vec<Diagnostic> {
    let problems = config::problems_of(&document.path, document.text());
    let diagnostic = |problem: Problem| {
        let mut text = sanitize(&problem.message).into_owned();
        if let Some(help) = &problem.help {
            text.push_str(&format!("\nhelp: {}", sanitize(help)));
        }
        let whole = Diagnostic { message: DiagnosticMessage::String(text), ..self::problem("") };
        match problem.place {
            Some((source, span)) if source.text() == document.text() => {
                Diagnostic { range: document.range(span), ..whole }
            }
            // It is about a file that this one names.
            _ => whole,
        }
    };
    problems.into_iter().map(diagnostic).collect()
}

/// What is wrong, what to do, and what that saves.
fn message(finding: &Finding) -> String {
    let mut text = sanitize(&finding.message).into_owned();
    if let Some(saving) = &finding.saving {
        text.push_str(&format!("; saves {}", sanitize(&saving.to_string())));
    }
    if let Some(help) = &finding.help {
        text.push_str(&format!("\nhelp: {}", sanitize(help)));
    }
    if !finding.builds.is_empty() {
        let builds = if finding.builds.len() == 1 { "build" } else { "builds" };
        text.push_str(&format!("\nin the {builds} {}", sanitize(&finding.builds.join(", "))));
    }
    text
}

const fn severity(severity: Severity) -> DiagnosticSeverity {
    match severity {
        Severity::Error => DiagnosticSeverity::Error,
        Severity::Warning => DiagnosticSeverity::Warning,
        Severity::Info => DiagnosticSeverity::Information,
    }
}

/// Rules that speak of what does nothing.
const UNNECESSARY: [RuleId; 7] = [
    RuleId::DEAD_CLEANUP,
    RuleId::IGNORE_PATTERN_UNUSED,
    RuleId::UNREACHABLE_STAGE,
    RuleId::UNUSED_FOREIGN_SUPPRESSION,
    RuleId::UNUSED_GLOBAL_ARG,
    RuleId::UNUSED_STAGE,
    RuleId::UNUSED_SUPPRESSION,
];

/// Rules that speak of what is outdated.
const DEPRECATED: [RuleId; 3] =
    [RuleId::DEPRECATED_IMAGE, RuleId::LEGACY_KEY_VALUE, RuleId::MAINTAINER_DEPRECATED];

/// How the text may be shown: pale if it does nothing, struck out if it is outdated.
fn tags(rule: &str) -> Vec<DiagnosticTag> {
    let is_of = |rules: &[RuleId]| rules.iter().any(|id| id.is(rule));
    if is_of(&UNNECESSARY) {
        vec![DiagnosticTag::Unnecessary]
    } else if is_of(&DEPRECATED) {
        vec![DiagnosticTag::Deprecated]
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::super::document::tests::read;
    use super::*;
    use crate::text::Span;

    #[test]
    fn a_diagnostic_has_all_that_a_finding_says() {
        let read = read("FROM 소\u{1d4b3} AS a\nFROM b AS a\n");
        let text = read.text();
        let span = |word: &str| {
            let at = text.rfind(word).unwrap();
            Span::of(at..at + word.len())
        };
        let finding = Finding::new("unused-stage", Severity::Info, span("b AS"), "not\u{1b} used")
            .label(span("\u{1d4b3}"), "here")
            .help("drop it");
        let docs: DocsUrl = "https://example.com/d".parse().unwrap();
        let catalogue = Catalogue::default();
        let rules = Rules { catalogue: &catalogue, docs: Some(&docs) };
        let got = serde_json::to_value(diagnostic(&read, &finding, &rules)).unwrap();
        let place = |line, start, end| serde_json::json!({"start": {"line": line, "character": start}, "end": {"line": line, "character": end}});
        let want = serde_json::json!({
            "range": place(1, 5, 9),
            "severity": 3,
            "code": "unused-stage",
            "codeDescription": {"href": "https://example.com/d/rules/unused-stage.html"},
            "source": "dlint",
            "message": "not\\u{1b} used\nhelp: drop it",
            "tags": [1],
            "relatedInformation": [
                {"location": {"uri": "file:///app/Dockerfile", "range": place(0, 6, 8)}, "message": "here"}
            ],
        });
        assert_eq!(got, want);
        let quiet = Rules { catalogue: &catalogue, docs: None };
        assert_eq!(diagnostic(&read, &finding, &quiet).code_description, None);
    }
}

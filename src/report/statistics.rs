//! How often each rule found something.

use std::cmp::Reverse;
use std::io::{self, Write};

use serde::Serialize;

use crate::diag::{Applicability, Finding, RunReport, Severity, format_count};
use crate::text::Arrange;

use super::fit::Fitted;
use super::human;
use super::json::to_writer;
use super::paint::{Ink, Paint, link};
use super::sanitize::sanitize;
use super::{Rules, Surroundings, saved_by};

/// What one rule found.
#[derive(Serialize)]
pub(super) struct RuleCount<'a> {
    pub(super) rule: &'a str,
    /// That of its worst finding.
    severity: Severity,
    pub(super) findings: usize,
    /// How many of them have a safe fix.
    pub(super) fixable: usize,
    /// How many have an unsafe one.
    pub(super) fixable_unsafe: usize,
    /// What they would save together, in bytes; nothing if that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    saves: Option<u64>,
    #[serde(skip)]
    pub(super) amount: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) summary: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<&'a str>,
}

/// The rules that found something, the most often first, or what saves most where that is the order.
pub(super) fn counts<'a>(
    report: &'a RunReport,
    rules: &'a Rules<'a>,
    largest_first: bool,
) -> Vec<RuleCount<'a>> {
    let row = |name: &&'a str| {
        let own = |finding: &Finding| finding.rule == **name;
        let all = report.files.iter().flat_map(|file| &file.findings).filter(|finding| own(finding));
        let fixable = |by: Applicability| {
            let fixes = all.clone().filter_map(|finding| finding.fix.as_ref());
            fixes.filter(|fix| fix.applicability == by).count()
        };
        let saving = saved_by(report, own);
        let info = rules.get(name);
        RuleCount {
            rule: name,
            severity: all.clone().map(|finding| finding.severity).max().unwrap_or(Severity::Info),
            findings: all.clone().count(),
            fixable: fixable(Applicability::Safe),
            fixable_unsafe: fixable(Applicability::Unsafe),
            saves: (saving.bytes > 0).then_some(saving.bytes),
            amount: if saving.bytes > 0 { saving.amount() } else { String::new() },
            summary: info.map_or("", |info| info.summary),
            link: info.and_then(|info| info.link.as_deref()),
        }
    };
    let mut rows: Vec<RuleCount<'_>> = rules.names.iter().map(row).collect();
    rows.arrange_by_key(|row| {
        let (findings, saves) = (row.findings as u64, row.saves.unwrap_or(0));
        Reverse(if largest_first { (saves, findings) } else { (findings, saves) })
    });
    rows
}

/// Writes a table for people.
///
/// # Errors
/// Those of `out`.
pub fn write_statistics(
    out: &mut dyn Write,
    report: &RunReport,
    surroundings: &Surroundings<'_>,
) -> io::Result<()> {
    let style = surroundings.style;
    let mut table = Fitted::new(out, style);
    let paint = Paint { color: style.color };
    let rules = Rules::of(report, surroundings.book);
    let rows = counts(report, &rules, style.largest_first);
    if !rows.is_empty() {
        writeln!(
            table,
            "{}",
            paint.ink(
                Ink::Dim,
                format!("{:>8} {:>8} {:>8} {:>14}  rule", "findings", "fixable", "unsafely", "saves")
            )
        )?;
    }
    for row in rows {
        let [findings, fixable, risky] =
            [row.findings, row.fixable, row.fixable_unsafe].map(|count| format_count(count as u64));
        let name = link(&sanitize(row.rule), row.link.filter(|_| style.links));
        writeln!(
            table,
            "{findings:>8} {fixable:>8} {risky:>8} {:>14}  {}{}  {}",
            row.amount,
            paint.ink(Ink::from(row.severity), row.severity.name()),
            paint.ink(Ink::Bold, format!("[{name}]")),
            paint.ink(Ink::Dim, sanitize(row.summary))
        )?;
    }
    human::write_end(out, report, style)
}

/// Writes the same as a JSON list.
///
/// # Errors
/// Those of `out`.
pub fn write_statistics_json(
    out: &mut dyn Write,
    report: &RunReport,
    surroundings: &Surroundings<'_>,
) -> io::Result<()> {
    let rules = Rules::of(report, surroundings.book);
    to_writer(out, &counts(report, &rules, surroundings.style.largest_first))
}

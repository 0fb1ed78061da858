//! Reports: one function per output format over sorted file reports.
//!
//! Nothing else knows output formats. Whatever comes from an input and is printed as raw text goes
//! through [`sanitize`], so that no file can drive a terminal or a build log.

mod about;
mod azure;
mod cache;
mod cache_table;
mod checkstyle;
mod compare;
mod context;
mod diff;
mod excerpt;
mod fingerprint;
mod fit;
mod github;
mod gitlab;
mod human;
mod image;
mod json;
mod junit;
mod markdown;
mod page;
mod paint;
mod place;
mod plan;
mod prose;
mod rdjson;
#[cfg(test)]
mod reader_tests;
mod repository;
mod rewrite;
mod row;
mod sanitize;
mod sarif;
mod sheet;
mod short;
mod sizes;
mod sonarqube;
mod statistics;
mod targets;
mod teamcity;
#[cfg(test)]
mod tests;
mod xml;

pub(crate) use paint::wrap;
use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::io;

use crate::diag::{
    Applicability, FileReport, Finding, Format, How, Part, RuleBook, RuleInfo, RunReport, Saving, Severity,
};
use crate::text::Arrange;

pub use about::About;
pub use cache::{
    CacheFate, CacheFileChange, CacheReason, CacheReport, CacheRow, CacheSum, ChangedPart, ChangedRow,
    ChangedState, IgnoredBy, OrderRow, write_cache_json,
};
pub use cache_table::write_cache;
pub use compare::{
    CacheChange, CompareReport, ContextChange, FileChange, FindingChange, Growth, ImageChange, ImageState,
    LayerChange, LayerState, PartChange, Sent, write_compare, write_compare_json, write_compare_markdown,
};
pub use context::{
    Amount, ContextReport, FileRow, LeftLine, PatternRow, SecretRow, SourceRow, SourceState, SuggestionRow,
    TakenRow, TopRow, WarningRow, write_context, write_context_json,
};
pub use diff::{write_diff, write_patch};
pub use fit::Fitted;
pub use image::{
    CheckRow, DuplicateRow, HiddenRow, ImageReport, LargeRow, LayerOrigin, LayerRow, LeftoverRow,
    write_image, write_image_json,
};
pub use page::{write_compare_page, write_image_page, write_index_page, write_plan_page};
pub use plan::{
    AdviceRow, Amounts, LayerCount, LockRow, PieceRow, PlanFile, PlanPackage, PlanReport, PlanRow, PlanStage,
    short_amount, write_plan, write_plan_json,
};
pub use prose::write_prose;
pub use repository::RepositoryPaths;
pub use rewrite::{
    ChangeRow, IgnoreReport, LeftRow, LineRow, ProposalReport, write_ignore, write_ignore_json,
    write_proposal, write_proposal_json,
};
pub use sanitize::sanitize;
pub use sizes::{
    EarlierSizes, SharedBase, SizeAdvice, SizeRow, SizesReport, SizesSum, write_sizes, write_sizes_json,
};
pub use statistics::{write_statistics, write_statistics_json};
pub use targets::{
    TargetProblem, TargetRow, TargetsReport, write_targets, write_targets_json, write_targets_report,
};

/// How text for people is drawn. The caller decides once per output stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// With ANSI colours.
    pub color: bool,
    /// With box-drawing characters; ASCII otherwise.
    pub unicode: bool,
    /// Columns of the terminal. Text is wrapped and long lines are clipped to it, within 40 to 200.
    pub width: usize,
    /// True if the rows of tables have to fit as well; elsewhere they stay whole, for programs that read them.
    pub fit: bool,
    /// True if the terminal shows links (OSC 8).
    pub links: bool,
    /// Findings and problems only, no summary.
    pub quiet: bool,
    /// True if findings come in the order of what they save, across files.
    pub largest_first: bool,
    /// True if a build service reads along, and takes some lines for commands.
    pub log: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            color: false,
            unicode: true,
            width: 100,
            fit: false,
            links: false,
            quiet: false,
            largest_first: false,
            log: false,
        }
    }
}

/// What a report needs beside what was found.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// What is known of the rules; one that it does not know is shown by name alone.
    pub book: &'a dyn RuleBook,
    /// How text for people is drawn; only [`Format::Human`] asks.
    pub style: &'a Style,
    /// What files are called in their repository.
    pub paths: &'a RepositoryPaths,
    /// Whether a finding of the file at a path fails the run.
    pub fails: &'a dyn Fn(&str, &Finding) -> bool,
}

/// Writes `report` as `format`.
///
/// # Errors
/// Those of `out`.
pub fn write(
    out: &mut dyn io::Write,
    format: Format,
    report: &RunReport,
    surroundings: &Surroundings<'_>,
) -> io::Result<()> {
    let Surroundings { book, style, paths, fails } = *surroundings;
    let rules = Rules::of(report, book);
    // Without a buffer a line-buffered stream makes a system call per line.
    let mut out = io::BufWriter::with_capacity(1 << 16, out);
    match format {
        Format::Human => human::write(&mut out, report, &rules, style)?,
        Format::Short => short::write(&mut out, report, style)?,
        Format::Json => json::write(&mut out, report, &rules)?,
        Format::Sarif => sarif::write(&mut out, report, &rules, paths)?,
        Format::Github => github::write(&mut out, report, paths)?,
        Format::Gitlab => gitlab::write(&mut out, report, paths)?,
        Format::Checkstyle => checkstyle::write(&mut out, report)?,
        Format::Junit => junit::write(&mut out, report, fails)?,
        Format::Sonarqube => sonarqube::write(&mut out, report)?,
        Format::Rdjson => rdjson::write(&mut out, report, &rules)?,
        Format::Azure => azure::write(&mut out, report, paths)?,
        Format::Teamcity => teamcity::write(&mut out, report, &rules, paths)?,
        Format::Markdown => markdown::write(&mut out, report, &rules, paths)?,
    }
    io::Write::flush(&mut out)
}

/// The rules that a report speaks of, asked once each.
struct Rules<'a> {
    /// Sorted by name, those without a page too.
    names: Vec<&'a str>,
    known: HashMap<&'a str, RuleInfo<'a>>,
    book: &'a dyn RuleBook,
}

impl<'a> Rules<'a> {
    fn of(report: &'a RunReport, book: &'a dyn RuleBook) -> Self {
        let mut seen: HashMap<&str, Option<RuleInfo<'_>>> = HashMap::new();
        for finding in report.files.iter().flat_map(|f| &f.findings) {
            seen.entry(finding.rule.as_ref()).or_insert_with(|| book.info(&finding.rule));
        }
        let mut names: Vec<&str> = seen.keys().copied().collect();
        names.sort_unstable();
        let known = seen.into_iter().filter_map(|(name, info)| Some((name, info?))).collect();
        Self { names, known, book }
    }

    fn get(&self, rule: &str) -> Option<&RuleInfo<'a>> {
        self.known.get(rule)
    }

    /// What other tools call a finding: its own alias, else those of its rule. Where a tool has several ids
    /// for the rule, each is about a part of its findings, and one without an alias is in none of them.
    fn aliases(&self, finding: &'a Finding) -> Vec<&'a str> {
        let all = |info: &RuleInfo<'a>| info.aliases.clone();
        let all = match &finding.alias {
            Some(alias) => return vec![alias],
            None => self.get(&finding.rule).map_or_else(Vec::new, all),
        };
        let hadolint = all.iter().filter(|a| a.starts_with("hadolint:")).count();
        if hadolint > 1 { Vec::new() } else { all }
    }
}

/// How many findings there are of each severity: info, warning, error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Counts {
    info: usize,
    warning: usize,
    error: usize,
}

impl Counts {
    fn of(report: &RunReport) -> Self {
        let mut counts = Self::default();
        for finding in report.files.iter().flat_map(|f| &f.findings) {
            match finding.severity {
                Severity::Info => counts.info += 1,
                Severity::Warning => counts.warning += 1,
                Severity::Error => counts.error += 1,
            }
        }
        counts
    }

    const fn get(self, severity: Severity) -> usize {
        match severity {
            Severity::Info => self.info,
            Severity::Warning => self.warning,
            Severity::Error => self.error,
        }
    }

    const fn total(self) -> usize {
        self.info + self.warning + self.error
    }
}

/// What the findings could save together, and whether all of it was measured. Savings in one part of an
/// image count once.
fn saved(report: &RunReport) -> Saving {
    saved_by(report, |_| true)
}

/// The same of the findings that `counts` holds for.
fn saved_by(report: &RunReport, counts: impl Fn(&Finding) -> bool) -> Saving {
    let mut bytes = 0_u64;
    let mut how = How::Measured;
    for file in &report.files {
        let mut parts: HashMap<Part, u64> = HashMap::new();
        for saving in file.findings.iter().filter(|f| counts(f)).filter_map(|f| f.saving.as_ref()) {
            if saving.how == How::Estimated || saving.range.is_some() {
                how = How::Estimated;
            }
            match saving.part {
                Some(part) => {
                    let most = parts.entry(part).or_default();
                    *most = saving.bytes.max(*most);
                }
                None => bytes = bytes.saturating_add(saving.bytes),
            }
        }
        bytes = parts.values().fold(bytes, |sum, part| sum.saturating_add(*part));
    }
    Saving { how, ..Saving::measured(bytes, "") }
}

/// The findings in the order of a report for people, with their files. What is not known to save anything comes
/// last where the order is that of what they save.
fn in_order<'a>(report: &'a RunReport, style: &Style) -> Vec<(&'a FileReport, &'a Finding)> {
    let of = |file: &'a FileReport| file.findings.iter().map(move |finding| (file, finding));
    let mut all: Vec<_> = report.files.iter().flat_map(of).collect();
    if style.largest_first {
        all.arrange_by_key(|(_, finding)| Reverse(finding.saving.as_ref().map_or(0, |saving| saving.bytes)));
    }
    all
}

/// The message of a finding, with what it saves, where there is room for one text.
fn message(finding: &Finding) -> Cow<'_, str> {
    message_from_top(finding, &RepositoryPaths::default())
}

/// The same with the paths of the files that start the builds from the top of the repository.
fn message_from_top<'f>(finding: &'f Finding, paths: &RepositoryPaths) -> Cow<'f, str> {
    let mut message = Cow::Borrowed(&*finding.message);
    if let Some(builds) = built_by(finding, paths) {
        let _ = write!(message.to_mut(), " ({builds})");
    }
    if let Some(saving) = &finding.saving {
        let _ = write!(message.to_mut(), " (saves {}, {})", saving.amount(), saving.how.name());
    }
    message
}

/// Which builds a finding is for, if not for all.
fn built_by(finding: &Finding, paths: &RepositoryPaths) -> Option<String> {
    let from_top = |build: &String| match build.split_once(": ") {
        Some((path, name)) => format!("{}: {name}", paths.of(path)),
        None => build.clone(),
    };
    let builds: Vec<String> = finding.builds.iter().map(from_top).collect();
    (!builds.is_empty()).then(|| format!("as built by {}", builds.join(", ")))
}

/// How many findings have a fix of that applicability.
fn fixable(report: &RunReport, applicability: Applicability) -> usize {
    let fixes = report.files.iter().flat_map(|f| &f.findings).filter_map(|f| f.fix.as_ref());
    fixes.filter(|fix| fix.applicability == applicability).count()
}

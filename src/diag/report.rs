use std::borrow::Cow;
use std::time::Duration;

use crate::text::Source;

use super::{Finding, Problem, Severity};

/// What was found in one file.
#[derive(Debug, Clone, Default)]
pub struct FileReport {
    /// The path as it was given, for display and URIs.
    pub path: String,
    /// The text that the findings' spans point into.
    pub source: Source,
    /// The findings, sorted by span, without duplicates.
    pub findings: Vec<Finding>,
    /// How many findings were suppressed by comments or the configuration.
    pub suppressed: usize,
    /// The folder that was taken for its build context, where nobody has told it.
    pub context: Option<String>,
    /// What was taken for its builder and is not BuildKit, where nobody has told it.
    pub builder: Option<BuiltBy>,
}

/// What builds a file, and why that is taken to be so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltBy {
    /// What the builder is called in settings.
    pub name: &'static str,
    /// What it is called in a sentence.
    pub title: &'static str,
    /// What shows it: a clause.
    pub why: String,
}

/// A fix that was asked for and not applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The file that was to be fixed.
    pub path: String,
    /// The rule whose fix it is.
    pub rule: Cow<'static, str>,
    /// Why it was not applied.
    pub reason: String,
}

/// What one run of dlint found.
#[derive(Debug, Clone, Default)]
pub struct RunReport {
    /// The files, sorted by path; those without findings may be left out.
    pub files: Vec<FileReport>,
    /// What could not be done.
    pub problems: Vec<Problem>,
    /// What was left out of account, which fails no run: files that a search found and that their tools would refuse.
    pub notes: Vec<Problem>,
    /// How many files were checked.
    pub checked: usize,
    /// How many findings a baseline holds, which are not among those of the files.
    pub known: usize,
    /// How many findings were there before the change that the run is about, which are not among those of the files.
    pub before: Option<usize>,
    /// Wall-clock time.
    pub elapsed: Duration,
    /// How many findings were fixed in the files.
    pub fixed: usize,
    /// Fixes that were asked for and not applied.
    pub refused: Vec<Refusal>,
}

/// What a rule's page says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleInfo<'a> {
    /// The name, in kebab case.
    pub name: &'a str,
    /// The ids of other tools for the same, as `tool:ID`.
    pub aliases: Vec<&'a str>,
    /// The names that it had.
    pub renamed_from: Vec<&'a str>,
    /// If it is deprecated, what to use in its place, or why.
    pub deprecated: Option<String>,
    /// One line: what it finds.
    pub summary: &'a str,
    /// The category's name in lower case.
    pub category: &'a str,
    /// The preset's name in lower case.
    pub preset: &'a str,
    /// Severity when nothing is configured.
    pub severity: Severity,
    /// How far its fix can be trusted: `none`, `unsafe` or `safe`.
    pub fix: &'a str,
    /// Where its page is on the web; for a finding that it passes on from another program, that program's page.
    pub link: Option<String>,
}

/// Knows the rules.
pub trait RuleBook {
    /// What is known of the rule called `rule`; nothing if there is no such rule.
    fn info(&self, rule: &str) -> Option<RuleInfo<'_>>;

    /// The page of the rule called `rule` as Markdown; nothing if there is no such rule.
    fn page(&self, rule: &str) -> Option<&str>;

    /// Where the pages are on the web, without a slash at the end; nothing if nobody has said.
    fn home(&self) -> Option<&str> {
        None
    }
}

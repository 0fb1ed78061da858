//! What linting a build of a Dockerfile gives.

use crate::config::Settings;
use crate::context::Progress;
use crate::diag::{FileReport, Finding, Origin, Problem};
use crate::rules::suppression::{self, Strictness};
use crate::rules::{Needs, Rule, RuleId};
use crate::semantic::Analysis;
use crate::shellcheck::Checker;
use crate::text::Arrange;

use super::lint::{is_asked, lint_until, sort};
use super::scripts;

/// What linting a file gave.
#[derive(Default)]
pub(super) struct Linted {
    /// The findings that no comment suppresses, in the order of the text.
    pub(super) kept: Vec<Finding>,
    /// Those in ignore files, once they are put apart.
    pub(super) ignore: Vec<FileReport>,
    /// How many are suppressed.
    pub(super) suppressed: usize,
    pub(super) problems: Vec<Problem>,
}

impl Linted {
    /// Puts the findings in the ignore file apart.
    pub(super) fn apart(mut self, analysis: &Analysis) -> Self {
        let in_ignore_file = |f: &Finding| f.origin == Origin::Ignorefile;
        if self.kept.iter().any(in_ignore_file)
            && let Some(ignore) = analysis.context().and_then(|c| c.ignore.as_ref())
        {
            let (findings, kept) = self.kept.into_iter().partition(in_ignore_file);
            let (path, source) = (ignore.source.name().to_owned(), ignore.source.clone());
            self.kept = kept;
            self.ignore.push(FileReport { path, source, findings, ..FileReport::default() });
        }
        self
    }
}

impl AsRef<[Finding]> for Linted {
    fn as_ref(&self) -> &[Finding] {
        &self.kept
    }
}

/// What the rules say of a build, and no comment suppresses.
pub(super) fn findings(
    model: &Analysis,
    settings: &Settings,
    checker: Option<&Checker>,
    progress: Option<&Progress>,
) -> Linted {
    let file = &*model.file;
    let mut found = lint_until(model, settings, &|| progress.is_some_and(Progress::is_cancelled));
    let scripts = scripts::check(checker, model, settings);
    if !scripts.findings.is_empty() {
        found.extend(scripts.findings);
        sort(&mut found);
    }
    if let Some(strictness) = Strictness::of(file) {
        found.iter_mut().for_each(|finding| strictness.apply(finding, settings.rules.catalogue()));
    }
    if settings.disable_ignore_pragma {
        found.retain(|finding| settings.is_worthwhile(finding));
        return Linted { kept: found, problems: scripts.problems, ..Linted::default() };
    }
    let ran = |id: RuleId, rule: &Rule| match rule.meta.needs {
        Needs::Shellcheck => scripts.complete,
        _ => is_asked(id, &rule.meta, model, &settings.policy),
    };
    let mut outcome = suppression::apply(file, found, &settings.rules, &ran);
    outcome.kept.retain(|finding| settings.is_worthwhile(finding));
    outcome.extra.retain(|finding| settings.is_worthwhile(finding));
    if !outcome.extra.is_empty() {
        outcome.kept.append(&mut outcome.extra);
        outcome.kept.arrange_by(|a, b| (a.origin, a.span, &a.rule).cmp(&(b.origin, b.span, &b.rule)));
    }
    let suppressed = outcome.suppressed.len();
    Linted { kept: outcome.kept, suppressed, problems: scripts.problems, ignore: Vec::new() }
}

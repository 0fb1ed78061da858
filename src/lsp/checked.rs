//! What was found in a document.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use crate::config::{DocsUrl, Settings};
use crate::diag::{FileReport, Finding, Problem};
use crate::engine::{self, BuildsOf};
use crate::workspace::Snapshot;

use super::builds::Shown;
use super::diagnostics::{self, Rules};
use super::document::Read;
use super::moved::Moved;
use super::protocol::Diagnostic;
use super::weights::{self, Weight};

/// A document that was checked.
pub(super) struct Checked {
    pub(super) read: Read,
    /// How it is built.
    pub(super) builds: Arc<BuildsOf>,
    /// What it means in these builds, with their contexts if those were measured.
    pub(super) shown: Vec<Shown>,
    /// True if they were.
    pub(super) has_context: bool,
    pub(super) weights: OnceLock<Vec<Weight>>,
    /// What was found only because they were, once somebody has asked.
    pub(super) beyond: OnceLock<Vec<Finding>>,
    pub(super) snapshot: Snapshot,
    pub(super) report: FileReport,
    pub(super) problems: Vec<Problem>,
    pub(super) docs: Option<DocsUrl>,
    pub(super) settings: Arc<Settings>,
}

impl Checked {
    /// What its instructions weigh.
    pub(super) fn weights(&self) -> &[Weight] {
        self.weights.get_or_init(|| weights::of_builds(&self.shown, &self.settings))
    }

    /// What was found only because the context was known, at its places in another text.
    pub(super) fn beyond_text(&self, text: &str) -> Vec<Finding> {
        let moved = Moved::between(self.read.text(), text);
        let beyond = self.beyond.get_or_init(|| self.found_by_context());
        beyond.iter().filter_map(|finding| moved.finding(finding)).collect()
    }

    fn found_by_context(&self) -> Vec<Finding> {
        let Ok(alone) = engine::read_builds(&self.snapshot, &self.builds.targets) else { return Vec::new() };
        let alone = engine::check_opened(&self.snapshot, alone);
        let alone = alone.files.into_iter().next().unwrap_or_default().findings;
        let known: HashSet<_> = alone.iter().map(|finding| (&finding.rule, finding.span)).collect();
        let beyond = self.report.findings.iter().filter(|f| !known.contains(&(&f.rule, f.span)));
        beyond.cloned().collect()
    }

    pub(super) fn rules(&self) -> Rules<'_> {
        Rules { catalogue: self.settings.rules.catalogue(), docs: self.docs.as_ref() }
    }

    pub(super) fn diagnostics(&self) -> Vec<Diagnostic> {
        let problems = self.problems.iter().map(|p| diagnostics::problem(&p.message));
        let findings = self.report.findings.iter();
        problems.chain(findings.map(|f| diagnostics::diagnostic(&self.read, f, &self.rules()))).collect()
    }
}

//! A file that starts builds, checked.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::{DocsUrl, Settings};
use crate::context::Tally;
use crate::diag::{FileReport, Finding, Problem};
use crate::entries::InlineDockerfile;
use crate::lsp::diagnostics::{self, Rules};
use crate::lsp::document::Read;
use crate::lsp::measuring::Sent;
use crate::lsp::protocol::Diagnostic;
use crate::text::{Edit, Span};
use crate::workspace::Target;

use super::builds::Builds;

/// A file that starts builds, and what was found in it.
pub(in crate::lsp) struct CheckedEntry {
    pub(super) read: Read,
    /// What it builds; none if it is not known as what it is to be read.
    pub(super) builds: Option<Builds>,
    pub(super) report: FileReport,
    /// Why its tool refuses it.
    pub(super) refused: Vec<Problem>,
    pub(super) docs: Option<DocsUrl>,
    pub(super) settings: Arc<Settings>,
    /// The files that all of this depends on.
    pub(super) reads: BTreeSet<PathBuf>,
}

impl CheckedEntry {
    pub(super) fn rules(&self) -> Rules<'_> {
        Rules { catalogue: self.settings.rules.catalogue(), docs: self.docs.as_ref() }
    }

    pub(in crate::lsp) fn diagnostics(&self) -> Vec<Diagnostic> {
        let refused = self.refused.iter().map(|problem| self.refusal(problem));
        let findings = self.report.findings.iter();
        let findings = findings.map(|finding| diagnostics::diagnostic(&self.read, finding, &self.rules()));
        refused.chain(findings).collect()
    }

    fn refusal(&self, problem: &Problem) -> Diagnostic {
        match &problem.place {
            Some((source, span)) if source.text() == self.read.text() => {
                let whole = diagnostics::problem(&problem.message);
                Diagnostic { range: self.read.range(*span), ..whole }
            }
            // It is about a file that is read with this one.
            _ => {
                let path = problem.path.as_ref().map(|path| format!("{path}: ")).unwrap_or_default();
                diagnostics::problem(&format!("{path}{}", problem.message))
            }
        }
    }

    /// The edit that writes a comment which suppresses a finding above its line. JSON has no comments but for editors, and
    /// inside of a Dockerfile its own count.
    pub(super) fn suppression(&self, finding: &Finding) -> Option<Edit> {
        let text = self.read.text();
        let inside = self.builds.iter().flat_map(|builds| builds.inline.values());
        let inside = inside.map(InlineDockerfile::span).any(|span| span.contains(finding.span));
        let is_json = self.read.path().extension().is_some_and(|ending| ending == "json");
        if inside || is_json {
            return None;
        }
        let start = text[..finding.span.start as usize].rfind('\n').map_or(0, |end| end + 1);
        let line = &text[start..];
        let indentation = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        let comment = format!("{indentation}# dlint ignore={}\n", finding.rule);
        Some(Edit { span: Span::of(start..start), text: comment })
    }

    /// True if what was found may be something else once the file at `path` is.
    pub(in crate::lsp) fn depends_on(&self, path: &Path) -> bool {
        self.reads.contains(path)
    }

    /// The builds whose contexts can be measured.
    pub(in crate::lsp) fn targets(&self) -> Vec<Target> {
        self.builds.iter().flat_map(|builds| builds.targets.iter().flatten().cloned()).collect()
    }

    /// What a build sends, if that was measured.
    pub(super) fn sent(&self, build: usize, sent: Option<&Sent>) -> Option<Tally> {
        let target = self.builds.as_ref()?.targets.get(build)?.as_ref()?;
        sent?.of(target)?
    }
}

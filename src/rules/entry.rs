//! What a rule on files that start builds sees, and where it reports to.

use std::cell::RefCell;
use std::path::PathBuf;

use build_targets::{EntryKind, FileId, Place, Resolution, Target, Warning};

use crate::diag::{Finding, Severity};
use crate::semantic::Analysis;
use crate::text::Span;

use super::meta::RuleMeta;

/// Files that start builds together, and what was found out about their builds.
#[derive(Debug, Clone, Copy)]
pub struct EntryFiles<'a> {
    /// Their kind.
    pub kind: EntryKind,
    /// What they say.
    pub resolution: &'a Resolution,
    /// What is known of each target of the resolution, in its order.
    pub builds: &'a [EntryBuild],
    /// The name of the only target that is asked about.
    pub only: Option<&'a str>,
}

/// What is known of a build beside what its file says.
#[derive(Debug, Clone, Default)]
pub struct EntryBuild {
    /// Whether its Dockerfile is there.
    pub dockerfile: Presence,
    /// Whether its build context is there.
    pub context: Presence,
    /// The same of its named contexts, in their order.
    pub named: Vec<Presence>,
    /// What its Dockerfile means in this build, where that can be read.
    pub analysis: Option<Analysis>,
    /// The `Containerfile` that lies where a `Dockerfile` is looked for and is not.
    pub containerfile: Option<PathBuf>,
    /// An ignore file that is called after the Dockerfile, and that this build does not read.
    pub unread_ignore: Option<PathBuf>,
}

/// Whether a file or folder is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Presence {
    /// It is.
    Here,
    /// It is not, and nothing is known to make it before the build.
    Missing,
    /// A folder is in place of a file, or a file in place of a folder.
    OtherKind,
    /// It is not, and something may well make it before the build: Git ignores it, or it is in a submodule.
    MadeLater,
    /// It cannot be known, or is not on this machine.
    #[default]
    Unknown,
}

/// A finding in one of the files.
#[derive(Debug, Clone)]
pub struct EntryFinding {
    /// The file.
    pub file: FileId,
    /// What is found there.
    pub finding: Finding,
    /// What its fix changes in the builds.
    pub change: Option<Change>,
}

/// What a fix changes in the builds. What else would change forbids it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The value that is written at this place becomes this text.
    Value(Place, String),
    /// What the targets of these files say.
    Targets,
}

/// What a rule sees, and where it reports to.
pub struct EntryCx<'a> {
    /// The files and their builds.
    pub files: EntryFiles<'a>,
    meta: &'a RuleMeta,
    severity: Severity,
    findings: RefCell<&'a mut Vec<EntryFinding>>,
}

impl<'a> EntryCx<'a> {
    pub(crate) const fn new(
        files: EntryFiles<'a>,
        meta: &'a RuleMeta,
        severity: Severity,
        findings: &'a mut Vec<EntryFinding>,
    ) -> Self {
        Self { files, meta, severity, findings: RefCell::new(findings) }
    }

    /// The targets, each with what is known of it.
    pub fn builds(&self) -> impl Iterator<Item = (&'a Target, &'a EntryBuild)> + use<'a> {
        self.files.resolution.targets.iter().zip(self.files.builds)
    }

    /// What the readers noted, as far as it concerns what is asked about.
    pub fn warnings(&self) -> impl Iterator<Item = &'a Warning> + use<'a> {
        let only = self.files.only;
        let concerns = move |warning: &&Warning| {
            only.is_none_or(|only| warning.target.as_deref().is_none_or(|target| target == only))
        };
        self.files.resolution.warnings.iter().filter(concerns)
    }

    /// The text under a place.
    #[must_use]
    pub fn text(&self, place: Place) -> &'a str {
        self.files.resolution.sources.file(place.file).text.get(place.span()).unwrap_or("")
    }

    /// A finding of this rule. It counts once it is [reported](Self::report).
    #[must_use]
    pub fn at(&self, place: Place, message: impl Into<String>) -> EntryFinding {
        let span = Span::of(place.span());
        let finding = Finding::new(self.meta.name.clone(), self.severity, span, message);
        EntryFinding { file: place.file, finding, change: None }
    }

    /// Reports a finding. The rule's file must declare a fix that can be trusted as far as that of the finding.
    pub fn report(&self, found: EntryFinding) {
        debug_assert!(
            found.finding.fix.as_ref().is_none_or(|fix| self.meta.fix.covers(fix.applicability)),
            "{} offers a fix that its file does not declare",
            self.meta.name
        );
        self.findings.borrow_mut().push(found);
    }
}

impl EntryFinding {
    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.finding = self.finding.help(help);
        self
    }

    /// Adds a second place, if it is in the same file.
    #[must_use]
    pub fn label(mut self, place: Place, text: impl Into<String>) -> Self {
        if place.file == self.file {
            self.finding = self.finding.label(Span::of(place.span()), text);
        }
        self
    }

    /// Offers a fix, and says what it changes in the builds.
    #[must_use]
    pub fn fix(mut self, fix: crate::diag::Fix, change: Change) -> Self {
        self.finding = self.finding.fix(fix);
        self.change = Some(change);
        self
    }
}

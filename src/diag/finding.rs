use std::borrow::Cow;

use crate::text::Span;

use super::{Fix, Saving, Severity};

/// Which file of a build a finding is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Origin {
    /// The Dockerfile.
    #[default]
    Dockerfile,
    /// The ignore file of the build context.
    Ignorefile,
}

/// A second place that belongs to a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is there.
    pub text: String,
}

/// Something that a rule says about a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's name.
    pub rule: Cow<'static, str>,
    /// How bad it is.
    pub severity: Severity,
    /// Which file it is in.
    pub origin: Origin,
    /// The exact characters.
    pub span: Span,
    /// What is wrong and why it matters, in one sentence.
    pub message: String,
    /// Other places that belong to it, in the same file.
    pub labels: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
    /// How to resolve it.
    pub fix: Option<Fix>,
    /// What resolving it saves.
    pub saving: Option<Saving>,
    /// What another tool calls this very finding, where the rule has the ids of several: `hadolint:DL3042`.
    pub alias: Option<String>,
    /// Which of the faults that the rule knows it is, as a stable name for programs.
    pub kind: Option<&'static str>,
    /// The builds of the Dockerfile that it holds for (`compose.yaml: web`), if not for all of them.
    pub builds: Vec<String>,
}

impl Finding {
    /// A finding of `rule` in the Dockerfile.
    pub fn new(
        rule: impl Into<Cow<'static, str>>,
        severity: Severity,
        span: Span,
        message: impl Into<String>,
    ) -> Self {
        Self {
            rule: rule.into(),
            severity,
            origin: Origin::Dockerfile,
            span,
            message: message.into(),
            labels: Vec::new(),
            help: None,
            fix: None,
            saving: None,
            alias: None,
            kind: None,
            builds: Vec::new(),
        }
    }

    /// Puts it into the other file of the build.
    #[must_use]
    pub fn in_file(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// Adds a second place.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Offers a fix.
    #[must_use]
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }

    /// Says what another tool calls it.
    #[must_use]
    pub fn alias(mut self, alias: Option<impl Into<String>>) -> Self {
        self.alias = alias.map(Into::into);
        self
    }

    /// Says which of the rule's faults it is.
    #[must_use]
    pub const fn kind(mut self, kind: &'static str) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Says what it costs.
    #[must_use]
    pub fn saving(mut self, saving: Saving) -> Self {
        self.saving = Some(saving);
        self
    }
}

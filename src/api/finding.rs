use std::fmt;

use crate::diag::{self, Fix, Label, Saving, Severity};
use crate::text::{Position, Source, Span};

/// Something that a rule says about a place in a text.
///
/// ```
/// let text = "FROM debian:12\nRUN cd /app\n";
/// let findings = dlint::lint(text, &dlint::Settings::default());
/// let [finding] = findings.as_slice() else { panic!("{findings:#?}") };
/// assert_eq!(finding.rule(), "cd-has-no-effect");
/// assert_eq!(finding.severity(), dlint::Severity::Warning);
/// assert_eq!((finding.start().line, finding.start().column), (2, 5));
/// assert_eq!(finding.text(), "cd /app");
/// assert_eq!(finding.help(), Some("write `WORKDIR /app`"));
///
/// let fix = finding.fix().expect("there is one");
/// assert_eq!(fix.applicability, dlint::Applicability::Unsafe);
/// let fixed = dlint::apply(text.as_bytes(), &fix.edits)?;
/// assert_eq!(fixed, b"FROM debian:12\nWORKDIR /app\n");
/// # Ok::<(), dlint::EditError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Finding {
    found: diag::Finding,
    source: Source,
}

impl Finding {
    pub(super) const fn new(found: diag::Finding, source: Source) -> Self {
        Self { found, source }
    }

    /// The name of the rule, in kebab case.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.found.rule
    }

    /// What another tool calls this very finding, where the rule has the ids of several: `hadolint:DL3042`.
    #[must_use]
    pub fn alias(&self) -> Option<&str> {
        self.found.alias.as_deref()
    }

    /// How bad it is.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        self.found.severity
    }

    /// What is wrong and why it matters, in one sentence. It may quote any character of the text.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.found.message
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        self.found.help.as_deref()
    }

    /// The text that it is in: the Dockerfile, or the ignore file of its build context.
    #[must_use]
    pub const fn source(&self) -> &Source {
        &self.source
    }

    /// Where it is in [`Finding::source`], in bytes.
    #[must_use]
    pub const fn span(&self) -> Span {
        self.found.span
    }

    /// The characters that it is about.
    #[must_use]
    pub fn text(&self) -> &str {
        self.found.span.text(self.source.text())
    }

    /// Line and column of its first character.
    #[must_use]
    pub fn start(&self) -> Position {
        self.source.lines().position(self.source.text(), self.found.span.start)
    }

    /// Line and column behind its last character.
    #[must_use]
    pub fn end(&self) -> Position {
        self.source.lines().position(self.source.text(), self.found.span.end)
    }

    /// Other places that belong to it, in the same text.
    #[must_use]
    pub fn labels(&self) -> &[Label] {
        &self.found.labels
    }

    /// Edits of [`Finding::source`] that resolve it; [`apply`](crate::apply) makes them.
    #[must_use]
    pub const fn fix(&self) -> Option<&Fix> {
        self.found.fix.as_ref()
    }

    /// What resolving it saves, where that is known.
    #[must_use]
    pub const fn saving(&self) -> Option<&Saving> {
        self.found.saving.as_ref()
    }

    pub(super) const fn found(&self) -> &diag::Finding {
        &self.found
    }
}

impl fmt::Display for Finding {
    /// `Dockerfile:2:5: warning[no-user] …`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { line, column } = self.start();
        let (name, severity, rule) = (self.source.name(), self.severity(), self.rule());
        write!(f, "{name}:{line}:{column}: {severity}[{rule}] {}", self.message())
    }
}

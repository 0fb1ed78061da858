use std::sync::Arc;

use crate::context::Progress;
use crate::diag::{self, Problem, Severity};
use crate::engine::{self, Cancelled, lint_model};
use crate::semantic::{Analysis, Model};
use crate::syntax;
use crate::text::{MAX_SOURCE_BYTES, Source, SourceError, Span};
use crate::workspace::{Snapshot, Target, Workspace};

use super::{Finding, Settings};

/// What a check of a target gave.
#[derive(Debug, Clone)]
pub struct Report {
    findings: Vec<Finding>,
    problems: Vec<Problem>,
    fails: bool,
}

impl Report {
    /// The findings in the order of the text, those in the Dockerfile before those in the ignore file of its context.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// What could not be read: the Dockerfile, or a part of its build context. What is known was checked all the same.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// True if a finding is as bad as `fail-on` says, which is a warning unless the settings say otherwise.
    #[must_use]
    pub const fn fails(&self) -> bool {
        self.fails
    }
}

/// Lints the text of a Dockerfile. The findings come in the order of the text.
///
/// No file is read, so rules that look at the build context are silent; [`check`] is for that. It takes any text:
/// what BuildKit would refuse is a finding.
///
/// ```
/// let findings = dlint::lint("FORM debian:12\n", &dlint::Settings::default());
/// assert_eq!(findings[0].rule(), "syntax-error");
/// ```
#[must_use]
pub fn lint(text: &str, settings: &Settings) -> Vec<Finding> {
    if text.len() as u64 > MAX_SOURCE_BYTES {
        let message = format!("this text {}", SourceError::TooLarge);
        let finding = diag::Finding::new("syntax-error", Severity::Error, Span::at(0), message);
        return vec![Finding::new(finding, Source::from_text("Dockerfile", ""))];
    }
    let source = Source::from_text("Dockerfile", text);
    let found = lint_model(&Analysis::new(Model::new(syntax::parse(source.clone()))), settings.inner());
    found.into_iter().map(|finding| Finding::new(finding, source.clone())).collect()
}

/// Checks what is built: the Dockerfile of `target` with its build context, by the texts and settings of `snapshot`.
///
/// It reads the Dockerfile, the ignore file, and the names and sizes of what the context holds. It starts no other
/// program: ShellCheck is not asked, whatever the settings say. Another thread can follow and end it by `progress`.
///
/// ```
/// use dlint::{ContextSource, Progress, Source, Target, Workspace};
///
/// let mut target = Target::of_text(Source::from_text("Dockerfile", "FROM scratch\nCOPY . /\n"));
/// target.context = ContextSource::Folder("testdata/flask-naive".into());
/// let report = dlint::check(&Workspace::default().snapshot(), &target, &Progress::default())?;
/// assert!(report.findings().iter().any(|finding| finding.rule() == "secret-in-context"));
/// assert!(report.fails() && report.problems().is_empty());
/// # Ok::<(), dlint::Cancelled>(())
/// ```
///
/// # Errors
/// If it was ended before it was done.
pub fn check(snapshot: &Snapshot, target: &Target, progress: &Progress) -> Result<Report, Cancelled> {
    let outcome = engine::check(snapshot, target, progress, None)?;
    let findings = outcome.files.into_iter().flat_map(|file| {
        let source = file.source;
        file.findings.into_iter().map(move |finding| Finding::new(finding, source.clone()))
    });
    Ok(Report { findings: findings.collect(), problems: outcome.problems, fails: outcome.fails })
}

impl Workspace {
    /// A workspace without buffers, where `settings` count for all files and no `dlint.toml` is looked for.
    ///
    /// ```
    /// use dlint::{Progress, Settings, Target, Workspace};
    ///
    /// let settings = Settings::parse("select = ['no-user']\n")?;
    /// let snapshot = Workspace::with_settings(&settings).snapshot();
    /// let target = Target::of_file("testdata/flask-naive/Dockerfile");
    /// let report = dlint::check(&snapshot, &target, &Progress::default())?;
    /// assert_eq!(report.findings().len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_settings(settings: &Settings) -> Self {
        Self::of_settings(Arc::clone(settings.inner()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_no_build_takes_is_a_finding() {
        let large = " ".repeat(usize::try_from(MAX_SOURCE_BYTES).unwrap() + 1);
        let said: Vec<String> = lint(&large, &Settings::default()).iter().map(ToString::to_string).collect();
        let all = "Dockerfile:1:1: error[syntax-error] this text is larger than 16 MiB, which is more than \
            BuildKit and dlint read";
        assert_eq!(said, [all]);
    }

    #[test]
    fn what_is_given_and_taken_goes_from_thread_to_thread() {
        fn shared<T: Send + Sync>() {}
        shared::<(Finding, Report, Settings, Snapshot, Target, Progress)>();
    }
}

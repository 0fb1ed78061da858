use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::config;
use crate::diag::Problem;
use crate::rules::Choice;
use crate::text::Source;

use super::Finding;

/// Which rules are on, and how bad their findings are. Without anything else, those of the default preset.
///
/// A clone is cheap.
#[derive(Debug, Clone, Default)]
pub struct Settings(Arc<config::Settings>);

/// What is wrong with a configuration: all of it, with places.
#[derive(Debug, Clone)]
pub struct SettingsError(Vec<Problem>);

impl Settings {
    /// Reads what a `dlint.toml` says. Globs in it are held against the name `Dockerfile`, and rules of one's own,
    /// which are files, do not count: a [`Workspace`](crate::Workspace) reads those.
    ///
    /// ```
    /// let settings = dlint::Settings::parse("select = ['size']\n[severity]\nheavy-recommends = 'error'\n")?;
    /// let findings = dlint::lint("FROM debian:12\nRUN apt-get install -y gcc\n", &settings);
    /// let worst = findings.iter().max_by_key(|finding| finding.severity()).expect("there are some");
    /// assert_eq!(worst.rule(), "heavy-recommends");
    /// assert!(settings.fails(worst));
    /// # Ok::<(), dlint::SettingsError>(())
    /// ```
    ///
    /// # Errors
    /// If it says what it must not say, or is no TOML:
    ///
    /// ```
    /// let error = dlint::Settings::parse("ignore = ['no-usr']\n").expect_err("there is no such rule");
    /// let what = "`no-usr` is not a known rule, alias or group";
    /// assert_eq!(error.to_string(), format!("dlint.toml:1:11: {what}: did you mean `no-user`?"));
    /// ```
    pub fn parse(toml: &str) -> Result<Self, SettingsError> {
        let (config, faults) = config::parse(toml, Arc::default());
        if !faults.is_empty() {
            return Err(SettingsError(config::problems(&Source::from_text("dlint.toml", toml), faults)));
        }
        Ok(Self(Arc::new(config.settings(Path::new("Dockerfile"), &Choice::default(), None))))
    }

    /// True if a run that has this finding fails: it is as bad as `fail-on` says, and its rule is not advisory.
    #[must_use]
    pub fn fails(&self, finding: &Finding) -> bool {
        self.0.fails(finding.found())
    }

    pub(super) const fn inner(&self) -> &Arc<config::Settings> {
        &self.0
    }
}

impl SettingsError {
    /// What is wrong, in the order of the text.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.0
    }
}

impl fmt::Display for SettingsError {
    /// A line for each mistake: `dlint.toml:1:11: …`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, problem) in self.0.iter().enumerate() {
            let line_end = if number == 0 { "" } else { "\n" };
            f.write_str(line_end)?;
            if let Some(path) = &problem.path {
                write!(f, "{path}:")?;
                if let Some((source, span)) = &problem.place {
                    let at = source.lines().position(source.text(), span.start);
                    write!(f, "{}:{}:", at.line, at.column)?;
                }
                f.write_str(" ")?;
            }
            f.write_str(&problem.message)?;
            if let Some(help) = &problem.help {
                write!(f, ": {help}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for SettingsError {}

//! Options of hadolint that go by other names here: scripts and hooks that call it go on working.

use clap::Args;

use crate::config::FailOn;
use crate::diag::Severity;

use super::args::{ColorArg, LintArgs};

// Options of hadolint. None of them is shown in the help.
#[derive(Debug, Default, Args)]
pub(super) struct HadolintArgs {
    #[arg(long, hide = true)]
    no_fail: bool,
    #[arg(long, hide = true, conflicts_with = "color")]
    no_color: bool,
    #[arg(long, hide = true, value_name = "RULE")]
    error: Vec<String>,
    #[arg(long, hide = true, value_name = "RULE")]
    warning: Vec<String>,
    #[arg(long, hide = true, value_name = "RULE")]
    info: Vec<String>,
    #[arg(long, hide = true, value_name = "RULE")]
    style: Vec<String>,
}

impl HadolintArgs {
    /// The rules that get a severity; the worst comes last, and wins.
    pub(super) fn severities(&self) -> Vec<(String, Severity)> {
        let of = |words: &[String], severity| -> Vec<(String, Severity)> {
            words.iter().map(|word| (word.clone(), severity)).collect()
        };
        [
            of(&self.style, Severity::Info),
            of(&self.info, Severity::Info),
            of(&self.warning, Severity::Warning),
            of(&self.error, Severity::Error),
        ]
        .concat()
    }

    /// The rules whose findings never fail.
    pub(super) fn advisory(&self) -> Vec<String> {
        let worse = [&self.error, &self.warning, &self.info];
        let is_style = |word: &&String| worse.iter().all(|words| !words.contains(word));
        self.style.iter().filter(is_style).cloned().collect()
    }
}

impl LintArgs {
    /// When the run fails.
    pub(super) fn fails_on(&self) -> Option<FailOn> {
        let asked = self.fail_on.map(FailOn::from);
        if self.hadolint.no_fail { Some(FailOn::Never) } else { asked }
    }

    /// When to use colours.
    pub(super) fn colors(&self) -> Option<ColorArg> {
        if self.hadolint.no_color { Some(ColorArg::Never) } else { self.color }
    }
}

//! The words of `dlint compare`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::config::FailOn;
use crate::workspace::{ContextSource, Overrides};

use super::build::{OutputArgs, TargetArgs, UnknownArgs};
use super::ending::ending;
use super::{ConfigArgs, FailOnArg};

const COMPARE_EXAMPLES: &str = "\
Examples:
  dlint compare origin/main                         what this branch brings, in the current folder and below
  dlint compare HEAD app                            what is not committed yet brings, for what is in app
  dlint compare origin/main --max-growth 10MB       exit with 1 if an image grows by more than that
  dlint compare origin/main --format markdown -o \"$GITHUB_STEP_SUMMARY\"
                                                    for the summary of a step on GitHub, or a comment
  dlint compare origin/main --format html -o compare.html
                                                    the same as a page to look at

Exit codes:
  0  no finding at or above --fail-on is gained, and all limits hold
  1  such a finding is gained, or a limit is exceeded or cannot be checked
  2  something could not be read or written, or git does not know the commit";

#[derive(Debug, Args)]
#[command(after_help = ending(COMPARE_EXAMPLES))]
pub(in crate::cli) struct CompareArgs {
    /// What to compare with: a branch, a tag or a commit; more exactly, the last commit that it and HEAD have in
    /// common
    #[arg(value_name = "COMMIT")]
    pub(in crate::cli) commit: String,
    /// Files, and folders to search for Dockerfiles [default: .]
    #[arg(value_name = "PATH")]
    pub(in crate::cli) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) target: TargetArgs,
    #[command(flatten)]
    pub(in crate::cli) config: ConfigArgs,

    /// Fail if an image that was there before grows by more than this: 10MB, 1.5GB, 200MiB
    #[arg(long, value_name = "SIZE", value_parser = crate::cli::size::limit, help_heading = "Limits")]
    pub(in crate::cli) max_growth: Option<u64>,
    #[command(flatten, next_help_heading = "Limits")]
    pub(in crate::cli) limits: UnknownArgs,
    /// Lowest severity of a new finding that makes dlint exit with 1: error, warning, info, or never [default: warning]
    #[arg(long, value_name = "SEVERITY", hide_possible_values = true, help_heading = "Limits")]
    pub(in crate::cli) fail_on: Option<FailOnArg>,

    /// human, markdown, json, or html: a page to look at
    #[arg(
        long,
        value_name = "FORMAT",
        hide_possible_values = true,
        default_value = "human",
        help_heading = "Output"
    )]
    pub(in crate::cli) format: CompareFormatArg,
    #[command(flatten, next_help_heading = "Output")]
    pub(in crate::cli) out: OutputArgs,
    /// Print only the limits
    #[arg(short, long, help_heading = "Output")]
    pub(in crate::cli) quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum CompareFormatArg {
    #[value(alias = "text")]
    Human,
    Markdown,
    Json,
    Html,
}

impl CompareArgs {
    /// What the command line says over the configuration files, before and after the change.
    pub(in crate::cli) fn overrides(&self) -> Overrides {
        Overrides {
            fail_on: self.fail_on.map(FailOn::from),
            context: self.target.context.clone().map(ContextSource::Folder),
            builder: self.target.build.builder(),
            config: self.config.choice(),
            ..Overrides::default()
        }
    }

    /// False if the command line says how the Dockerfiles are built.
    pub(in crate::cli) fn looks_for_entries(&self) -> bool {
        let is_chosen = self.target.entries.entry.is_some();
        !(self.target.entries.no_entries || self.target.says_how() && !is_chosen)
    }
}

//! The words of `dlint rules` and `dlint explain`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use clap_complete::ArgValueCompleter;

use crate::cli::candidates;

use super::ending::ending;
use super::{ColorArg, ConfigArgs, TableFormatArg};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(in crate::cli) struct RulesArgs {
    #[command(subcommand)]
    pub(in crate::cli) command: Option<RulesCommand>,
    /// human or json
    #[arg(long, value_name = "FORMAT", hide_possible_values = true, default_value = "human")]
    pub(in crate::cli) format: TableFormatArg,
    #[command(flatten)]
    pub(in crate::cli) config: ConfigArgs,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum RulesCommand {
    /// Run the examples of your own rules
    Test(RulesTestArgs),
}

#[derive(Debug, Args)]
#[command(after_help = ending(RULES_TEST_EXIT))]
pub(in crate::cli) struct RulesTestArgs {
    /// Rule files, or folders of rule files [default: those named in dlint.toml]
    #[arg(value_name = "PATH")]
    pub(in crate::cli) paths: Vec<PathBuf>,
    /// Update carets and `fixed` blocks in the files to match what is found
    #[arg(long)]
    pub(in crate::cli) update: bool,
    #[command(flatten)]
    pub(in crate::cli) config: ConfigArgs,
    /// When to use colours: auto, always or never
    #[arg(long, value_name = "WHEN", hide_possible_values = true, default_value = "auto")]
    pub(in crate::cli) color: ColorArg,
}

const RULES_TEST_EXIT: &str = "\
Exit codes:
  0  every example holds
  1  some examples fail
  2  a rule file has an error or cannot be read";

#[derive(Debug, Args)]
pub(in crate::cli) struct ExplainArgs {
    /// The name of a rule, or an alias such as DL3008
    #[arg(value_name = "RULE", add = ArgValueCompleter::new(candidates::rules))]
    pub(in crate::cli) rule: String,
    /// Do not use a pager, even if PAGER is set
    #[arg(long)]
    pub(in crate::cli) no_pager: bool,
    /// When to use colours: auto, always or never
    #[arg(long, value_name = "WHEN", hide_possible_values = true, default_value = "auto")]
    pub(in crate::cli) color: ColorArg,
    #[command(flatten)]
    pub(in crate::cli) config: ConfigArgs,
}

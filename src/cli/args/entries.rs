//! The arguments about files that start builds.

use std::path::PathBuf;

use clap::Args;

use super::build::OutputArgs;
use super::ending::ending;
use super::{ConfigArgs, TableFormatArg};

const TARGETS_EXAMPLES: &str = "\
Examples:
  dlint targets                    what Compose, bake, devcontainer and CI files below this folder build
  dlint targets compose.prod.yaml  what this file builds
  dlint --entry web                lint what the service `web` builds, as it builds it
  dlint size --entry web           how large its image will be

Exit codes:
  0  the list was written
  2  a file that was named cannot be read, or its tool would refuse it";

#[derive(Debug, Args)]
#[command(after_help = ending(TARGETS_EXAMPLES))]
pub(in crate::cli) struct TargetsArgs {
    /// Folders to search, or files that start builds [default: .]
    #[arg(value_name = "PATH")]
    pub(in crate::cli) paths: Vec<PathBuf>,
    /// A Compose or bake file, as with the -f of the tools; several are read together
    #[arg(short, long, value_name = "FILE", conflicts_with = "paths")]
    pub(in crate::cli) file: Vec<PathBuf>,
    /// Show the values of arguments that come from .env files or the environment, or that sound secret
    #[arg(long)]
    pub(in crate::cli) show_values: bool,
    /// Let environment variables count, as they do for the tools
    #[arg(long)]
    pub(in crate::cli) env: bool,
    #[command(flatten)]
    pub(in crate::cli) config: ConfigArgs,
    /// human or json
    #[arg(
        long,
        value_name = "FORMAT",
        hide_possible_values = true,
        default_value = "human",
        help_heading = "Output"
    )]
    pub(in crate::cli) format: TableFormatArg,
    #[command(flatten, next_help_heading = "Output")]
    pub(in crate::cli) out: OutputArgs,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct DebugTargetsArgs {
    /// The folder in which the tools are run [default: .]
    #[arg(value_name = "DIR")]
    pub(in crate::cli) path: Option<PathBuf>,
    /// These files and no others, as with the -f of the tools; may be repeated
    #[arg(short, long, value_name = "FILE")]
    pub(in crate::cli) file: Vec<PathBuf>,
    /// Also what the tools build only if they are asked to: other profiles, targets that no group reaches
    #[arg(long)]
    pub(in crate::cli) all: bool,
    /// Let environment variables count, as they do for the tools
    #[arg(long)]
    pub(in crate::cli) env: bool,
    /// json
    #[arg(long, value_name = "FORMAT", hide_possible_values = true, default_value = "json", value_parser = ["json"])]
    pub(in crate::cli) format: String,
}

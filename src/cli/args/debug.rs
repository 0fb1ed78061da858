//! `dlint debug`: how inputs are read.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::DebugTargetsArgs;

#[derive(Debug, Args)]
pub(in crate::cli) struct DebugArgs {
    #[command(subcommand)]
    pub(in crate::cli) what: DebugCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum DebugCommand {
    /// Print the instructions of files with their lines, as JSON lines
    Instructions {
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Print the typed syntax tree of a file
    Ast {
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Print what files of a project build, as JSON: those that the tools find by themselves in a folder, or those of -f
    Targets(DebugTargetsArgs),
    /// Read JSON lines {"patterns": TEXT, "paths": [PATH, …]} and say which paths are ignored
    Ignored,
}

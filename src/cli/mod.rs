//! The command line: one file per subcommand.

mod about;
mod args;
mod base;
mod baseline;
mod book;
mod cache;
mod candidates;
mod color;
mod compare;
mod completions;
mod context;
mod debug;
mod explain;
mod hadolint;
mod images;
mod init;
mod limit;
mod lint;
mod lock;
mod lsp;
mod output;
mod pager;
mod plugin;
mod progress;
mod project;
mod repository;
mod rules;
mod same;
mod side;
mod size;
mod targets;
mod words;

use std::io::{self, Write as _};
use std::process::ExitCode;

#[cfg(feature = "internals")]
use clap::CommandFactory as _;
use clap::Parser;

use crate::report;

use args::{Cli, Command};

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    /// Nothing found.
    Clean,
    /// Findings at or above the threshold.
    Findings,
    /// Usage, configuration or I/O error.
    Failure,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Clean => 0,
            Exit::Findings => 1,
            Exit::Failure => 2,
        })
    }
}

/// The command line as data, for the manual pages.
#[cfg(feature = "internals")]
#[must_use]
pub fn command() -> clap::Command {
    args::for_pages();
    Cli::command()
}

/// Reads the arguments, runs, and gives the exit code.
#[must_use]
pub fn main() -> ExitCode {
    if let Some(exit) = completions::answered() {
        return exit.into();
    }
    let arguments = match plugin::understand(std::env::args_os().collect()) {
        plugin::Call::Run(arguments) => arguments,
        plugin::Call::Answer(line) => {
            let written = writeln!(io::stdout(), "{line}");
            return if written.is_ok() { Exit::Clean } else { Exit::Failure }.into();
        }
    };
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to standard output and are no failure.
            let failed = error.use_stderr();
            let text = error.render().to_string();
            // It repeats what was typed.
            let is_raw = failed && text.chars().any(|c| c.is_control() && c != '\n');
            if is_raw {
                text.lines().for_each(|line| eprintln!("{}", report::sanitize(line)));
            } else {
                let _ = error.print();
            }
            return if failed { Exit::Failure } else { Exit::Clean }.into();
        }
    };
    let result = match cli.command {
        None => lint::run(&cli.lint),
        Some(Command::Rules(args)) => rules::run(&args),
        Some(Command::Explain(args)) => explain::run(&args),
        Some(Command::Context(args)) => context::run(&args),
        Some(Command::Size(args)) => size::run(&args),
        Some(Command::Lock(args)) => lock::run(&args),
        Some(Command::Cache(args)) => cache::run(&args),
        Some(Command::Compare(args)) => compare::run(&args),
        Some(Command::Targets(args)) => targets::run(&args),
        Some(Command::Lsp(args)) => lsp::run(&args),
        Some(Command::Init(args)) => init::run(&args),
        Some(Command::Completions(args)) => completions::run(&args),
        Some(Command::Debug(args)) => debug::run(&args.what),
    };
    match result {
        Ok(exit) => exit.into(),
        // The reader has left, as in `dlint … | head`: it wants no more, and that is no failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Clean.into(),
        Err(error) => output::failed(&error.to_string()).into(),
    }
}

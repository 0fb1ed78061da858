use std::io;

use clap::CommandFactory;

use super::Exit;
use super::args::{Cli, CompletionsArgs};

/// Prints a completion script.
pub(super) fn run(args: &CompletionsArgs) -> io::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "dlint", &mut script);
    io::Write::write_all(&mut io::stdout().lock(), &script)?;
    Ok(Exit::Clean)
}

//! Completion scripts, and the answers that they ask dlint for.

use std::env;
use std::io::{self, Write};

use clap::CommandFactory;
use clap_complete::env::Shells;
use clap_complete::{CompleteEnv, Shell};

use super::args::{Cli, CompletionsArgs};
use super::{Exit, output};

/// What a script sets, to the name of its shell, when it asks.
const ASKED: &str = "_DLINT_COMPLETE";

const BASH: &str = include_str!("dlint.bash");
const ZSH: &str = include_str!("dlint.zsh");

/// Prints a completion script.
pub(super) fn run(args: &CompletionsArgs) -> io::Result<Exit> {
    let mut out = io::stdout().lock();
    match args.shell {
        Shell::Bash => out.write_all(BASH.as_bytes())?,
        Shell::Zsh => out.write_all(ZSH.as_bytes())?,
        shell => {
            let name = shell.to_string();
            let shells = Shells::builtins();
            let Some(shell) = shells.completer(&name) else {
                return Ok(output::failed(&format!("there are no completions for {name}")));
            };
            let mut script = Vec::new();
            shell.write_registration(ASKED, "dlint", "dlint", "dlint", &mut script)?;
            out.write_all(&script)?;
        }
    }
    Ok(Exit::Clean)
}

/// Answers a completion script, if one asks.
pub(super) fn answered() -> Option<Exit> {
    env::var_os(ASKED)?;
    let asked = CompleteEnv::with_factory(Cli::command).var(ASKED).bin("dlint").completer("dlint");
    match asked.try_complete(env::args_os(), env::current_dir().ok().as_deref()) {
        Ok(answered) => answered.then_some(Exit::Clean),
        // A script has nobody to tell.
        Err(_) => Some(Exit::Failure),
    }
}

//! `--tui`: the view in the terminal.

use std::io::{self, IsTerminal};

use crate::screen::{self, View};

use super::super::args::SizeArgs;
use super::super::{Exit, color};

/// Says why nothing can be shown, before anything is read for it.
pub(super) fn ready() -> Result<(), String> {
    match io::stdout().is_terminal() && io::stdin().is_terminal() {
        true => Ok(()),
        false => {
            Err("--tui needs a terminal: leave it out, or write --format html -o FILE for a page".to_owned())
        }
    }
}

/// Shows the view until the user leaves it.
pub(super) fn show(args: &SizeArgs, view: View) -> io::Result<Exit> {
    screen::run(view, color::wanted(args.out.color, &io::stdout()))?;
    Ok(Exit::Clean)
}

//! What a build reads of the history of its repository.

use super::{Cmd, Model};

/// Subcommands of git that need no repository of the build context.
const ELSEWHERE: [&str; 7] = ["clone", "config", "init", "lfs", "ls-remote", "version", "credential"];

impl Model {
    /// The first command of git that works on the repository which the build context brings, and its subcommand.
    #[must_use]
    pub fn history_command(&self) -> Option<(Cmd<'_>, String)> {
        let mut cloned = None;
        for cmd in self.commands_named("git") {
            let Some(subcommand) = subcommand(&cmd) else { continue };
            if matches!(subcommand, "clone" | "init") {
                // What follows in this script reads that repository.
                cloned = Some(cmd.usage.script);
            }
            if cloned != Some(cmd.usage.script) && !ELSEWHERE.contains(&subcommand) {
                return Some((cmd, subcommand.to_string()));
            }
        }
        None
    }
}

/// The subcommand of git, behind the options of git itself: `git -C folder describe`.
fn subcommand<'m>(cmd: &Cmd<'m>) -> Option<&'m str> {
    let mut words = cmd.args().iter();
    while let Some(word) = words.next() {
        match word.as_str()? {
            "-C" | "-c" | "--git-dir" | "--work-tree" | "--namespace" => {
                words.next();
            }
            option if option.starts_with('-') => {}
            name => return Some(name),
        }
    }
    None
}

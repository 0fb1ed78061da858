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
            let Some(subcommand) = cmd.subcommand() else { continue };
            if matches!(&*subcommand, "clone" | "init") {
                // What follows in this script reads that repository.
                cloned = Some(cmd.usage.script);
            }
            if cloned != Some(cmd.usage.script) && !ELSEWHERE.contains(&&*subcommand) {
                return Some((cmd, subcommand.to_string()));
            }
        }
        None
    }
}

//! Whether a command runs, whatever the commands before it find out.

use crate::knowledge::ASKING_PROGRAMS;
use crate::shell::{Command, Connector, Place, Script};

use super::{Cmd, Failing};

/// The most items of a chain that are looked at.
const MAX_ITEMS: usize = 64;

/// And the most commands that lie between two of them.
const MAX_COMMANDS: usize = 256;

/// And the most lists that a command may stand in.
const MAX_DEPTH: usize = 16;

impl Cmd<'_> {
    /// True if the build runs the command in any case, as far as nothing ends it before: not behind `||`, not in a branch,
    /// and not behind a test whose failure the script gets over: `test -f /x && a || true`.
    #[must_use]
    pub fn surely_runs(&self) -> bool {
        match self.failing() {
            Failing::EndsBuild => true,
            Failing::MayNotRun => false,
            Failing::GoesUnseen | Failing::IsHandled => self.hangs_on_nothing(),
        }
    }

    fn hangs_on_nothing(&self) -> bool {
        let script = &self.script().script;
        let mut place = &self.shell().place;
        for _ in 0..MAX_DEPTH {
            if !follows_surely(script, place, self.usage.command) {
                return false;
            }
            match script.lists.get(place.list).and_then(|list| list.place.as_ref()) {
                Some(outer) => place = outer,
                None => return true,
            }
        }
        false
    }
}

/// True if no item of the chain that `place` is in decides whether it runs. `end` is the number of the command.
fn follows_surely(script: &Script, place: &Place, end: usize) -> bool {
    let (mut connector, mut index) = (place.before.connector, place.index);
    for _ in 0..MAX_ITEMS {
        match connector {
            Connector::Or => return false,
            Connector::And | Connector::Pipe | Connector::PipeBoth => {}
            Connector::Start | Connector::Seq | Connector::Background => return true,
        }
        let Some(before) = index.checked_sub(1) else { return true };
        index = before;
        let is_it = |other: &Place| other.list == place.list && other.index == index;
        let commands = script.commands.get(..end).unwrap_or_default();
        let command = commands.iter().rev().take(MAX_COMMANDS).find(|command| is_it(&command.place));
        let behind_and = connector == Connector::And;
        connector = match command {
            Some(command) if behind_and && is_test(command) => return false,
            Some(command) => command.place.before.connector,
            None => {
                let places = script.lists.iter().filter_map(|list| list.place.as_ref());
                match places.take(MAX_COMMANDS).find(|other| is_it(other)) {
                    Some(other) => other.before.connector,
                    None => return false,
                }
            }
        };
    }
    false
}

/// True for a command that asks something, so that it is no fault where it fails.
fn is_test(command: &Command) -> bool {
    let asks = command.program().is_some_and(|program| ASKING_PROGRAMS.contains(&program));
    asks || command.place.negated
}

#[cfg(test)]
mod tests {
    use crate::semantic::Model;
    use crate::syntax::parse;
    use crate::text::Source;

    #[test]
    fn what_a_test_decides_may_not_run() {
        for (script, want) in [
            ("it", true),
            ("a && it", true),
            ("test -e /x && it", true),
            ("a; it", true),
            ("a; it; b", true),
            ("it || true", true),
            ("a && it || true", true),
            ("(a && it) || true", true),
            ("if it; then a; fi", true),
            ("test -e /x && it || true", false),
            ("[ \"$A\" ] && a && it || true", false),
            ("[ -e /x ] && it; a", false),
            ("cat /x | grep -q y && it; a", false),
            ("a || it", false),
            ("[ \"$A\" ] || it", false),
            ("a || b && it || c", false),
            ("([ -e /x ] && (it; b)) || c", false),
            ("while read u; do it; done < /x", false),
            ("case $x in a) it ;; esac", false),
        ] {
            let text = format!("FROM debian:12\nRUN {script}\n");
            let model = Model::new(parse(Source::from_text("Dockerfile", text)));
            let it = model.commands().find(|cmd| cmd.program() == "it").map(|cmd| cmd.surely_runs());
            assert_eq!(it, Some(want), "{script}");
        }
    }
}

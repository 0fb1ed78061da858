//! Which commands install a package.

use crate::text::ShortText;
use std::collections::HashMap;

use crate::knowledge::{Action, ManagerId};

use super::super::{Cmd, CommandId, Model};

/// The commands that install something, by the words of their arguments, in the order of the file.
#[derive(Debug)]
pub(in crate::semantic) struct Installed(HashMap<ShortText, Vec<CommandId>>);

impl Installed {
    fn of(model: &Model) -> Self {
        let mut found: HashMap<ShortText, Vec<CommandId>> = HashMap::new();
        for cmd in model.commands().filter(|c| c.usage.action == Action::Install) {
            for name in cmd.args().iter().filter_map(|w| w.as_str()) {
                let commands = found.entry(name.into()).or_default();
                if commands.last() != Some(&cmd.id()) {
                    commands.push(cmd.id());
                }
            }
        }
        Self(found)
    }
}

impl Model {
    /// The first command of `step` that installs something with `manager` and has the argument `name`.
    #[must_use]
    pub fn installs_named(&self, step: usize, manager: ManagerId, name: &str) -> Option<Cmd<'_>> {
        let installed = self.facts.installed.get_or_init(|| Installed::of(self));
        let commands = installed.0.get(name)?;
        let from = commands.partition_point(|id| self.command(*id).step() < step);
        let own = commands[from..].iter().map(|id| self.command(*id)).take_while(|c| c.step() == step);
        own.into_iter().find(|c| c.usage.manager.is_some_and(|m| m.id == manager))
    }
}

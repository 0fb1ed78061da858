//! The paths that commands delete.

use super::super::{Cmd, CommandId, Model};
use crate::text::Arrange;

/// The paths by the command that deletes them, in the order of the commands.
#[derive(Debug)]
pub(in crate::semantic) struct Removals(Vec<(CommandId, Vec<String>)>);

impl Removals {
    fn of(model: &Model) -> Self {
        let programs = ["rm", "unlink", "find"];
        let commands = programs.iter().flat_map(|program| model.commands_named(program));
        let mut found: Vec<_> = commands.map(|cmd| (cmd.id(), cmd.read_removed_paths())).collect();
        found.retain(|(_, paths)| !paths.is_empty());
        found.arrange_by_key(|(id, _)| *id);
        Self(found)
    }
}

impl<'m> Cmd<'m> {
    /// The paths that it deletes: of `rm`, `unlink` and `find … -delete`. Absolute where the working
    /// directory is known, or relative to `~`; `/var/lib/apt/lists/*` is
    /// `/var/lib/apt/lists/`, while `/var/lib/apt/lists*` stays. Unknown paths are left out.
    #[must_use]
    pub fn removed_paths(&self) -> &'m [String] {
        let removals = self.model.facts.removals.get_or_init(|| Removals::of(self.model));
        let at = removals.0.binary_search_by_key(&self.id(), |(id, _)| *id).ok();
        at.and_then(|at| removals.0.get(at)).map_or(&[], |(_, paths)| paths)
    }
}

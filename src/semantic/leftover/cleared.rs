//! What keeps the cache of a package manager out of a layer besides options and variables of its own.

use crate::knowledge::{Cache, Manager, ManagerId};
use crate::shell::Word;
use crate::text::holds;

use crate::semantic::{Cmd, Setting, covers};

impl Cmd<'_> {
    /// True if a setting, a trap or another folder may keep what it leaves out of the layer.
    pub(super) fn is_kept_clear(&self, manager: &Manager, cache: &Cache) -> bool {
        let says = |word: &str| self.args().iter().any(|w| w.static_prefix().contains(word));
        says("Dir::State")
            || self.args().iter().any(|w| w.is("--help"))
            || self.has_own_home(cache)
            || self.is_configured(manager)
            || self.is_cleaned_around(cache)
    }

    /// True for `HOME=/tmp/x pip install …`, whose cache is below that folder, if the RUN removes that, or if it is not
    /// known.
    fn has_own_home(&self, cache: &Cache) -> bool {
        let sets_home = || self.shell().assignments.iter().any(|a| &*a.name == "HOME");
        if !cache.folders.iter().any(|folder| folder.starts_with('~')) || !sets_home() {
            return false;
        }
        match self.setting("HOME") {
            Some(Setting::To(home)) => {
                let covered = |cmd: Cmd<'_>| cmd.args().iter().any(|w| covers(w.static_prefix(), home));
                self.model.first_behind(self, "rm").any(covered)
            }
            Some(Setting::Unknown) => true,
            None => false,
        }
    }

    /// True if a file that is copied, or a command of its own, may have told the manager not to keep a cache, or to keep it
    /// elsewhere.
    fn is_configured(&self, manager: &Manager) -> bool {
        let text = self.model.file.text();
        match manager.id {
            ManagerId::Pip => {
                let is_file = |path: &str| path.ends_with("pip.conf");
                holds(text, "no-cache-dir true")
                    || holds(text, "global.cache-dir")
                    || holds(text, "pip.conf")
                        && self.model.copies.iter().any(|copy| {
                            copy.step < self.step()
                                && (copy.destination.known().is_some_and(is_file)
                                    || copy.sources.iter().any(|s| s.value.known().is_some_and(is_file)))
                        })
            }
            ManagerId::Npm => {
                holds(text, "npm config set cache") || holds(text, "npm config set --global cache")
            }
            ManagerId::Yarn => holds(text, "yarn config set cache"),
            _ => false,
        }
    }

    /// True if the same RUN empties the folder in another way: by a trap, or by `cd` and `rm`.
    fn is_cleaned_around(&self, cache: &Cache) -> bool {
        let text = self.model.text(self.model.instruction(self.step()).span);
        let has_trap = holds(text, "trap ") && holds(text, "EXIT");
        if !has_trap && !holds(text, "cd ") && !holds(text, "paccache") {
            return false;
        }
        let named =
            |word: &str| cache.folders.iter().any(|folder| word.contains(folder.trim_start_matches('~')));
        self.model.commands_of(self.step()).any(|cmd| {
            let removes_there = || {
                let Some(to) = cmd.args().first().map(|w| w.static_prefix().trim_end_matches('/')) else {
                    return false;
                };
                let is_it = |word: &Word| {
                    let path = format!("{to}/{}", word.static_prefix().trim_start_matches("./"));
                    cache.folders.iter().any(|folder| covers(&path, folder) || path.starts_with(folder))
                };
                self.model.first_behind(&cmd, "rm").any(|rm| {
                    let mut paths = rm.args().iter().filter(|w| !w.static_prefix().starts_with(['/', '-']));
                    paths.any(is_it)
                })
            };
            match cmd.program() {
                "trap" => cmd.args().first().is_some_and(|word| named(self.model.text(word.span))),
                "cd" => cmd.id() > self.id() && removes_there(),
                "paccache" => cmd.id() > self.id(),
                _ => false,
            }
        })
    }
}

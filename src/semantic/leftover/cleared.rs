//! What keeps the cache of a package manager out of a layer besides options and variables of its own.

use crate::knowledge::{Cache, ManagerId};
use crate::shell::Word;
use crate::text::holds;

use super::Leftover;
use crate::semantic::{Cmd, CopyUse, Model, Setting, covers};

impl Cmd<'_> {
    /// True if options or a home of its own keep what it leaves out of the layer.
    pub(super) fn leaves_nothing(&self, cache: &Cache) -> bool {
        self.args().iter().any(|w| w.is("--help")) || self.has_own_home(cache)
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
}

/// The package managers that the file may have told to keep no cache, or to keep it elsewhere.
#[derive(Debug, Default)]
pub(super) struct Configured {
    /// By a command, or a file that a RUN writes.
    pip: bool,
    apt: bool,
    npm: bool,
    yarn: bool,
    /// The first COPY of a `pip.conf`.
    pip_conf: Option<usize>,
}

impl Configured {
    pub(super) fn of(model: &Model) -> Self {
        let text = model.file.text();
        let is_conf = |path: &str| path.ends_with("pip.conf");
        let copied = || {
            let brings = |copy: &&CopyUse| {
                copy.destination.known().is_some_and(is_conf)
                    || copy.sources.iter().any(|source| source.value.known().is_some_and(is_conf))
            };
            model.copies.iter().find(brings).map(|copy| copy.step)
        };
        let says = |words: &[&str]| words.iter().any(|word| holds(text, word));
        let configures = holds(text, " config ");
        Self {
            pip: configures && says(&["no-cache-dir true", "global.cache-dir"])
                || holds(text, "pip.conf") && says(&["no-cache-dir =", "no-cache-dir=", "no_cache_dir"]),
            apt: holds(text, "Dir::State"),
            npm: configures && says(&["npm config set cache", "npm config set --global cache"]),
            yarn: configures && says(&["yarn config set cache"]),
            pip_conf: holds(text, "pip.conf").then(copied).flatten(),
        }
    }

    /// True if that is so for the cache that a RUN leaves.
    pub(super) fn has(&self, leftover: &Leftover) -> bool {
        match leftover.manager.id {
            ManagerId::Pip => self.pip || self.pip_conf.is_some_and(|step| step < leftover.step),
            ManagerId::Npm => self.npm,
            ManagerId::Apt => self.apt,
            ManagerId::Yarn => self.yarn,
            _ => false,
        }
    }
}

impl Model {
    /// True if the same RUN empties the folder in another way: by a trap, or by `cd` and `rm`.
    pub(super) fn is_cleaned_around(&self, leftover: &Leftover) -> bool {
        let text = self.text(self.instruction(leftover.step).span);
        let cache = leftover.cache;
        let has_trap = holds(text, "trap ") && holds(text, "EXIT");
        if !has_trap && !holds(text, "cd ") && !holds(text, "pushd ") && !holds(text, "paccache") {
            return false;
        }
        let named =
            |word: &str| cache.folders.iter().any(|folder| word.contains(folder.trim_start_matches('~')));
        let last = leftover.commands.last();
        let is_behind = |cmd: &Cmd<'_>| last.is_none_or(|last| cmd.id() > *last);
        self.commands_of(leftover.step).any(|cmd| {
            let removes_there = || {
                let Some(to) = cmd.args().first().map(|w| w.static_prefix().trim_end_matches('/')) else {
                    return false;
                };
                let is_it = |word: &Word| {
                    let path = format!("{to}/{}", word.static_prefix().trim_start_matches("./"));
                    cache.folders.iter().any(|folder| covers(&path, folder) || path.starts_with(folder))
                };
                self.first_behind(&cmd, "rm").any(|rm| {
                    let mut paths = rm.args().iter().filter(|w| !w.static_prefix().starts_with(['/', '-']));
                    paths.any(is_it)
                })
            };
            match cmd.program() {
                "trap" => cmd.args().first().is_some_and(|word| named(self.text(word.span))),
                "cd" | "pushd" => is_behind(&cmd) && removes_there(),
                "paccache" => is_behind(&cmd),
                _ => false,
            }
        })
    }
}

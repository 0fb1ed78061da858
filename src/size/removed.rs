//! Packages of apt that a RUN installs and removes again.

use std::collections::HashSet;

use crate::knowledge::{Action, ManagerId, PackageId, PackageIndex};
use crate::semantic::{Cmd, ScriptKind};

use super::apt::{Installed, PackageSet, install};

/// What the commands of a step that stand after an install remove.
#[derive(Debug, Default, Clone)]
pub(super) struct Removal {
    names: HashSet<String>,
    /// Packages that nobody asked for by name any more: they go if nothing needs them.
    automatic: HashSet<String>,
    /// What nothing needs is removed as well.
    all_unneeded: bool,
    /// True if the words do not say what stays.
    pub(super) keeps_unknown: bool,
}

/// The removals of one step, the last first.
#[derive(Debug, Default)]
pub(super) struct Removals {
    step: Option<usize>,
    /// Each with its command, and all that it and those after it remove.
    found: Vec<(usize, Removal)>,
}

impl Removals {
    /// What is removed in the same step after `cmd`.
    pub(super) fn after(&mut self, cmd: &Cmd<'_>) -> Option<&Removal> {
        if self.step != Some(cmd.step()) {
            self.step = Some(cmd.step());
            self.found.clear();
            let commands: Vec<Cmd<'_>> = cmd.model.commands_of(cmd.step()).collect();
            let mut all = Removal::default();
            for cmd in commands.iter().rev() {
                if all.add(cmd) {
                    self.found.push((cmd.usage.command, all.clone()));
                }
            }
        }
        // The earliest after it has all that follows.
        self.found.iter().rev().find(|(command, _)| *command > cmd.usage.command).map(|(_, removal)| removal)
    }
}

impl Removal {
    /// Adds what a command removes; false if it removes nothing.
    fn add(&mut self, cmd: &Cmd<'_>) -> bool {
        if cmd.script().kind != ScriptKind::Run || cmd.is_dry_run() {
            return false;
        }
        if cmd.program() == "apt-mark" {
            return self.mark(cmd);
        }
        if !cmd.is(ManagerId::Apt, Action::Remove) {
            return false;
        }
        let is_auto = cmd.is_subcommand("autoremove") || cmd.is_subcommand("autopurge");
        self.all_unneeded |= is_auto || cmd.has_any_flag(&["--auto-remove", "--autoremove"]);
        // A branch may not be taken, and xargs says what goes while the build runs.
        self.keeps_unknown |= !cmd.surely_runs() || !is_auto && cmd.operands().is_empty();
        for word in cmd.operands() {
            self.keeps_unknown |= !names(cmd, word, &mut self.names);
        }
        true
    }

    fn mark(&mut self, cmd: &Cmd<'_>) -> bool {
        let mut words = cmd.args().iter().filter(|w| !w.static_prefix().starts_with('-'));
        let Some(what) = words.next().and_then(|w| w.as_str()) else { return false };
        match what {
            // It matters only if something removes what is not needed.
            "auto" if self.all_unneeded => {
                for word in words {
                    self.keeps_unknown |= !names(cmd, word, &mut self.automatic);
                }
                true
            }
            // What is found out while the build runs stays.
            "manual" if self.all_unneeded => {
                self.keeps_unknown = true;
                true
            }
            _ => false,
        }
    }

    /// What stays of an install of `asked`.
    pub(super) fn leave(
        &self,
        table: &PackageIndex,
        installed: Installed,
        asked: &[String],
        before: &PackageSet,
        recommends: bool,
    ) -> Installed {
        if self.keeps_unknown {
            return Installed { unknown: installed.unknown, ..Installed::default() };
        }
        let stays = |name: &&String| !self.names.contains(*name) && !self.automatic.contains(*name);
        if self.all_unneeded {
            let roots = asked.iter().filter(stays).map(String::as_str);
            let left = install(table, roots, before.clone(), recommends);
            // What it needs was installed with it, in the order of the install.
            return Installed { unknown: left.unknown.clone(), ..left };
        }
        let mut gone: HashSet<PackageId> = self.names.iter().filter_map(|name| table.find(name)).collect();
        // What needs a package that is removed goes with it.
        loop {
            let there = |id: PackageId| {
                before.contains(id)
                    || installed.packages.contains(&id) && !gone.contains(&id)
                    || table.size(id) == Some(0)
            };
            let lacks = |id: &&PackageId| {
                !gone.contains(*id)
                    && table.depends(**id).any(|group| {
                        let met = |id: PackageId| there(id) || table.providers(id).any(there);
                        // What was not met by the install is met by something that the table does not know.
                        group.iter().any(|id| gone.contains(&id)) && !group.iter().any(met)
                    })
            };
            let more: Vec<PackageId> = installed.packages.iter().filter(lacks).copied().collect();
            if more.is_empty() {
                break;
            }
            gone.extend(more);
        }
        let kept = |at: &usize| !gone.contains(&installed.packages[*at]);
        let kept: Vec<usize> = (0..installed.packages.len()).filter(kept).collect();
        let shares: Vec<(usize, u64)> = kept.iter().map(|at| installed.shares[*at]).collect();
        Installed {
            packages: kept.iter().map(|at| installed.packages[*at]).collect(),
            bytes: shares.iter().map(|(_, bytes)| bytes).sum(),
            shares,
            unknown: installed.unknown,
        }
    }
}

/// Adds the names in a word; false if it does not say which they are.
fn names(cmd: &Cmd<'_>, word: &crate::shell::Word, into: &mut HashSet<String>) -> bool {
    let Some(text) = cmd.text_of(word) else { return false };
    if text.contains(['*', '?', '[', '^']) {
        return false;
    }
    into.extend(
        text.split_ascii_whitespace().map(|name| name.split([':', '=']).next().unwrap_or(name).to_owned()),
    );
    true
}

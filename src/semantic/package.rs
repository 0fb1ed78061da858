//! Package managers: `rules/data/package_managers.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::shell::Word;

use super::pin::Pins;

/// What a package manager's subcommand does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Installs packages.
    Install,
    /// Fetches the lists of packages.
    Update,
    /// Upgrades what is installed.
    Upgrade,
    /// Removes packages.
    Remove,
    /// Empties caches.
    Clean,
    /// Something else.
    Other,
}

/// One package manager.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manager {
    /// Its name.
    pub name: String,
    /// The programs that it goes by.
    pub commands: Vec<String>,
    /// Subcommands that install.
    #[serde(default)]
    pub install: Vec<String>,
    /// Subcommands that fetch lists.
    #[serde(default)]
    pub update: Vec<String>,
    /// True if it installs by lists of any age; others fetch old ones anew.
    #[serde(default)]
    pub stale_lists: bool,
    /// Subcommands that upgrade.
    #[serde(default)]
    pub upgrade: Vec<String>,
    /// Those of them that go over to a new release of the distribution, and remove packages for it.
    #[serde(default)]
    pub release_upgrade: Vec<String>,
    /// Subcommands that remove.
    #[serde(default)]
    pub remove: Vec<String>,
    /// Subcommands that empty caches.
    #[serde(default)]
    pub clean: Vec<String>,
    /// Options that take the next word as their value.
    #[serde(default)]
    pub values: Vec<String>,
    /// Options that answer every question with yes; short ones may be clustered.
    #[serde(default)]
    pub yes: Vec<String>,
    /// The short option to add where a yes option is missing.
    pub yes_option: Option<String>,
    /// Environment variables that answer every question with yes.
    #[serde(default)]
    pub yes_env: Vec<String>,
    /// Its configuration: files, or folders of such.
    #[serde(default)]
    pub config: Vec<String>,
    /// The key of the configuration that answers every question with yes.
    pub yes_config: Option<String>,
    /// Options that leave out recommended packages.
    #[serde(default)]
    pub no_recommends: Vec<String>,
    /// The option to add in order to leave out recommended packages.
    pub no_recommends_option: Option<String>,
    /// The key of the configuration that says whether recommended packages are installed.
    pub no_recommends_config: Option<String>,
    /// Options that keep no cache.
    #[serde(default)]
    pub no_cache: Vec<String>,
    /// Environment variables that keep no cache.
    #[serde(default)]
    pub no_cache_env: Vec<String>,
    /// Folders that hold lists or downloads afterwards.
    #[serde(default)]
    pub caches: Vec<String>,
    /// How packages are given a version.
    pub pins: Option<Pins>,
    /// What other tools call findings on it.
    #[serde(default)]
    pub ids: Ids,
    /// True if it installs packages of the operating system.
    #[serde(default)]
    pub system: bool,
    /// The files that it reads the wanted packages from.
    #[serde(default)]
    pub manifests: Vec<String>,
    /// The files that fix their versions.
    #[serde(default)]
    pub locks: Vec<String>,
    /// Files and folders beside them that an install reads as well: settings, wrappers, workspaces.
    #[serde(default)]
    pub beside: Vec<String>,
    /// Commands that install what the manifests name, without operands.
    #[serde(default)]
    pub install_from_manifest: Vec<String>,
    /// What stays on disk after it has run.
    pub cache: Option<Cache>,
}

/// What other tools, hadolint before all, call findings on a package manager: `hadolint:DL3014`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ids {
    /// A package without a version.
    pub pin: Option<String>,
    /// No answer to its questions.
    pub yes: Option<String>,
    /// What it leaves on disk.
    pub cache: Option<String>,
    /// An upgrade of all packages.
    pub upgrade: Option<String>,
    /// One to another release.
    pub release_upgrade: Option<String>,
}

/// What a package manager leaves on disk.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cache {
    /// What it is: "package lists".
    pub what: String,
    /// The folders it is in; any of them may be used. `~` is the home of whoever runs it.
    pub folders: Vec<String>,
    /// What the manager does when it writes it.
    pub filled_by: Vec<Action>,
    /// Options with which installing writes it too.
    #[serde(default)]
    pub filled_with: Vec<String>,
    /// Options with which it writes nothing there.
    #[serde(default)]
    pub unless: Vec<String>,
    /// Environment variables that move it to another folder.
    #[serde(default)]
    pub elsewhere: Vec<String>,
    /// The key of the configuration that keeps none.
    pub off_config: Option<String>,
    /// The command that removes it.
    pub remove: String,
    /// Subcommands that remove it; empty if all of [`Manager::clean`] do.
    #[serde(default)]
    pub cleaned_by: Vec<String>,
    /// False if the command may remove more than that, or what is needed.
    #[serde(default = "yes")]
    pub remove_is_safe: bool,
    /// True if only one build at a time may use it.
    #[serde(default)]
    pub locked: bool,
    /// The managers that clean it as well.
    #[serde(default)]
    pub shared_with: Vec<String>,
}

const fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    manager: Vec<Manager>,
}

static MANAGERS: LazyLock<Vec<Manager>> = LazyLock::new(|| {
    // The table is part of the program, and a test reads it.
    toml::from_str::<Table>(include_str!("../../rules/data/package_managers.toml"))
        .map(|t| t.manager)
        .unwrap_or_default()
});

/// All managers.
#[must_use]
pub fn managers() -> &'static [Manager] {
    &MANAGERS
}

/// The manager that `program` is.
#[must_use]
pub fn manager(program: &str) -> Option<&'static Manager> {
    MANAGERS.iter().find(|m| m.commands.iter().any(|c| c == program))
}

impl Manager {
    /// Finds the subcommand among the words behind the program: its action, its first word and how
    /// many words it has.
    pub(super) fn subcommand(&self, args: &[Word]) -> Option<(Action, usize, usize)> {
        if self.install.first().is_some_and(|i| i.starts_with('-')) {
            return self.operation(args);
        }
        let first = self.operands(args).next()?;
        let name = args[first].as_str()?;
        let pair = args.get(first + 1).and_then(Word::as_str);
        for (list, action) in [
            (&self.install, Action::Install),
            (&self.update, Action::Update),
            (&self.upgrade, Action::Upgrade),
            (&self.remove, Action::Remove),
            (&self.clean, Action::Clean),
        ] {
            for entry in list {
                match entry.split_once(' ') {
                    None if entry == name => return Some((action, first, 1)),
                    Some((a, b)) if a == name && pair == Some(b) => return Some((action, first, 2)),
                    _ => {}
                }
            }
        }
        Some((Action::Other, first, 1))
    }

    /// The same where operations are options, as `-Syu` of pacman: `-S` with `c` empties caches, with
    /// `g`, `i`, `l`, `p` or `s` it only shows something, with `y` alone it fetches lists.
    fn operation(&self, args: &[Word]) -> Option<(Action, usize, usize)> {
        let is = |list: &[String], word: &str| list.iter().any(|o| word.starts_with(o.as_str()));
        let at = args
            .iter()
            .position(|w| is(&self.install, w.static_prefix()) || is(&self.remove, w.static_prefix()))?;
        let word = args[at].as_str()?;
        let named = self.operands(args).next().is_some();
        let action = match () {
            () if is(&self.remove, word) => Action::Remove,
            () if word.contains('c') => Action::Clean,
            () if word.contains(['g', 'i', 'l', 'p', 's']) => Action::Other,
            () if named => Action::Install,
            () if word.contains('u') => Action::Upgrade,
            () if word.contains('y') => Action::Update,
            () => Action::Install,
        };
        Some((action, at, 1))
    }

    /// True if it installs without a subcommand, and `args` have none and ask for nothing else.
    pub(super) fn installs_alone(&self, args: &[Word]) -> bool {
        self.install_from_manifest.iter().any(String::is_empty)
            && self.operands(args).next().is_none()
            && !args.iter().any(|w| ["-v", "--version", "-h", "--help"].iter().any(|o| w.is(o)))
    }

    /// The words that are neither options nor values of options, by index.
    pub(super) fn operands<'a>(&'a self, args: &'a [Word]) -> impl Iterator<Item = usize> + 'a {
        let mut skip = false;
        let mut only_operands = false;
        args.iter().enumerate().filter_map(move |(i, word)| {
            if std::mem::take(&mut skip) {
                return None;
            }
            let prefix = word.static_prefix();
            if !only_operands && prefix.starts_with('-') && prefix.len() > 1 {
                only_operands = word.is("--");
                skip = word.as_str().is_some_and(|w| self.values.iter().any(|v| v == w));
                return None;
            }
            Some(i)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_well_formed() {
        let table: Table = toml::from_str(include_str!("../../rules/data/package_managers.toml")).unwrap();
        for manager in &table.manager {
            assert!(!manager.commands.is_empty(), "{}", manager.name);
            assert!(manager.yes.is_empty() == manager.yes_option.is_none(), "{}", manager.name);
            let cache = manager.cache.iter();
            assert!(cache.flat_map(|c| &c.folders).all(|f| f.starts_with(['/', '~'])), "{}", manager.name);
        }
    }
}

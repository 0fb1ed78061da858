//! Package managers: `rules/data/package_managers.toml`.

use std::sync::LazyLock;

use super::by_name::ByName;
use table::MANAGERS;
pub use table::ManagerId;

mod table {
    use super::{Action, Cache, Ids, Manager, Pins, Style};

    include!(concat!(env!("OUT_DIR"), "/package_managers.rs"));
}

impl ManagerId {
    /// True for npm, Yarn and pnpm, which install for Node.js.
    #[must_use]
    pub const fn is_node(self) -> bool {
        matches!(self, Self::Npm | Self::Yarn | Self::Pnpm)
    }

    /// Those that fill `node_modules`: these, and Bun.
    pub const OF_NODE_MODULES: &[Self] = &[Self::Npm, Self::Yarn, Self::Pnpm, Self::Bun];
}

/// What a package manager's subcommand does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
#[derive(Debug)]
pub struct Manager {
    /// Its name.
    pub id: ManagerId,
    /// The programs that it goes by.
    pub commands: &'static [&'static str],
    /// Subcommands that install.
    pub install: &'static [&'static str],
    /// Subcommands that fetch lists.
    pub update: &'static [&'static str],
    /// True if it installs by lists of any age; others fetch old ones anew.
    pub stale_lists: bool,
    /// Subcommands that upgrade.
    pub upgrade: &'static [&'static str],
    /// Those of them that go over to a new release of the distribution, and remove packages for it.
    pub release_upgrade: &'static [&'static str],
    /// Subcommands that remove.
    pub remove: &'static [&'static str],
    /// Subcommands that empty caches.
    pub clean: &'static [&'static str],
    /// Options that take the next word as their value.
    pub values: &'static [&'static str],
    /// Options without a value, where that list and [`Manager::values`] have all there are; else empty.
    pub flags: &'static [&'static str],
    /// Options with which nothing is done.
    pub dry_run: &'static [&'static str],
    /// Options that answer every question with yes; short ones may be clustered.
    pub yes: &'static [&'static str],
    /// The short option to add where a yes option is missing.
    pub yes_option: Option<&'static str>,
    /// Environment variables that answer every question with yes.
    pub yes_env: &'static [&'static str],
    /// Its configuration: files, or folders of such.
    pub config: &'static [&'static str],
    /// The key of the configuration that answers every question with yes.
    pub yes_config: Option<&'static str>,
    /// Options that leave out recommended packages.
    pub no_recommends: &'static [&'static str],
    /// The option to add in order to leave out recommended packages.
    pub no_recommends_option: Option<&'static str>,
    /// The key of the configuration that says whether recommended packages are installed.
    pub no_recommends_config: Option<&'static str>,
    /// Options that keep no cache.
    pub no_cache: &'static [&'static str],
    /// Environment variables that keep no cache.
    pub no_cache_env: &'static [&'static str],
    /// Folders that hold lists or downloads afterwards.
    pub caches: &'static [&'static str],
    /// How packages are given a version.
    pub pins: Option<Pins>,
    /// What other tools call findings on it.
    pub ids: Ids,
    /// True if it installs packages of the operating system.
    pub system: bool,
    /// The files that it reads the wanted packages from.
    pub manifests: &'static [&'static str],
    /// The files that fix their versions.
    pub locks: &'static [&'static str],
    /// Files and folders beside them that an install reads as well: settings, wrappers, workspaces.
    pub beside: &'static [&'static str],
    /// Commands that install what the manifests name, without operands.
    pub install_from_manifest: &'static [&'static str],
    /// What stays on disk after it has run.
    pub cache: Option<Cache>,
    /// What stays beside it once an image does not tell it to remove that.
    pub downloads: Option<Cache>,
}

/// What other tools, hadolint before all, call findings on a package manager: `hadolint:DL3014`.
#[derive(Debug)]
pub struct Ids {
    /// A package without a version.
    pub pin: Option<&'static str>,
    /// No answer to its questions.
    pub yes: Option<&'static str>,
    /// What it leaves on disk.
    pub cache: Option<&'static str>,
    /// An upgrade of all packages.
    pub upgrade: Option<&'static str>,
    /// One to another release.
    pub release_upgrade: Option<&'static str>,
}

/// What a package manager leaves on disk.
#[derive(Debug)]
pub struct Cache {
    /// What it is: "package lists".
    pub what: &'static str,
    /// The folders it is in; any of them may be used. `~` is the home of whoever runs it.
    pub folders: &'static [&'static str],
    /// What the manager does when it writes it.
    pub filled_by: &'static [Action],
    /// Options with which installing writes it too.
    pub filled_with: &'static [&'static str],
    /// The folders in them that hold all of it: `_cacache`.
    pub holds: &'static [&'static str],
    /// Options with which it writes nothing there.
    pub unless: &'static [&'static str],
    /// Environment variables that move it to another folder, and what they put below that: `XDG_CACHE_HOME/pip`.
    pub elsewhere: &'static [&'static str],
    /// The command that removes it.
    pub remove: &'static str,
    /// Subcommands that remove it; empty if all of [`Manager::clean`] do.
    pub cleaned_by: &'static [&'static str],
    /// False if the command may remove more than that, or what is needed.
    pub remove_is_safe: bool,
    /// True if only one build at a time may use it.
    pub locked: bool,
    /// The managers that clean it as well.
    pub shared_with: &'static [ManagerId],
}

impl Ids {
    const NONE: Self = Self { pin: None, yes: None, cache: None, upgrade: None, release_upgrade: None };
}

/// How a package manager is told the versions of packages.
#[derive(Debug)]
pub struct Pins {
    /// How its packages are written.
    pub style: Style,
    /// The subcommands whose operands are packages.
    pub commands: &'static [&'static str],
    /// What in a word shows that it has a version, or bounds for one.
    pub marks: &'static [&'static str],
    /// Endings of package files, which are what they are.
    pub files: &'static [&'static str],
    /// Beginnings of words that stand for no package: `.build-deps` of apk.
    pub prefixes: &'static [&'static str],
    /// The same for endings: `curl-` of apt removes it.
    pub suffixes: &'static [&'static str],
    /// Options that say where versions come from.
    pub options: &'static [&'static str],
    /// Environment variables that do.
    pub env: &'static [&'static str],
    /// How a version is written, with `{}` for the package.
    pub write: &'static str,
}

/// How packages are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `curl=8.5.0`: marks in a word say it all, and a path is a path.
    Marked,
    /// `curl-8.5.0-1.el9.x86_64`
    Rpm,
    /// `flask==3.0`, `flask[async]~=3.0`, `git+https://example.com/flask@3.0`
    Python,
    /// `@scope/name@1.2`, `github:user/name#v1`
    Node,
    /// `example.com/tool@v1.2`
    Go,
    /// `vendor/name:^1.2`, `vendor/name 1.2`
    Composer,
}

/// All managers.
#[must_use]
pub const fn managers() -> &'static [Manager] {
    MANAGERS
}

/// The manager that `program` is.
#[must_use]
pub fn manager(program: &str) -> Option<&'static Manager> {
    BY_COMMAND.get(program).copied()
}

static BY_COMMAND: LazyLock<ByName<&'static Manager>> = LazyLock::new(|| {
    let commands = |manager: &'static Manager| manager.commands.iter().map(move |name| (*name, manager));
    ByName::new(MANAGERS.iter().flat_map(commands))
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sound() {
        for manager in MANAGERS {
            assert!(!manager.commands.is_empty(), "{}", manager.id.name());
            assert!(manager.yes.is_empty() == manager.yes_option.is_none(), "{}", manager.id.name());
            let cache = manager.cache.iter();
            let mut folders = cache.flat_map(|c| c.folders);
            assert!(folders.all(|f| f.starts_with(['/', '~'])), "{}", manager.id.name());
        }
        assert_eq!(manager("apt-get").map(|m| m.id), Some(ManagerId::Apt));
        assert!(manager("no-such-program").is_none());
    }
}

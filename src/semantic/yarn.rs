//! Which Yarn an install runs, and where it puts packages.

use crate::knowledge::ManagerId;

use super::{Analysis, Cmd};

/// What is known of the Yarn of an install.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Yarn {
    /// The first one, or any as far as one can see.
    Classic,
    /// A later one, which puts packages into `node_modules` as the project tells it to.
    Modules,
    /// Any: corepack installs what a `package.json` says that nobody has seen.
    Unknown,
    /// A later one whose programs read the packages out of its cache, as it does by itself.
    PlugAndPlay,
}

/// Options that the first Yarn does not have.
const LATER_OPTIONS: [&str; 4] = ["--immutable", "--immutable-cache", "--check-cache", "--inline-builds"];

impl Analysis {
    /// What is known of the Yarn that `cmd` runs.
    #[must_use]
    pub fn yarn_of(&self, cmd: &Cmd<'_>) -> Yarn {
        if cmd.usage.manager.is_none_or(|manager| manager.id != ManagerId::Yarn) {
            return Yarn::Classic;
        }
        let text = |name: &str| self.text_of(&self.file_beside(cmd, name)?);
        let settings = text(".yarnrc.yml");
        if settings.is_some_and(links_modules) {
            return Yarn::Modules;
        }
        let is_later = settings.is_some()
            || text("package.json").is_some_and(names_later)
            || cmd.has_any_flag(&LATER_OPTIONS)
            || cmd.is_subcommand("workspaces focus")
            || self.copies_settings()
            || self.installs_later();
        let by_corepack = || self.commands_named("corepack").next().is_some();
        match is_later {
            true => Yarn::PlugAndPlay,
            false if text("package.json").is_none() && by_corepack() => Yarn::Unknown,
            false => Yarn::Classic,
        }
    }

    /// True if a COPY names what only later ones read.
    fn copies_settings(&self) -> bool {
        let is_later = |path: &str| {
            let path = path.trim_end_matches('/');
            path.ends_with(".yarnrc.yml")
                || path.ends_with(".pnp.cjs")
                || path.ends_with(".yarn")
                || path.contains(".yarn/releases")
        };
        self.copies.iter().flat_map(|copy| &copy.sources).any(|s| s.value.known().is_some_and(is_later))
    }

    /// True if a command installs a later one: `corepack prepare yarn@4`, `yarn set version stable`.
    fn installs_later(&self) -> bool {
        let is_old = |version: &str| version.starts_with('1') || version == "classic";
        let names = |cmd: &Cmd<'_>| {
            cmd.args()
                .iter()
                .any(|w| w.static_prefix().strip_prefix("yarn@").is_some_and(|version| !is_old(version)))
        };
        let sets = |cmd: &Cmd<'_>| {
            let mut words = cmd.args().iter().map(|w| w.static_prefix());
            words.next() == Some("set")
                && words.next() == Some("version")
                && !words.next().is_some_and(is_old)
        };
        self.commands_named("corepack").any(|cmd| names(&cmd))
            || self.commands_named("yarn").any(|cmd| sets(&cmd))
    }
}

/// True for settings by which packages are files below `node_modules`.
fn links_modules(settings: &str) -> bool {
    settings.lines().any(|line| {
        line.strip_prefix("nodeLinker:").is_some_and(|value| {
            matches!(
                value.split('#').next().unwrap_or("").trim().trim_matches(['"', '\'']),
                "node-modules" | "pnpm"
            )
        })
    })
}

/// True for a `package.json` that says to use Yarn 2 or later.
fn names_later(manifest: &str) -> bool {
    let json: Option<serde_json::Value> = serde_json::from_str(manifest).ok();
    let manager = json.as_ref().and_then(|json| json.get("packageManager")?.as_str());
    manager.and_then(|manager| manager.strip_prefix("yarn@")).is_some_and(|v| !v.starts_with("1."))
}

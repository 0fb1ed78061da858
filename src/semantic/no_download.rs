//! Installs that fetch nothing, since all that they install is there already.

use crate::knowledge::{Action, ManagerId};
use crate::shell::Word;

use super::{Cmd, ScriptKind};

/// How many earlier commands are looked through for the same install.
const MAX_EARLIER: usize = 50;

/// Options that leave the project itself for a second run.
const WITHOUT_PROJECT: [&str; 5] =
    ["--no-root", "--no-directory", "--no-scripts", "--no-autoloader", "--no-plugins"];

/// Options that change how an install shows or compiles things, not which packages it needs.
const INCIDENTAL: [&str; 17] = [
    "--no-interaction",
    "-n",
    "--no-ansi",
    "--ansi",
    "--no-progress",
    "--quiet",
    "-q",
    "-v",
    "-vv",
    "-vvv",
    "--verbose",
    "--compile",
    "--optimize-autoloader",
    "-o",
    "--classmap-authoritative",
    "-a",
    "--prefer-dist",
];

impl Cmd<'_> {
    /// True for an install that surely fetches nothing.
    #[must_use]
    pub(super) fn downloads_nothing(&self) -> bool {
        match self.usage.manager.map(|m| m.id) {
            Some(ManagerId::Pip) => self.installs_local_wheels(),
            Some(ManagerId::Poetry) if self.has_flag("--only-root") => true,
            Some(ManagerId::Poetry | ManagerId::Composer) => self.completes_an_install(),
            _ => false,
        }
    }

    /// `pip install --no-deps /wheels/*.whl`, all wheels that `pip wheel` has made, and with `--no-index` whatever lies in local folders. pip keeps what it
    /// fetches, and what it builds of what it has fetched.
    fn installs_local_wheels(&self) -> bool {
        if self.usage.action != Action::Install {
            return false;
        }
        let remote =
            |w: &Word| w.static_prefix().contains("://") || w.as_str().is_none_or(|t| t.contains("://"));
        if self.has_flag("--no-index") {
            return !self.args().iter().any(remote);
        }
        let operands = self.operands();
        let is_wheel = |w: &&Word| {
            let text = self.model.text(w.span).trim_end_matches(['"', '\'']);
            !text.contains("://") && !w.static_prefix().is_empty() && text.ends_with(".whl")
        };
        let is_folder_of_wheels =
            |w: &&Word| w.has_glob() && (is_wheel(w) || w.static_prefix().ends_with("/*"));
        let lists = ["-r", "--requirement", "-e", "--editable", "--group"];
        let named = self.args().iter().any(|w| lists.iter().any(|list| w.static_prefix().starts_with(list)));
        !named
            && !operands.is_empty()
            && (operands.iter().all(is_wheel) && self.has_flag("--no-deps")
                || operands.iter().all(is_folder_of_wheels) && self.wheels_are_whole())
    }

    /// True if a build makes wheels of all that something needs: `pip wheel -w /wheels -r requirements.txt`.
    fn wheels_are_whole(&self) -> bool {
        let mut makers = self.model.commands_named("pip").take(MAX_EARLIER);
        makers.any(|c| c.is_subcommand("wheel") && !c.has_flag("--no-deps"))
    }

    /// True for `poetry install` where the same install ran before in the same folder, perhaps with `--no-root`: at
    /// most the project itself is left to install. The same with Composer's `--no-autoloader`.
    fn completes_an_install(&self) -> bool {
        let Some(stage) = self.stage() else { return false };
        let is_plain = |c: &Cmd<'_>| c.is_subcommand("install") && c.operands().is_empty();
        if !is_plain(self) {
            return false;
        }
        let here = self.model.workdir(self.step());
        let own = |c: &Cmd<'_>| self.model.inherits_step(stage, c.step());
        let earlier = self.model.commands_named(self.program()).take_while(|c| c.id() < self.id());
        earlier.take(MAX_EARLIER).any(|c| {
            let within = c.shell().place.within;
            c.script().kind == ScriptKind::Run
                && is_plain(&c)
                && !within.branch
                && own(&c)
                && self.model.workdir(c.step()) == here
                && !c.script().changes_folder
                && !self.script().changes_folder
                && c.choice() == self.choice()
        })
    }

    /// The words that choose which packages are installed, in their order.
    fn choice(&self) -> Vec<&str> {
        let text = |w: &Word| self.model.text(w.span);
        let counts = |word: &&str| !WITHOUT_PROJECT.contains(word) && !INCIDENTAL.contains(word);
        self.args().iter().map(text).filter(counts).collect()
    }
}

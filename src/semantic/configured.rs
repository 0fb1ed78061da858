//! What files of configuration may tell package managers.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::{Cmd, Model};
use crate::knowledge::{Action, Manager};

/// What an instruction names that writes the configuration of a package manager.
const CONFIGURES: [&str; 6] = ["/etc/", "apt.conf", "yum.conf", "config-manager", "conda config", "condarc"];

/// The steps whose text holds a key of a configuration and writes one, by key.
#[derive(Debug, Default)]
pub struct ConfigKeys(RefCell<HashMap<String, Rc<[usize]>>>);

impl ConfigKeys {
    fn steps(&self, model: &Model, key: &str) -> Rc<[usize]> {
        if let Some(steps) = self.0.borrow().get(key) {
            return Rc::clone(steps);
        }
        let text = model.file.text();
        let named = text.contains(key);
        let writes = |text: &str| text.contains(key) && CONFIGURES.iter().any(|c| text.contains(c));
        let instructions = model.instructions().filter(|(_, i)| named && writes(i.span.text(text)));
        let steps: Rc<[usize]> = instructions.map(|(step, _)| step).collect();
        self.0.borrow_mut().insert(key.to_owned(), Rc::clone(&steps));
        steps
    }

    /// True if an earlier instruction, or the same, may set `key` in the manager's configuration: it names
    /// the key, or copies a file there.
    #[must_use]
    pub fn may_set(&self, cmd: &Cmd<'_>, manager: &Manager, key: &str) -> bool {
        let Some(stage) = cmd.stage() else { return false };
        let model = cmd.model;
        let before = |step: usize| step <= cmd.step() && model.inherits_step(stage, step);
        let copied = |path: &str| manager.config.iter().any(|f| path.starts_with(f));
        self.steps(model, key).iter().any(|step| before(*step))
            || model
                .copies
                .iter()
                .any(|c| !c.mount && c.destination.known().is_some_and(copied) && before(c.step))
    }
}

impl Cmd<'_> {
    /// True if it installs packages together with those that they recommend.
    #[must_use]
    pub fn takes_recommended(&self, keys: &ConfigKeys) -> bool {
        let Some(manager) = self.usage.manager.filter(|m| m.no_recommends_option.is_some()) else {
            return false;
        };
        let key = manager.no_recommends_config;
        self.usage.action == Action::Install
            && !self.is_subcommand("build-dep")
            && !self.has_any_flag(manager.no_recommends)
            && !self.is_dry_run()
            && !self.args().iter().any(|w| self.may_be_options(w))
            && !key.is_some_and(|k| self.args().iter().any(|w| w.static_prefix().contains(k)))
            && !key.is_some_and(|k| keys.may_set(self, manager, k))
    }
}

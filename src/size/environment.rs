//! The Python packages that an environment has, with what is known of their versions and byte code.

use std::collections::{HashMap, HashSet};

use crate::knowledge::wheel;
use crate::semantic::{Cmd, Requirement};

use super::pip::InstalledWheels;

/// Options with which what is there counts for nothing.
const ANEW: [&str; 4] = ["--force-reinstall", "--ignore-installed", "-I", "--reinstall"];

/// What is installed in one place.
#[derive(Debug, Default)]
pub(super) struct Environment {
    /// The names of all packages.
    pub(super) have: HashSet<&'static str>,
    /// Those that the base image brings, perhaps without byte code.
    pub(super) of_base: HashSet<&'static str>,
    /// Those whose byte code is there.
    pub(super) compiled: HashSet<&'static str>,
    /// The versions that were asked for.
    versions: HashMap<&'static str, String>,
}

impl Environment {
    /// A new environment with these.
    pub(super) fn new(have: HashSet<&'static str>) -> Self {
        Self { of_base: have.clone(), have, ..Self::default() }
    }

    /// Forgets what an install of `wanted` writes anew; returns the bytes of what it may write anew.
    pub(super) fn forget_replaced(&mut self, cmd: &Cmd<'_>, wanted: &[Requirement]) -> u64 {
        if cmd.has_any_flag(&ANEW) {
            match cmd.has_flag("--no-deps") {
                true => wanted.iter().for_each(|asked| self.forget(&asked.name)),
                false => self.have.clear(),
            }
            return 0;
        }
        let upgrades = cmd.has_any_flag(&["-U", "--upgrade"]);
        let mut maybe = 0;
        for asked in wanted {
            let name = asked.name.as_str();
            if !self.have.contains(name) {
                continue;
            }
            let is_tool = matches!(name, "pip" | "setuptools" | "wheel");
            match (&asked.exact, self.versions.get(name)) {
                // Those of the base image are older.
                _ if is_tool && self.of_base.contains(name) && (upgrades || asked.versioned) => {
                    self.forget(name)
                }
                (Some(wanted), Some(there)) if wanted != there => self.forget(name),
                (None, Some(_)) if upgrades => self.forget(name),
                // The newest may be it or not, and what is there may be within the bounds or not.
                (Some(_), None) | (None, Some(_)) if asked.versioned => {
                    maybe += wheel(name).map_or(0, |id| id.weight().files + id.weight().compiled);
                }
                _ => {}
            }
        }
        maybe
    }

    fn forget(&mut self, name: &str) {
        self.have.remove(name);
        self.compiled.remove(name);
        self.versions.remove(name);
        self.of_base.remove(name);
    }

    /// Remembers what an install has added.
    pub(super) fn add(&mut self, wanted: &[Requirement], adds: &InstalledWheels) {
        for name in &adds.packages {
            self.have.insert(name);
            self.compiled.remove(name);
            self.versions.remove(name);
        }
        for asked in wanted {
            if let (Some(version), Some(id)) = (&asked.exact, wheel(&asked.name)) {
                self.have.insert(id.name());
                self.versions.insert(id.name(), version.clone());
            }
        }
    }

    /// Compiles all that has no byte code yet; returns its bytes.
    pub(super) fn compile_all(&mut self) -> u64 {
        let lacks = |name: &&&str| !self.compiled.contains(**name) && !self.of_base.contains(**name);
        let names: Vec<&'static str> = self.have.iter().filter(lacks).copied().collect();
        let bytes = names.iter().filter_map(|name| wheel(name)).map(|id| id.weight().compiled).sum();
        self.compiled.extend(names);
        bytes
    }

    /// Takes away a package; returns whether its byte code was there.
    pub(super) fn remove(&mut self, name: &str) -> bool {
        let compiled = self.compiled.contains(name);
        self.forget(name);
        compiled
    }
}

//! What pip installs, what it keeps of its downloads, and virtual environments.

use std::collections::HashSet;

use crate::knowledge::{ManagerId, wheel};
use crate::semantic::{Analysis, Cmd, CommandId, Stage};
use crate::text::Arrange;

use super::super::MAX_LINEAGE;
use super::super::kept::keeps_cache;
pub(super) use super::super::locked::Locks;
use super::super::locked::{Synced, synced};

use super::super::kept::{kept_by_uv, kept_downloads};
use super::super::python::{
    PipInstall, WHEEL_SLACK, environment_folder, install_of, makes_environment, pip_installs, python_version,
    source,
};
use super::{Component, Estimate, Provenance};

/// At most this many names of one command are given as unknown.
const NAMED: usize = 4;
/// More commands of one stage than that are not looked at.
const MAX_SYNCS: usize = 8;
/// What uv notes of what it has read of wheels.
const KEPT_NOTES: u64 = 2_000_000;

/// A fresh environment by the version of Python, with the least and the most that it may be: measured with
/// CPython 3.10 to 3.13. Until 3.11 it has setuptools beside pip.
const ENVIRONMENTS: [(u64, (u64, u64)); 2] =
    [(20_000_000, (14_000_000, 24_000_000)), (12_500_000, (10_000_000, 15_000_000))];
const ENVIRONMENTS_MEASURED: &str = "measured, 2026-11";

/// The installs of one stage.
pub(super) struct Python<'m> {
    installs: Vec<PipInstall<'m>>,
    /// What each `uv sync` adds by its lock file, by the command.
    synced: Vec<(CommandId, Synced)>,
    version: Option<(u32, u32)>,
}

impl<'m> Python<'m> {
    pub(super) fn of(model: &'m Analysis, stage: &'m Stage, locks: &Locks) -> Self {
        let mut there = HashSet::new();
        let mut lineage: Vec<&Stage> = model.lineage(stage).take(MAX_LINEAGE).collect();
        lineage.reverse();
        let mut syncs = Vec::new();
        if model.commands_named("uv").next().is_some() {
            for cmd in lineage.iter().flat_map(|s| s.steps.clone()).flat_map(|step| model.commands_of(step)) {
                if syncs.len() < MAX_SYNCS {
                    syncs.extend(synced(model, stage, &cmd, locks, &mut there).map(|of| (cmd.id(), of)));
                }
            }
        }
        Self { installs: pip_installs(model, stage), synced: syncs, version: python_version(model, stage) }
    }

    /// What `cmd` adds; `None` if it is no command of these.
    pub(super) fn components(&self, cmd: &Cmd<'_>) -> Option<Vec<Component>> {
        if makes_environment(cmd) {
            return Some(self.environment(cmd));
        }
        if let Some((_, synced)) = self.synced.iter().find(|(id, _)| *id == cmd.id()) {
            return Some(of_lock(cmd, synced));
        }
        let install = install_of(&self.installs, cmd.id())?;
        let mut components = Vec::new();
        let what = match install.adds.packages.len() {
            0 if !install.unknown.is_empty() => None,
            0 => Some("Python packages that are already installed".to_owned()),
            1 => Some("1 Python package".to_owned()),
            n => Some(format!("{n} Python packages")),
        };
        if let Some(what) = what {
            let mut estimate = Estimate::around(install.bytes, WHEEL_SLACK, Provenance::Estimated, source());
            estimate.range.1 = estimate.range.1.saturating_add(install.doubtful);
            let installed = Component::known(what, cmd.head_span(), estimate);
            let packages = packages(install);
            components.push(Component { packages, ..installed.within(install.folder.as_deref()) });
        }
        if !install.unknown.is_empty() {
            let what = of_unknown_size(&install.unknown);
            components.push(Component::unknown(what, cmd.head_span()).within(install.folder.as_deref()));
        }
        if install.older > 0 {
            let what = "byte code of other packages, which older versions of uv compile too";
            let range = (0, install.older);
            let estimate = Estimate { bytes: 0, range, provenance: Provenance::Estimated, source: source() };
            components.push(Component::known(what, cmd.head_span(), estimate));
        }
        if let Some((packages, pages)) = kept_by_uv(install) {
            let kept = |what: &str, estimate| Component::known(what, cmd.head_span(), estimate);
            components.extend(packages.map(|estimate| kept("the same packages in uv's cache", estimate)));
            components.push(kept("index pages in uv's cache", pages));
        }
        Some(components)
    }

    fn environment(&self, cmd: &Cmd<'_>) -> Vec<Component> {
        let what = "a virtual environment";
        // Links to the interpreter, and little else.
        if cmd.has_any_flag(&["--without-pip", "--no-seed", "--no-pip"]) || cmd.program() == "uv" {
            return Vec::new();
        }
        if cmd.has_any_flag(&["--copies", "--always-copy", "--upgrade-deps"]) {
            return vec![Component::unknown(what, cmd.head_span())];
        }
        let [older, newer] = ENVIRONMENTS;
        let (bytes, range) = match self.version {
            Some(version) if version < (3, 12) => older,
            Some(_) => newer,
            None => (newer.0, (newer.1.0, older.1.1)),
        };
        let source = ENVIRONMENTS_MEASURED.to_owned();
        let estimate = Estimate { bytes, range, provenance: Provenance::Estimated, source };
        vec![Component::known(what, cmd.head_span(), estimate).within(environment_folder(cmd).as_deref())]
    }

    /// The downloads that the RUN of `step` leaves.
    pub(super) fn kept(&self, model: &Analysis, step: usize) -> Vec<Component> {
        let Some(kept) = kept_downloads(model, &self.installs, step).filter(|kept| kept.bytes > 0) else {
            return Vec::new();
        };
        let Some(left) = model.leftovers(step).iter().find(|l| l.manager.id == ManagerId::Pip) else {
            return Vec::new();
        };
        let span = left.first(model).head_span();
        let pages = kept.pages;
        let wheels = Estimate {
            bytes: kept.bytes - pages.bytes,
            range: (kept.range.0 - pages.range.0, kept.range.1 - pages.range.1),
            provenance: Provenance::Estimated,
            source: kept.source,
        };
        vec![
            Component::known("downloads kept by pip", span, wheels),
            Component::known("index pages kept by pip", span, pages),
        ]
    }
}

/// The packages that an install adds, those that weigh most first, each with its share of what is written.
fn packages(install: &PipInstall<'_>) -> Vec<(String, u64)> {
    let weigh = |name: &str| wheel(name).map_or(0, |id| id.weight().files + id.weight().compiled);
    let weighed = install.adds.packages.iter().map(|name| (*name, weigh(name)));
    let all = weighed.clone().map(|(_, bytes)| u128::from(bytes)).sum::<u128>().max(1);
    let share =
        |bytes: u64| u64::try_from(u128::from(bytes) * u128::from(install.bytes) / all).unwrap_or(u64::MAX);
    let mut packages: Vec<(String, u64)> =
        weighed.map(|(name, bytes)| (name.to_owned(), share(bytes))).collect();
    packages.arrange_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    packages
}

fn of_unknown_size(unknown: &[String]) -> String {
    let named = unknown.get(..NAMED).unwrap_or(unknown).join(", ");
    let more = unknown.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("Python packages of unknown size: {named}{more}")
}

/// What `uv sync` adds by its lock file.
fn of_lock(cmd: &Cmd<'_>, synced: &Synced) -> Vec<Component> {
    let folder = cmd.absolute(".venv");
    let estimate = Estimate {
        bytes: synced.bytes,
        range: synced.range,
        provenance: Provenance::Estimated,
        source: format!("sizes in `{}`", synced.lock),
    };
    let what = match synced.packages {
        0 => "an environment of uv, whose packages are already installed".to_owned(),
        1 => "1 Python package".to_owned(),
        n => format!("{n} Python packages"),
    };
    let mut components =
        vec![Component::known(what, cmd.head_span(), estimate.clone()).within(folder.as_deref())];
    let copies = cmd.setting("UV_LINK_MODE").is_some() || cmd.has_flag("--link-mode");
    if keeps_cache(cmd) {
        // What it links takes its bytes once; where it copies, both are there.
        let least = if copies { estimate.range.0 } else { 0 };
        let bytes = if copies { estimate.bytes } else { 0 };
        let range = (least, estimate.range.1.saturating_add(KEPT_NOTES));
        let kept = Estimate { bytes, range, ..estimate };
        components.push(Component::known("what is kept in uv's cache", cmd.head_span(), kept));
    }
    if !synced.unknown.is_empty() {
        let unknown = Component::unknown(of_unknown_size(&synced.unknown), cmd.head_span());
        components.push(unknown.within(folder.as_deref()));
    }
    components
}

//! What installs add by package indexes of the user's own.

use std::collections::HashMap;

use crate::knowledge::ManagerId;
use crate::semantic::Cmd;

use super::super::apk::ApkStep;
use super::super::apt::Installed;
use super::super::indexed::{IndexedInstall, Known};
use super::super::indexes::Format;
use super::super::packages::{AptInstall, Incomplete, apt_install};
use super::runs::{Run, named};
use super::{Component, Estimate, Provenance};
use crate::text::Arrange;

/// How far off an index is of what is written, in percent: many images leave documentation out.
const SLACK: (u64, u64) = (35, 15);

/// What the tables of dlint know of an install.
pub(super) fn known<'k>(
    cmd: &Cmd<'_>,
    apt: &'k [AptInstall<'_>],
    apk: &'k HashMap<usize, ApkStep>,
) -> Known<'k> {
    let names = |unknown: &'k [String]| unknown.iter().map(String::as_str).collect();
    if cmd.usage.manager.is_some_and(|manager| manager.id == ManagerId::Apk) {
        return match apk.get(&cmd.step()) {
            None => Known::Nothing,
            Some(of) if of.adds.unknown.is_empty() || of.from_elsewhere => Known::All,
            Some(of) => Known::AllBut(names(&of.adds.unknown), Box::new(ApkStep::has_in_table)),
        };
    }
    match apt_install(apt, cmd.id()) {
        None => Known::Nothing,
        Some(install) if install.incomplete != Some(Incomplete::NotInIndex) => Known::All,
        Some(install) => {
            Known::AllBut(names(&install.adds.unknown), Box::new(|name| install.has_in_table(name)))
        }
    }
}

impl Run<'_, '_> {
    /// What a command installs of which no table of dlint knows anything.
    pub(super) fn installed_by_index(&mut self, cmd: &Cmd<'_>, of: &IndexedInstall) {
        self.by_index(cmd, of, &Installed::default());
        if !of.adds.absent.is_empty() {
            self.unknown(
                cmd.head_span(),
                format!("packages that are not in the index: {}", named(&of.adds.absent)),
            );
        }
        if of.is_hidden {
            self.unknown(cmd.head_span(), "packages named by a file or a variable");
        }
        match cmd.usage.manager.map(|manager| manager.id) {
            Some(ManagerId::Apt) => {}
            Some(ManagerId::Apk) => self.records_of_apk(cmd.head_span()),
            _ => {
                let what = format!("the package database, rewritten by `{}`", cmd.head());
                self.unknown(cmd.head_span(), what);
            }
        }
    }

    /// What a command installs that its table does not have: the names that are still unknown. `more` says what other
    /// packages weigh that these need.
    pub(super) fn rest_by_index(
        &mut self,
        cmd: &Cmd<'_>,
        unknown: &[String],
        more: impl FnOnce(&[String]) -> Installed,
    ) -> Vec<String> {
        let Some(of) = self.indexed.get(&cmd.id()).filter(|of| of.is_rest) else { return unknown.to_vec() };
        if !of.adds.packages.is_empty() {
            self.by_index(cmd, of, &more(&of.adds.elsewhere));
        }
        unknown.iter().filter(|name| !of.found.contains(*name)).cloned().collect()
    }

    /// The metadata of repositories that package managers for RPM leave in the layer.
    pub(super) fn metadata_of_rpm(&mut self, step: usize) {
        let is_known = |cmd: Cmd<'_>| self.indexed.get(&cmd.id()).is_some_and(|of| !of.is_rest);
        if !self.model.commands_of(step).any(is_known) {
            return;
        }
        let is_rpm = |id: ManagerId| Format::of(id) == Some(Format::Primary);
        let Some(left) = self.model.leftovers(step).iter().find(|left| is_rpm(left.manager.id)) else {
            return;
        };
        let span = left.first(self.model).head_span();
        self.unknown(span, "metadata of repositories, and packages as they were downloaded");
    }

    fn by_index(&mut self, cmd: &Cmd<'_>, of: &IndexedInstall, more: &Installed) {
        let count = of.adds.packages.len() + more.packages.len();
        let mut what = match count {
            0 => "packages that are already installed".to_owned(),
            1 => "1 package".to_owned(),
            n => format!("{n} packages"),
        };
        let bytes = of.adds.bytes().saturating_add(more.bytes);
        let needed = of.needs.bytes().saturating_add(more.bytes);
        let mut estimate = Estimate::around(bytes, SLACK, Provenance::Index, of.source.clone());
        estimate.range.0 = Estimate::around(needed, SLACK, Provenance::Index, String::new()).range.0;
        if count > 0 && of.is_removed {
            estimate.range.0 = 0;
            what += ", before the same RUN removes some";
        } else if count > 0 && !of.is_rest {
            estimate.range.0 = 0;
            what += ", unless the base image has some";
        }
        if !cmd.surely_runs() {
            estimate.range.0 = 0;
        }
        let mut packages = of.adds.packages.clone();
        packages.arrange_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
        if count > 0 || of.adds.absent.is_empty() && !of.is_hidden {
            self.components.push(Component { packages, ..Component::known(what, cmd.head_span(), estimate) });
        }
        if !of.adds.needed.is_empty() {
            let what = format!("packages that these need and the index lacks: {}", named(&of.adds.needed));
            self.unknown(cmd.head_span(), what);
        }
    }
}

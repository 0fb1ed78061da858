//! What the commands of RUN add.

use std::collections::HashMap;

use crate::knowledge::{Action, ManagerId, Trait, program_is};
use crate::semantic::{Analysis, Base, Cmd, SUITE_DATE, ScriptKind, Stage};
use crate::shell::Word;
use crate::text::Span;

use super::super::MAX_LINEAGE;
use super::super::packages::AptInstall;
use super::python::Python;
use super::{Component, Estimate, Provenance};

/// How far off the index is of what apt really writes, in percent: documentation is left out of slim images,
/// and Python packages are compiled.
const APT_SLACK: (u64, u64) = (20, 10);
/// How far off the measured lists are after some months, in percent.
const LIST_SLACK: (u64, u64) = (15, 15);
/// How many times more apt writes where it is not set up as in the official images: lists as they are, and
/// two caches of them (167 MB for 19.9 MB of Debian 12).
const PLAIN_APT: u64 = 9;
/// At most this many commands of one RUN are named as unknown.
const NAMED: usize = 4;

/// Subcommands of package managers that write nothing worth a word.
const SAYS: [&str; 5] = ["check", "config", "freeze", "list", "show"];

/// What each RUN of `stage` adds, by its step.
pub(super) fn components(
    model: &Analysis,
    stage: &Stage,
    installs: &[AptInstall<'_>],
) -> HashMap<usize, Vec<Component>> {
    let python = Python::of(model, stage);
    let lists = new_lists(model, stage);
    let mut found: HashMap<usize, Vec<Component>> = HashMap::new();
    for step in stage.steps.clone() {
        let from = model.scripts.partition_point(|s| s.step < step);
        let scripts: Vec<_> = model.scripts[from..]
            .iter()
            .take_while(|s| s.step == step)
            .filter(|s| s.kind == ScriptKind::Run && !s.onbuild)
            .collect();
        if scripts.is_empty() {
            continue;
        }
        let span = model.instruction(step).keyword_span;
        let mut run = Run { model, stage, components: Vec::new(), unknown: Vec::new(), rewrites: 0 };
        if scripts.iter().any(|s| s.script.opaque) {
            run.unknown.push((span, "a script".to_owned()));
        }
        for cmd in model.commands_of(step) {
            if let Some(components) = python.components(&cmd) {
                run.components.extend(components);
                continue;
            }
            let install = installs.binary_search_by_key(&cmd.id(), |i| i.cmd.id()).ok();
            run.command(&cmd, install.and_then(|at| installs.get(at)));
        }
        run.components.extend(python.kept(model, step));
        if lists == Some(step) {
            run.lists(step);
        }
        found.insert(step, run.finish());
    }
    found
}

/// The first step of the stage that leaves lists of apt, if no stage below it has left them already: written
/// again they are mostly the same.
fn new_lists(model: &Analysis, stage: &Stage) -> Option<usize> {
    let leaves = |step: &usize| model.leftovers(*step).iter().any(|l| l.manager.id == ManagerId::Apt);
    if model.lineage(stage).take(MAX_LINEAGE).skip(1).any(|s| s.steps.clone().any(|step| leaves(&step))) {
        return None;
    }
    stage.steps.clone().find(leaves)
}

/// The components of one RUN.
struct Run<'m> {
    model: &'m Analysis,
    stage: &'m Stage,
    components: Vec<Component>,
    /// Commands of which nobody knows what they write.
    unknown: Vec<(Span, String)>,
    /// How many commands so far have rewritten files: once more costs nothing.
    rewrites: usize,
}

impl Run<'_> {
    fn command(&mut self, cmd: &Cmd<'_>, install: Option<&AptInstall<'_>>) {
        let version = |w: &Word| matches!(w.as_str(), Some("--version" | "-version" | "--help"));
        let asks = cmd.args().first().is_some_and(version);
        match (cmd.usage.manager, cmd.usage.action) {
            _ if asks => {}
            (Some(_), Action::Clean | Action::Remove) => {}
            // Its lists are counted for the whole RUN.
            (Some(m), Action::Update) if m.id == ManagerId::Apt => {}
            (Some(_), Action::Install) if install.is_some() => {
                if let Some(install) = install {
                    self.installed(cmd, install);
                }
            }
            (Some(_), Action::Other) if SAYS.iter().any(|name| cmd.is_subcommand(name)) => {}
            _ if matches!(cmd.program(), "chown" | "chgrp" | "chmod" | "mv" | "cp") => self.rewritten(cmd),
            (None, _) if program_is(cmd.program(), Trait::WritesNothing) && !runs_other(cmd) => {}
            (None, _) if cmd.program().is_empty() => {}
            (None, _) if only_asks(cmd) => {}
            _ => self.unknown.push((cmd.head_span(), format!("what `{}` writes", name(cmd)))),
        }
    }

    fn installed(&mut self, cmd: &Cmd<'_>, install: &AptInstall<'_>) {
        let source = format!("{} package index, {}", install.suite.label, install.date);
        let bytes = install.adds.bytes;
        let mut estimate = Estimate::around(bytes, APT_SLACK, Provenance::Index, source);
        let count = install.adds.packages.len();
        let more = count.saturating_sub(install.needs.packages.len());
        let mut what = match (count, more) {
            (0, _) => "packages that are there already".to_owned(),
            (1, _) => "1 package".to_owned(),
            (n, 0) => format!("{n} packages"),
            (n, more) => format!("{n} packages, {more} of them only recommended"),
        };
        if !install.base_is_known && count > 0 {
            // The base image may have any of them.
            estimate.range.0 = 0;
            what += ", unless the base image has some";
        }
        self.components.push(Component::known(what, cmd.head_span(), estimate));
        if !install.complete {
            self.unknown.push((cmd.head_span(), "packages that the index does not tell".to_owned()));
        }
    }

    /// The lists of packages that the RUN of `step` leaves.
    fn lists(&mut self, step: usize) {
        let span = self
            .model
            .leftovers(step)
            .iter()
            .find(|l| l.manager.id == ManagerId::Apt)
            .map(|l| l.first(self.model).head_span())
            .unwrap_or(self.model.instruction(step).keyword_span);
        let what = "package lists of apt";
        let measured = self.model.suite(self.stage).and_then(|suite| Some((suite, suite.lists?)));
        self.components.push(match measured {
            Some((suite, lists)) => {
                let source = format!("{} package lists, {SUITE_DATE}", suite.label);
                let mut estimate = Estimate::around(lists, LIST_SLACK, Provenance::Estimated, source);
                if !is_official(self.model, self.stage) {
                    estimate.range.1 = lists.saturating_mul(PLAIN_APT);
                }
                Component::known(what, span, estimate)
            }
            None => Component::unknown(what, span),
        });
    }

    /// Commands that write files anew which are there already.
    fn rewritten(&mut self, cmd: &Cmd<'_>) {
        let keeps = matches!(cmd.program(), "cp");
        let moves = keeps || cmd.program() == "mv";
        let recursive = cmd.has_any_flag(&["-R", "-r", "-a", "--recursive"]);
        let operands: Vec<&Word> =
            cmd.args().iter().filter(|w| !w.static_prefix().starts_with(['-', '+'])).collect();
        let paths = match (moves, operands.split_last(), operands.split_first()) {
            (true, Some((_, paths)), _) | (false, _, Some((_, paths))) => paths,
            _ => return,
        };
        let changed: Vec<String> = paths.iter().flat_map(|w| cmd.paths_of(w)).collect();
        let copies = self.model.copies_within(self.stage, cmd.step(), &changed);
        let bytes = self.model.measured_together(&copies);
        // A flag of the COPY may have done it already.
        let flag = if cmd.program() == "chmod" { "chmod" } else { "chown" };
        let done = !moves && copies.iter().all(|c| self.model.instruction(c.step).flag(flag).is_some());
        match bytes.filter(|_| !copies.is_empty()) {
            Some(_) if done || self.rewrites > 0 && !keeps => {}
            Some(bytes) => {
                let what = format!("copied files that `{}` writes anew", cmd.program());
                self.components.push(Component::known(
                    what,
                    cmd.head_span(),
                    Estimate::measured(bytes, "build context"),
                ));
                self.rewrites += 1;
            }
            // What an earlier command of the RUN has written is in the layer already.
            None if !recursive && cmd.usage.command > 0 => {}
            None => self.unknown.push((cmd.head_span(), format!("what `{}` writes anew", cmd.program()))),
        }
    }

    fn finish(self) -> Vec<Component> {
        let mut components = self.components;
        let mut named: Vec<String> = Vec::new();
        for (span, what) in self.unknown {
            if named.len() < NAMED && !named.contains(&what) {
                named.push(what.clone());
                components.push(Component::unknown(what, span));
            }
        }
        components
    }
}

/// A command for people: the program, and its subcommand if it has such.
fn name(cmd: &Cmd<'_>) -> String {
    if cmd.usage.manager.is_some() || program_is(cmd.program(), Trait::HasSubcommands) {
        return cmd.head();
    }
    cmd.program().to_owned()
}

/// True for commands that change nothing, or a few bytes, with these words.
fn only_asks(cmd: &Cmd<'_>) -> bool {
    let has = |flags: &[&str]| cmd.has_any_flag(flags);
    match cmd.program() {
        "dpkg" => has(&["--print-architecture", "--add-architecture", "--get-selections", "-l", "-L", "-s"]),
        "rpm" => has(&["-q", "--query", "-E", "--eval", "--import", "-V"]),
        "git" => cmd.is_subcommand("config"),
        "find" => cmd.has_any_flag(&["-exec", "-execdir"]) && !cmd.removed_paths().is_empty(),
        _ => false,
    }
}

/// True for `find -exec`, which runs something else.
fn runs_other(cmd: &Cmd<'_>) -> bool {
    match cmd.program() {
        "find" => cmd.has_any_flag(&["-exec", "-execdir"]) && cmd.removed_paths().is_empty(),
        _ => false,
    }
}

/// True if apt is surely set up as in the official images, which keep the lists compressed and nothing beside.
fn is_official(model: &Analysis, stage: &Stage) -> bool {
    matches!(model.root_base(stage), Base::Image(image) if image.is_official())
}

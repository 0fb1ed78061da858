//! What the commands of RUN add.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::knowledge::{Action, ManagerId, Trait, program_is};
use crate::lock::Fetches;
use crate::semantic::{Analysis, Base, Cmd, CommandId, Leftover, SUITE_DATE, ScriptId, ScriptKind, Stage};
use crate::shell::{ListKind, Word};
use crate::text::Span;

use super::super::MAX_LINEAGE;
use super::super::apk::ApkStep;
use super::super::apt_written::APT_SLACK;
use super::super::indexed::IndexedInstall;
use super::super::kept::kept_by_apt;
use super::super::packages::{AptInstall, FULLER, Incomplete};
use super::downloads::Downloads;
use super::files::Files;
use super::python::{Locks, Python};
use super::written::{Asking, asking};
use super::{Component, Estimate, Provenance};

/// What apt and dpkg keep of each RUN with them beside the packages: the status twice, the templates of debconf, logs.
const APT_NOTES: (u64, (u64, u64)) = (900_000, (100_000, 1_400_000));
/// The same where packages go again: their configuration, and caches of what was there.
const APT_REMAINS: (u64, (u64, u64)) = (1_100_000, (500_000, 1_600_000));
/// How far off the measured lists are after some months, in percent.
const LIST_SLACK: (u64, u64) = (15, 15);
/// How many times more apt writes where it is not set up as in the official images: lists as they are, and
/// two caches of them (167 MB for 19.9 MB of Debian 12).
const PLAIN_APT: u64 = 9;
/// Of what is installed to build with and removed again, the libraries that stay are the smaller part.
const LEFT_OVER: u64 = 10;
/// At most this many commands of one RUN are named as unknown.
const NAMED: usize = 4;
/// Where figures of a few kilobytes come from.
const MEASURED: &str = "measured, 2026-11";

/// Subcommands of package managers that write nothing worth a word.
const SAYS: [&str; 5] = ["check", "config", "freeze", "list", "show"];
/// What package managers install in all stages.
pub(super) struct Installs<'i> {
    pub(super) apt: Vec<AptInstall<'i>>,
    pub(super) apk: HashMap<usize, ApkStep>,
    /// What indexes of the user's own know.
    pub(super) indexed: HashMap<CommandId, IndexedInstall>,
    /// The lock files of uv that were read.
    pub(super) locks: Locks,
    /// What web servers have told of their files.
    pub(super) fetches: &'i Fetches,
}

/// What each RUN of `stage` adds, by its step.
pub(super) fn components<'m>(
    model: &'m Analysis,
    stage: &'m Stage,
    installs: &Installs<'_>,
) -> HashMap<usize, Vec<Component>> {
    let python = Python::of(model, stage, &installs.locks);
    let lists = new_lists(model, stage);
    let mut files = Files::new(model, stage);
    let mut found: HashMap<usize, Vec<Component>> = HashMap::new();
    for step in stage.steps.clone() {
        let from = model.scripts.partition_point(|s| s.step < step);
        let all = from..from + model.scripts[from..].partition_point(|s| s.step == step);
        let own = model.scripts[all.clone()].iter();
        let scripts: Vec<_> = own.filter(|s| s.kind == ScriptKind::Run && !s.onbuild).collect();
        if scripts.is_empty() {
            continue;
        }
        let commands: Vec<Cmd<'_>> = model.commands_of(step).collect();
        let mut run = Run {
            model,
            stage,
            components: Vec::new(),
            unknown: Vec::new(),
            files: &mut files,
            strings: shell_strings(model, all),
            asking: asking(&commands),
            lists_locales: model.instruction(step).logical.text().contains("locale.gen"),
            has_apk: installs.apk.contains_key(&step),
            indexed: &installs.indexed,
            fetches: installs.fetches,
            downloads: Downloads::default(),
        };
        let span = model.instruction(step).keyword_span;
        if scripts.iter().any(|s| s.script.opaque) {
            run.unknown(span, "files written by a script");
        } else if scripts.iter().any(|s| s.script.approximate) {
            run.unknown(span, "files written by a script that dlint cannot read");
        }
        let mut before: Option<&Cmd<'_>> = None;
        for cmd in &commands {
            match python.components(cmd) {
                Some(components) => run.components.extend(components),
                None => {
                    let install = installs.apt.binary_search_by_key(&cmd.id(), |i| i.cmd.id()).ok();
                    run.command(cmd, install.and_then(|at| installs.apt.get(at)));
                }
            }
            run.redirected(cmd, before);
            before = Some(cmd);
        }
        run.redirected_groups(&commands);
        // The model has no command whose program a variable names.
        for command in scripts.iter().flat_map(|script| &script.script.commands) {
            if let Some(word) = command.program_word().filter(|_| command.program().is_none()) {
                run.unknown(word.span, format!("files written by `{}`", model.text(word.span)));
            }
        }
        run.apt_notes(&commands, &installs.apt);
        run.apt_downloads(step, &installs.apt);
        run.components.extend(python.kept(model, step));
        if lists == Some(step) {
            run.lists(step);
        }
        if let Some(of) = installs.apk.get(&step) {
            run.installed_by_apk(step, of);
        }
        run.indexes_of_apk(step);
        run.metadata_of_rpm(step);
        let components = run.finish();
        let is_murky = components.iter().any(|c| c.estimate.is_none());
        found.insert(step, components);
        files.next(is_murky.then_some(step));
    }
    found
}

/// The first step of the stage that leaves lists of apt, if no stage below it has left them already: written
/// again they are mostly the same.
fn new_lists(model: &Analysis, stage: &Stage) -> Option<usize> {
    let leaves = |step: &usize| model.leftovers(*step).iter().any(is_lists);
    if model.lineage(stage).take(MAX_LINEAGE).skip(1).any(|s| s.steps.clone().any(|step| leaves(&step))) {
        return None;
    }
    stage.steps.clone().find(leaves)
}

/// True for what `apt-get update` leaves.
fn is_lists(left: &Leftover) -> bool {
    left.manager.id == ManagerId::Apt && !left.is_downloads()
}

/// The components of one RUN.
pub(super) struct Run<'r, 'm> {
    pub(super) model: &'m Analysis,
    pub(super) stage: &'m Stage,
    pub(super) components: Vec<Component>,
    /// Commands of which nobody knows what they write.
    unknown: Vec<(Span, String)>,
    pub(super) files: &'r mut Files<'m>,
    /// The commands that are shells whose scripts are read as commands of their own, by script and place.
    strings: HashSet<(ScriptId, usize)>,
    /// The commands whose substitutions print a little.
    pub(super) asking: Asking,
    /// True if the RUN writes into the list of locales.
    pub(super) lists_locales: bool,
    /// True if it is known what its commands of apk install.
    has_apk: bool,
    /// What indexes of the user's own know of its installs.
    pub(super) indexed: &'r HashMap<CommandId, IndexedInstall>,
    /// What web servers have told of their files.
    pub(super) fetches: &'r Fetches,
    /// What it has downloaded so far.
    pub(super) downloads: Downloads<'r>,
}

impl<'m> Run<'_, 'm> {
    pub(super) fn unknown(&mut self, span: Span, what: impl Into<String>) {
        self.unknown.push((span, what.into()));
    }

    /// True if the RUN has put anything into its layer so far, or may have.
    pub(super) fn has_written(&self) -> bool {
        !self.components.is_empty() || !self.unknown.is_empty()
    }

    fn command(&mut self, cmd: &Cmd<'m>, install: Option<&AptInstall<'_>>) {
        let version = |w: &Word| matches!(w.as_str(), Some("--version" | "-version" | "--help"));
        if cmd.args().first().is_some_and(version) && !cmd.program().is_empty() {
            return;
        }
        match (cmd.usage.manager, cmd.usage.action) {
            (Some(_), Action::Clean) => {}
            (Some(m), Action::Remove) => match m.id {
                // They write their list of packages anew, which may be large.
                ManagerId::Dnf | ManagerId::Yum | ManagerId::Microdnf | ManagerId::Zypper => {
                    self.unknown(
                        cmd.head_span(),
                        format!("the package database, rewritten by `{}`", cmd.head()),
                    );
                }
                _ => {}
            },
            // Its lists are counted for the whole RUN, and so is what apk adds.
            (Some(m), Action::Update) if matches!(m.id, ManagerId::Apt | ManagerId::Apk) => {}
            (Some(m), Action::Install) if m.id == ManagerId::Apk && self.has_apk => {}
            (Some(_), Action::Install) if install.is_none() && self.indexed.contains_key(&cmd.id()) => {
                if let Some(of) = self.indexed.get(&cmd.id()) {
                    self.installed_by_index(cmd, of);
                }
            }
            (Some(_), Action::Install) if install.is_some() => {
                if let Some(install) = install {
                    self.installed(cmd, install);
                }
            }
            (Some(_), _) if self.installed_beside(cmd) => {}
            (Some(_), Action::Other) if SAYS.iter().any(|name| cmd.is_subcommand(name)) => {}
            (Some(_), _) => self.unknown_command(cmd),
            _ if self.fetched(cmd) || self.touched(cmd) || self.sized(cmd) || self.teed(cmd) => {}
            _ => self.other(cmd),
        }
    }

    /// A command that is no package manager, and writes no files that it names.
    fn other(&mut self, cmd: &Cmd<'m>) {
        if self.little(cmd) {
            return;
        }
        match cmd.program() {
            // Only assignments or redirections.
            "" if cmd.shell().words.is_empty() => {}
            "rm" | "unlink" | "find" if !cmd.removed_paths().is_empty() => {
                cmd.removed_paths().iter().for_each(|path| self.files.remove(path));
            }
            program
                if program_is(program, Trait::Shell)
                    && self.strings.contains(&(cmd.usage.script, cmd.usage.command)) => {}
            program if program_is(program, Trait::WritesNothing) && !may_write(cmd) => {}
            _ if only_asks(cmd) => {}
            _ => self.unknown_command(cmd),
        }
    }

    fn unknown_command(&mut self, cmd: &Cmd<'_>) {
        self.unknown(cmd.head_span(), format!("files written by `{}`", name(cmd)));
    }

    fn installed(&mut self, cmd: &Cmd<'_>, install: &AptInstall<'_>) {
        let mut estimate = install.written(install.adds.bytes);
        let count = install.adds.packages.len();
        let more = count.saturating_sub(install.needs.packages.len());
        let mut what = match (count, more) {
            (0, _) if install.removed > 0 => "packages, all of them removed again".to_owned(),
            (0, _) if install.incomplete == Some(Incomplete::Removal) => String::new(),
            (0, _) => "packages that are already installed".to_owned(),
            (1, _) => "1 package".to_owned(),
            (n, 0) => format!("{n} packages"),
            (n, more) => format!("{n} packages, {more} of them only recommended"),
        };
        if count > 0 && install.removed > 0 {
            what += &format!(" that stay, {} removed again", install.removed);
        }
        if !install.base_is_known && count > 0 {
            // The base image may have any of them.
            estimate.range.0 = 0;
            what += ", unless the base image has some";
        }
        if !what.is_empty() {
            // Each has its share of what is written.
            let (written, all) = (u128::from(estimate.bytes), u128::from(install.adds.bytes.max(1)));
            let share = |bytes: u64| u64::try_from(u128::from(bytes) * written / all).unwrap_or(u64::MAX);
            let packages = install.packages().map(|(name, bytes)| (name.to_owned(), share(bytes))).collect();
            self.components.push(Component { packages, ..Component::known(what, cmd.head_span(), estimate) });
        }
        let why = match install.incomplete {
            None => return,
            Some(Incomplete::NotInIndex) => {
                let rest = self.rest_by_index(cmd, &install.adds.unknown, |names| install.with_more(names));
                if rest.is_empty() {
                    return;
                }
                format!("packages that are not in the index: {}", named(&rest))
            }
            Some(Incomplete::Hidden) => "packages named by a file or a variable".to_owned(),
            Some(Incomplete::Removal) => return self.left_over(cmd, install),
        };
        self.unknown(cmd.head_span(), why);
    }

    /// What stays of an install where the words do not say what goes: from nothing to all of it.
    fn left_over(&mut self, cmd: &Cmd<'_>, install: &AptInstall<'_>) {
        let source = install.source();
        let most = Estimate::around(install.at_most, APT_SLACK, Provenance::Index, source.clone()).range.1;
        let estimate = Estimate {
            bytes: install.at_most / LEFT_OVER,
            range: (0, most),
            provenance: Provenance::Index,
            source,
        };
        let what = "what stays of packages, most of them removed again";
        self.components.push(Component::known(what, cmd.head_span(), estimate));
    }

    /// What apt and dpkg write beside the packages.
    fn apt_notes(&mut self, commands: &[Cmd<'_>], installs: &[AptInstall<'_>]) {
        let changes = |cmd: &&Cmd<'_>| {
            (cmd.is(ManagerId::Apt, Action::Install) || cmd.is(ManagerId::Apt, Action::Remove))
                && !cmd.is_dry_run()
        };
        let Some(first) = commands.iter().find(changes) else { return };
        let own = installs.iter().filter(|i| i.cmd.step() == first.step());
        let (count, added) =
            own.fold((0, 0), |(n, added), i| (n + 1, added + i.adds.packages.len() + i.removed));
        // An install of what is there already changes nothing.
        let removes = commands.iter().any(|cmd| cmd.is(ManagerId::Apt, Action::Remove));
        if count > 0 && added == 0 && !removes {
            return;
        }
        let (bytes, range) = if removes { APT_REMAINS } else { APT_NOTES };
        // It belongs to what the index says.
        let estimate = Estimate { bytes, range, provenance: Provenance::Index, source: MEASURED.to_owned() };
        let what = if removes {
            "records kept by apt, and leftovers of removed packages"
        } else {
            "records kept by apt and dpkg"
        };
        self.components.push(Component::known(what, first.head_span(), estimate));
    }

    /// The packages as they were downloaded that the RUN of `step` leaves.
    fn apt_downloads(&mut self, step: usize, installs: &[AptInstall<'_>]) {
        for left in self.model.leftovers(step).iter().filter(|l| l.is_downloads()) {
            let span = left.first(self.model).head_span();
            let own = installs.iter().filter(|i| left.commands.contains(&i.cmd.id()));
            let what = "packages that apt downloaded";
            let component = match kept_by_apt(own) {
                Some(kept) => Component::known(what, span, kept),
                None => Component::unknown(what, span),
            };
            self.components.push(component.within(left.cache.folders.first().copied()));
        }
    }

    /// The lists of packages that the RUN of `step` leaves.
    fn lists(&mut self, step: usize) {
        let span = self
            .model
            .leftovers(step)
            .iter()
            .find(|l| is_lists(l))
            .map(|l| l.first(self.model).head_span())
            .unwrap_or(self.model.instruction(step).keyword_span);
        let what = "package lists of apt";
        let measured = self.model.suite(self.stage).and_then(|suite| Some((suite, suite.lists?)));
        let lists = match measured {
            Some((suite, lists)) => {
                let source = format!("{} package lists, {SUITE_DATE}", suite.label);
                let mut estimate = Estimate::around(lists, LIST_SLACK, Provenance::Estimated, source);
                if !is_official(self.model, self.stage) || suite.name == FULLER {
                    estimate.range.1 = lists.saturating_mul(PLAIN_APT);
                }
                Component::known(what, span, estimate)
            }
            None => Component::unknown(what, span),
        };
        self.components.push(lists.within(Some("/var/lib/apt/lists")));
    }

    fn finish(self) -> Vec<Component> {
        let kept = self.components.into_iter().enumerate().filter(|(at, _)| self.downloads.stays(*at));
        let mut components: Vec<Component> = kept.map(|(_, component)| component).collect();
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

/// The first names of many, for people.
pub(super) fn named(names: &[String]) -> String {
    let few: Vec<String> = names.iter().take(NAMED).map(|n| format!("`{n}`")).collect();
    let more = names.len().saturating_sub(few.len());
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{more}", few.join(", "))
}

/// A command for people: the program, and its subcommand if it has such.
pub(super) fn name(cmd: &Cmd<'_>) -> String {
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
        "catalina.sh" => cmd.args().first().is_some_and(|w| w.is("configtest") || w.is("version")),
        "ln" => true,
        _ => false,
    }
}

/// The shells of a step whose scripts are read as commands of their own: `sh -c '…'`.
fn shell_strings(model: &Analysis, scripts: Range<usize>) -> HashSet<(ScriptId, usize)> {
    let strings = |id: usize| {
        let lists = model.scripts.get(id).map_or(&[][..], |script| &script.script.lists);
        let own = lists.iter().filter(|list| list.kind == ListKind::ShellString);
        own.filter_map(move |list| Some((ScriptId::of(id), list.owner?)))
    };
    scripts.flat_map(strings).collect()
}

/// True for a program that writes nothing by itself and is told to: by an option, or by a program of its own.
fn may_write(cmd: &Cmd<'_>) -> bool {
    let has = |flags: &[&str]| cmd.has_any_flag(flags);
    let script = |mark: &str| cmd.args().iter().any(|w| cmd.model.text(w.span).contains(mark));
    match cmd.program() {
        "find" => has(&["-exec", "-execdir", "-ok", "-fprint", "-fprintf", "-fls"]),
        "awk" => has(&["-i"]) || script("> \"") || script(">\"") || script("system("),
        "sort" => has(&["-o", "--output"]),
        "uniq" => cmd.plain_words().count() > 1,
        "openssl" => cmd.args().first().is_some_and(|w| w.is("rand") || w.is("enc") || w.is("dhparam")),
        "gpg" | "gpg2" => has(&["-d", "--decrypt"]),
        // `s/a/b/w FILE` writes what it has replaced.
        "sed" => ["/w /", "'w /", "\"w /"].iter().any(|mark| script(mark)),
        _ => false,
    }
}

/// True if apt is surely set up as in the official images, which keep the lists compressed and nothing beside.
fn is_official(model: &Analysis, stage: &Stage) -> bool {
    matches!(model.root_base(stage), Base::Image(image) if image.is_official())
}

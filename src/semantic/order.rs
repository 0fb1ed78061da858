//! The order of copies and installs, which decides what a change of sources runs again.

use super::Analysis;
use crate::syntax::{Instruction, Keyword, MountType};

use super::Model;
use super::command::{Cmd, ScriptKind};
use super::copy::{CopyFrom, SourceKind};
use super::doubt::Doubt;
use super::full_install::DevPackages;
use super::install::{Install, MAX_INSTALLS, SourcesFirst, VENDORED};
use super::project::LeftOut;
use crate::knowledge::{Action, ManagerId};
use crate::shell::RedirectKind;

/// A COPY of sources before the install of a project's dependencies, which mostly does not need them.
#[derive(Debug, Clone)]
pub struct EarlySources<'m> {
    /// The install.
    pub install: Install<'m>,
    /// The COPY.
    pub first: SourcesFirst,
    /// The manifests and lock files to copy first, as paths of the context.
    pub manifests: Vec<String>,
    /// All files that the install reads, where the context tells; else why they may not be enough.
    pub files: Result<Vec<String>, Doubt>,
    /// True if they are copied before already.
    pub ready: bool,
}

/// A COPY of sources before a RUN that only installs packages by name.
#[derive(Debug, Clone, Copy)]
pub struct EarlyPackages<'m> {
    /// Index into [`Model::copies`].
    pub copy: usize,
    /// Index into its sources.
    pub source: usize,
    /// The first install.
    pub install: Cmd<'m>,
}

impl Analysis {
    /// Copies of sources that come before an install of dependencies, in the order of the installs, each once
    /// for a package manager.
    #[must_use]
    pub fn early_sources(&self) -> Vec<EarlySources<'_>> {
        if self.copies.is_empty() {
            return Vec::new();
        }
        let installs: Vec<Install<'_>> = self.installs().take(MAX_INSTALLS).collect();
        let left_out = LeftOut::of(self);
        let mut found: Vec<EarlySources<'_>> = Vec::new();
        for (at, install) in installs.iter().enumerate() {
            let Some(first) = worth_moving(self, install) else { continue };
            let earlier = installs.get(..at).unwrap_or_default();
            let known = |e: &EarlySources<'_>| {
                e.first.copy == first.copy && e.install.manager.id == install.manager.id
            };
            if is_prepared(self, install, &first, earlier)
                || only_thins_out(self, install)
                || found.iter().any(known)
                || fetches_nothing(self, install, &first)
            {
                continue;
            }
            let manifests = manifests(self, install, &first);
            let Some(copy) = self.copies.get(first.copy).filter(|_| !manifests.is_empty()) else { continue };
            let files = self.files_of(install, &first, &manifests, &left_out);
            let needed = files.as_ref().unwrap_or(&manifests);
            let ready = needed.iter().all(|n| self.is_copied_alone(n, copy.step, install, &first));
            found.push(EarlySources { install: install.clone(), first, manifests, files, ready });
        }
        found
    }

    /// Copies of the whole context that come before a RUN that only installs packages, each once.
    #[must_use]
    pub fn early_packages(&self) -> Vec<EarlyPackages<'_>> {
        let mut found = Vec::new();
        let mut sources: Option<(usize, usize)> = None;
        let mut stage = None;
        for (step, instruction) in self.instructions() {
            let own = self.steps.get(step).and_then(|s| s.stage);
            if own != stage {
                (stage, sources) = (own, None);
            }
            if let Some(found) = whole_context(self, step) {
                sources = sources.or(Some(found));
            }
            // What triggers install, the cache of this build does not hold.
            if instruction.is_trigger() || instruction.keyword != Keyword::Run {
                continue;
            }
            let Some((copy, source)) = sources else { continue };
            if !self.stage_of(step).is_some_and(|s| s.reachable) {
                continue;
            }
            // A RUN that does more may prepare what later ones install.
            sources = None;
            if let Some(install) = only_installs(self, step, instruction) {
                found.push(EarlyPackages { copy, source, install });
            }
        }
        found
    }
}

/// The COPY that comes too early, unless the install is cheap or belongs to no image.
fn worth_moving(model: &Analysis, install: &Install<'_>) -> Option<SourcesFirst> {
    let instruction = model.instruction(install.cmd.step());
    let cached = instruction.mounts.iter().any(|m| matches!(m.kind, MountType::Cache | MountType::Unknown));
    if cached || !install.cmd.stage()?.reachable {
        return None;
    }
    let first = model.sources_before(install)?;
    let copy = model.copies.get(first.copy)?;
    (!is_made(model, install, copy.step)).then_some(first)
}

/// True for an install of Node behind the build that has used the development packages: it only takes those away.
fn only_thins_out(model: &Model, install: &Install<'_>) -> bool {
    let leaves_out =
        || matches!(install.cmd.dev_packages(), DevPackages::LeftOut | DevPackages::LeftOutBySetting);
    install.manager.id.is_node()
        && leaves_out()
        && install.cmd.stage().is_some_and(|stage| {
            let commands = model.run_commands_below(stage);
            commands.take_while(|cmd| cmd.id() < install.cmd.id()).any(|cmd| cmd.is_node_build())
        })
}

/// True if a RUN behind the COPY writes a file that the install reads: it is not there to be copied first.
fn is_made(model: &Model, install: &Install<'_>, copy: usize) -> bool {
    use RedirectKind::{Write, WriteBoth};
    let own = install.cmd;
    let read: Vec<String> = install.files.iter().filter_map(|file| own.absolute(file)).collect();
    let is_read = |path: Option<String>| path.is_some_and(|path| read.contains(&path));
    let makes = |cmd: Cmd<'_>| {
        let to_file = cmd.shell().redirects.iter().filter(|r| matches!(r.kind, Write | WriteBoth));
        let mut written = to_file.filter_map(|r| r.target.as_ref()?.as_str());
        let named = cmd.option_value(&["-o", "--output", "--output-file"]);
        written.any(|path| is_read(cmd.absolute(path))) || is_read(named.and_then(|path| cmd.absolute(path)))
    };
    let before = (copy + 1..=own.step()).flat_map(|step| model.commands_of(step));
    !read.is_empty() && before.take_while(|cmd| cmd.id() < own.id()).any(makes)
}

/// True if the dependencies were installed before the COPY already, or in the same run.
fn is_prepared(
    model: &Analysis,
    install: &Install<'_>,
    first: &SourcesFirst,
    earlier: &[Install<'_>],
) -> bool {
    let Some(copy) = model.copies.get(first.copy) else { return true };
    let Some(stage) = install.cmd.stage() else { return true };
    let id = install.manager.id;
    let is_own = |cmd: Cmd<'_>| model.inherits_step(stage, cmd.step());
    let same = |i: &Install<'_>| i.manager.id == id && i.cmd.step() < copy.step && is_own(i.cmd);
    // Where a step of its own fetches them, the build that follows does not.
    let fetched = |i: &Install<'_>| !i.builds && i.manager.id == id && is_own(i.cmd);
    if earlier.iter().any(|i| same(i) || install.builds && fetched(i)) {
        return true;
    }
    // Other ways to have them: a store that was filled, dependencies in the repository, chef's recipe.
    let other = |program: &str, subcommands: &[&str]| {
        model.commands_named(program).any(|c| {
            is_own(c)
                && (subcommands.is_empty()
                    || subcommands.iter().any(|s| c.subcommand().as_deref() == Some(*s)))
        })
    };
    match id {
        ManagerId::Cargo => other("cargo", &["chef", "vendor"]) || before(model, "cargo", copy.step, is_own),
        ManagerId::Go => {
            model.manifest_is_there(&format!("{}{VENDORED}", first.folder)) == Some(true)
                || other("go", &["get"])
                || other("dep", &[])
                || other("glide", &[])
                || other("govendor", &[])
                || model
                    .environment(install.cmd.step())
                    .binding("GO111MODULE")
                    .is_some_and(|b| b.value.known() == Some("off"))
        }
        ManagerId::Maven => {
            before(model, "mvn", copy.step, is_own) || before(model, "mvnw", copy.step, is_own)
        }
        ManagerId::Gradle => {
            before(model, "gradle", copy.step, is_own) || before(model, "gradlew", copy.step, is_own)
        }
        ManagerId::Pnpm => other("pnpm", &["fetch"]),
        ManagerId::Dotnet => before(model, "dotnet", copy.step, is_own),
        _ => false,
    }
}

/// True for a project that names no dependencies, so that its build fetches none.
fn fetches_nothing(model: &Analysis, install: &Install<'_>, first: &SourcesFirst) -> bool {
    let (manifest, words) = match install.manager.id {
        ManagerId::Go => ("go.mod", ["require", "toolchain"]),
        ManagerId::Cargo => ("Cargo.toml", ["dependencies", "workspace"]),
        _ => return false,
    };
    let text = model.text_of(&format!("{}{manifest}", first.folder));
    text.is_some_and(|text| !words.iter().any(|word| text.contains(word)))
}

/// True if `program` ran before `step`.
fn before(model: &Model, program: &str, step: usize, is_own: impl Fn(Cmd<'_>) -> bool) -> bool {
    model.commands_named(program).any(|c| c.step() < step && is_own(c))
}

/// The files to copy first, as paths of the context: those that are there, the usual ones if unknown.
fn manifests(model: &Analysis, install: &Install<'_>, first: &SourcesFirst) -> Vec<String> {
    let named = !install.files.is_empty();
    let is_lock = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        install.manager.locks.contains(&name)
    };
    // Few projects of these have one.
    let seldom = matches!(install.manager.id, ManagerId::Gradle | ManagerId::Dotnet);
    let mut out: Vec<String> = Vec::new();
    let mut known = false;
    for path in &first.files {
        let lock = !named && is_lock(path);
        let take = match model.manifest_is_there(path) {
            Some(there) => {
                known = true;
                there
            }
            // The first manifest and the first lock file are the usual ones.
            None => named || (if lock { out.len() == 1 && !seldom } else { out.is_empty() }),
        };
        if take {
            out.push(path.clone());
        }
    }
    // A lock file alone is no project.
    if known && out.iter().all(|p| !named && is_lock(p)) {
        out.clear();
    }
    out
}

/// The source of `step` that copies the whole context into a folder of its own.
fn whole_context(model: &Model, step: usize) -> Option<(usize, usize)> {
    let at = model.copies.partition_point(|c| c.step < step);
    let copy = model.copies.get(at).filter(|c| c.step == step && !c.mount && !c.onbuild)?;
    if copy.from != CopyFrom::Context {
        return None;
    }
    // What lands in the system's folders may well be meant for the package manager.
    let destination = copy.destination.known()?.trim_end_matches('/');
    let system = ["", "/etc", "/usr", "/var", "/root", "/opt", "/tmp", "/usr/local"];
    if system.contains(&destination) || destination.starts_with("/etc/") {
        return None;
    }
    let source = copy.sources.iter().position(|s| {
        s.kind == SourceKind::Path
            && s.value.known().is_some_and(|p| matches!(p, "." | "./" | "/" | "*" | "./*"))
    })?;
    Some((at, source))
}

/// The first install of a RUN that does nothing but install named packages and clean up.
fn only_installs<'m>(model: &'m Model, step: usize, instruction: &Instruction) -> Option<Cmd<'m>> {
    harmless(model, step, instruction)?.filter(|c| !c.script().script.opaque)
}

/// What a RUN installs first that only installs named packages of the system, updates lists, and cleans up;
/// `None` if it does something else, which may need the sources.
pub(super) fn harmless<'m>(
    model: &'m Model,
    step: usize,
    instruction: &Instruction,
) -> Option<Option<Cmd<'m>>> {
    if !instruction.mounts.is_empty() || !instruction.heredocs.is_empty() {
        return None;
    }
    let mut first = None;
    for cmd in model.commands_of(step) {
        let script = cmd.script();
        let shell = cmd.shell();
        if script.kind != ScriptKind::Run || script.onbuild || !shell.redirects.is_empty() {
            return None;
        }
        if shell.words.iter().any(|w| w.has_expansion()) {
            return None;
        }
        let action = cmd.usage.action;
        let system = cmd.usage.manager.is_some_and(|m| m.system);
        let cleans = matches!(action, Action::Update | Action::Upgrade | Action::Clean) && system
            || cmd.program() == "rm" && cmd.operands().iter().all(|w| w.static_prefix().starts_with("/var/"));
        if cmd.installs_by_name() {
            first = first.or(Some(cmd));
        } else if !cleans {
            return None;
        }
    }
    Some(first)
}

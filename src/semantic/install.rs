//! Commands that install what a project's manifest names, and the COPY that brings the manifest.

use dockerignore::filepath::{has_wildcard, path_match};

use crate::context::{SourceQuery, SourceStatus};
use crate::syntax::Value;
use crate::text::Span;

use super::beside::{LAID_OVER, SPECIAL};
use super::command::{Cmd, ScriptKind};
use super::copy::{CopyFrom, CopyUse, SourceKind};
use super::paths::base_name;
use super::{Analysis, Model, PROBE, paths};
use crate::knowledge::{Action, Manager, ManagerId, PARTIAL_OPTIONS};

/// The most installs of a file whose place is looked at.
pub(super) const MAX_INSTALLS: usize = 200;

/// The most paths that are asked for.
const MAX_PROBES: usize = 128;

/// Files beside a manifest that change what an install does.
pub const SETTINGS: [&str; 6] =
    [".npmrc", ".yarnrc", ".yarnrc.yml", "pnpm-workspace.yaml", "lerna.json", "pip.conf"];

/// Options of pip and uv whose values are no packages.
const PLACES: [&str; 9] = [
    "--prefix",
    "--target",
    "-t",
    "--root",
    "--python",
    "--cache-dir",
    "-i",
    "--index-url",
    "--extra-index-url",
];

/// Where Go keeps what the modules of a folder need, if it is a part of the project.
pub(super) const VENDORED: &str = "vendor/modules.txt";

/// A command that installs what a manifest names.
#[derive(Debug, Clone)]
pub struct Install<'m> {
    /// The command.
    pub cmd: Cmd<'m>,
    /// The word that tells it to: a subcommand, goal or task.
    pub order: Span,
    /// What it installs with.
    pub manager: &'static Manager,
    /// True if it also builds the project, so that it cannot run without the sources.
    pub builds: bool,
    /// The files that it names itself (`-r requirements.txt`), relative to where it runs; empty if it
    /// takes the manager's own.
    pub files: Vec<String>,
}

/// The COPY of sources that comes before an [`Install`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourcesFirst {
    /// Index into [`Model::copies`].
    pub copy: usize,
    /// Index into its sources.
    pub source: usize,
    /// The folder of the context that is copied: empty, or with a `/` at its end.
    pub root: String,
    /// The folder of the context that the install runs in: empty, or with a `/` at its end.
    pub folder: String,
    /// The files that the install may read, as paths of the context: manifests, then lock files.
    pub files: Vec<String>,
}

impl Manager {
    /// Whether `cmd` installs what a manifest names.
    fn installs<'m>(&'static self, cmd: Cmd<'m>) -> Option<Install<'m>> {
        let own = |builds: bool| {
            Some(Install { cmd, order: cmd.subcommand_span(), manager: self, builds, files: Vec::new() })
        };
        let no_operands = || cmd.operands().is_empty();
        let subcommand = cmd.subcommand();
        let subcommand = subcommand.as_deref().unwrap_or("");
        let any = |names: &[&str]| names.contains(&subcommand);
        match self.id {
            ManagerId::Npm | ManagerId::Yarn | ManagerId::Pnpm | ManagerId::Bun => {
                let listed = self.install_from_manifest.contains(&subcommand);
                (listed && subcommand != "fetch" && no_operands() && !cmd.has_any_flag(PARTIAL_OPTIONS))
                    .then(|| own(false))?
            }
            ManagerId::Poetry
            | ManagerId::Pipenv
            | ManagerId::Bundler
            | ManagerId::Composer
            | ManagerId::Mix => {
                let listed = self.install_from_manifest.contains(&subcommand);
                let editable = cmd.has_any_flag(&["-e", "--editable", "-r", "--requirements"]);
                (listed && no_operands() && !(self.id == ManagerId::Pipenv && editable))
                    .then(|| own(false))?
            }
            ManagerId::Uv if subcommand == "sync" => own(false),
            ManagerId::Pip | ManagerId::Uv if any(&["install", "pip install"]) => self.requirements(cmd),
            ManagerId::Go => {
                let vendored = cmd.has_any_flag(&["-mod=vendor", "-mod"]);
                let remote =
                    cmd.operands().iter().any(|w| w.static_prefix().contains('@') || w.has_expansion());
                match subcommand {
                    "mod" => {
                        let download = cmd.operands().into_iter().next().filter(|w| w.is("download"))?;
                        Some(Install { order: download.span, ..own(false)? })
                    }
                    "build" | "install" if !vendored && !remote => own(true),
                    _ => None,
                }
            }
            ManagerId::Cargo => {
                let offline = cmd.has_any_flag(&["--offline", "--frozen", "--version", "--git"]);
                let local = subcommand != "install" || cmd.has_flag("--path");
                (any(&["build", "install"]) && local && !offline).then(|| own(true))?
            }
            ManagerId::Maven => {
                let goals = ["package", "install", "verify", "compile", "deploy"];
                let goal = cmd.args().iter().find(|w| w.as_str().is_some_and(|w| goals.contains(&w)))?;
                let offline = cmd.has_any_flag(&["-o", "--offline"]);
                (!offline).then(|| Some(Install { order: goal.span, ..own(true)? }))?
            }
            ManagerId::Gradle => {
                let tasks =
                    ["build", "assemble", "bootJar", "shadowJar", "installDist", "jar", "war", "bootWar"];
                let task = cmd.args().iter().find(|w| {
                    let name = w.as_str().and_then(|w| w.rsplit(':').next());
                    name.is_some_and(|w| tasks.contains(&w))
                })?;
                (!cmd.has_flag("--offline")).then(|| Some(Install { order: task.span, ..own(true)? }))?
            }
            ManagerId::Dotnet => {
                let prepared = cmd.has_flag("--no-restore") || cmd.has_flag("--no-build");
                let project =
                    || cmd.operands().iter().find_map(|w| w.as_str().filter(|p| p.ends_with("proj")));
                let files = || project().map(str::to_owned).into_iter().collect();
                match subcommand {
                    "restore" => Some(Install { files: files(), ..own(false)? }),
                    "build" | "publish" if !prepared => Some(Install { files: files(), ..own(true)? }),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// `pip install -r FILE`, without anything local beside it.
    fn requirements<'m>(&'static self, cmd: Cmd<'m>) -> Option<Install<'m>> {
        let mut files = Vec::new();
        let mut args = cmd.args().iter();
        while let Some(word) = args.next() {
            // Where to put it, or where to look for it.
            if PLACES.iter().any(|option| word.is(option)) {
                args.next()?;
                continue;
            }
            let text = word.as_str()?;
            let file = match text {
                "-r" | "--requirement" | "-c" | "--constraint" => Some(args.next()?.as_str()?),
                "-e" | "--editable" => return None,
                _ if text.starts_with("--requirement=") => text.split_once('=').map(|(_, f)| f),
                _ if text.starts_with("-r") => text.get(2..),
                _ => None,
            };
            match file {
                Some(file) if file.contains("://") => return None,
                Some(file) => files.push(file.to_owned()),
                None if !text.starts_with('-') && (text.starts_with('.') || text.contains('/')) => {
                    return None;
                }
                None => {}
            }
        }
        let order = cmd.subcommand_span();
        (!files.is_empty()).then_some(Install { cmd, order, manager: self, builds: false, files })
    }
}

impl Install<'_> {
    /// True for a lock file of its package manager.
    pub(super) fn is_lock(&self, path: &str) -> bool {
        self.manager.locks.contains(&base_name(path))
    }
}

impl Model {
    /// The commands that install what a manifest names, in the order of the file.
    pub fn installs(&self) -> impl Iterator<Item = Install<'_>> {
        self.commands().filter_map(|cmd| self.install_of(cmd))
    }

    /// The install that a command is, if it is one.
    pub fn install_of<'m>(&'m self, cmd: Cmd<'m>) -> Option<Install<'m>> {
        let script = cmd.script();
        if script.kind != ScriptKind::Run || script.onbuild || script.script.opaque {
            return None;
        }
        cmd.usage.manager?.installs(cmd)
    }

    /// The destination as written.
    #[must_use]
    pub fn destination_text(&self, copy: &CopyUse) -> Option<&str> {
        use crate::syntax::Kind;
        let (Kind::Copy(transfer) | Kind::Add(transfer)) = &self.instruction(copy.step).kind else {
            return None;
        };
        Some(transfer.destination.as_ref()?.span.text(self.file.text()))
    }
}

impl Analysis {
    /// The first COPY before `install`, in its stage or those that this starts from, that brings the
    /// project's sources to where the command runs.
    #[must_use]
    pub fn sources_before(&self, install: &Install<'_>) -> Option<SourcesFirst> {
        let cmd = install.cmd;
        let stage = cmd.stage()?;
        let numbers = self.copies.iter().enumerate().filter(|(_, copy)| {
            copy.step < cmd.step()
                && copy.from == CopyFrom::Context
                && !copy.mount
                && !copy.onbuild
                && self.inherits_step(stage, copy.step)
        });
        for (number, copy) in numbers {
            for (at, source) in copy.sources.iter().enumerate() {
                let (SourceKind::Path, Some(path)) = (source.kind, source.value.known()) else { continue };
                let Some(path) = self.sources_folder(copy, at, path) else { continue };
                let Some((below, files)) = self.files_below(copy, install) else { continue };
                let source_folder = if path.is_empty() { path } else { path + "/" };
                let files = files.iter().map(|f| format!("{source_folder}{f}")).collect();
                let folder = format!("{source_folder}{below}");
                let root = source_folder;
                return Some(SourcesFirst { copy: number, source: at, root, folder, files });
            }
        }
        None
    }

    /// The COPY before `install` that brings its manifest by itself, to where the command runs.
    pub(super) fn manifests_first(&self, install: &Install<'_>) -> Option<SourcesFirst> {
        let (cmd, own) = (install.cmd, install.manager);
        let names: Vec<&str> = match install.files.as_slice() {
            [] => own.manifests.to_vec(),
            named => named.iter().map(|f| f.trim_start_matches("./")).collect(),
        };
        for (number, copy) in self.copies.iter().enumerate().take_while(|(_, c)| c.step < cmd.step()) {
            for (at, source) in copy.sources.iter().enumerate().filter(|(_, s)| s.kind == SourceKind::Path) {
                let Some(path) = source.value.known() else { continue };
                let path = dockerignore::filepath::clean(&format!("/{path}"));
                let (folder, last) = path
                    .trim_start_matches('/')
                    .rsplit_once('/')
                    .unwrap_or(("", path.trim_start_matches('/')));
                let is_named = |name: &&&str| last != "*" && path_match(last.as_bytes(), name.as_bytes());
                let Some(name) = names.iter().find(is_named) else { continue };
                let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
                let locks = own.locks.iter().filter(|_| install.files.is_empty());
                let files = names.iter().chain(locks).map(|n| format!("{folder}{n}")).collect();
                let root = folder.clone();
                let manifest = format!("{folder}{name}");
                let first = SourcesFirst { copy: number, source: at, root, folder, files };
                if self.is_copied_alone(&manifest, cmd.step(), install, &first) {
                    return Some(first);
                }
            }
        }
        None
    }

    /// The folder that a source is, if it seems to be one: empty for the whole context.
    fn sources_folder(&self, copy: &CopyUse, source: usize, path: &str) -> Option<String> {
        let clean = dockerignore::filepath::clean(&format!("/{path}"));
        let clean = clean.trim_start_matches('/');
        if clean.is_empty() || clean == "*" {
            return Some(String::new());
        }
        if has_wildcard(clean) || copy.sources.len() > 1 {
            return None;
        }
        let name = clean.rsplit('/').next().unwrap_or(clean);
        let folder = match self.result_of(copy, source) {
            Some((SourceStatus::Found, files)) => files > 1,
            _ => {
                path.ends_with('/')
                    || name
                        .bytes()
                        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b))
                        && !matches!(name, "mvnw" | "gradlew")
            }
        };
        folder.then(|| clean.to_owned())
    }

    /// The folder that `install` runs in (empty, or with a `/` at its end) and the files that it may
    /// read, seen from the destination of `copy`.
    fn files_below(&self, copy: &CopyUse, install: &Install<'_>) -> Option<(String, Vec<String>)> {
        if !install.files.is_empty() {
            let destination = copy.destination.known().map(|d| d.trim_end_matches('/'));
            let below = |f: &String| {
                let path = install.cmd.absolute(f.trim_start_matches("./"))?;
                Some(path.strip_prefix(destination?)?.strip_prefix('/')?.to_owned())
            };
            let files: Option<Vec<String>> = install.files.iter().map(below).collect();
            if files.is_some() || install.files.iter().any(|f| f.starts_with('/')) {
                return Some((String::new(), files?));
            }
        }
        let mut folder = self.folder_below(copy, install.cmd)?;
        if !folder.is_empty() {
            folder.push('/');
        }
        let own = install.manager.manifests.iter().chain(install.manager.locks).copied();
        let named = install.files.iter().map(String::as_str);
        let names: Vec<&str> = if install.files.is_empty() { own.collect() } else { named.collect() };
        let clean = |name: &&str| name.trim_start_matches("./").to_owned();
        if names.iter().any(|n| n.contains("..")) {
            return None;
        }
        let files = names.iter().map(|n| format!("{folder}{}", clean(n))).collect();
        Some((folder, files))
    }

    /// True if a copy before `step` takes the file `path` of the context by itself, to where `install` reads it.
    pub(super) fn is_copied_alone(
        &self,
        path: &str,
        step: usize,
        install: &Install<'_>,
        first: &SourcesFirst,
    ) -> bool {
        let Some(stage) = install.cmd.stage() else { return false };
        let name = base_name(path);
        let wanted = path.strip_prefix(&*first.folder).and_then(|below| install.cmd.absolute(below));
        let own = |copy: &&CopyUse| {
            copy.from == CopyFrom::Context && !copy.mount && self.inherits_step(stage, copy.step)
        };
        self.copies.iter().take_while(|c| c.step < step).filter(own).any(|copy| {
            let lands = copy.destination.known().map(|to| {
                let to = to.trim_end_matches('/');
                if base_name(to) == name { to.to_owned() } else { format!("{to}/{name}") }
            });
            let elsewhere = lands.is_some_and(|lands| wanted.as_ref().is_some_and(|wanted| lands != *wanted));
            !elsewhere
                && copy.sources.iter().filter_map(|s| s.value.known()).any(|source| {
                    let clean = dockerignore::filepath::clean(&format!("/{source}"));
                    let clean = clean.trim_start_matches('/');
                    !matches!(base_name(clean), "*" | "." | "")
                        && path_match(clean.as_bytes(), path.as_bytes())
                })
        })
    }

    fn result_of(&self, copy: &CopyUse, source: usize) -> Option<(SourceStatus, u64)> {
        let result = self.taken(copy)?.sources.get(copy.sources.get(source)?.asked?)?;
        Some((result.status, result.total.files))
    }

    /// Where `cmd` runs, seen from the destination of `copy`; `None` if that is elsewhere or unknown.
    fn folder_below(&self, copy: &CopyUse, cmd: Cmd<'_>) -> Option<String> {
        // What `cd` adds to the working directory.
        let mut moved = String::new();
        for other in self.commands_of(cmd.step()) {
            if other.usage.script != cmd.usage.script || other.usage.command >= cmd.usage.command {
                break;
            }
            let inner = other.shell().place.within;
            if other.program() != "cd" || inner.subshell || inner.substitution || inner.function {
                continue;
            }
            let to = other.args().first()?.as_str()?;
            if to.starts_with('/') {
                moved.clear();
            } else if !moved.is_empty() && !moved.ends_with('/') {
                moved.push('/');
            }
            moved.push_str(to);
        }
        if cmd.usage.manager.is_some_and(|m| m.id.is_node())
            && let Some(to) = cmd.option_value(&["--prefix", "--cwd", "--dir", "-C"])
        {
            moved = if to.starts_with('/') { to.to_owned() } else { format!("{moved}/{to}") };
            moved = moved.trim_start_matches(|c| c == '/' && !to.starts_with('/')).to_owned();
        }
        let at = match self.workdir(cmd.step()) {
            Value::Known(base) => paths::join(base, &moved),
            Value::Unknown if moved.starts_with('/') => paths::join("/", &moved),
            Value::Unknown => None,
        };
        if let (Some(at), Some(destination)) = (&at, copy.destination.known()) {
            let destination = destination.trim_end_matches('/');
            let rest = at.trim_end_matches('/').strip_prefix(destination)?;
            return (rest.is_empty() || rest.starts_with('/')).then(|| rest.trim_matches('/').to_owned());
        }
        // Both are relative to the same unknown folder.
        let same = self.steps.get(copy.step)?.state.workdir == self.steps.get(cmd.step())?.state.workdir;
        let here = self.destination_text(copy).is_some_and(|d| matches!(d, "." | "./"));
        (same && here && !moved.starts_with('/') && !moved.contains(".."))
            .then(|| moved.trim_start_matches("./").trim_matches('/').to_owned())
    }

    /// Asks the build context for the manifests that rules want to name.
    pub(super) fn probe(&self) -> Option<SourceQuery> {
        let mut sources: Vec<String> = Vec::new();
        for install in self.installs().take(MAX_INSTALLS) {
            let first = self.sources_before(&install).or_else(|| self.manifests_first(&install));
            let Some(first) = first else { continue };
            let settings = SETTINGS.iter().map(|s| format!("{}{s}", first.folder));
            let vendored =
                (install.manager.id == ManagerId::Go).then(|| format!("{}{VENDORED}", first.folder));
            let special = SPECIAL.iter().filter(|(managers, _)| managers.contains(&install.manager.id));
            let special = special.flat_map(|(_, names)| names.iter().map(|n| format!("{}{n}", first.folder)));
            let laid_over = LAID_OVER.iter().filter(|(managers, _)| managers.contains(&install.manager.id));
            let special = special.chain(laid_over.map(|(_, name)| format!("{}{name}", first.folder)));
            for path in first.files.iter().cloned().chain(settings).chain(vendored).chain(special) {
                if sources.len() < MAX_PROBES && !sources.contains(&path) {
                    sources.push(path);
                }
            }
        }
        for needed in self.needed_locks() {
            let asked = needed.paths.iter().flat_map(|path| std::iter::once(path.clone()).chain(above(path)));
            for path in asked {
                if sources.len() < MAX_PROBES && !sources.contains(&path) {
                    sources.push(path);
                }
            }
        }
        let query =
            SourceQuery { id: PROBE, sources, excludes: Vec::new(), parents: false, reachable: false };
        (!query.sources.is_empty()).then_some(query)
    }

    /// The manifests whose texts tell what an install that could come earlier needs.
    pub(super) fn manifests_to_read(&self) -> Vec<String> {
        let mut files = Vec::new();
        for install in self.installs().take(MAX_INSTALLS) {
            let first = self.sources_before(&install).or_else(|| self.manifests_first(&install));
            let Some(first) = first else { continue };
            let is_read = |path: &&String| !install.files.is_empty() || !install.is_lock(path);
            files.extend(first.files.iter().filter(is_read).cloned());
            if install.files.is_empty() {
                let named = [".npmrc", ".yarnrc", ".yarnrc.yml", "pnpm-workspace.yaml"];
                let is_node = install.manager.manifests.contains(&"package.json");
                files.extend(named.iter().filter(|_| is_node).map(|n| format!("{}{n}", first.folder)));
            }
        }
        files
    }

    /// Whether the build context holds a manifest at `path`; `None` if it was not looked at.
    #[must_use]
    pub fn manifest_is_there(&self, path: &str) -> Option<bool> {
        let query = self.context()?.scan.per_query.iter().rev().find(|q| q.id == PROBE)?;
        let result = query.sources.iter().find(|s| s.source == path)?;
        Some(result.status == SourceStatus::Found)
    }
}

/// What in the folders above that of a lock file may stand in for it: the one of a workspace, and what makes one.
#[must_use]
pub fn above(lock: &str) -> Vec<String> {
    const MAKES: [&str; 4] = ["package.json", "pnpm-workspace.yaml", "Cargo.toml", "pyproject.toml"];
    let Some((mut folder, name)) = lock.rsplit_once('/') else { return Vec::new() };
    let mut found = Vec::new();
    loop {
        let parent = folder.rsplit_once('/').map(|(parent, _)| parent);
        let start = parent.map_or(String::new(), |parent| format!("{parent}/"));
        found.extend(MAKES.iter().chain([&name]).map(|file| format!("{start}{file}")));
        match parent {
            Some(parent) => folder = parent,
            None => return found,
        }
    }
}

impl Cmd<'_> {
    /// True if it installs packages that it names, none of them a file, and reads no file beside.
    #[must_use]
    pub fn installs_by_name(&self) -> bool {
        let Some(manager) = self.usage.manager else { return false };
        let named = self.operands();
        let reads = ["-r", "--requirement", "-e", "--editable", "-c", "--constraint", "-f", "--find-links"];
        let whole = match manager.id {
            ManagerId::Npm => self.has_any_flag(&["-g", "--global"]),
            ManagerId::Pip => !self.has_any_flag(&reads),
            ManagerId::Gem => true,
            _ => manager.system,
        };
        self.usage.action == Action::Install
            && whole
            && !named.is_empty()
            && named.iter().all(|w| {
                w.as_str().is_some_and(|name| {
                    let path = name.starts_with(['.', '/', '~'])
                        || (name.contains('/') && !name.starts_with('@') && !name.ends_with("-backports"));
                    let ending = name.rsplit('.').next().unwrap_or("");
                    !path && !matches!(ending, "deb" | "rpm" | "apk" | "whl" | "gz" | "zip" | "tgz" | "gem")
                }) && !w.has_glob()
            })
    }
}

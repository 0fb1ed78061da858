//! The order of copies and installs, which decides what a change of sources runs again.

use std::collections::HashSet;

use super::Analysis;
use crate::syntax::{Instruction, Keyword, MountType};

use super::Model;
use super::command::{Cmd, ScriptKind};
use super::copy::{CopyFrom, SourceKind};
use super::doubt::Doubt;
use super::install::{Install, MAX_INSTALLS, SETTINGS, SourcesFirst, VENDORED};
use super::project::LeftOut;
use crate::knowledge::{Action, ManagerId};

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

/// The most files that an advice names.
const MAX_NAMED: usize = 5;

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

impl EarlySources<'_> {
    /// The command that installs, as it is written: `npm ci`, `python3 -m pip install`.
    #[must_use]
    pub fn command(&self, model: &Model) -> String {
        let program = self.install.cmd.program_span();
        let behind = if program.contains(self.install.order) { "" } else { model.text(self.install.order) };
        let behind = match (self.install.manager.id, behind) {
            (ManagerId::Go, "download") => "mod download",
            (_, behind) => behind,
        };
        short(&format!("{} {behind}", model.text(program)))
    }

    /// The options that an install without the sources needs beside its own.
    #[must_use]
    pub fn options_without_sources(&self) -> Vec<&'static str> {
        let options: &[&str] = match self.install.manager.id {
            ManagerId::Poetry => &["--no-root"],
            ManagerId::Uv if self.install.files.is_empty() => &["--no-install-project"],
            ManagerId::Composer => &["--no-scripts", "--no-autoloader"],
            _ => &[],
        };
        options.iter().copied().filter(|o| !self.install.cmd.has_flag(o)).collect()
    }

    /// The command that fetches the dependencies where the install itself builds the project; `None` if it
    /// does not, or if there is no such command.
    #[must_use]
    pub fn fetch(&self) -> Option<String> {
        let program = self.install.cmd.shell().program_word().map_or("", |w| w.static_prefix());
        Some(match self.install.manager.id {
            ManagerId::Go => "go mod download".to_owned(),
            ManagerId::Maven => format!("{program} dependency:go-offline"),
            ManagerId::Gradle => format!("{program} dependencies"),
            ManagerId::Dotnet => "dotnet restore".to_owned(),
            _ => return None,
        })
    }

    /// Whether the settings of Gradle name projects below the root.
    fn has_projects(&self, model: &Analysis) -> bool {
        ["settings.gradle", "settings.gradle.kts"].iter().any(|name| {
            let text = model.text_of(&format!("{}{name}", self.first.folder)).unwrap_or_default();
            text.lines().any(|line| line.trim_start().starts_with("include"))
        })
    }

    /// What to do about it, in words.
    #[must_use]
    pub fn advice(&self, model: &Analysis) -> String {
        let named = self.files.as_ref().unwrap_or(&self.manifests);
        let doubt = self.files.as_ref().err().filter(|_| model.context().is_some());
        let beside = match doubt {
            Some(Doubt::Beside(files)) => files.as_slice(),
            _ => &[],
        };
        let settings = SETTINGS.iter().map(|name| format!("{}{name}", self.first.folder));
        let settings: Vec<String> =
            settings.filter(|path| model.manifest_is_there(path) == Some(true)).collect();
        let beside = beside.iter().chain(&settings).filter(|file| !named.contains(file));
        // A project brings the program itself.
        let program = self.install.cmd.program();
        let wrapper: &[&str] = match program {
            "mvnw" => &["mvnw", ".mvn"],
            "gradlew" => &["gradlew", "gradle"],
            _ => &[],
        };
        let wrapper: Vec<String> =
            wrapper.iter().map(|name| format!("{}{name}", self.first.folder)).collect();
        let mut seen = HashSet::new();
        let once = wrapper
            .iter()
            .filter(|_| !self.ready)
            .chain(named)
            .chain(beside)
            // With a folder comes what is in it.
            .filter(|name| {
                !wrapper.iter().any(|all| name.strip_prefix(all).is_some_and(|n| n.starts_with('/')))
            })
            .filter(|name| seen.insert(name.as_str()));
        let mut quoted: Vec<String> = once.map(|n| format!("`{n}`")).collect();
        if quoted.len() > MAX_NAMED {
            let more = quoted.len() - MAX_NAMED;
            quoted.truncate(MAX_NAMED);
            quoted.push(format!("{more} more"));
        }
        let files = all(&quoted);
        let step = self.fetch().unwrap_or_else(|| {
            let options = self.options_without_sources().into_iter().map(str::to_owned);
            std::iter::once(self.command(model)).chain(options).collect::<Vec<_>>().join(" ")
        });
        let node = self.install.manager.manifests.contains(&"package.json");
        let prisma = (node && model.context().is_some() && model.prisma().is_some()).then_some(SCHEMA);
        let mut advice = match (self.install.manager.id, self.ready, doubt) {
            (ManagerId::Cargo, ..) => "build the dependencies in an earlier step (`cargo chef`)".to_owned(),
            (_, true, doubt) => {
                let is_one = self.manifests.len() == 1;
                let are = if is_one { "is" } else { "are" };
                match doubt.and_then(|doubt| with_them(doubt, is_one)).or(prisma.map(str::to_owned)) {
                    Some(more) => format!(
                        "copy {more} before this COPY, and run `{step}` there: {files} {are} there already"
                    ),
                    None => format!("run `{step}` before this COPY: {files} {are} there already"),
                }
            }
            (ManagerId::Pnpm, _, Some(Doubt::Members)) => {
                let folder = &self.first.folder;
                format!(
                    "first copy `{folder}pnpm-lock.yaml` and `{folder}pnpm-workspace.yaml`, run `pnpm fetch`, copy the rest, and install with `--offline`"
                )
            }
            (_, _, doubt) => {
                let is_one = quoted.len() == 1;
                let more = doubt.and_then(|doubt| with_them(doubt, is_one)).or(prisma.map(str::to_owned));
                let more = more.map(|more| format!(" and {more}")).unwrap_or_default();
                format!("first copy {files}{more}, run `{step}`, and copy the rest after it")
            }
        };
        if let Some(Doubt::Overlay(folder)) = doubt.filter(|_| !self.ready) {
            advice.push_str(&format!(", without `{folder}`, which would replace what was installed"));
        }
        if self.install.manager.id == ManagerId::Composer {
            advice.push_str(", then run `composer dump-autoload`");
        }
        if self.install.builds {
            let caches = self.install.manager.caches;
            let large = caches.iter().find(|c| c.contains("mod") || c.starts_with("/usr"));
            if let Some(cache) = large.or_else(|| caches.first()) {
                let mount = format!("keep downloads with `--mount=type=cache,target={cache}`");
                // The task of the root says nothing of the dependencies of its projects.
                if self.install.manager.id == ManagerId::Gradle && self.has_projects(model) {
                    return mount;
                }
                advice.push_str(&format!(", or {mount}"));
            }
        }
        advice
    }
}

/// What Prisma generates its client from when it is installed.
const SCHEMA: &str = "the Prisma schema";

/// What else an install reads, where no list can say it.
fn with_them(doubt: &Doubt, is_one: bool) -> Option<String> {
    Some(match doubt {
        Doubt::Members => "the manifest of every member of the workspace".to_owned(),
        Doubt::Projects => "the projects referenced there".to_owned(),
        Doubt::Script(script) => format!("whatever the `{script}` script needs"),
        Doubt::Prisma => SCHEMA.to_owned(),
        Doubt::Local if is_one => "any local files that it names".to_owned(),
        Doubt::Local => "any local files that they name".to_owned(),
        Doubt::NoContext | Doubt::Unread | Doubt::Beside(_) | Doubt::Overlay(_) | Doubt::LeftOut => {
            return None;
        }
    })
}

/// One line of a command.
pub(super) fn short(text: &str) -> String {
    text.split_whitespace().filter(|w| *w != "\\").collect::<Vec<_>>().join(" ")
}

/// `a`, `a` and `b`.
fn all(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The COPY that comes too early, unless the install is cheap or belongs to no image.
fn worth_moving(model: &Analysis, install: &Install<'_>) -> Option<SourcesFirst> {
    let instruction = model.instruction(install.cmd.step());
    let cached = instruction.mounts.iter().any(|m| matches!(m.kind, MountType::Cache | MountType::Unknown));
    if cached || !install.cmd.stage()?.reachable {
        return None;
    }
    model.sources_before(install)
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
    let is_own = |cmd: Cmd<'_>| {
        let own = cmd.stage().map(|s| s.index);
        model.lineage(stage).any(|s| Some(s.index) == own)
    };
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::semantic::{Analysis, BuildContext, Model};
    use crate::syntax::parse;
    use crate::text::Source;

    /// What is advised for the first install, with nothing known of the context but these texts.
    fn advice(text: &str, files: &[(&str, &str)]) -> Option<String> {
        let texts = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        let context = Arc::new(BuildContext { texts, ..BuildContext::default() });
        let file = parse(Source::from_text("Dockerfile", text));
        let model = Analysis::new(Model::new(file)).with_context(Some(context));
        model.early_sources().first().map(|early| early.advice(&model))
    }

    #[test]
    fn advice_names_what_an_install_needs() {
        let of_npm = |json: &str| {
            advice("FROM node:22\nWORKDIR /a\nCOPY . .\nRUN npm ci\n", &[("package.json", json)])
        };
        let copied = "copy `package.json` and `package-lock.json`";
        assert_eq!(of_npm("{}"), Some(format!("first {copied}, run `npm ci`, and copy the rest after it")));
        assert_eq!(
            of_npm(r#"{"scripts": {"postinstall": "node a.js"}}"#),
            Some(format!(
                "first {copied} and whatever the `postinstall` script needs, run `npm ci`, and copy the rest after it"
            ))
        );
        assert_eq!(
            of_npm(r#"{"workspaces": ["packages/**"]}"#),
            Some(format!(
                "first {copied} and the manifest of every member of the workspace, run `npm ci`, and copy the rest after it"
            ))
        );
        let dotnet = "FROM mcr.microsoft.com/dotnet/sdk:9.0\nWORKDIR /a\nCOPY . .\nRUN dotnet restore api/api.csproj\n";
        assert_eq!(
            advice(dotnet, &[]).as_deref(),
            Some(
                "first copy `api/api.csproj` and the projects referenced there, run `dotnet restore`, and copy the rest after it"
            )
        );
    }

    #[test]
    fn files_of_other_stages_are_not_there() {
        let text = "FROM node:22 AS a\nWORKDIR /b\nCOPY package.json package-lock.json /b/\nRUN npm ci\n\
                    FROM node:22\nWORKDIR /app\nCOPY backend/ /app/\nRUN npm install --omit=dev\n";
        let advice = advice(text, &[("backend/package.json", "{}")]).unwrap();
        assert!(advice.starts_with("first copy `backend/package.json` and"), "{advice}");
        let here = "FROM node:22\nWORKDIR /app\nCOPY package*.json ./\nCOPY . .\nRUN npm install\n";
        let advice = self::advice(here, &[("package.json", "{}")]).unwrap();
        assert!(advice.starts_with("run `npm install` before this COPY"), "{advice}");
    }

    #[test]
    fn what_is_there_already_may_not_be_all() {
        let text = "FROM node:22\nWORKDIR /app\nCOPY package*.json ./\nCOPY . .\nRUN npm ci\n";
        let of = |json: &str| advice(text, &[("package.json", json)]).unwrap();
        assert!(of("{}").starts_with("run `npm ci` before this COPY"), "{}", of("{}"));
        let script = of(r#"{"scripts": {"postinstall": "node a.js"}}"#);
        assert!(
            script.starts_with("copy whatever the `postinstall` script needs before this COPY"),
            "{script}"
        );
        let prisma = of(r#"{"dependencies": {"@prisma/client": "6"}}"#);
        assert!(prisma.starts_with("copy the Prisma schema before this COPY, and run `npm ci`"), "{prisma}");
    }

    #[test]
    fn a_project_without_dependencies_fetches_none() {
        let text = "FROM golang:1.25\nWORKDIR /a\nCOPY . .\nRUN go build .\n";
        assert_eq!(advice(text, &[("go.mod", "module a\n\ngo 1.25\n")]), None);
        assert!(advice(text, &[("go.mod", "module a\n\nrequire b v1.0.0\n")]).is_some());
    }
}

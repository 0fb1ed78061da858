//! Files of the build context that an install cannot do without.

use crate::knowledge::ManagerId;
use crate::syntax::MountType;
use crate::text::Span;

use super::{Cmd, CopyFrom, Failing, Install, Model, ScriptKind, Setting, paths};

/// The lock file of uv.
pub const LOCK_OF_UV: &str = "uv.lock";

/// The most texts of projects that are read for it.
const MAX_PROJECTS: usize = 16;

/// A file that a command needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needed<'m> {
    /// The command.
    pub cmd: NeededBy<'m>,
    /// The paths that it may have in the build context: one of them has to be there.
    pub paths: Vec<String>,
    /// Whether it surely fails without: Yarn 1 takes the newest versions in spite of `--frozen-lockfile`.
    pub fails: bool,
}

/// A command, and what describes the project that it builds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectFile<'m> {
    /// The command.
    pub cmd: NeededBy<'m>,
    /// A path of the build context.
    pub file: String,
}

/// A command, and where it says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeededBy<'m> {
    /// The words that tell it to.
    pub span: Span,
    /// How it is written.
    pub text: &'m str,
}

impl Model {
    /// The lock files that installs go by and cannot make, as paths of the build context.
    #[must_use]
    pub fn needed_locks(&self) -> Vec<Needed<'_>> {
        let mut found = Vec::new();
        if self.copies.is_empty() {
            return found;
        }
        for install in self.frozen_installs() {
            if may_not_matter(&install.cmd) || goes_elsewhere(&install.cmd) {
                continue;
            }
            let locks = install.manager.locks.iter().filter_map(|lock| self.lock_beside(&install.cmd, lock));
            let paths: Vec<String> = locks.collect();
            if !paths.is_empty() {
                let fails =
                    install.manager.id != ManagerId::Yarn || install.cmd.has_any_flag(&["--immutable"]);
                found.push(Needed { cmd: by(&install.cmd), paths, fails });
            }
        }
        for (program, lock) in
            [("cargo", "Cargo.lock"), ("uv", LOCK_OF_UV), ("mix", "mix.lock"), ("pnpm", "pnpm-lock.yaml")]
        {
            let known: Vec<Span> = found.iter().map(|needed: &Needed<'_>| needed.cmd.span).collect();
            let others = self.commands_named(program).filter(|cmd| {
                goes_by_lock(cmd)
                    && !known.contains(&cmd.head_span())
                    && !may_not_matter(cmd)
                    && !goes_elsewhere(cmd)
            });
            found.extend(others.take(MAX_PROJECTS).filter_map(|cmd| {
                let path = self.lock_beside(&cmd, lock)?;
                Some(Needed { cmd: by(&cmd), paths: vec![path], fails: true })
            }));
        }
        let vendored = |cmd: &Cmd<'_>| cmd.is_subcommand("mod") && cmd.args().iter().any(|w| w.is("vendor"));
        if !self.commands_named("go").any(|cmd| vendored(&cmd)) && !self.may_make_files() {
            let builds = self.commands_named("go").filter(is_vendored);
            let builds = builds.filter(|cmd| !may_not_matter(cmd) && !goes_elsewhere(cmd)).take(MAX_PROJECTS);
            found.extend(builds.filter_map(|cmd| {
                let path = self.source_beside(&cmd, "vendor/modules.txt")?;
                Some(Needed { cmd: by(&cmd), paths: vec![path], fails: true })
            }));
        }
        found
    }

    /// The installs that are told to go by their lock file alone.
    pub fn frozen_installs(&self) -> impl Iterator<Item = Install<'_>> {
        self.installs().take(super::install::MAX_INSTALLS).filter(is_frozen)
    }

    /// The commands that build the project of a folder, each with what describes it in the build context:
    /// `pyproject.toml`, `Cargo.toml`, a gemspec.
    #[must_use]
    pub fn project_files(&self) -> Vec<ProjectFile<'_>> {
        let mut found = Vec::new();
        for name in PYTHON_BUILDERS {
            for cmd in self.commands_named(name) {
                let script = cmd.script();
                if script.kind != ScriptKind::Run || script.onbuild || found.len() >= MAX_PROJECTS {
                    continue;
                }
                let Some(folder) = project_folder(&cmd) else { continue };
                let files = ["pyproject.toml", "setup.py"].into_iter();
                let paths = files.filter_map(|file| self.source_beside(&cmd, &format!("{folder}{file}")));
                found.extend(paths.map(|file| ProjectFile { cmd: with_words(&cmd), file }));
            }
        }
        for name in ["cargo", "gem"] {
            for cmd in self.commands_named(name) {
                let script = cmd.script();
                if script.kind != ScriptKind::Run || script.onbuild || found.len() == MAX_PROJECTS {
                    continue;
                }
                let described = if name == "cargo" {
                    let builds = ["build", "b", "test", "t", "check", "run", "rustc", "clippy"];
                    let elsewhere =
                        cmd.args().iter().any(|w| w.static_prefix().starts_with("--manifest-path"));
                    (!elsewhere && builds.iter().any(|name| cmd.is_subcommand(name))).then_some("Cargo.toml")
                } else {
                    let gemspec =
                        |w: &&crate::shell::Word| w.as_str().is_some_and(|t| t.ends_with(".gemspec"));
                    cmd.args()
                        .iter()
                        .find(gemspec)
                        .filter(|_| cmd.is_subcommand("build"))
                        .and_then(|w| w.as_str())
                };
                let path = described.and_then(|file| self.source_beside(&cmd, file));
                found.extend(path.map(|file| ProjectFile { cmd: by(&cmd), file }));
            }
        }
        found
    }

    /// The manifests of the Node projects whose dependencies other stages get, as paths of the build context.
    #[must_use]
    pub(super) fn node_manifests(&self) -> Vec<String> {
        let carried = self.copies.iter().filter(|c| matches!(c.from, CopyFrom::Stage(_))).any(|c| {
            c.sources
                .iter()
                .any(|s| s.value.known().is_some_and(|p| p.trim_end_matches('/').ends_with("/node_modules")))
        });
        if !carried {
            return Vec::new();
        }
        let installs = self.installs().filter(|i| i.manager.id.is_node()).take(MAX_PROJECTS);
        installs.filter_map(|i| self.source_beside(&i.cmd, "package.json")).collect()
    }

    /// True if a RUN starts make or a script, which may make any file.
    fn may_make_files(&self) -> bool {
        self.run_commands().any(|cmd| {
            matches!(cmd.program(), "make" | "gmake" | "just" | "task" | "sh" | "bash")
                || cmd.runs_script()
                || cmd.shell().program_word().is_some_and(|word| word.static_prefix().starts_with("./"))
        })
    }

    /// The lock files of uv that tell what `uv sync` installs, as paths of the build context.
    #[must_use]
    pub(super) fn uv_locks(&self) -> Vec<String> {
        let syncs = self.commands_named("uv").filter(|cmd| cmd.is_subcommand("sync")).take(MAX_PROJECTS);
        syncs.filter_map(|cmd| self.source_beside(&cmd, LOCK_OF_UV)).collect()
    }

    /// The same as [`Model::source_beside`], also where `cd` has led to.
    fn lock_beside(&self, cmd: &Cmd<'_>, name: &str) -> Option<String> {
        let path = cmd.absolute(name)?;
        Some(self.copied_from(cmd.stage()?, cmd.step(), &path)?.1)
    }

    /// Where a file that lies where `cmd` runs has come from in the build context.
    #[must_use]
    pub fn source_beside(&self, cmd: &Cmd<'_>, name: &str) -> Option<String> {
        if cmd.script().changes_folder {
            return None;
        }
        let folder = self.workdir(cmd.step()).known()?;
        let path = paths::join(folder, name)?;
        Some(self.copied_from(cmd.stage()?, cmd.step(), &path)?.1)
    }
}

/// Programs that build a project of Python.
const PYTHON_BUILDERS: [&str; 10] =
    ["flit", "hatch", "pdm", "pip", "pipx", "poetry", "pyproject-build", "python", "python3", "uv"];

/// The same with the words that say what to do: `python -m build`, `hatch build`.
fn with_words<'m>(cmd: &Cmd<'m>) -> NeededBy<'m> {
    let words: usize = match cmd.program() {
        "python" | "python3" if cmd.args().first().is_some_and(|word| word.is("-m")) => 2,
        "python" | "python3" | "hatch" | "flit" | "pdm" | "pipx" => 1,
        _ => 0,
    };
    match words.checked_sub(1).and_then(|last| cmd.args().get(last)) {
        Some(last) => {
            let span = cmd.program_span().to(last.span);
            NeededBy { span, text: cmd.model.text(span) }
        }
        None => by(cmd),
    }
}

fn by<'m>(cmd: &Cmd<'m>) -> NeededBy<'m> {
    let span = cmd.head_span();
    NeededBy { span, text: cmd.model.text(span) }
}

/// True if the install is told to go by its lock file alone.
fn is_frozen(install: &Install<'_>) -> bool {
    let cmd = install.cmd;
    let says = |flags: &[&str]| cmd.has_any_flag(flags);
    match install.manager.id {
        ManagerId::Npm => ["ci", "clean-install"].iter().any(|name| cmd.is_subcommand(name)),
        ManagerId::Yarn => says(&["--immutable", "--frozen-lockfile"]),
        ManagerId::Pnpm | ManagerId::Bun => says(&["--frozen-lockfile"]),
        ManagerId::Uv => says(&["--locked", "--frozen"]) && cmd.is_subcommand("sync"),
        ManagerId::Cargo => says(&["--locked"]),
        ManagerId::Pipenv => says(&["--deploy"]) || cmd.is_subcommand("sync"),
        ManagerId::Bundler => {
            says(&["--deployment", "--frozen"]) || has_frozen_variable(&cmd) || has_frozen_setting(&cmd)
        }
        _ => false,
    }
}

/// True for a command that a condition decides about, or behind which something else is done where it fails.
fn may_not_matter(cmd: &Cmd<'_>) -> bool {
    matches!(cmd.failing(), Failing::MayNotRun | Failing::IsHandled)
}

/// True for a command that is told to work in another folder, or that has folders mounted which may bring what it needs.
fn goes_elsewhere(cmd: &Cmd<'_>) -> bool {
    let binds = cmd.model.instruction(cmd.step()).mounts.iter().any(|mount| mount.kind == MountType::Bind);
    binds || cmd.has_any_flag(&["--cwd", "-C", "--dir", "--prefix", "--directory", "--project"])
}

/// True for a build with Go that takes its modules from the folder `vendor`.
fn is_vendored(cmd: &Cmd<'_>) -> bool {
    const FLAG: &str = "-mod=vendor";
    let script = cmd.script();
    let builds = ["build", "install", "test", "run", "vet"].iter().any(|name| cmd.is_subcommand(name));
    let flags = cmd.model.binding(cmd.step(), "GOFLAGS").and_then(|binding| binding.value.known());
    script.kind == ScriptKind::Run
        && !script.onbuild
        && builds
        && (cmd.args().iter().any(|word| word.is(FLAG)) || flags.is_some_and(|flags| flags.contains(FLAG)))
}

/// True for a command that installs nothing by itself, and goes by the lock file alone all the same.
fn goes_by_lock(cmd: &Cmd<'_>) -> bool {
    let script = cmd.script();
    let is_any = |names: &[&str]| names.iter().any(|name| cmd.is_subcommand(name));
    let says = |flags: &[&str]| cmd.has_any_flag(flags);
    let here = script.kind == ScriptKind::Run && !script.onbuild && !script.script.opaque;
    here && match cmd.program() {
        "cargo" => {
            let builds = [
                "b", "bench", "build", "c", "check", "clippy", "doc", "fetch", "r", "run", "rustc", "t",
                "test",
            ];
            is_any(&builds) && says(&["--locked", "--frozen"]) && !says(&["--manifest-path"])
        }
        "uv" => {
            is_any(&["export", "run", "sync", "tree"])
                && says(&["--locked", "--frozen"])
                && !says(&["--script"])
        }
        "mix" => is_any(&["deps.get"]) && says(&["--check-locked"]),
        "pnpm" => is_any(&["fetch"]),
        _ => false,
    }
}

fn has_frozen_variable(cmd: &Cmd<'_>) -> bool {
    ["BUNDLE_DEPLOYMENT", "BUNDLE_FROZEN"].iter().any(|name| {
        let is_on = |setting: Setting<'_>| matches!(setting, Setting::To("1" | "true"));
        cmd.setting(name).is_some_and(is_on)
    })
}

/// True if `bundle config` has said so before: `bundle config set --local deployment true`.
fn has_frozen_setting(cmd: &Cmd<'_>) -> bool {
    let model = cmd.model;
    let Some(stage) = cmd.stage() else { return false };
    let is_before = |other: &Cmd<'_>| other.id() < cmd.id() && model.inherits_step(stage, other.step());
    let says = |other: &Cmd<'_>| {
        let words: Vec<&str> = other.args().iter().filter_map(|word| word.as_str()).collect();
        let on = words.iter().position(|word| matches!(*word, "deployment" | "frozen"));
        let is_on = |at: usize| matches!(words.get(at + 1), Some(&("true" | "1")));
        words.first() == Some(&"config") && on.is_some_and(is_on)
    };
    ["bundle", "bundler"]
        .into_iter()
        .flat_map(|name| model.commands_named(name))
        .take(MAX_PROJECTS * 4)
        .any(|other| is_before(&other) && says(&other))
}

/// The folder of the project that a command builds, seen from where it runs: empty, or with a `/` at its end.
fn project_folder(cmd: &Cmd<'_>) -> Option<String> {
    let words: Vec<&str> = cmd.args().iter().map(|word| word.as_str().unwrap_or_default()).collect();
    let is_first = |names: &[&str]| words.first().is_some_and(|first| names.contains(first));
    match cmd.program() {
        "python" | "python3" => match words.as_slice() {
            ["-m", "build", rest @ ..] => Some(folder_among(rest).unwrap_or_default()),
            ["setup.py", "bdist_wheel" | "build" | "develop" | "install" | "sdist", ..] => {
                Some(String::new())
            }
            _ => None,
        },
        "pyproject-build" => Some(folder_among(&words).unwrap_or_default()),
        "hatch" => is_first(&["build"]).then(String::new),
        "flit" => is_first(&["build", "install"]).then(String::new),
        "pdm" => {
            let skips = cmd.has_any_flag(&["--no-self", "--no-editable-self", "-p", "--project"]);
            (is_first(&["build", "install", "sync"]) && !skips).then(String::new)
        }
        "pipx" => is_first(&["install"]).then(|| folder_among(words.get(1..)?)).flatten(),
        "poetry" => {
            let whole = ["build", "install"].iter().any(|name| cmd.is_subcommand(name))
                && !cmd.has_any_flag(&["--no-root", "--only", "--directory", "-C"]);
            whole.then(String::new)
        }
        "uv" if cmd.is_subcommand("sync") => {
            let whole = !cmd.has_any_flag(&[
                "--no-install-project",
                "--no-install-workspace",
                "--only-group",
                "--package",
                "--project",
                "--directory",
            ]);
            whole.then(String::new)
        }
        "uv" if is_first(&["build"]) => Some(folder_among(words.get(1..)?).unwrap_or_default()),
        "pip" | "uv" if ["install", "pip install", "wheel"].iter().any(|name| cmd.is_subcommand(name)) => {
            folder_among(&words)
        }
        _ => None,
    }
}

/// Options of pip, uv, build and pipx whose value is a path or an address.
const OPTIONS_WITH_PATHS: [&str; 25] = [
    "--build-dir",
    "--cache-dir",
    "--cert",
    "--constraint",
    "--dest",
    "--directory",
    "--find-links",
    "--log",
    "--outdir",
    "--prefix",
    "--project",
    "--python",
    "--requirement",
    "--root",
    "--src",
    "--target",
    "--wheel-dir",
    "-c",
    "-d",
    "-f",
    "-o",
    "-p",
    "-r",
    "-t",
    "-w",
];

/// The first of these words that names a folder, which is not the value of an option.
fn folder_among(words: &[&str]) -> Option<String> {
    let before = std::iter::once("").chain(words.iter().copied());
    words.iter().zip(before).find_map(|(word, before)| {
        let text = word.split('[').next().unwrap_or(word).trim_end_matches('/');
        let is_value = OPTIONS_WITH_PATHS.contains(&before);
        match text {
            "." => Some(String::new()),
            _ if text.starts_with('/') && !is_value && !super::is_file_name(text) => Some(format!("{text}/")),
            _ => text.strip_prefix("./").map(|folder| format!("{folder}/")),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::Model;
    use crate::syntax::parse;
    use crate::text::Source;

    #[test]
    fn frozen_installs_need_their_lock_files() {
        for (text, want) in [
            ("COPY package*.json ./\nRUN npm ci", "package-lock.json"),
            ("COPY web /app/\nRUN npm ci", "web/package-lock.json web/npm-shrinkwrap.json"),
            ("COPY . .\nRUN yarn install --immutable", "yarn.lock"),
            ("COPY . .\nRUN uv sync --locked --no-dev", "uv.lock"),
            ("COPY . .\nRUN cargo build --release --locked", "Cargo.lock"),
            ("ENV BUNDLE_DEPLOYMENT=1\nCOPY Gemfile Gemfile.lock ./\nRUN bundle install", "Gemfile.lock"),
            ("COPY Cargo.lock ./\nRUN cargo build --frozen && cargo fetch --locked", "Cargo.lock Cargo.lock"),
            ("COPY uv.lock ./\nRUN uv export --frozen -o r.txt", "uv.lock"),
            ("COPY mix.lock ./\nRUN mix deps.get --check-locked", "mix.lock"),
            ("COPY Gemfile* ./\nRUN BUNDLE_FROZEN=true bundle install", "Gemfile.lock"),
            (
                "COPY Gemfile* ./\nRUN bundle config set --local deployment true && bundle install",
                "Gemfile.lock",
            ),
            ("COPY . .\nRUN cargo fetch && bundle config set path /x && bundle install && mix deps.get", ""),
            ("COPY . .\nRUN npm install", ""),
            ("COPY . .\nRUN cd web && npm ci", "web/package-lock.json web/npm-shrinkwrap.json"),
            ("COPY package.json ./\nRUN npm ci", ""),
            ("COPY . .\nRUN yarn", ""),
        ] {
            let file = parse(Source::from_text("Dockerfile", format!("FROM a\nWORKDIR /app\n{text}\n")));
            let model = Model::new(file);
            let paths: Vec<String> = model.needed_locks().into_iter().flat_map(|n| n.paths).collect();
            assert_eq!(paths.join(" "), want, "{text}");
        }
    }
}

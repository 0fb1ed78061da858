//! Files that a container starts, and whether anything of the build may bring them.

use crate::knowledge::{Action, Family, ImageKind, ManagerId, Trait, program_is};
use crate::shell::{Connector, List, Redirect, RedirectKind, Script, Word};
use crate::syntax::{Kind, Value};

use super::{
    Base, Cmd, CopyFrom, CopyUse, Model, SourceKind, Stage, base_name, covers, facts, is_file_name, paths,
};

/// How many copies from stage to stage are followed.
const MAX_DEPTH: usize = 8;

/// How many commands and copies are looked at for one file.
const MAX_COMMANDS: usize = 50_000;

/// How many commands of a RUN are looked at before the one that a file is there for.
const MAX_BEFORE: usize = 256;

/// How many files that a container starts are looked for.
const MAX_FILES: usize = 16;

/// Folders of images, whose files nobody copies there.
const OF_IMAGES: [&str; 8] = ["/bin", "/etc", "/lib", "/opt", "/root", "/sbin", "/usr", "/var"];

/// Folders that installs fill.
const INSTALLED: [&str; 7] = [".bin", ".next", ".venv", "env", "node_modules", "vendor", "venv"];

/// Programs that make no file which a container starts.
const MAKE_NOTHING: [&str; 24] = [
    "[",
    "addgroup",
    "adduser",
    "cd",
    "chgrp",
    "chmod",
    "chown",
    "corepack",
    "echo",
    "export",
    "groupadd",
    "ldconfig",
    "locale-gen",
    "mkdir",
    "rm",
    "rmdir",
    "set",
    "sleep",
    "test",
    "true",
    "update-ca-certificates",
    "useradd",
    "usermod",
    "exit",
];

/// A file that a container starts, or its health check.
#[derive(Debug, Clone)]
pub struct StartFile<'m> {
    /// What starts it.
    pub cmd: Cmd<'m>,
    /// The word that names it.
    pub word: &'m Word,
    /// Where it is looked for in the image, the first of them as it is named.
    pub targets: Vec<String>,
}

/// Why a file is not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NotBrought {
    /// The paths of the build context that copies would take for it; with none, no copy brings its folder.
    pub sources: Vec<String>,
    /// Those of them that a copy names by themselves, or by a folder around them: somebody makes them before the build.
    pub named: bool,
}

/// The search for what may bring a file.
struct Search<'a> {
    /// Whether an install may run scripts of the project.
    runs_scripts: &'a dyn Fn(&Cmd<'_>) -> bool,
    /// What was found so far.
    lack: NotBrought,
    /// How many commands and copies are still looked at; beyond that, something may bring it.
    left: usize,
}

impl Model {
    /// The files that the ENTRYPOINT, the CMD and the HEALTHCHECK of the image start.
    #[must_use]
    pub fn start_files(&self) -> Vec<StartFile<'_>> {
        let Some(stage) = self.final_stage() else { return Vec::new() };
        let mut found = Vec::new();
        for step in self.steps_in_force() {
            for cmd in self.commands_of(step) {
                let script = cmd.script();
                let place = &cmd.shell().place;
                let within = place.within;
                let sure = !script.script.opaque
                    && !script.script.approximate
                    && !script.changes_folder
                    && !within.function
                    && !within.branch
                    && !within.condition
                    && place.before.connector != Connector::Or;
                if sure && let Some((word, names)) = started_by(&cmd) {
                    let folder = self.end_state(stage).workdir.and_then(|i| self.workdirs.get(i));
                    let folder = folder.map_or(&Value::Unknown, |w| &w.path);
                    let path = |name: &String| match folder.known() {
                        _ if name.starts_with('/') => paths::join("/", name),
                        Some(folder) => paths::join(folder, name),
                        None => None,
                    };
                    let targets: Vec<String> = names.iter().filter_map(path).collect();
                    if targets.len() == names.len() && found.len() < MAX_FILES {
                        found.push(StartFile { cmd, word, targets });
                    }
                }
            }
        }
        found
    }

    /// Why the image surely has no file at `path`; `None` if something may bring it. `runs_scripts` says whether an
    /// install may run scripts of the project.
    #[must_use]
    pub fn lacks_file(&self, path: &str, runs_scripts: &dyn Fn(&Cmd<'_>) -> bool) -> Option<NotBrought> {
        let stage = self.final_stage()?;
        let parts = || path.split('/').filter(|part| !part.is_empty());
        if OF_IMAGES.iter().any(|folder| covers(folder, path)) && !path.starts_with("/usr/src/")
            || parts().any(|part| INSTALLED.contains(&part))
            || !self.brings_code(stage)
        {
            return None;
        }
        let mut search = Search { runs_scripts, lack: NotBrought::default(), left: MAX_COMMANDS };
        self.lacks(stage, path, &mut search, MAX_DEPTH, usize::MAX).then_some(search.lack)
    }

    /// Why there surely is no file at `path` when `cmd` runs; `None` if something may have brought it.
    #[must_use]
    pub fn lacks_before(
        &self,
        cmd: &Cmd<'_>,
        path: &str,
        runs_scripts: &dyn Fn(&Cmd<'_>) -> bool,
    ) -> Option<NotBrought> {
        let stage = cmd.stage()?;
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        if OF_IMAGES.iter().any(|folder| covers(folder, path)) && !path.starts_with("/usr/src/")
            || parts.any(|part| INSTALLED.contains(&part))
        {
            return None;
        }
        let own = self.commands_of(cmd.step()).take_while(|own| own.id() < cmd.id());
        if own.take(MAX_BEFORE).any(|own| !makes_nothing(&own, path, runs_scripts)) {
            return None;
        }
        let mut search = Search { runs_scripts, lack: NotBrought::default(), left: MAX_COMMANDS };
        self.lacks(stage, path, &mut search, MAX_DEPTH, cmd.step()).then_some(search.lack)
    }

    /// True if more than manifests is copied into the image: others get their sources when they start.
    fn brings_code(&self, stage: &Stage) -> bool {
        self.copies_before(stage, usize::MAX).any(|copy| {
            copy.from != CopyFrom::Context
                || copy.sources.iter().any(|source| {
                    let name = source.value.known().map(|path| paths::base_name(path.trim_end_matches('/')));
                    let code = |name: &str| {
                        let ending = name.rsplit_once('.').map(|(_, ending)| ending);
                        !is_file_name(name)
                            || matches!(
                                ending,
                                Some("py" | "js" | "mjs" | "cjs" | "ts" | "rb" | "php" | "go" | "rs" | "jar")
                            )
                    };
                    name.is_some_and(code)
                })
        })
    }

    /// True if the steps of `stage` before `end`, and what it starts from, surely bring no file at `path`.
    fn lacks(&self, stage: &Stage, path: &str, search: &mut Search<'_>, depth: usize, end: usize) -> bool {
        let plain = match self.root_base(stage) {
            Base::Scratch => true,
            Base::Image(image) => {
                let tag = image.tag.as_deref().unwrap_or("");
                let known = facts(image).and_then(|facts| facts.kind);
                let simple = matches!(known, Some(ImageKind::Os | ImageKind::Runtime | ImageKind::Sdk));
                simple
                    && !tag.contains("onbuild")
                    && (image.is_official()
                        || self.family(stage) == Family::Bare
                        || known == Some(ImageKind::Os))
            }
            _ => false,
        };
        let lineage: Vec<&Stage> = self.lineage(stage).take(MAX_DEPTH + 1).collect();
        if !plain || depth == 0 || lineage.len() > MAX_DEPTH {
            return false;
        }
        lineage.iter().all(|stage| {
            self.triggers_in(stage).is_empty()
                && stage
                    .steps
                    .clone()
                    .filter(|step| *step < end)
                    .all(|step| self.leaves_out(step, path, search, depth))
        })
    }

    /// True if a step surely brings no file at `path`.
    fn leaves_out(&self, step: usize, path: &str, search: &mut Search<'_>, depth: usize) -> bool {
        let instruction = self.instruction(step);
        if instruction.is_trigger() {
            return true;
        }
        let cost = self.commands_of(step).len() + self.copies_of(step).len() + 1;
        search.left = search.left.saturating_sub(cost);
        if search.left == 0 {
            return false;
        }
        match &instruction.kind {
            Kind::Copy(_) | Kind::Add(_) => {
                let mut copies = self.copies_of(step).iter().filter(|copy| !copy.mount);
                copies.all(|copy| self.copy_leaves_out(copy, path, search, depth))
            }
            Kind::Run(_) => {
                // `{ echo a; echo b; } > file`
                let writes = |list: &List| list.redirects.iter().any(|redirect| may_write(redirect, path));
                let is_clear = |script: &Script| {
                    !script.opaque && !script.approximate && !script.lists.iter().any(writes)
                };
                let clear = self.scripts_of(step).iter().all(|used| is_clear(&used.script));
                clear && self.commands_of(step).all(|cmd| makes_nothing(&cmd, path, search.runs_scripts))
            }
            Kind::Volume(paths) => {
                // What is there comes when the container starts.
                !paths.iter().any(|word| word.has_variables() || covers(&word.text, path))
            }
            _ => true,
        }
    }

    fn copy_leaves_out(&self, copy: &CopyUse, path: &str, search: &mut Search<'_>, depth: usize) -> bool {
        let Some(destination) = copy.destination.known() else { return false };
        let to = destination.trim_end_matches('/');
        if !(path == to || path.starts_with(to) && path[to.len()..].starts_with('/')) {
            return true;
        }
        let clear = !copy.sources.is_empty()
            && copy.sources.iter().all(|source| {
                let known = source.value.known();
                let has_pattern = known.is_some_and(|path| path.contains(['*', '?', '[']));
                source.kind == SourceKind::Path
                    && known.is_some_and(|path| !path.contains('\\'))
                    // A pattern may find folders, whose content then goes to the destination itself, and a single
                    // file, which gets the name of the destination.
                    && (!has_pattern
                        || destination.ends_with('/')
                            && known.is_some_and(|path| is_file_name(path) && !path.ends_with('*')))
                    && !(copy.add && known.is_some_and(super::is_tar))
            });
        if !clear || self.instruction(copy.step).flag("exclude").is_some() {
            return false;
        }
        let Some(source) = self.taken_for(copy, path, false) else { return true };
        // For a file that is named and not there, the COPY itself fails.
        let named = |path: &str| paths::join("/", path).is_some_and(|path| path[1..] == source);
        if copy.sources.iter().any(|s| s.value.known().is_some_and(named)) {
            return false;
        }
        match copy.from {
            CopyFrom::Context => {
                if source.split('/').any(|part| part == "..") {
                    return false;
                }
                let whole = copy.sources.iter().all(|source| {
                    let name = source.value.known().unwrap_or_default().trim_matches('/');
                    matches!(name, "." | "" | "./" | "./.")
                });
                search.lack.named |= !whole;
                if !search.lack.sources.contains(&source) {
                    search.lack.sources.push(source);
                }
                true
            }
            CopyFrom::Stage(number) => {
                let from = format!("/{source}");
                let installed = OF_IMAGES.iter().any(|folder| covers(folder, &from));
                !installed
                    && self
                        .stages
                        .get(number)
                        .is_some_and(|stage| self.lacks(stage, &from, search, depth - 1, usize::MAX))
            }
            _ => false,
        }
    }
}

/// The word of a command that names the file which it starts, and the names that it may have.
fn started_by<'m>(cmd: &Cmd<'m>) -> Option<(&'m Word, Vec<String>)> {
    let shell = cmd.shell();
    let first = shell.program_word()?;
    let args = shell.arguments();
    let program = cmd.program();
    // The first word that is no option; `values` are options with a word behind them.
    let operand = |values: &[&str], inline: &[&str]| -> Option<&'m Word> {
        let mut words = args.iter();
        loop {
            let word = words.next()?;
            let text = word.as_str()?;
            if inline.contains(&text) {
                return None;
            }
            if values.contains(&text) {
                words.next()?;
            } else if !text.starts_with('-') {
                return Some(word);
            }
        }
    };
    let of = |word: &'m Word, endings: &[&str]| -> Option<(&'m Word, Vec<String>)> {
        let text = word.as_str().filter(|text| is_plain(text))?;
        endings.iter().any(|ending| text.ends_with(ending)).then(|| (word, vec![text.to_owned()]))
    };
    match program {
        "node" | "nodejs" => {
            let values = [
                "-r",
                "--require",
                "--import",
                "--loader",
                "--experimental-loader",
                "-C",
                "--conditions",
                "--env-file",
                "--env-file-if-exists",
                "--watch-path",
                "--unhandled-rejections",
                "--title",
                "--max-http-header-size",
                "--dns-result-order",
            ];
            let inline = [
                "-e",
                "--eval",
                "-p",
                "--print",
                "-c",
                "--check",
                "-i",
                "--test",
                "--run",
                "-v",
                "--version",
            ];
            let word = operand(&values, &inline)?;
            let text = word.as_str().filter(|text| is_plain(text) && *text != "inspect")?;
            if [".js", ".mjs", ".cjs", ".ts", ".mts"].iter().any(|ending| text.ends_with(ending)) {
                return Some((word, vec![text.to_owned()]));
            }
            // The word may belong to an option that is not known here.
            let at = args.iter().position(|arg| arg.span == word.span)?;
            if at > 0
                && args[at - 1].as_str().is_some_and(|text| text.starts_with('-') && !text.contains('='))
            {
                return None;
            }
            let text = text.trim_end_matches('/');
            // Its own first, for what people read.
            let names =
                [text.to_owned(), format!("{text}.js"), format!("{text}.json"), format!("{text}.node")];
            let inner = ["index.js", "index.json", "package.json"].map(|name| format!("{text}/{name}"));
            Some((word, names.into_iter().chain(inner).collect()))
        }
        _ if program == "python" || program.starts_with("python3") => {
            of(operand(&["-X", "-W"], &["-m", "-c"])?, &[".py"])
        }
        // With `-C` it looks in another folder.
        "ruby" => of(operand(&["-I", "-r"], &["-e", "-S", "-C"])?, &[".rb"]),
        "php" => of(operand(&["-d", "-c", "-S", "-t"], &["-r", "-f", "-a"])?, &[".php"]),
        "dotnet" => of(args.first()?, &[".dll"]),
        "java" => {
            let at = args.iter().position(|word| word.is("-jar"))?;
            of(args.get(at + 1)?, &[".jar"])
        }
        _ if program_is(program, Trait::Shell) => {
            let is_inline = |text: &str| {
                text.strip_prefix('-')
                    .is_some_and(|letters| !letters.starts_with('-') && letters.contains(['c', 's']))
            };
            if args.iter().filter_map(Word::as_str).any(is_inline) {
                return None;
            }
            of(operand(&["-o", "-O"], &[])?, &[".sh", ".bash"])
        }
        _ => {
            let text = first.as_str().filter(|text| is_plain(text) && text.contains('/'))?;
            Some((first, vec![text.to_owned()]))
        }
    }
}

/// True for a path without anything that somebody else makes something of.
fn is_plain(path: &str) -> bool {
    !path.is_empty()
        && !path.starts_with(['-', '~', '@'])
        && !path.contains(['*', '?', '[', '$', '\\', '{', ':', ' '])
        && !path.split('/').any(|part| part == "..")
}

/// True for a redirection that may write the file at `path`.
fn may_write(redirect: &Redirect, path: &str) -> bool {
    use RedirectKind::{Append, AppendBoth, ReadWrite, Write, WriteBoth};
    let elsewhere = |text: &str| {
        ["/dev/", "/etc/", "/tmp/", "/root/", "/usr/", "/var/"].iter().any(|folder| text.starts_with(folder))
            && !covers(text, path)
    };
    matches!(redirect.kind, Append | AppendBoth | ReadWrite | Write | WriteBoth)
        && !redirect.target.as_ref().and_then(Word::as_str).is_some_and(elsewhere)
}

/// True if a command of a RUN surely makes no file at `path`.
fn makes_nothing(cmd: &Cmd<'_>, path: &str, runs_scripts: &dyn Fn(&Cmd<'_>) -> bool) -> bool {
    let shell = cmd.shell();
    let writes = shell.redirects.iter().any(|redirect| may_write(redirect, path));
    if writes {
        return false;
    }
    if let Some(manager) = cmd.usage.manager {
        let settled =
            matches!(cmd.usage.action, Action::Update | Action::Upgrade | Action::Remove | Action::Clean);
        let installs = cmd.usage.action == Action::Install;
        return match manager.id {
            _ if settled => true,
            ManagerId::Apk
            | ManagerId::Apt
            | ManagerId::Dnf
            | ManagerId::Microdnf
            | ManagerId::Yum
            | ManagerId::Gem
            | ManagerId::Bundler => installs,
            ManagerId::Pip => {
                installs && !cmd.has_any_flag(&["-t", "--target", "--root", "--prefix", "--src"])
            }
            ManagerId::Npm | ManagerId::Yarn | ManagerId::Pnpm | ManagerId::Bun => {
                installs && (cmd.has_flag("--ignore-scripts") || !runs_scripts(cmd))
            }
            ManagerId::Dotnet => cmd.is_subcommand("restore"),
            ManagerId::Go => cmd.is_subcommand("mod"),
            ManagerId::Cargo => cmd.is_subcommand("fetch"),
            _ => false,
        };
    }
    let program = cmd.program();
    // A folder may have the name, too.
    if program == "mkdir"
        && cmd.args().iter().any(|word| {
            word.as_str().is_none_or(|name| base_name(path) == base_name(name.trim_end_matches('/')))
        })
    {
        return false;
    }
    MAKE_NOTHING.contains(&program) || program_is(program, Trait::WritesNothing)
}

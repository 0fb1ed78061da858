//! Where a program may come into a stage that its base image does not have.

use std::cell::LazyCell;

use crate::knowledge::{Action, Family, ManagerId, Trait, apk_brings, program_is};
use crate::rules::Cx;
use crate::semantic::{
    Cmd, CommandId, CopyFrom, CopyUse, Model, ScriptKind, Stage, base_name, is_file_name, is_tar,
};
use crate::size::{AptInstall, apt_install, apt_installs};
use crate::syntax::{Instruction, Keyword, Kind};

use super::program_help::package_of;

/// How many stages a stage may start from, one after the other, before nothing is said.
const MAX_LINEAGE: usize = 50;

/// How many builds of the project may start from each other before nothing is said.
const MAX_BUILDS: usize = 8;

/// Folders whose programs are found by their names.
const BIN_FOLDERS: [&str; 6] =
    ["/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"];

/// Folders that hold such folders.
const ABOVE_BIN: [&str; 4] = ["", "/usr", "/usr/local", "/opt"];

/// Managers that bring libraries and programs of a language, none of the system's.
const LANGUAGES: [ManagerId; 10] = [
    ManagerId::Bun,
    ManagerId::Bundler,
    ManagerId::Composer,
    ManagerId::Dotnet,
    ManagerId::Gem,
    ManagerId::Npm,
    ManagerId::Pip,
    ManagerId::Pnpm,
    ManagerId::Uv,
    ManagerId::Yarn,
];

/// The first place in a stage that may bring a program: the step, and the command if it is one of a RUN.
pub(super) type Place = (usize, Option<CommandId>);

/// True if the program may be there when `cmd` runs.
pub(super) fn is_before(place: Option<Place>, cmd: &Cmd<'_>) -> bool {
    place.is_some_and(|(step, id)| {
        step < cmd.step() || step == cmd.step() && id.is_none_or(|id| id < cmd.id())
    })
}

/// The first place in `stage` that may bring `program`; its beginning, if a stage that it starts from may.
pub(super) fn first_place(cx: &Cx<'_>, stage: &Stage, program: &str) -> Option<Place> {
    let build = OneBuild { model: cx.model, apt_installs: cx.apt_installs };
    let mut above = build.model.lineage(stage).skip(1);
    let far = above.by_ref().take(MAX_LINEAGE).any(|s| place_in(build, s, program).is_some());
    if far || above.next().is_some() || is_below(build.model, stage, program, MAX_BUILDS) {
        return Some((stage.steps.start, None));
    }
    place_in(build, stage, program)
}

/// True if `stage` removes the package that brings a program again, `apt-get purge curl`, and nothing behind its install
/// may bring it back.
pub(super) fn is_removed_again(model: &Model, stage: &Stage, place: Place, package: &str) -> bool {
    let (step, Some(id)) = place else { return false };
    let names = |cmd: &Cmd<'_>| cmd.packages().iter().any(|p| p.name == package);
    let installs = |cmd: &Cmd<'_>| cmd.is(ManagerId::Apt, Action::Install);
    let is_copy = |i: &Instruction| matches!(i.keyword, Keyword::Copy | Keyword::Add);
    let install = model.command(id);
    let is_install = stage.steps.contains(&step) && installs(&install) && names(&install);
    if !is_install || model.instructions_of(stage).any(|(at, i)| at > step && is_copy(i)) {
        return false;
    }
    let removes = |cmd: &Cmd<'_>| {
        let within = cmd.shell().place.within;
        cmd.is(ManagerId::Apt, Action::Remove)
            && cmd.operands().iter().any(|w| w.is(package))
            && !(within.branch || within.condition || within.function)
    };
    let mut removed = false;
    for cmd in (step..stage.steps.end).flat_map(|at| model.commands_of(at)).filter(|cmd| cmd.id() > id) {
        let brings = cmd.usage.action == Action::Install || cmd.runs_script();
        if cmd.script().kind == ScriptKind::Run && brings {
            return false;
        }
        removed |= removes(&cmd);
    }
    removed
}

/// A build, and what it installs.
#[derive(Clone, Copy)]
struct OneBuild<'a> {
    model: &'a Model,
    apt_installs: &'a [AptInstall<'a>],
}

/// True if another build of the project, from whose image `stage` starts in the end, may bring the program.
fn is_below(model: &Model, stage: &Stage, program: &str, builds: usize) -> bool {
    let Some((below, end)) = model.below(stage) else { return false };
    let installs = apt_installs(below);
    let build = OneBuild { model: below, apt_installs: &installs };
    let mut lineage = below.lineage(end);
    lineage.by_ref().take(MAX_LINEAGE).any(|s| place_in(build, s, program).is_some())
        || lineage.next().is_some()
        || builds == 0
        || is_below(below, end, program, builds - 1)
}

fn place_in(build: OneBuild<'_>, stage: &Stage, program: &str) -> Option<Place> {
    let model = build.model;
    if triggers_bring(build, stage, program) {
        return Some((stage.steps.start, None));
    }
    let path = LazyCell::new(|| folders_of_path(model));
    let mut copies = model.copies.partition_point(|c| c.step < stage.steps.start);
    for step in stage.steps.clone() {
        while let Some(copy) = model.copies.get(copies).filter(|c| c.step <= step) {
            copies += 1;
            if !copy.onbuild && !copy.mount && (copies_it(copy, program) || fills_path(copy, &path)) {
                return Some((step, None));
            }
        }
        for cmd in model.commands_of(step) {
            let script = cmd.script();
            if script.kind != ScriptKind::Run || script.onbuild {
                continue;
            }
            if script.script.opaque || script.script.approximate || brings(build, &cmd, program) {
                return Some((step, Some(cmd.id())));
            }
        }
    }
    None
}

/// The folders that ENV puts into the PATH, but for those of a language, which hold no program of the system; `None` for
/// one behind a variable.
fn folders_of_path(model: &Model) -> Vec<Option<String>> {
    let settings = model.instructions().filter_map(|(_, instruction)| match &instruction.kind {
        Kind::Env(pairs) => Some(pairs),
        _ => None,
    });
    let values =
        settings.flatten().filter(|pair| &*pair.key.text == "PATH").filter_map(|pair| pair.value.as_ref());
    let is_own = |folder: &&str| !matches!(*folder, "" | "$PATH" | "${PATH}") && !is_of_language(folder);
    let folder = |text: &str| {
        let folder = text.trim_end_matches('/');
        (folder.starts_with('/') && !folder.contains('$')).then(|| folder.to_owned())
    };
    values
        .flat_map(|value| value.text.trim_matches(['"', '\'']).split(':').filter(is_own).map(folder))
        .collect()
}

/// True for a folder of what a language installs.
fn is_of_language(folder: &str) -> bool {
    ["venv", "virtualenv", "VIRTUAL_ENV", "node_modules", ".local/bin", "vendor/bin"]
        .iter()
        .any(|part| folder.contains(part))
}

/// True for a folder that is copied over one of the PATH, or over what holds one: any program may be in it.
fn fills_path(copy: &CopyUse, path: &[Option<String>]) -> bool {
    let to = copy.destination.known().unwrap_or("").trim_end_matches('/');
    let is_folder = |path: &str| !is_tar(path) && (path.ends_with('/') || !is_file_name(path));
    let brings = || copy.sources.iter().any(|source| source.value.known().is_none_or(is_folder));
    let holds = |folder: &Option<String>| match folder {
        Some(folder) => folder.strip_prefix(to).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
        None => true,
    };
    !is_of_language(to) && path.iter().any(holds) && brings()
}

/// True if triggers that run first in the stage may bring the program.
fn triggers_bring(build: OneBuild<'_>, stage: &Stage, program: &str) -> bool {
    let model = build.model;
    let triggered = model.triggered.iter().filter(|triggered| triggered.stage == stage.index);
    let mut commands = model.triggers_in(stage).iter().flat_map(|step| model.commands_of(*step));
    triggered.map(|triggered| &triggered.copy).any(|copy| !copy.mount && copies_it(copy, program))
        || commands.any(|cmd| {
            let script = cmd.script();
            script.kind == ScriptKind::Run
                && (script.script.opaque || script.script.approximate || brings(build, &cmd, program))
        })
}

/// True if a copy may bring the program, or a folder that has it.
fn copies_it(copy: &CopyUse, program: &str) -> bool {
    let Some(destination) = copy.destination.known() else { return true };
    let to = destination.trim_end_matches('/');
    let names = |path: &str| base_name(path) == program || path.contains("busybox");
    // Packages of Node come with a folder of their own, and a link to them.
    let alone = matches!(program, "corepack" | "yarn");
    if names(to) || is_language(program) && !alone && copy.from != CopyFrom::Context {
        return true;
    }
    copy.sources.iter().any(|source| {
        let Some(path) = source.value.known() else { return true };
        if names(path) || path.contains(['*', '?', '[']) {
            return names(path) || is_bin(to) || ABOVE_BIN.contains(&to);
        }
        let clean = path.trim_end_matches('/');
        // What lies in a folder of programs is one.
        let file = !path.ends_with('/')
            && !is_tar(path)
            && (is_file_name(clean)
                || clean.rsplit('/').nth(1).is_some_and(|folder| folder.ends_with("bin")));
        let fills = ABOVE_BIN.contains(&to) || BIN_FOLDERS.contains(&to);
        !file && (fills || is_bin(to) && base_name(clean) != base_name(to))
    })
}

fn is_bin(folder: &str) -> bool {
    BIN_FOLDERS.contains(&folder) || folder.ends_with("/bin")
}

/// Programs that run what is written in their language: they come along with what needs them.
fn is_language(program: &str) -> bool {
    matches!(
        program,
        "corepack"
            | "go"
            | "java"
            | "node"
            | "npm"
            | "npx"
            | "perl"
            | "php"
            | "pip"
            | "pip3"
            | "pwsh"
            | "python"
            | "python3"
            | "ruby"
            | "yarn"
    )
}

/// True if a command may bring the program.
fn brings(build: OneBuild<'_>, cmd: &Cmd<'_>, program: &str) -> bool {
    let own = cmd.program();
    if let Some(manager) = cmd.usage.manager {
        return match cmd.usage.action {
            Action::Install => match manager.id {
                ManagerId::Apt => apt_brings(build, cmd, program),
                ManagerId::Apk => apk_adds(cmd, program),
                ManagerId::Npm if matches!(program, "corepack" | "yarn") => npm_adds(cmd, program),
                id => !LANGUAGES.contains(&id) || is_language(program),
            },
            Action::Upgrade | Action::Update | Action::Remove | Action::Clean => false,
            Action::Other => !LANGUAGES.contains(&manager.id) && !matches!(own, "apt-get" | "apt" | "apk"),
        };
    }
    if cmd.runs_script()
        || matches!(own, "." | "source" | "eval" | "make" | "dpkg" | "rpm" | "ansible-playbook")
        || is_own_program(cmd)
        || own == "corepack" && matches!(program, "npm" | "yarn")
    {
        return true;
    }
    // `curl … | sh` and `sh -c "$(curl …)"` run what nobody knows.
    let unknown = |cmd: &Cmd<'_>| {
        cmd.shell().place.pipeline.is_some() || cmd.args().iter().any(|word| word.has_expansion())
    };
    if program_is(own, Trait::Shell) && unknown(cmd) {
        return true;
    }
    // What names it, or a folder of programs, may put it there.
    cmd.args().iter().any(|word| {
        let text = word.static_prefix();
        let named = base_name(text) == program && own != "echo" && !is_question(own);
        let folder = text.rsplit_once('=').map_or(text, |(_, value)| value).trim_end_matches('/');
        named || (is_bin(folder) && !folder.is_empty() && !is_question(own))
    })
}

/// True for a program that is none of the system's, or for a script that is told to install something: what
/// they do nobody knows.
fn is_own_program(cmd: &Cmd<'_>) -> bool {
    let word = cmd.shell().program_word().map_or("", |w| w.static_prefix());
    let system = ["/bin", "/sbin", "/usr/bin", "/usr/sbin"];
    let elsewhere = word.rsplit_once('/').is_some_and(|(folder, _)| !system.contains(&folder));
    let interpreted = matches!(cmd.program(), "node" | "perl" | "php" | "python" | "python3" | "ruby");
    let installs = || {
        let names = |text: &str| text.contains("install") || text.contains("setup");
        cmd.args().iter().map(|w| w.static_prefix()).any(|text| names(text) && !text.ends_with("setup.py"))
    };
    elsewhere || interpreted && installs()
}

/// True if npm installs a package that brings the program, or may do so.
fn npm_adds(cmd: &Cmd<'_>, program: &str) -> bool {
    let operands = cmd.operands();
    let unknown = |text: &str| text.contains(['/', '.']) && !text.starts_with('@');
    operands.iter().any(|w| {
        let text = w.static_prefix();
        w.has_expansion() || text.contains(program) || text.starts_with("corepack") || unknown(text)
    })
}

/// Programs that only ask whether another one is there.
fn is_question(program: &str) -> bool {
    matches!(program, "which" | "command" | "type" | "hash" | "test" | "[")
}

fn apt_brings(build: OneBuild<'_>, cmd: &Cmd<'_>, program: &str) -> bool {
    let package = package_of(program, Family::Debian);
    let names: Vec<String> = cmd.packages().into_iter().map(|p| p.name).collect();
    let named = |name: &String| name.contains(package) || name.contains(program);
    if names.is_empty() || names.iter().any(named) {
        return true;
    }
    match apt_install(build.apt_installs, cmd.id()) {
        Some(install) => {
            install.incomplete.is_some()
                || install.adds_any(|name| name.contains(package))
                || is_language(program)
                || is_of_compiler(program)
        }
        None => true,
    }
}

/// What many packages bring under other names.
fn is_of_compiler(program: &str) -> bool {
    matches!(
        program,
        "cc" | "gcc" | "g++" | "make" | "nc" | "netcat" | "ping" | "telnet" | "mysql" | "mysqladmin"
    )
}

fn apk_adds(cmd: &Cmd<'_>, program: &str) -> bool {
    let packages = cmd.packages();
    let operands = cmd.operands();
    // A name that a variable hides, or a file, is none of the packages.
    let virtual_name = |text: &str| text.starts_with('.');
    let plain = operands.iter().filter(|w| w.as_str().is_some_and(|t| !virtual_name(t))).count();
    let hidden = operands.iter().any(|w| w.has_expansion() || w.as_str().is_some_and(|t| t.contains('/')));
    hidden
        || packages.len() < plain
        || packages.iter().any(|p| {
            let virtual_one = p.name.starts_with('.');
            !virtual_one
                && (p.name.contains(program) || apk_brings(&p.name).is_none_or(|has| has.contains(&program)))
        })
}

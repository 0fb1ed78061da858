//! Files and folders that the user of a RUN may not change.

use crate::knowledge::{Action, Family, ManagerId};
use crate::rules::Cx;
use crate::semantic::{
    Analysis, Base, Cmd, CopyFrom, Grammar, Model, RunsAs, ScriptKind, Stage, base_name, facts,
};
use crate::shell::Connector;
use crate::syntax::{Keyword, Kind, Mount};
use crate::text::Span;

use super::chain::has_fallback;
use super::layers::given;

/// Commands whose folder is looked at, at most.
const MAX_COMMANDS: usize = 50;

/// Folders that images bring, with owners of their own.
const OF_IMAGES: [&str; 9] = [
    "/data",
    "/go",
    "/home",
    "/opt",
    "/root",
    "/srv",
    "/usr/share/nginx/html",
    "/usr/src/app",
    "/var/www/html",
];

/// Managers that write the dependencies into the project's folder.
const INTO_PROJECT: [ManagerId; 6] =
    [ManagerId::Bun, ManagerId::Composer, ManagerId::Npm, ManagerId::Pnpm, ManagerId::Uv, ManagerId::Yarn];

/// Options that send what is written elsewhere.
const ELSEWHERE: [&str; 10] = [
    "-g",
    "--global",
    "--prefix",
    "-C",
    "--cwd",
    "--dir",
    "-d",
    "--working-dir",
    "--system",
    "--modules-folder",
];

/// Options of other programs that do so, for all that a build writes.
const SENDING_OPTIONS: [&str; 16] = [
    "--build-dir",
    "--dest",
    "--dist-dir",
    "--distDir",
    "--modules-dir",
    "--out",
    "--out-dir",
    "--outDir",
    "--outdir",
    "--output",
    "--output-path",
    "--target-dir",
    "--virtual-store-dir",
    "-DbuildDirectory",
    "-Dproject.build.directory",
    "-PbuildDir",
];

/// Variables that do so.
const SENDING_VARIABLES: [&str; 5] = [
    "BUILD_PATH",
    "CARGO_BUILD_TARGET_DIR",
    "CARGO_TARGET_DIR",
    "COMPOSER_VENDOR_DIR",
    "UV_PROJECT_ENVIRONMENT",
];

/// Folders of a project that its dependencies are installed into.
const PROJECT_FOLDERS: [&str; 3] = ["node_modules", ".venv", "vendor"];

/// mkdir(1).
const MKDIR: Grammar = Grammar { short: "m", long: &["mode"] };

/// `user-cannot-write`.
pub fn cannot_write(cx: &mut Cx<'_>) {
    let model = cx.model;
    // Without a USER nobody but the base image's own user is there.
    if !model.instructions().any(|(_, i)| i.keyword == Keyword::User) {
        return;
    }
    let mut left = MAX_COMMANDS;
    let mut told: Option<usize> = None;
    for cmd in model.run_commands().filter(|c| !c.script().onbuild) {
        let step = cmd.step();
        if told == Some(step) {
            continue;
        }
        let Some(change) = change(&cmd) else { continue };
        let RunsAs::Other(user) = model.runs_as(step) else { continue };
        let shell = cmd.shell();
        let within = shell.place.within;
        let helped =
            shell.is_wrapped_by("sudo") || shell.is_wrapped_by("doas") || shell.is_wrapped_by("gosu");
        if helped || within.function || within.branch || is_optional(&cmd) || has_fallback(&cmd) {
            continue;
        }
        let Some(stage) = cmd.stage().filter(|s| s.reachable) else { continue };
        let Some(rest) = left.checked_sub(1) else { return };
        left = rest;
        let command = model.text(cmd.head_span());
        let command = command.split_whitespace().filter(|w| *w != "\\").collect::<Vec<_>>().join(" ");
        let denied = |folder: &str| {
            format!(
                "`{command}` writes to `{folder}`, which belongs to root, but runs as the user `{user}`: permission denied"
            )
        };
        let give = |folder: &str| {
            format!(
                "give it to the user above this USER: `RUN chown {user} {folder}`; or put the WORKDIR below USER, which then owns it"
            )
        };
        let found = match &change {
            Change::Folders(folders) => folders.iter().find_map(|path| {
                let (parent, _) = path.rsplit_once('/')?;
                let made = made_by_root(model, stage, step, parent)?;
                (!may_be_there(cx.model, &cmd, path)).then(|| (made, denied(parent), give(parent)))
            }),
            Change::Into(folder) => made_by_root(model, stage, step, folder).map(|made| {
                (made, denied(folder), give(folder))
            }),
            Change::Mode(files) => files.iter().find_map(|file| copied_as_root(model, stage, step, file)).map(|made| {
                let message = format!(
                    "`{command}` is only for the owner of a file, which is root for what COPY brings, but runs as the user `{user}`: operation not permitted"
                );
                let help = if command.starts_with("chown") {
                    format!("copy it with `--chown={user}`")
                } else {
                    let mode = cmd.args().iter().find(|w| !w.static_prefix().starts_with('-'));
                    match mode.and_then(|mode| given(&cmd, mode)) {
                        Some(mode) => format!("copy it with `--chmod={mode}`, or with `--chown={user}`"),
                        None => format!("copy it with `--chown={user}`"),
                    }
                };
                (made, message, help)
            }),
        };
        if let Some((made, message, help)) = found {
            told = Some(step);
            cx.report(cx.at(cmd.head_span(), message).label(made, "made by root here").help(help));
        }
    }
}

/// What a command changes.
enum Change {
    /// It writes into this folder.
    Into(String),
    /// It makes these folders where they are not there yet.
    Folders(Vec<String>),
    /// It changes owner or mode of these files.
    Mode(Vec<String>),
}

fn change(cmd: &Cmd<'_>) -> Option<Change> {
    let folder = || cmd.model.workdir(cmd.step()).known().filter(|_| !cmd.script().changes_folder);
    if let Some(manager) = cmd.usage.manager {
        if is_sent_elsewhere(cmd) {
            return None;
        }
        let builds = matches!(manager.id, ManagerId::Cargo | ManagerId::Maven | ManagerId::Gradle)
            && cmd.builds_program()
            && !cmd.has_any_flag(&["--target-dir", "-f", "--file", "-p", "--project-dir", "--project-cache-dir", "--manifest-path"])
            // The folder of what is built may be a cache.
            && cmd.model.instruction(cmd.step()).mounts.is_empty();
        if builds {
            return folder().map(|folder| Change::Into(folder.trim_end_matches('/').to_owned()));
        }
        // What it builds, and the cache of that, is put beside the sources.
        if cmd.builds_front_end()
            && cmd.model.instruction(cmd.step()).mounts.is_empty()
            && !cmd.args().iter().any(|word| word.is("--"))
            && !cmd.has_any_flag(&ELSEWHERE)
        {
            return folder().map(|folder| Change::Into(folder.trim_end_matches('/').to_owned()));
        }
        let installs = cmd.usage.action == Action::Install && INTO_PROJECT.contains(&manager.id);
        let project = manager.id != ManagerId::Uv || cmd.is_subcommand("sync");
        // What is mounted may be the user's.
        let mounts = || cmd.model.instruction(cmd.step()).mounts.iter();
        let is_cache = |mount: &Mount| {
            let text = cmd.model.text(mount.span);
            PROJECT_FOLDERS.iter().any(|folder| text.contains(folder))
        };
        return (installs
            && project
            && !cmd.has_any_flag(&ELSEWHERE)
            && !cmd.is_dry_run()
            && !mounts().any(is_cache))
        .then(|| folder().map(|f| Change::Into(f.trim_end_matches('/').to_owned())))?;
    }
    match cmd.program() {
        "mkdir" if cmd.has_any_flag(&["-p", "--parents"]) => {
            let arguments = cmd.arguments(&MKDIR);
            let is_plain = |path: &&str| !path.contains(['*', '~', '{']);
            let paths = arguments.operands.iter().map(|word| cmd.absolute(word.as_str().filter(is_plain)?));
            let paths: Option<Vec<String>> =
                paths.map(|path| Some(path?.trim_end_matches('/').to_owned())).collect();
            paths.map(Change::Folders)
        }
        "mkdir" | "touch" => {
            let mut words = cmd.args().iter().filter(|w| !w.static_prefix().starts_with('-'));
            let path =
                cmd.absolute(words.next()?.as_str().filter(|path| !path.contains(['*', '~', '{']))?)?;
            let (parent, _) = path.trim_end_matches('/').rsplit_once('/')?;
            Some(Change::Into(parent.to_owned()))
        }
        // Its new file takes the place of the old one.
        "sed" if cmd.has_any_flag(&["-i", "--in-place"]) => {
            let file =
                cmd.absolute(cmd.args().last()?.as_str().filter(|path| !path.contains(['*', '~', '{']))?)?;
            let (parent, _) = file.rsplit_once('/')?;
            Some(Change::Into(parent.to_owned()))
        }
        "chmod" | "chown" => {
            let words = cmd.args().iter().filter(|w| !w.static_prefix().starts_with('-')).skip(1);
            let paths: Vec<String> = words.filter(|w| !w.has_glob()).flat_map(|w| cmd.paths_of(w)).collect();
            (!paths.is_empty()).then_some(Change::Mode(paths))
        }
        _ => None,
    }
}

/// True if an option, a variable or a property sends what is built or installed elsewhere.
fn is_sent_elsewhere(cmd: &Cmd<'_>) -> bool {
    let environment = cmd.model.environment(cmd.step());
    let own = |name: &&str| cmd.shell().assignments.iter().any(|set| &*set.name == *name);
    SENDING_VARIABLES.iter().any(|name| environment.binding(name).is_some() || own(name))
        || cmd.args().iter().any(|word| {
            let text = word.static_prefix();
            let option = text.split('=').next().unwrap_or(text);
            SENDING_OPTIONS.contains(&option)
        })
}

/// True if a text has `name` as a part of a path.
fn names(text: &str, name: &str) -> bool {
    let is_inside = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-');
    text.split(|c| !is_inside(c)).any(|word| word == name)
}

/// True if the folder at `path` may be there before `cmd` makes it: a WORKDIR, a COPY or a RUN names it, or the build
/// context has it.
fn may_be_there(model: &Analysis, cmd: &Cmd<'_>, path: &str) -> bool {
    let Some(stage) = cmd.stage() else { return true };
    let name = base_name(path);
    let is_at = |other: &str| {
        let other = other.trim_end_matches('/');
        other.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let mut steps = model.lineage(stage).take(20).flat_map(|s| s.steps.clone()).filter(|at| *at < cmd.step());
    let named = steps.any(|at| match &model.instruction(at).kind {
        Kind::Workdir(_) => {
            let number = model.workdirs.binary_search_by_key(&at, |w| w.step).ok();
            let workdir = number.and_then(|number| model.workdirs.get(number)?.path.known());
            workdir.is_none_or(is_at)
        }
        Kind::Copy(_) | Kind::Add(_) => {
            model.copies_of(at).iter().any(|copy| copy.destination.known().is_none_or(is_at))
        }
        Kind::Run(_) => names(model.text(model.instruction(at).span), name),
        Kind::Volume(_) => model.text(model.instruction(at).span).contains(path),
        _ => false,
    });
    let brought = || {
        let (_, source) = model.copied_from(stage, cmd.step(), path)?;
        let first = source.trim_start_matches("./").split('/').next()?;
        Some(model.context()?.scan.per_top.iter().any(|top| top.folder && top.name == first))
    };
    named || brought() == Some(true)
}

/// True if the script goes on where the command fails.
fn is_optional(cmd: &Cmd<'_>) -> bool {
    let place = &cmd.shell().place;
    place.before.connector == Connector::Or || place.after.is_some_and(|a| a.connector == Connector::Or)
}

/// Where root makes `folder`, if that is sure and the folder stays root's until `step`.
fn made_by_root(model: &Model, stage: &Stage, step: usize, folder: &str) -> Option<Span> {
    let parent = folder.rsplit_once('/').map_or("", |(parent, _)| parent);
    // The home of a user belongs to the user.
    if folder.len() < 2 || OF_IMAGES.contains(&folder) || parent == "/home" || !is_plain(model, stage) {
        return None;
    }
    let below = |path: &str| {
        path.trim_end_matches('/')
            .strip_prefix(folder)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let mut stages: Vec<&Stage> = model.lineage(stage).take(20).collect();
    stages.reverse();
    let mut made: Option<Span> = None;
    for at in stages.iter().flat_map(|s| s.steps.clone()).take_while(|at| *at < step) {
        let instruction = model.instruction(at);
        if instruction.is_trigger() {
            continue;
        }
        match &instruction.kind {
            Kind::Workdir(Some(word)) if made.is_none() => {
                let number = model.workdirs.binary_search_by_key(&at, |w| w.step).ok()?;
                let path = model.workdirs.get(number)?.path.known()?;
                if below(path) {
                    if model.runs_as(at) != RunsAs::Root {
                        return None;
                    }
                    made = Some(word.span);
                }
            }
            Kind::Copy(_) | Kind::Add(_) => {
                let first = model.copies.partition_point(|c| c.step < at);
                let copy = model.copies.get(first).filter(|c| c.step == at)?;
                let to = copy.destination.known();
                let owned = instruction.flag("chown").is_some() || instruction.flag("chmod").is_some();
                let from_elsewhere = copy.from != CopyFrom::Context;
                match to {
                    None => return None,
                    Some(to) if below(to) && (owned || from_elsewhere) => return None,
                    Some(to) if below(to) && made.is_none() => {
                        let word = copy.sources.first().map_or(instruction.keyword_span, |s| s.span);
                        // A single file at that path is no folder.
                        made = (to.ends_with('/') || to.trim_end_matches('/') != folder).then_some(word);
                        made?;
                    }
                    Some(to)
                        if folder
                            .strip_prefix(to.trim_end_matches('/'))
                            .is_some_and(|r| r.starts_with('/')) =>
                    {
                        // What is copied above it may hold it.
                        made?;
                    }
                    Some(_) => {}
                }
            }
            Kind::Run(_) => {
                let text = model.text(instruction.span);
                let last = folder.rsplit('/').next().unwrap_or(folder);
                let owners =
                    ["chown", "chmod", "chgrp", "setfacl", "install -d", "fixuid", "fix-permissions"];
                let names = text.contains(last)
                    && ["mkdir", "useradd", "adduser", "mv ", "cp ", "git clone", "tar "]
                        .iter()
                        .any(|w| text.contains(w));
                if owners.iter().any(|w| text.contains(w))
                    || (made.is_none() && names)
                    || !is_understood(model, at)
                {
                    return None;
                }
            }
            _ => {}
        }
    }
    made
}

/// True if a RUN holds nothing that may do anything.
fn is_understood(model: &Model, step: usize) -> bool {
    model.script_of(step).is_some_and(|s| !s.script.opaque && !s.script.approximate)
        && !model.commands_of(step).any(|c| c.runs_script() || matches!(c.program(), "." | "source" | "eval"))
}

/// True for a stage on an image whose folders are known well enough.
fn is_plain(model: &Model, stage: &Stage) -> bool {
    let known = matches!(model.family(stage), Family::Debian | Family::Ubuntu | Family::Alpine);
    match model.root_base(stage) {
        Base::Image(image) => known && image.is_official() && facts(image).is_some(),
        _ => false,
    }
}

/// The COPY that brings `file` as root's, if nothing gives it away before `step`.
fn copied_as_root(model: &Model, stage: &Stage, step: usize, file: &str) -> Option<Span> {
    let copy = model.copies_before(stage, step).find(|c| c.brings(file))?;
    let instruction = model.instruction(copy.step);
    if copy.from != CopyFrom::Context
        || instruction.flag("chown").is_some()
        || copy.destination.known().is_none()
    {
        return None;
    }
    let between = copy.step + 1..step;
    let changed = model.scripts.iter().any(|s| {
        s.kind == ScriptKind::Run
            && between.contains(&s.step)
            && (model.text(model.instruction(s.step).span).contains("chown") || !is_understood(model, s.step))
    });
    (!changed).then(|| copy.sources.first().map_or(instruction.keyword_span, |s| s.span))
}

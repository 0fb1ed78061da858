//! Files and folders that the user of a RUN may not change.

use crate::knowledge::{Action, Family, ManagerId};
use crate::rules::Cx;
use crate::semantic::{Base, Cmd, CopyFrom, Model, RunsAs, ScriptKind, Stage, facts};
use crate::shell::Connector;
use crate::syntax::{Keyword, Kind};
use crate::text::Span;

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
        if helped || within.function || within.branch || within.condition || is_optional(&cmd) {
            continue;
        }
        let Some(stage) = cmd.stage().filter(|s| s.reachable) else { continue };
        let Some(rest) = left.checked_sub(1) else { return };
        left = rest;
        let command = model.text(cmd.head_span());
        let command = command.split_whitespace().filter(|w| *w != "\\").collect::<Vec<_>>().join(" ");
        let found = match &change {
            Change::Into(folder) => made_by_root(model, stage, step, folder).map(|made| {
                let message = format!(
                    "`{command}` writes to `{folder}`, which belongs to root, but runs as the user `{user}`: permission denied"
                );
                let help = format!(
                    "give it to the user above this USER: `RUN chown {user} {folder}`; or put the WORKDIR below USER, which then owns it"
                );
                (made, message, help)
            }),
            Change::Mode(files) => files.iter().find_map(|file| copied_as_root(model, stage, step, file)).map(|made| {
                let message = format!(
                    "`{command}` is only for the owner of a file, which is root for what COPY brings, but runs as the user `{user}`: operation not permitted"
                );
                let help = if command.starts_with("chown") {
                    format!("copy it with `--chown={user}`")
                } else {
                    format!("copy it with `--chmod=…`, or with `--chown={user}`")
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
    /// It changes owner or mode of these files.
    Mode(Vec<String>),
}

fn change(cmd: &Cmd<'_>) -> Option<Change> {
    let folder = || cmd.model.workdir(cmd.step()).known().filter(|_| !cmd.script().changes_folder);
    if let Some(manager) = cmd.usage.manager {
        let builds = matches!(manager.id, ManagerId::Cargo | ManagerId::Maven | ManagerId::Gradle)
            && cmd.builds_program()
            && !cmd.has_any_flag(&["--target-dir", "-f", "--file", "-p", "--project-dir", "--project-cache-dir", "--manifest-path"])
            && cmd.model.environment(cmd.step()).binding("CARGO_TARGET_DIR").is_none()
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
        return (installs && project && !cmd.has_any_flag(&ELSEWHERE) && !cmd.is_dry_run())
            .then(|| folder().map(|f| Change::Into(f.trim_end_matches('/').to_owned())))?;
    }
    match cmd.program() {
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

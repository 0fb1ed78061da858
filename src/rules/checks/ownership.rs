//! Files and folders that the user of a RUN may not change.

use crate::knowledge::{Family, ImageKind};
use crate::rules::Cx;
use crate::semantic::{
    Analysis, Base, Builder, Cmd, CopyFrom, CopyUse, Failing, Model, RunsAs, ScriptKind, Stage, base_name,
    covers, facts,
};
use crate::syntax::{Keyword, Kind};
use crate::text::Span;

use super::chain::has_fallback;
use super::changes::{Change, Written, changes};
use super::layers::given;

/// Commands whose folder is looked at, at most.
const MAX_COMMANDS: usize = 50;

/// How many folders above one that is made are looked at.
const MAX_FOLDERS: usize = 5;

/// Folders that images bring, with owners of their own, or in which all may write.
const OF_IMAGES: [&str; 12] = [
    "/dev/shm",
    "/go",
    "/home",
    "/opt",
    "/root",
    "/run/lock",
    "/srv",
    "/tmp",
    "/usr/share/nginx/html",
    "/var/lock",
    "/var/tmp",
    "/var/www/html",
];

/// Those that just images of services bring.
const OF_SERVICES: [&str; 2] = ["/data", "/usr/src/app"];

/// Folders that the images of distributions and languages have, and only root may write in.
const OF_SYSTEM: [&str; 20] = [
    "/",
    "/bin",
    "/etc",
    "/lib",
    "/mnt",
    "/opt",
    "/sbin",
    "/srv",
    "/usr",
    "/usr/bin",
    "/usr/lib",
    "/usr/local",
    "/usr/local/bin",
    "/usr/local/lib/node_modules",
    "/usr/local/sbin",
    "/usr/sbin",
    "/usr/share",
    "/var",
    "/var/lib",
    "/var/log",
];

/// What an install or a build makes in the folder of a project: who may write there needs no right to its folder.
const MADE_BY_TOOLS: [&str; 14] = [
    "node_modules",
    "vendor",
    ".venv",
    "venv",
    "target",
    "build",
    "dist",
    "out",
    ".next",
    "public",
    "bin",
    "obj",
    ".yarn",
    ".gradle",
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
        let all = changes(&cmd);
        if all.is_empty() {
            continue;
        }
        let RunsAs::Other(user) = model.runs_as(step) else { continue };
        // Root may have given the folder away in the same RUN.
        let text = model.text(model.instruction(step).span);
        let helped = ["sudo", "doas", "gosu"].iter().any(|program| text.contains(program));
        if helped || matches!(cmd.failing(), Failing::MayNotRun | Failing::IsHandled) || has_fallback(&cmd) {
            continue;
        }
        let Some(stage) = cmd.stage().filter(|s| s.reachable) else { continue };
        let Some(rest) = left.checked_sub(1) else { return };
        left = rest;
        let head = cmd.head();
        let command = if cmd.script().exec { &head } else { model.text(cmd.head_span()) };
        let command = command.split_whitespace().filter(|w| *w != "\\").collect::<Vec<_>>().join(" ");
        let denied = |folder: &str| {
            format!(
                "`{command}` writes to `{folder}`, which belongs to root, but runs as the user `{user}`: permission denied"
            )
        };
        let give = |folder: &str| {
            let give = format!("give it to the user above this USER: `RUN chown {user} {folder}`");
            match model.build().builder.is_buildkit() {
                true => format!("{give}; or move the WORKDIR below the USER, so that the user owns it"),
                false => give,
            }
        };
        let of_system = |folder: &str| {
            let help = "do it above this USER, or write to a folder that the user owns".to_owned();
            (None, denied(folder), help)
        };
        let found = all.iter().find_map(|change| match change {
            Change::Folders(folders) => folders.iter().find_map(|path| {
                match made_above(cx.model, stage, &cmd, path)? {
                    (parent, Some(made)) => Some((Some(made), denied(parent), give(parent))),
                    (parent, None) => Some(of_system(parent)),
                }
            }),
            Change::Into(folder, written) => {
                let folder = if folder.is_empty() { "/" } else { folder };
                made_by_root(model, stage, step, folder, *written)
                    .map(|made| (Some(made), denied(folder), give(folder)))
                    .or_else(|| is_systems(cx.model, stage, &cmd, folder).then(|| of_system(folder)))
            }
            Change::Mode(files) => files.iter().find_map(|file| copied_as_root(model, stage, step, file)).map(|made| {
                let message = format!(
                    "`{command}` works only for the owner of a file, which is root after a COPY, but it runs as the user `{user}`: operation not permitted"
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
                (Some(made), message, help)
            }),
        });
        if let Some((made, message, help)) = found {
            told = Some(step);
            let finding = cx.at(cmd.head_span(), message).help(help);
            cx.report(made.into_iter().fold(finding, |f, made| f.label(made, "made by root here")));
        }
    }
}

/// True for a write into a folder of the system, which nothing in the file gives to anybody.
fn is_systems(model: &Analysis, stage: &Stage, cmd: &Cmd<'_>, folder: &str) -> bool {
    // What is there, and all may write in.
    const OF_ALL: [&str; 10] = ["boot", "dev", "home", "media", "proc", "root", "run", "sys", "tmp", "var"];
    if !OF_SYSTEM.contains(&folder) || !is_plain(model, stage, folder) {
        return false;
    }
    let kind = match model.root_base(stage) {
        Base::Image(image) => facts(image).and_then(|facts| facts.kind),
        _ => None,
    };
    let step = cmd.step();
    let mounts =
        |step: usize| model.instruction(step).mounts.iter().any(|m| covers(m.target().unwrap_or(""), folder));
    if !matches!(kind, Some(ImageKind::Os | ImageKind::Sdk | ImageKind::Runtime)) || mounts(step) {
        return false;
    }
    let redirects = cmd.shell().redirects.iter().filter_map(|r| r.target.as_ref());
    let named = cmd.args().iter().chain(redirects).flat_map(|word| cmd.paths_of(word));
    let inside = named
        .filter(|path| path.rsplit_once('/').is_some_and(|(above, _)| above == folder.trim_end_matches('/')));
    for path in inside {
        if folder == "/" && OF_ALL.contains(&base_name(&path)) || may_be_there(model, cmd, &path) {
            return false;
        }
    }
    let mut steps = model.lineage(stage).take(20).flat_map(|s| s.steps.clone()).filter(|at| *at < step);
    !steps.any(|at| match &model.instruction(at).kind {
        Kind::Run(_) => {
            let text = model.text(model.instruction(at).span);
            let owners =
                ["chown", "chmod", "chgrp", "setfacl", "install -d", "install -o", "fix", "mkdir -m"];
            let names = match folder {
                "/" => text.split_whitespace().any(|word| word == "/"),
                _ => folder
                    .split_inclusive('/')
                    .nth(1)
                    .is_some_and(|top| text.contains(&format!("/{}", top.trim_end_matches('/')))),
            };
            names && owners.iter().any(|w| text.contains(w)) || !is_understood(model, at)
        }
        // What comes from another stage brings the owners of its folders along.
        Kind::Copy(_) | Kind::Add(_) => model.copies_of(at).iter().any(|copy| {
            let owned = copy.from != CopyFrom::Context || model.instruction(at).flag("chown").is_some();
            owned
                && copy
                    .destination
                    .known()
                    .is_none_or(|to| covers(if to == "/" { "" } else { to }, folder) || folder == "/")
        }),
        _ => false,
    })
}

/// The nearest folder above `path` in which it, or what is between, has to be made, and where root makes that; `None` for a
/// folder of the system.
fn made_above<'p>(
    model: &Analysis,
    stage: &Stage,
    cmd: &Cmd<'_>,
    path: &'p str,
) -> Option<(&'p str, Option<Span>)> {
    let mut path = path;
    for _ in 0..MAX_FOLDERS {
        let (parent, _) = path.rsplit_once('/')?;
        let parent = if parent.is_empty() { "/" } else { parent };
        if let Some(made) = made_by_root(model, stage, cmd.step(), parent, Written::Perhaps) {
            return (!may_be_there(model, cmd, path)).then_some((parent, Some(made)));
        }
        if is_systems(model, stage, cmd, parent) {
            return (!may_be_there(model, cmd, path)).then_some((parent, None));
        }
        if parent == "/" {
            return None;
        }
        // Whose that is, nobody knows.
        if may_be_there(model, cmd, parent) {
            return None;
        }
        path = parent;
    }
    None
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

/// Where root makes `folder`, if that is sure and the folder stays root's until `step`.
fn made_by_root(model: &Model, stage: &Stage, step: usize, folder: &str, written: Written) -> Option<Span> {
    let parent = folder.rsplit_once('/').map_or("", |(parent, _)| parent);
    // The home of a user belongs to the user.
    if folder.len() < 2 || OF_IMAGES.contains(&folder) || parent == "/home" || !is_plain(model, stage, folder)
    {
        return None;
    }
    // A mount over it has an owner of its own.
    if model.instruction(step).mounts.iter().any(|m| covers(m.target().unwrap_or(""), folder)) {
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
                    if model.runs_as(at) != RunsAs::Root && !is_made_as_root(model, at) {
                        return None;
                    }
                    made = Some(word.span);
                }
            }
            Kind::Copy(_) | Kind::Add(_) => {
                let first = model.copies.partition_point(|c| c.step < at);
                let copy = model.copies.get(first).filter(|c| c.step == at)?;
                let to = copy.destination.known()?;
                let owned = instruction.flag("chown").is_some() || instruction.flag("chmod").is_some();
                let is_others = owned || copy.from != CopyFrom::Context;
                let to = to.trim_end_matches('/');
                if below(to) {
                    if is_others {
                        // A folder that is there keeps its owner.
                        made?;
                        if !stays_in_the_way(copy, to, folder, written) {
                            return None;
                        }
                    } else if made.is_none() {
                        let word = copy.sources.first().map_or(instruction.keyword_span, |s| s.span);
                        // A single file at that path is no folder.
                        let is_folder = copy.destination.known().is_some_and(|to| to.ends_with('/'));
                        made = (is_folder || to != folder).then_some(word);
                        made?;
                    }
                } else if folder.strip_prefix(to).is_some_and(|r| r.starts_with('/')) {
                    // What is copied above it may hold it, and a folder in it brings its owner along.
                    made?;
                    if is_others {
                        return None;
                    }
                }
            }
            Kind::Run(_) => {
                let text = model.text(instruction.span);
                let last = folder.rsplit('/').next().unwrap_or(folder);
                let owners = [
                    "chown",
                    "chmod",
                    "chgrp",
                    "setfacl",
                    "install -d",
                    "install -o",
                    "fixuid",
                    "fix-permissions",
                    "mkdir -m",
                ];
                let others = ["useradd", "adduser", "mv ", "cp ", "git clone", "tar "];
                let names = |words: &[&str]| text.contains(last) && words.iter().any(|w| text.contains(w));
                if owners.iter().any(|w| text.contains(w)) || !is_understood(model, at) {
                    return None;
                }
                if made.is_none() && names(&others) {
                    return None;
                }
                if made.is_none() && names(&["mkdir"]) {
                    made = Some(made_in_run(model, at, &below)?);
                }
            }
            _ => {}
        }
    }
    made
}

/// The `mkdir` of root in the RUN of a step that makes the folder.
fn made_in_run(model: &Model, step: usize, below: &dyn Fn(&str) -> bool) -> Option<Span> {
    if model.runs_as(step) != RunsAs::Root {
        return None;
    }
    let mut made = model
        .commands_of(step)
        .filter(|cmd| cmd.program() == "mkdir" && !cmd.has_any_flag(&["-m", "--mode"]));
    made.find_map(|cmd| {
        let is_plain = !matches!(cmd.failing(), Failing::MayNotRun | Failing::IsHandled)
            && cmd.shell().effective().wrappers.is_empty();
        let words = cmd.args().iter().filter(|w| !w.static_prefix().starts_with('-'));
        let mut paths = words
            .filter(|_| is_plain)
            .flat_map(|word| cmd.paths_of(word).into_iter().map(move |path| (word, path)));
        paths.find(|(_, path)| below(path)).map(|(word, _)| word.span)
    })
}

/// True if what a COPY brings at or below a folder of root's leaves the write into that folder to fail.
fn stays_in_the_way(copy: &CopyUse, to: &str, folder: &str, written: Written) -> bool {
    match written {
        // It may be there then, and the user's.
        Written::Perhaps => false,
        Written::File => true,
        Written::Project => {
            let name = |path: &str| path.trim_end_matches('/').rsplit('/').next().unwrap_or("").to_owned();
            let makes = |name: &str| MADE_BY_TOOLS.contains(&name);
            let sources = || copy.sources.iter().filter_map(|s| s.value.known());
            (to == folder || !makes(&name(to))) && !sources().any(|source| makes(&name(source)))
        }
    }
}

/// True for a WORKDIR that another builder than BuildKit makes for root below a USER, too: the classic builder always, Podman
/// and buildah where a COPY comes first.
fn is_made_as_root(model: &Model, step: usize) -> bool {
    let builder = model.build().builder;
    if builder == Builder::Classic {
        return true;
    }
    let mut later = model.stage_of(step).into_iter().flat_map(|stage| model.instructions_of(stage));
    let next = later.find(|(at, i)| {
        *at > step && !i.is_trigger() && matches!(i.kind, Kind::Copy(_) | Kind::Add(_) | Kind::Run(_))
    });
    builder.is_buildah() && next.is_some_and(|(_, i)| !matches!(i.kind, Kind::Run(_)))
}

/// True if a RUN holds nothing that may do anything.
fn is_understood(model: &Model, step: usize) -> bool {
    model.script_of(step).is_some_and(|s| !s.script.opaque && !s.script.approximate)
        && !model.commands_of(step).any(|c| c.runs_script() || matches!(c.program(), "." | "source" | "eval"))
}

/// True for a stage on an image that is known well enough to say that `folder` is none of its own.
fn is_plain(model: &Model, stage: &Stage, folder: &str) -> bool {
    let known = matches!(model.family(stage), Family::Debian | Family::Ubuntu | Family::Alpine);
    let Base::Image(image) = model.root_base(stage) else { return false };
    let Some(facts) = facts(image).filter(|_| known && image.is_official()) else { return false };
    let is_service = !matches!(facts.kind, Some(ImageKind::Os | ImageKind::Sdk | ImageKind::Runtime));
    let onbuild = image.tag.as_deref().is_some_and(|tag| tag.contains("onbuild"));
    !(OF_SERVICES.contains(&folder) && (is_service || onbuild))
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

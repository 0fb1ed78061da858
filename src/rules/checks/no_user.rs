//! Containers that run as root since nobody says otherwise.

use crate::knowledge::{Family, ImageKind, Trait, program_is};
use crate::rules::Cx;
use crate::semantic::{
    Analysis, Base, Entry, FileHead, Model, RunsAs, ScriptKind, Stage, Started, facts, is_lambda,
};
use crate::syntax::{Keyword, Kind, User};

use super::brought::first_place;
use super::said_root::{is_said_at_end, is_said_to_be_root};
use super::unshipped::{ends_after_tests, is_action, is_development, is_development_file, starts_dev_server};
use super::user::{
    brings_step_down, drops_privileges, is_step_down, is_tool_box, service_without_user, starts_init,
    unversioned,
};
use super::user_advice::{InHome, advice, in_home, owned, starts_in_home, step_down};

/// How many instructions of a stage may have a comment that says who runs it.
const MAX_STEPS: usize = 32;

/// `no-user`.
pub fn missing(cx: &mut Cx<'_>) {
    let model = cx.model;
    let build = model.build();
    let is_quiet = build.own_user || build.for_development || build.runs_once;
    let Some(stage) = model.final_stage().filter(|_| !is_quiet) else { return };
    let entry = model.entry(stage);
    if is_action(model) {
        return;
    }
    // The entry of a service drops privileges itself, unless another program is started in its place.
    let replaced = entry.entrypoint.is_some() && !model.entry_commands(entry).any(|c| c.runs_script());
    let service = service_without_user(model, stage);
    let gives_up = || matches!(model.ends_as(stage), RunsAs::Other(_));
    if model.end_state(stage).user.is_some()
        || model.base_config(stage).is_some() && gives_up()
        || service && !replaced
        || !service && !base_is_root(model, stage)
    {
        return;
    }
    let Some(step) = entry_step(model, entry) else { return };
    // A script in another language, or a variable, may run anything.
    let known = model.entry_commands(entry).next().is_some();
    if !known
        || is_tool_box(model, entry)
        || is_development(stage)
        || is_development_file(model)
        || starts_dev_server(model, entry)
        || ends_after_tests(model, entry)
        || starts_init(model, entry)
        || drops_privileges(model, stage, entry)
        || is_docker_in_docker(model, stage)
        || brings_step_down(model) && !is_overridden(model, stage, entry)
        || has_no_program(cx, stage, entry)
    {
        return;
    }
    let scripts = entry_scripts(model);
    if scripts.iter().any(|(_, head)| steps_down(head)) {
        return;
    }
    // Another user could not open what is mounted there.
    if model.context().is_some_and(|context| context.told.mounts_for_root) {
        return;
    }
    // Above a RUN it is about what is built.
    let mut last = stage.steps.clone().rev().take(MAX_STEPS).chain([stage.steps.start]);
    if last.any(|step| model.instruction(step).keyword != Keyword::Run && is_said_to_be_root(model, step))
        || is_said_at_end(model)
    {
        return;
    }
    // What is built after the entry still needs root.
    let builds = |step: &usize| {
        let keyword = model.instruction(*step).keyword;
        matches!(keyword, Keyword::Run | Keyword::Copy | Keyword::Add) && !model.is_trigger(*step)
    };
    let after = stage.steps.clone().rev().take_while(|s| *s > step).find(builds);
    let place = match after {
        Some(after) => {
            let instruction = model.instruction(after);
            format!("after line {}, the last step that builds the image", instruction.lines.1)
        }
        None => "above this line".to_owned(),
    };
    let message = format!(
        "no USER is set{}, so the process runs as root; an attacker who compromises it controls the container",
        match (&stage.name_word, model.stages.len()) {
            (_, 1) => String::new(),
            (Some(name), _) => format!(" in the stage `{}`", name.text),
            (None, _) => " in the last stage".to_owned(),
        }
    );
    let help = match scripts.iter().find_map(|(script, head)| Some((script, needs_root(head)?))) {
        Some((script, what)) => format!(
            "`{}` {what}, which requires root: have it start the program as an unprivileged user with {}",
            script.source,
            step_down(model, stage)
        ),
        None => match (starts_in_home(model, stage, entry), in_home(model, stage)) {
            (Some(home), other) => {
                let also = other
                    .filter(|_| home == InHome::Workdir)
                    .map(|(line, path)| format!(" (also in place of `{path}` in line {line})"));
                let elsewhere = match home {
                    InHome::Program => "put what the container starts elsewhere".to_owned(),
                    InHome::Installed(how) => format!("put what the container starts elsewhere ({how})"),
                    InHome::Workdir => {
                        format!("choose another WORKDIR, such as `/app`{}", also.unwrap_or_default())
                    }
                };
                format!(
                    "only root may open `/root`: {elsewhere}, and then add {} {place}{}",
                    advice(model, stage),
                    owned(model, stage)
                )
            }
            (None, Some((line, path))) => format!(
                "only root may open `/root`: choose another place for `{path}` of line {line}, and then add {} {place}{}",
                advice(model, stage),
                owned(model, stage)
            ),
            (None, None) => format!("add {} {place}{}", advice(model, stage), owned(model, stage)),
        },
    };
    let finding = cx.at(model.instruction(step).keyword_span, message).help(help);
    cx.report(finding);
}

/// What is known of the scripts of the project that a container starts.
fn entry_scripts<'m>(model: &'m Analysis) -> Vec<(Started<'m>, &'m FileHead)> {
    if model.context().is_none_or(|context| context.heads.is_empty()) {
        return Vec::new();
    }
    let started = model
        .started_files()
        .into_iter()
        .filter(|started| matches!(started.cmd.script().kind, ScriptKind::Entrypoint | ScriptKind::Cmd));
    started
        .filter_map(|started| Some((model.head_of(&started.source)?, started)))
        .map(|(h, s)| (s, h))
        .collect()
}

/// True if a script leaves root behind itself, or starts services, which do.
fn steps_down(head: &FileHead) -> bool {
    let starts = |program: &String| {
        matches!(program.as_str(), "service" | "rc-service" | "invoke-rc.d" | "su")
            || program_is(unversioned(program), Trait::StartsAsRoot)
            || program_is(program, Trait::StepsDown)
    };
    head.steps_down || head.programs.iter().any(starts)
}

/// What in a script takes root.
fn needs_root(head: &FileHead) -> Option<String> {
    let of_root = [
        "chown",
        "chgrp",
        "useradd",
        "adduser",
        "usermod",
        "groupadd",
        "addgroup",
        "groupmod",
        "mount",
        "umount",
        "iptables",
        "sysctl",
        "apt-get",
        "apk",
        "update-ca-certificates",
        "ldconfig",
        "setcap",
    ];
    let program = head.programs.iter().find(|program| of_root.contains(&program.as_str()));
    let calls = program.map(|program| format!("calls `{program}`"));
    calls.or_else(|| head.writes.as_ref().map(|path| format!("writes `{path}`")))
}

/// True if an entry of the lineage drops privileges, and another one replaces it: its tool is not used any more.
fn is_overridden(model: &Model, stage: &Stage, entry: Entry) -> bool {
    let replaced = |step: &usize| {
        model.instruction(*step).keyword == Keyword::Entrypoint && entry.entrypoint.is_some_and(|e| e > *step)
    };
    let steps_down = |step: usize| model.commands_of(step).any(|c| is_step_down(&c));
    let is_script = model.entry_commands(entry).any(|c| c.runs_script());
    !is_script && model.lineage(stage).any(|s| s.steps.clone().filter(replaced).any(steps_down))
}

/// True for an image of nothing but what is copied, into which no copy brings the program that it names.
fn has_no_program(cx: &Cx<'_>, stage: &Stage, entry: Entry) -> bool {
    let model = cx.model;
    let Some(cmd) = model.entry_commands(entry).next() else { return false };
    let word = cmd.shell().program_word().and_then(|w| w.as_str());
    *model.root_base(stage) == Base::Scratch
        && word.is_some_and(|program| !program.contains('/'))
        && model.binding(cmd.step(), "PATH").is_none()
        && first_place(cx, stage, cmd.program()).is_none()
}

/// True if the base of the stage surely runs as root.
fn base_is_root(model: &Model, stage: &Stage) -> bool {
    if let Some(config) = model.base_config(stage) {
        // A program that it starts may leave root behind, and a service is known to.
        let leaves = config.has_entrypoint && model.entry(stage).entrypoint.is_none();
        let is_root = config.user.as_deref().is_some_and(|user| user.is_empty() || User::of(user).is_root());
        return is_root && !leaves && model.family(stage) != Family::Windows;
    }
    match model.root_base(stage) {
        Base::Scratch => true,
        Base::Image(image) => {
            let tag = image.tag.as_deref().unwrap_or("");
            let unprivileged = ["nonroot", "rootless", "unprivileged", "chiseled", "distroless"];
            let known = facts(image).is_some_and(|f| {
                f.user.is_none()
                    && matches!(f.kind, Some(ImageKind::Os | ImageKind::Sdk | ImageKind::Runtime))
            });
            known
                && !unprivileged.iter().any(|t| tag.contains(t))
                && !is_lambda(image)
                && model.family(stage) != Family::Windows
        }
        // The entrypoint of another build's image may leave root behind.
        _ => model.below(stage).is_some_and(|(below, end)| {
            below.end_state(end).user.is_none()
                && below.entry(end).entrypoint.is_none()
                && !brings_step_down(below)
                && base_is_root(below, end)
        }),
    }
}

/// True for an image that runs a Docker daemon of its own, which needs root.
fn is_docker_in_docker(model: &Model, stage: &Stage) -> bool {
    model.instructions_of(stage).any(|(_, instruction)| match &instruction.kind {
        Kind::Volume(paths) => paths.iter().any(|path| path.text.contains("/var/lib/docker")),
        _ => false,
    })
}

/// The instruction with what runs; of `ENTRYPOINT []` and a CMD, the CMD.
fn entry_step(model: &Model, entry: Entry) -> Option<usize> {
    let runs = |step: &usize| {
        model.script_of(*step).is_some_and(|s| {
            matches!(s.kind, ScriptKind::Cmd | ScriptKind::Entrypoint) && !s.script.commands.is_empty()
        })
    };
    entry.steps().find(runs)
}

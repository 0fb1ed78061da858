//! Rules about the user that a container runs as.

use std::cell::LazyCell;

use crate::diag::Fix;
use crate::knowledge::{Family, ImageKind, Trait, program_is};
use crate::rules::Cx;
use crate::semantic::{
    Analysis, Base, Cmd, Entry, FileHead, Model, RunsAs, ScriptKind, Stage, Started, facts, is_lambda,
};
use crate::syntax::{Keyword, Kind, User, Word};
use crate::text::{Edit, holds};

use super::brought::first_place;
use super::said_root::is_said_to_be_root;
use super::unshipped::{is_action, is_development, is_development_file, is_for_tests, starts_dev_server};
use super::user_advice::{InHome, advice, owned, starts_in_home, step_down};
use super::user_number::{Accounts, NumberOfUser};

/// The program without the version in its name: `php-fpm` for `php-fpm8.2`.
fn unversioned(program: &str) -> &str {
    program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.')
}

fn is_step_down(cmd: &Cmd<'_>) -> bool {
    let says = |word: &&str| cmd.program().contains(word);
    program_is(cmd.program(), Trait::StepsDown)
        || ["run-as", "runas", "as-user", "setuser", "drop-priv", "drop_priv"].iter().any(says)
        || cmd.shell().effective().wrappers.iter().any(|w| program_is(w.name, Trait::StepsDown))
}

/// True if the container starts the init system of a machine, which is root's.
pub(super) fn starts_init(model: &Model, entry: Entry) -> bool {
    let is_init =
        |word: &str| matches!(word, "/sbin/init" | "/usr/sbin/init" | "/lib/systemd/systemd" | "systemd");
    model.entry_commands(entry).any(|c| c.shell().words.iter().filter_map(|w| w.as_str()).any(is_init))
}

/// True if a container of the stage surely or possibly leaves root behind once it runs.
fn drops_privileges(model: &Model, stage: &Stage, entry: Entry) -> bool {
    let programs = || model.entry_commands(entry);
    if programs().any(|c| is_step_down(&c) || program_is(unversioned(c.program()), Trait::StartsAsRoot)) {
        return true;
    }
    let is_service = service_without_user(model, stage) && entry.entrypoint.is_none();
    is_service || creates_user(model) && programs().any(|c| c.runs_script())
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

/// True if the file has a tool that a script, which cannot be seen from here, drops privileges with.
fn brings_step_down(model: &Model) -> bool {
    let text = model.file.text();
    // Who runs it chooses a user by PUID and PGID.
    let tools =
        ["gosu", "su-exec", "setpriv", "s6-overlay", "fixuid", "step-down", "supervisord", "runit", "PUID"];
    tools.iter().any(|tool| holds(text, tool))
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

/// True if a person or a pipeline works with the image: it starts a shell or a tool, or just waits.
pub(super) fn is_tool_box(model: &Model, entry: Entry) -> bool {
    let is_inline = |c: &Cmd<'_>| ["-c", "-lc", "-ec"].iter().any(|o| c.args().iter().any(|w| w.is(o)));
    let waits = |c: &Cmd<'_>| match c.program() {
        "sleep" | "true" => true,
        // They do one thing and end.
        "cp" | "echo" | "mv" | "rsync" | "tar" => true,
        // What it is told to run follows as commands of their own.
        shell if program_is(shell, Trait::Shell) && is_inline(c) => {
            c.usage.command + 1 < c.script().script.commands.len()
        }
        "tail" => c.args().is_empty() || c.args().iter().any(|w| w.is("/dev/null")),
        program => {
            program_is(program, Trait::ToolBox) && c.args().iter().all(|w| w.static_prefix().starts_with('-'))
        }
    };
    let is_option = |c: &Cmd<'_>| c.program().starts_with('-');
    let Some(last) = entry.cmd.or(entry.entrypoint) else { return true };
    let of_entrypoint = entry.entrypoint.into_iter().flat_map(|step| model.commands_of(step));
    model.commands_of(last).all(|c| waits(&c))
        || model.commands_of(last).all(|c| is_option(&c)) && of_entrypoint.into_iter().all(|c| waits(&c))
}

fn creates_user(model: &Model) -> bool {
    ["useradd", "adduser"].iter().any(|p| model.commands_named(p).next().is_some())
}

/// True for the images of development containers: the editor chooses the user.
fn is_devcontainer(model: &Model, stage: &Stage) -> bool {
    matches!(model.root_base(stage), Base::Image(image) if image.path.contains("devcontainers/"))
}

/// True if the base image is a service that starts as root to drop privileges itself.
fn service_without_user(model: &Model, stage: &Stage) -> bool {
    match model.root_base(stage) {
        Base::Image(image) => {
            let tag = image.tag.as_deref().unwrap_or("");
            let is_php_server =
                image.repository() == "php" && (tag.contains("fpm") || tag.contains("apache"));
            is_php_server
                || facts(image).is_some_and(|f| f.kind == Some(ImageKind::Service) && f.user.is_none())
        }
        _ => false,
    }
}

/// The USER that counts at the end of a stage.
fn last_user<'m>(model: &'m Model, stage: &Stage) -> Option<(usize, &'m Word)> {
    let step = model.end_state(stage).user?;
    match &model.instruction(step).kind {
        Kind::User(Some(word)) => Some((step, word)),
        _ => None,
    }
}

/// The last USER of a stage that ONBUILD triggers.
fn last_trigger<'m>(model: &'m Model, stage: &Stage) -> Option<(usize, &'m Word)> {
    let steps = stage.steps.clone().rev().map(|step| (step, model.instruction(step)));
    steps.filter(|(_, i)| i.is_trigger()).find_map(|(step, instruction)| match &instruction.kind {
        Kind::User(Some(word)) => Some((step, word)),
        _ => None,
    })
}

/// `root-user`.
pub fn root(cx: &mut Cx<'_>) {
    let model = cx.model;
    let mut brings = None;
    let accounts = LazyCell::new(|| Accounts::of(model));
    for stage in model.stages.iter().filter(|s| model.is_output(s)) {
        // A USER of an earlier stage that is an image of its own is said there.
        let is_own = |step: &usize| {
            stage.steps.contains(step)
                || model.stage_of(*step).is_some_and(|owner| !model.is_output(owner) && stage.is_final)
        };
        let is_root = |(step, word): &(usize, &Word)| {
            model.value(*step, word).known().map(User::of).is_some_and(|user| {
                let number = || accounts.number_of(model, stage, *step, user.name);
                user.is_root() || !user.is_number() && number().is_some_and(|number| number.is_root())
            })
        };
        let own = last_user(model, stage).filter(|(step, _)| is_own(step)).filter(is_root);
        let trigger = last_trigger(model, stage).filter(is_root);
        if own.is_none() && trigger.is_none() {
            continue;
        }
        let entry = model.entry(stage);
        if is_devcontainer(model, stage)
            || is_for_tests(model)
            || is_action(model)
            || drops_privileges(model, stage, entry)
            || *brings.get_or_insert_with(|| brings_step_down(model))
        {
            continue;
        }
        if let Some((_, word)) = trigger {
            let message = "images that start from this one run as root unless they have a USER of their own";
            let help = "add another ONBUILD USER with an unprivileged user after what needs root";
            cx.report(cx.at(word.span, message).help(help));
        }
        let Some((step, word)) = own else { continue };
        // Above a USER behind which more is built, it is about what is built.
        let builds = |step: usize| {
            matches!(model.instruction(step).keyword, Keyword::Run | Keyword::Copy | Keyword::Add)
        };
        let last = Some(step).filter(|step| !(*step..stage.steps.end).any(builds));
        let steps = [last, entry.entrypoint, entry.cmd];
        if steps.into_iter().flatten().any(|step| is_said_to_be_root(model, step)) {
            continue;
        }
        let told = model.base_config(stage).and_then(|config| config.user.as_deref());
        let user = match (told, model.root_base(stage)) {
            (Some(user), _) => Some(user).filter(|user| !user.is_empty() && !User::of(user).is_root()),
            (None, Base::Image(image)) => facts(image).and_then(|f| f.user),
            _ => None,
        };
        let help = match (user, earlier_user(model, stage, step)) {
            (Some(user), _) => format!("the base image runs as `{user}`: go back to it with `USER {user}`"),
            // Who goes back to root and says nothing of what runs has a reason: a command given at the start.
            (None, Some(user)) if last.is_some() && entry.cmd.is_none() && entry.entrypoint.is_none() => {
                format!(
                    "end with `USER {user}`, or, if what the container starts needs root, let that go on as `{user}` (`setpriv`, `gosu`)"
                )
            }
            (None, Some(user)) => format!("end with `USER {user}`"),
            (None, None) => format!("end with an unprivileged user: {}", advice(model, stage)),
        };
        let finding = cx
            .at(
                word.span,
                "the image runs as root: an attacker who compromises the process controls the container",
            )
            .help(help);
        cx.report(finding);
    }
}

/// How many instructions of a stage may have a comment that says who runs it.
const MAX_STEPS: usize = 32;

/// A user that the lineage had before `step`, and that is not root.
fn earlier_user<'m>(model: &'m Model, stage: &Stage, step: usize) -> Option<&'m str> {
    model
        .lineage(stage)
        .flat_map(|s| model.instructions_of(s).collect::<Vec<_>>().into_iter().rev())
        .find_map(|(at, instruction)| match &instruction.kind {
            // This image was never that user.
            _ if instruction.is_trigger() => None,
            Kind::User(Some(word))
                if at < step && !word.has_variables() && !User::of(&word.text).is_root() =>
            {
                Some(&*word.text)
            }
            _ => None,
        })
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

/// `no-user`.
pub fn missing(cx: &mut Cx<'_>) {
    let model = cx.model;
    let build = model.build();
    let Some(stage) = model.final_stage().filter(|_| !build.own_user && !build.for_development) else {
        return;
    };
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
    // Above a RUN it is about what is built.
    let mut last = stage.steps.clone().rev().take(MAX_STEPS);
    if last.any(|step| model.instruction(step).keyword != Keyword::Run && is_said_to_be_root(model, step)) {
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
    let finding = cx
        .at(
            model.instruction(step).keyword_span,
            "no USER is set, so the process runs as root; an attacker who compromises it controls the container",
        )
        .help(match scripts.iter().find_map(|(script, head)| Some((script, needs_root(head)?))) {
            Some((script, what)) => format!(
                "`{}` {what}, which requires root: have it start the program as an unprivileged user with {}",
                script.source,
                step_down(model, stage)
            ),
            None if let Some(home) = starts_in_home(model, stage, entry) => {
                let elsewhere = match home {
                    InHome::Program => "put what the container starts elsewhere",
                    InHome::Installed(how) => &*format!("put what the container starts elsewhere ({how})"),
                    InHome::Workdir => "choose another WORKDIR, such as `/app`",
                };
                format!("only root may open `/root`: {elsewhere}, and then add {} {place}", advice(model, stage))
            }
            None => format!("add {} {place}{}", advice(model, stage), owned(model, stage)),
        });
    cx.report(finding);
}

/// `user-with-blanks`.
pub fn with_blanks(cx: &mut Cx<'_>) {
    let model = cx.model;
    for (step, instruction) in model.instructions() {
        let Kind::User(Some(word)) = &instruction.kind else { continue };
        let value = model.value(step, word);
        let Some(user) = value.known().filter(|u| u.trim().contains(char::is_whitespace)) else { continue };
        // A comment behind the arguments has a rule of its own.
        if !instruction.trailing_comments(&model.file).is_empty() {
            continue;
        }
        let mut parts = user.split_whitespace();
        let help = match (parts.next(), parts.next(), parts.next()) {
            (Some(user), Some(group), None) => format!("put a colon before the group: `USER {user}:{group}`"),
            _ => "name one user, optionally with a group: `USER app:app`".to_owned(),
        };
        let message = format!(
            "`{}` is not a valid user name: the next RUN, or the container, fails to start",
            user.trim()
        );
        cx.report(cx.at(word.span, message).help(help));
    }
}

/// `named-user`.
pub fn by_name(cx: &mut Cx<'_>) {
    let model = cx.model;
    let accounts = LazyCell::new(|| Accounts::of(model));
    for stage in model.stages.iter().filter(|s| model.is_output(s)) {
        let Some((step, word)) = last_user(model, stage).filter(|(step, _)| stage.steps.contains(step))
        else {
            continue;
        };
        let value = model.value(step, word);
        let Some(user) = value.known().map(User::of) else { continue };
        if user.is_number() || user.is_root() || model.family(stage) == Family::Windows {
            continue;
        }
        let number = accounts.number_of(model, stage, step, user.name);
        // It is root by another name.
        if number.as_ref().is_some_and(NumberOfUser::is_root) {
            continue;
        }
        let message = format!(
            "Kubernetes cannot tell from the name `{}` that this is not root, so `runAsNonRoot` refuses to start the container",
            user.name
        );
        let finding = cx.at(word.span, message);
        let (number, made) = match number {
            Some(NumberOfUser { written, made, is_fixed: true }) => (written, made),
            // Whoever builds the image may give the argument another value.
            Some(NumberOfUser { written, made, is_fixed: false }) => {
                let help = format!("write `USER {written}`, below an ARG of that name in this stage");
                cx.report(finding.help(help).label(made, "its number is set here"));
                continue;
            }
            None => {
                cx.report(finding.help("write the number of the user, for example `USER 1000`"));
                continue;
            }
        };
        let finding = finding.help(format!("write `USER {number}`")).label(made, "its number is set here");
        let name = word.text.find(user.name).map(|at| word.part(at..at + user.name.len()));
        cx.report(
            match name.filter(|_| word.exact && word.literal().is_some_and(|text| *text == *word.text)) {
                Some(span) => finding.fix(Fix::safe("write the number", [Edit::replace(span, number)])),
                None => finding,
            },
        );
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

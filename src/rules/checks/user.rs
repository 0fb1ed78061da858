//! Rules about the user that a container runs as.

use std::cell::LazyCell;

use crate::diag::Fix;
use crate::knowledge::{Family, ImageKind, Trait, program_is};
use crate::rules::Cx;
use crate::semantic::{Base, Cmd, Entry, Model, Stage, base_name, facts};
use crate::syntax::{Keyword, Kind, User, Word};
use crate::text::{Edit, holds};

use super::said_root::{is_said_for_work, is_said_to_be_root};
use super::unshipped::{is_action, is_for_tests};
use super::user_advice::{advice, owned};
use super::user_number::{Accounts, NumberOfUser};

/// The program without the version in its name: `php-fpm` for `php-fpm8.2`.
pub(super) fn unversioned(program: &str) -> &str {
    program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.')
}

pub(super) fn is_step_down(cmd: &Cmd<'_>) -> bool {
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
pub(super) fn drops_privileges(model: &Model, stage: &Stage, entry: Entry) -> bool {
    let programs = || model.entry_commands(entry);
    if programs().any(|c| is_step_down(&c) || program_is(unversioned(c.program()), Trait::StartsAsRoot)) {
        return true;
    }
    let is_service = service_without_user(model, stage) && entry.entrypoint.is_none();
    is_service || creates_user(model) && programs().any(|c| c.runs_script())
}

/// True if the file has a tool that a script, which cannot be seen from here, drops privileges with.
pub(super) fn brings_step_down(model: &Model) -> bool {
    let text = model.file.text();
    // Who runs it chooses a user by PUID and PGID.
    let tools =
        ["gosu", "su-exec", "setpriv", "s6-overlay", "fixuid", "step-down", "supervisord", "runit", "PUID"];
    tools.iter().any(|tool| holds(text, tool))
}

/// True if a person or a pipeline works with the image: it starts a shell or a tool, or just waits.
pub(super) fn is_tool_box(model: &Model, entry: Entry) -> bool {
    let is_inline = |c: &Cmd<'_>| ["-c", "-lc", "-ec"].iter().any(|o| c.args().iter().any(|w| w.is(o)));
    let exposes = || model.instructions().any(|(_, instruction)| instruction.keyword == Keyword::Expose);
    let waits = |c: &Cmd<'_>| match c.program() {
        "sleep" | "true" => true,
        // They do one thing and end.
        "cat" | "cp" | "echo" | "gzip" | "ls" | "mv" | "rsync" | "tar" | "unzip" | "zip" => true,
        // So does a build, unless it starts what it has built.
        program if matches!(base_name(program), "build" | "build.sh" | "make") => !exposes(),
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
pub(super) fn service_without_user(model: &Model, stage: &Stage) -> bool {
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
        if steps.into_iter().flatten().any(|step| is_said_to_be_root(model, step))
            || is_said_for_work(model, step)
            || model.context().is_some_and(|context| context.told.mounts_for_root)
        {
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
                    "end with `USER {user}`, or, if the program needs root to start, have it switch to `{user}` (`setpriv`, `gosu`)"
                )
            }
            (None, Some(user)) => format!("end with `USER {user}`"),
            (None, None) => {
                format!("end with an unprivileged user: {}{}", advice(model, stage), owned(model, stage))
            }
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
    // Other tools do not ask for the number.
    if model.context().is_some_and(|context| !context.told.kubernetes) {
        return;
    }
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
                cx.report(finding.help(help).label(made, "its ID is set here"));
                continue;
            }
            None => {
                cx.report(finding.help("write the user ID, for example `USER 1000`"));
                continue;
            }
        };
        let finding = finding.help(format!("write `USER {number}`")).label(made, "its ID is set here");
        let name = word.text.find(user.name).map(|at| word.part(at..at + user.name.len()));
        cx.report(
            match name.filter(|_| word.exact && word.literal().is_some_and(|text| *text == *word.text)) {
                Some(span) => finding.fix(Fix::safe("write the number", [Edit::replace(span, number)])),
                None => finding,
            },
        );
    }
}

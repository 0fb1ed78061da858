//! What helps where a container runs as root.

use crate::knowledge::Family;
use crate::semantic::{Base, Cmd, Entry, Model, Stage, facts};
use crate::shell::Word;
use crate::syntax::{ImageRef, Instruction, Kind, User};

use super::root_home;

/// The instructions that give the image a user: with a home, since many programs write there (Streamlit, `npx`, compilers).
pub(super) fn advice(model: &Model, stage: &Stage) -> String {
    if let Some(owner) = owner(model, stage) {
        return format!("`USER {owner}` (it already owns files in the image)");
    }
    let image = match model.root_base(stage) {
        Base::Image(image) => Some(image),
        _ => None,
    };
    if let Some(user) = user_of_base(model, stage) {
        return format!("`USER {user}` (the base image has this user)");
    }
    match model.family(stage) {
        Family::Alpine => "`RUN adduser -S -D app` and `USER app`".to_owned(),
        Family::Bare => "`USER 65532:65532`".to_owned(),
        Family::Unknown if image.is_none() => "`USER 65532:65532`".to_owned(),
        Family::RedHat if image.is_some_and(has_no_useradd) => "`USER 1000`".to_owned(),
        _ => "`RUN useradd --system --create-home app` and `USER app`".to_owned(),
    }
}

/// The unprivileged user that the base image has.
fn user_of_base(model: &Model, stage: &Stage) -> Option<&'static str> {
    let Base::Image(image) = model.root_base(stage) else { return None };
    // .NET has had a user since version 8.
    let major = image.tag.as_deref().and_then(|t| t.split('.').next()).and_then(|m| m.parse::<u32>().ok());
    let old = image.path.starts_with("dotnet/") && major.is_none_or(|m| m < 8);
    // The user `ubuntu` is for people who log in.
    facts(image)?.users.first().copied().filter(|user| *user != "ubuntu" && !old)
}

/// True for small images of the Red Hat family, which come without the package `shadow-utils`.
fn has_no_useradd(image: &ImageRef) -> bool {
    let path = image.familiar_path();
    ["amazoncorretto", "amazonlinux"].contains(&path)
        || path.contains("minimal")
        || path.contains("micro")
        || image.tag.as_deref().is_some_and(|tag| tag.contains("minimal") || tag.contains("slim"))
}

/// The user that a COPY or a `chown` of the stage gives files to, so that it is there: USER was forgotten.
fn owner<'m>(model: &'m Model, stage: &'m Stage) -> Option<&'m str> {
    let copied = model.instructions_of(stage).filter(|(_, instruction)| !instruction.is_trigger());
    let copied = copied.filter_map(|(_, instruction)| instruction.flag_value("chown"));
    let given = || {
        let commands = model.run_commands().filter(|cmd| cmd.stage().is_some_and(|s| s.index == stage.index));
        commands.filter(|cmd| cmd.program() == "chown").filter_map(|cmd| cmd.touched()?.to?.as_str())
    };
    let name = |owner: &'m str| owner.split([':', '.']).next().unwrap_or(owner);
    // A number need not be a user.
    let is_user = |user: &&str| {
        user.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && user.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
            && !User::of(user).is_root()
    };
    copied.map(name).find(is_user).or_else(|| given().map(name).find(is_user))
}

/// What the container starts in the home of root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InHome {
    /// Its program.
    Program,
    /// What an installer puts there; how that is told another place.
    Installed(&'static str),
    /// All of it: the WORKDIR is there.
    Workdir,
}

/// Whether what the container starts is in the home of root, which nobody else may open.
pub(super) fn starts_in_home(model: &Model, stage: &Stage, entry: Entry) -> Option<InHome> {
    let mut words = model.entry_commands(entry).flat_map(|cmd| &cmd.shell().words);
    if words.any(|word| word.static_prefix().starts_with("/root/")) {
        return Some(InHome::Program);
    }
    if let Some(how) = root_home::holds_entry(model, stage, entry) {
        return Some(InHome::Installed(how));
    }
    let workdir = stage.steps.end.checked_sub(1).and_then(|last| model.workdir(last).known())?;
    is_home(workdir.trim_end_matches('/')).then_some(InHome::Workdir)
}

/// True for the home of root, and for what is in it.
fn is_home(path: &str) -> bool {
    path == "/root" || path.starts_with("/root/")
}

/// What an instruction of the image puts into the home of root, or looks for there: its line and the path.
pub(super) fn in_home<'m>(model: &'m Model, stage: &'m Stage) -> Option<(u32, &'m str)> {
    if !model.file.text().contains("/root") {
        return None;
    }
    let places = |cmd: &Cmd<'m>| -> Vec<&'m Word> {
        let words: Vec<&Word> = cmd.args().iter().filter(|w| !w.static_prefix().starts_with('-')).collect();
        match cmd.program() {
            "ln" => words,
            // The last of them is where it goes to.
            "cp" | "mv" | "install" => words.into_iter().next_back().into_iter().collect(),
            _ => Vec::new(),
        }
    };
    let named = |step: usize, instruction: &'m Instruction| -> Option<&'m str> {
        let ends_path = |c: char| c.is_whitespace() || matches!(c, ':' | '"' | '\'' | ',' | ';' | '=');
        let path_in = |text: &'m str| text.split(ends_path).find(|path| is_home(path));
        match &instruction.kind {
            Kind::Env(pairs) => pairs.iter().find_map(|pair| path_in(&pair.value.as_ref()?.text)),
            Kind::Copy(transfer) | Kind::Add(transfer) => path_in(&transfer.destination.as_ref()?.text),
            Kind::Volume(paths) => paths.iter().find_map(|path| path_in(&path.text)),
            Kind::Run(_) => {
                let words = model.commands_of(step).flat_map(|cmd| places(&cmd));
                words.filter_map(|word| path_in(model.text(word.span))).next()
            }
            _ => None,
        }
    };
    let steps = model.lineage(stage).flat_map(|s| model.instructions_of(s)).filter(|(_, i)| !i.is_trigger());
    steps.filter_map(|(step, i)| Some((i.lines.0, named(step, i)?))).next()
}

/// What else is to do for what the process writes, which belongs to root: the files, and volumes.
pub(super) fn owned(model: &Model, stage: &Stage) -> String {
    let paths = model.lineage(stage).flat_map(|s| model.instructions_of(s)).flat_map(|(_, instruction)| {
        match &instruction.kind {
            Kind::Volume(paths) if !instruction.is_trigger() => &paths[..],
            _ => &[],
        }
    });
    // Everybody may write to these.
    let is_open = |path: &&str| !matches!(path.trim_end_matches('/'), "/tmp" | "/var/tmp");
    match paths.map(|path| &*path.text).find(is_open) {
        Some(path) => {
            format!(
                ", and make that user the owner of whatever the program writes to, such as the VOLUME `{path}`, with `mkdir -p` and `chown` in a RUN above that VOLUME"
            )
        }
        // Nothing in there can change owners, and a WORKDIR belongs to root.
        None if model.family(stage) == Family::Bare || *model.root_base(stage) == Base::Scratch => {
            ", and bring the folders that the program writes to with `COPY --chown=65532:65532`".to_owned()
        }
        None => ", and make that user the owner of whatever the program writes to".to_owned(),
    }
}

/// How the script that a container starts goes on as another user, with what the distribution has.
pub(super) fn step_down(model: &Model, stage: &Stage) -> String {
    let own = owner(model, stage).or_else(|| user_of_base(model, stage));
    let user = own.unwrap_or("app");
    match (model.family(stage), own) {
        (Family::Alpine, Some(_)) => format!("`exec su-exec {user} \"$@\"`, with `su-exec` installed"),
        (Family::Alpine, None) => format!(
            "`exec su-exec {user} \"$@\"`, with `RUN apk add --no-cache su-exec && adduser -S -D {user}` above it"
        ),
        (_, Some(_)) => format!("`exec setpriv --reuid={user} --regid={user} --init-groups \"$@\"`"),
        (_, None) => format!(
            "`exec setpriv --reuid={user} --regid={user} --init-groups \"$@\"`, with `RUN useradd --system {user}` above it"
        ),
    }
}

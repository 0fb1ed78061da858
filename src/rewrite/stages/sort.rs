//! Which stage needs an instruction.

use crate::knowledge::{Action, BUILD_VARIABLES};
use crate::semantic::Cmd;
use crate::syntax::Kind;

use super::draft::Part;
use super::system::Packages;
use super::{Case, NoProposal, Try};

/// What a command does for the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It installs what the program needs, or builds it.
    Build,
    /// It installs a tool that builds and runs may need.
    Tool,
    /// It makes a folder.
    Folder,
    /// It prepares the image that runs: users, modes.
    Prepare,
    /// It leaves nothing behind.
    Neutral,
}

/// The role of commands that mean the same in all languages; `None` for those that nobody knows.
pub(super) fn common(cmd: &Cmd<'_>) -> Option<Role> {
    Some(match cmd.program() {
        "mkdir" | "install" => Role::Folder,
        "useradd" | "adduser" | "groupadd" | "addgroup" | "usermod" | "chown" | "chmod" | "ln" | "touch"
        | "setcap" => Role::Prepare,
        "set" | "export" | "cd" | "echo" | "true" | ":" | "test" | "[" | "ls" | "pwd" | "umask" | "rm"
        | "find" | "which" | "sleep" => Role::Neutral,
        _ => return None,
    })
}

/// What a RUN does.
#[derive(Debug, Default, Clone)]
pub(super) struct Run {
    pub(super) builds: bool,
    pub(super) installs: bool,
    pub(super) tools: bool,
    pub(super) folders: bool,
    pub(super) prepares: bool,
}

/// What the RUN of `step` does, with the language's own commands told by `role`. Packages of the system go
/// to `packages`.
pub(super) fn run(
    case: &Case<'_>,
    step: usize,
    role: &dyn Fn(&Cmd<'_>) -> Try<Option<Role>>,
    packages: &mut Packages,
) -> Try<Run> {
    let model = case.model;
    let mut run = Run::default();
    let refuse = |why: String| Err(NoProposal::at(model, step, why));
    if model.script_of(step).is_none_or(|s| s.script.opaque || s.script.approximate) {
        return refuse("this script cannot be read".to_owned());
    }
    for cmd in model.commands_of(step) {
        if cmd.usage.manager.is_some_and(|m| m.system) {
            if matches!(cmd.usage.action, Action::Remove) {
                return refuse("it removes packages again, so a second stage gains little".to_owned());
            }
            run.installs |= cmd.usage.action == Action::Install;
            packages.add(case, &cmd)?;
            continue;
        }
        let known = match role(&cmd)? {
            Some(role) => Some(role),
            None => common(&cmd),
        };
        match known {
            Some(Role::Build) => run.builds = true,
            Some(Role::Tool) => run.tools = true,
            Some(Role::Folder) => run.folders = true,
            Some(Role::Prepare) => run.prepares = true,
            Some(Role::Neutral) => {}
            None if cmd.shell().words.is_empty() => {}
            None => {
                let name = cmd.head();
                return refuse(format!("which stage needs what `{name}` does is not known"));
            }
        }
    }
    Ok(run)
}

/// Where an instruction goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Build,
    Last,
    Both,
}

impl Place {
    /// Adds a step to the stages that it belongs to.
    pub(super) fn put(self, step: usize, build: &mut Vec<Part>, last: &mut Vec<Part>) {
        if matches!(self, Self::Build | Self::Both) {
            build.push(Part::Step(step));
        }
        if matches!(self, Self::Last | Self::Both) {
            last.push(Part::Step(step));
        }
    }
}

/// Where an instruction goes that is no RUN, COPY or ADD. `last_build` is the last step that builds.
pub(super) fn place(case: &Case<'_>, step: usize, last_build: usize) -> Try<Place> {
    let model = case.model;
    let before = step < last_build;
    Ok(match &model.instruction(step).kind {
        Kind::User(_) if before => {
            let why = "the build runs as another user, whose files the last stage would not have";
            return Err(NoProposal::at(model, step, why));
        }
        Kind::Workdir(_) | Kind::Shell(_) if before => Place::Both,
        Kind::Env(pairs) if before => {
            let of_build = |name: &str| BUILD_VARIABLES.iter().any(|p| name.starts_with(p));
            if pairs.iter().all(|p| of_build(&p.key.text)) { Place::Build } else { Place::Both }
        }
        Kind::Arg(args) => {
            let used = |step: usize| {
                args.iter().any(|a| refers(model.text(model.instruction(step).span), &a.name.text))
            };
            let in_build = before && (step + 1..=last_build).any(used);
            let in_last = case.steps().filter(|s| *s > step && is_of_last(case, *s)).any(used);
            match (in_build, in_last) {
                (true, true) => Place::Both,
                (false, true) => Place::Last,
                _ if before => Place::Build,
                _ => Place::Last,
            }
        }
        _ => Place::Last,
    })
}

/// True for instructions that are in the last stage whatever the build is.
fn is_of_last(case: &Case<'_>, step: usize) -> bool {
    !matches!(
        case.model.instruction(step).kind,
        Kind::Run(_) | Kind::Copy(_) | Kind::Add(_) | Kind::Arg(_) | Kind::Shell(_)
    )
}

/// True if a text refers to the variable `name`.
fn refers(text: &str, name: &str) -> bool {
    text.match_indices('$').any(|(at, _)| {
        let rest = text.get(at + 1..).unwrap_or("");
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        rest.strip_prefix(name)
            .is_some_and(|r| !r.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
    })
}

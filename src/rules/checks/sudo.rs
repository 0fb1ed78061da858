//! `sudo` in a build.

use std::collections::HashMap;

use crate::diag::Fix;
use crate::knowledge::Action;
use crate::rules::Cx;
use crate::semantic::{Base, Cmd, Model, RunsAs, StageId};
use crate::shell::{Command, Word};
use crate::syntax::ImageRef;
use crate::text::{Edit, Span, holds};

use super::unshipped::is_development_file;

/// At most this many more places of a step are marked.
const MAX_LABELS: usize = 16;

/// `sudo`.
pub fn sudo(cx: &mut Cx<'_>) {
    let model = cx.model;
    let mut found: Vec<(usize, Cmd<'_>, usize)> = Vec::new();
    for command in model.run_commands() {
        let shell = command.shell();
        let wrapper = shell.effective().wrappers.iter().find(|w| w.name == "sudo").map(|w| w.index);
        // `sudo -i` alone runs a shell, and wraps nothing.
        let alone = (command.program() == "sudo").then_some(shell.effective().name_index);
        found.extend(wrapper.or(alone).map(|index| (command.step(), command, index)));
    }
    if found.is_empty() {
        return;
    }
    let root = steps_of_root(model);
    // The first of a step speaks for all of them.
    for step in found.chunk_by(|a, b| a.0 == b.0) {
        let Some((first, rest)) = step.split_first() else { continue };
        let user = match model.runs_as(first.0) {
            RunsAs::Unknown if is_root_since(model, &root, first.0) => RunsAs::Root,
            user => user,
        };
        let Some(word) = word(first) else { continue };
        // What a stage keeps that is not in the image does no harm.
        let stays = model.stage_of(first.0).is_none_or(|stage| stage.in_final_image);
        if user != RunsAs::Root && (!stays || may_become_root(model, first.0)) {
            continue;
        }
        if is_asked_for(model.text(model.instruction(first.0).span)) {
            continue;
        }
        let (message, help) = words(&user, switches(&first.1, first.2));
        let mut finding = cx.at(word.span, message).help(help);
        for other in rest.iter().take(MAX_LABELS).filter_map(self::word) {
            finding = finding.label(other.span, "and here");
        }
        let removals = step.iter().filter_map(|(_, command, index)| removable(command, *index));
        let edits: Vec<Edit> = removals.map(Edit::delete).collect();
        if user == RunsAs::Root && !edits.is_empty() {
            finding = finding.fix(Fix::safe("remove `sudo`", edits));
        }
        cx.report(finding);
    }
}

/// The first step of each stage that installs packages of the system without `sudo`, and ends the build if it may not:
/// from there on the build runs as root, until the next USER.
fn steps_of_root(model: &Model) -> HashMap<StageId, usize> {
    let mut first = HashMap::new();
    for cmd in model.run_commands() {
        let installs = cmd.usage.action == Action::Install
            && cmd.usage.manager.is_some_and(|manager| manager.system)
            && cmd.shell().effective().wrappers.is_empty();
        if let Some(stage) = cmd.stage().filter(|_| installs && cmd.ends_build()) {
            first.entry(stage.index).or_insert(cmd.step());
        }
    }
    first
}

/// True if such a step stands above this one, and no USER between them.
fn is_root_since(model: &Model, root: &HashMap<StageId, usize>, step: usize) -> bool {
    let user = |step: usize| model.steps.get(step).map(|step| step.state.user);
    let first = model.stage_of(step).and_then(|stage| root.get(&stage.index));
    first.is_some_and(|first| *first < step && user(*first) == user(step))
}

/// True where a user other than root is known to become root without a password: in images for development, and where
/// the file itself says so.
fn may_become_root(model: &Model, step: usize) -> bool {
    let of_vendor = |image: &ImageRef| {
        image.path.contains("devcontainers/")
            || image.path.starts_with("gitpod/")
            || image.path.starts_with("cimg/")
    };
    let is_known = model
        .stage_of(step)
        .is_some_and(|stage| matches!(model.root_base(stage), Base::Image(image) if of_vendor(image)));
    is_known
        || model.file.source.name().contains(".devcontainer/")
        || is_development_file(model)
        || holds(model.file.text(), "NOPASSWD")
}

/// True for a script that asks whether `sudo` is there, or whether it runs as root: `[ "$(id -u)" -ne 0 ] && sudo …`.
fn is_asked_for(script: &str) -> bool {
    let compares = |rest: &str| {
        let rest = rest.trim_start_matches([')', '}', '"', '`', ' ']);
        ["-ne ", "-eq ", "-gt ", "=", "!="].iter().any(|operator| rest.starts_with(operator))
    };
    let asks_for_root =
        |word: &str| script.match_indices(word).any(|(at, _)| compares(&script[at + word.len()..]));
    ["command -v sudo", "which sudo", "type sudo", "hash sudo", "-x /usr/bin/sudo", "-f /usr/bin/sudo"]
        .iter()
        .any(|asks| script.contains(asks))
        || ["id -u", "EUID", "$UID", "whoami"].into_iter().any(asks_for_root)
}

/// The word `sudo`.
fn word<'m>((_, command, index): &(usize, Cmd<'m>, usize)) -> Option<&'m Word> {
    command.shell().words.get(*index)
}

fn words(user: &RunsAs, switches: bool) -> (String, &'static str) {
    match user {
        _ if switches => (
            "`sudo -u` switches users for one command, and needs `sudo` in the image".to_owned(),
            "use a USER instruction above this step, and drop `sudo`",
        ),
        RunsAs::Root => {
            ("`sudo` does nothing here: the build already runs as root".to_owned(), "remove it")
        }
        RunsAs::Other(name) => (
            format!("`sudo` only works here if `{name}` can become root without a password, also in the running container"),
            "write `USER root` above this step, and switch back to the other user after it",
        ),
        RunsAs::Unknown => (
            "`sudo` does nothing if the build runs as root; if it does not, the user can become root in the running container too"
                .to_owned(),
            "write `USER root` above this step, and drop `sudo`",
        ),
    }
}

/// True for `sudo -u NAME`.
fn switches(command: &Cmd<'_>, index: usize) -> bool {
    options(command.shell(), index)
        .any(|o| o.starts_with("--user") || o.starts_with('-') && !o.starts_with("--") && o.contains('u'))
}

/// The options of the `sudo` at `index`.
fn options(command: &Command, index: usize) -> impl Iterator<Item = &str> {
    let words = command.words.get(index + 1..command.effective().name_index).unwrap_or(&[]);
    words.iter().map(Word::static_prefix)
}

/// `sudo` and the blanks behind it, if the command follows at once on the same line.
fn removable(command: &Cmd<'_>, index: usize) -> Option<Span> {
    let words = &command.shell().words;
    let (sudo, next) = (words.get(index)?, words.get(index + 1)?);
    let blanks = command.model.text(Span::new(sudo.span.end, next.span.start));
    let plain = sudo.exact && next.exact && sudo.is("sudo") && !next.static_prefix().starts_with('-');
    let close = !blanks.is_empty() && blanks.bytes().all(|b| b == b' ' || b == b'\t');
    // The variables that sudo sets are those of a command of its own.
    let alone = index + 1 == command.shell().effective().name_index;
    (plain && close && alone && !command.script().exec).then(|| Span::new(sudo.span.start, next.span.start))
}

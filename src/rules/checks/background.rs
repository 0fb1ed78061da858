//! Commands in the background.

use crate::diag::Fix;
use crate::knowledge::Action;
use crate::rules::Cx;
use crate::semantic::{Cmd, ScriptKind};
use crate::shell::Connector;
use crate::text::Edit;

/// Programs that do their work and end.
const ENDING: [&str; 24] = [
    "addgroup", "adduser", "cat", "cd", "chmod", "chown", "cmake", "cp", "curl", "echo", "git", "groupadd",
    "ln", "make", "mkdir", "mv", "rm", "sed", "tar", "touch", "unzip", "useradd", "usermod", "wget",
];

/// `background-command`.
pub fn command(cx: &mut Cx<'_>) {
    let model = cx.model;
    let mut told = None;
    for cmd in model.run_commands() {
        let place = &cmd.shell().place;
        let Some(link) = place.after.filter(|link| link.connector == Connector::Background) else { continue };
        let script = cmd.script();
        let within = place.within;
        // In a loop or a function, somebody knows what it is for.
        let is_plain =
            !within.repeated && !within.function && !within.substitution && !script.script.approximate;
        if script.kind != ScriptKind::Run || !is_plain || told == Some(cmd.step()) {
            continue;
        }
        if !ends(&cmd) || is_looked_after(&cmd) {
            continue;
        }
        told = Some(cmd.step());
        let is_next = |c: &Cmd<'_>| c.shell().span.start >= link.span.end;
        let has_next = model.commands_of(cmd.step()).any(|c| is_next(&c));
        let effect = if has_next {
            "the next command does not wait for it, and its failure goes unnoticed"
        } else {
            "when the RUN ends it is killed, finished or not"
        };
        let message = format!("`&` runs `{}` in the background: {effect}", cmd.program());
        let mut finding = cx.at(link.span, message);
        finding = match has_next {
            true => finding
                .help("write `&&`")
                .fix(Fix::uncertain("wait for the command", [Edit::replace(link.span, "&&")])),
            false => finding.help("leave the `&` out"),
        };
        cx.report(finding);
    }
}

/// True for a command that surely is no server.
fn ends(cmd: &Cmd<'_>) -> bool {
    let installs = matches!(
        cmd.usage.action,
        Action::Install | Action::Update | Action::Upgrade | Action::Remove | Action::Clean
    );
    cmd.usage.manager.is_some() && installs || ENDING.contains(&cmd.program())
}

/// True if the script waits for what it has started, or does something else with it.
fn is_looked_after(cmd: &Cmd<'_>) -> bool {
    let model = cmd.model;
    let after = ["wait", "kill", "pkill", "jobs", "fg", "disown", "sleep", "timeout", "tail", "trap"];
    model.text(model.instruction(cmd.step()).span).contains("$!")
        || model.commands_of(cmd.step()).any(|c| after.contains(&c.program()))
}

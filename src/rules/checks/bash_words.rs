//! Words of bash in scripts that dash runs.

use crate::knowledge::Family;
use crate::rules::Cx;
use crate::semantic::{Cmd, ScriptKind};
use crate::shell::{Dialect, RedirectKind};
use crate::text::Span;

/// `bash-in-sh`.
pub fn bash_in_sh(cx: &mut Cx<'_>) {
    let model = cx.model;
    // Who links bash to `/bin/sh` means it for all that follows.
    if ["ln", "cp", "mv"].iter().any(|p| model.commands_named(p).any(|c| names_sh(&c)))
        || model.commands_named("dpkg-reconfigure").next().is_some()
    {
        return;
    }
    let mut told = None;
    for cmd in model.run_commands() {
        let script = cmd.script();
        let state = model.steps.get(cmd.step()).map(|s| s.state);
        let is_plain =
            state.is_some_and(|s| s.shell.is_none() && s.dialect == Dialect::Posix) && !script.exec;
        let is_dash =
            || cmd.stage().is_some_and(|s| matches!(model.family(s), Family::Debian | Family::Ubuntu));
        if script.kind != ScriptKind::Run || !is_plain || told == Some(cmd.step()) {
            continue;
        }
        let Some((span, what, effect, help)) = word_of_bash(&cmd) else { continue };
        // `bash -c` reads its own script.
        if !is_dash() || script.script.approximate || cmd.shell().place.within.shell_string {
            continue;
        }
        told = Some(cmd.step());
        let message = format!("`/bin/sh` is dash here, which has no `{what}`: {effect}");
        let help = format!("{help}, or set `SHELL [\"/bin/bash\", \"-c\"]` above");
        cx.report(cx.at(span, message).help(help));
    }
}

fn names_sh(cmd: &Cmd<'_>) -> bool {
    cmd.args().iter().any(|w| matches!(w.static_prefix(), "/bin/sh" | "sh" | "/usr/bin/sh"))
}

/// What only bash knows of a command: where it stands, its name, what dash makes of it, and what to write.
fn word_of_bash(cmd: &Cmd<'_>) -> Option<(Span, &'static str, &'static str, &'static str)> {
    let not_found = "the command is not found";
    let (what, effect, help) = match cmd.program() {
        "[[" => ("[[", "the test is not found, and counts as false", "write `[ … ]`"),
        "source" => ("source", not_found, "write `.`"),
        "pushd" | "popd" => ("pushd", not_found, "write `cd` in a subshell"),
        "shopt" => ("shopt", not_found, "leave it out"),
        "declare" | "typeset" => ("declare", not_found, "assign without it"),
        "mapfile" | "readarray" => ("mapfile", not_found, "read line by line"),
        _ => {
            let redirect = cmd.shell().redirects.iter().find_map(|r| match r.kind {
                RedirectKind::HereString => {
                    Some((r.span, "<<<", "it is a syntax error, and the build fails", "write `printf … |`"))
                }
                RedirectKind::WriteBoth => Some((
                    r.span,
                    "&>",
                    "the command goes to the background, and the build does not wait for it",
                    "write `>FILE 2>&1`",
                )),
                _ => None,
            });
            return redirect;
        }
    };
    Some((cmd.program_span(), what, effect, help))
}

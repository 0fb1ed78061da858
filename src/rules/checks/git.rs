//! What git brings.

use crate::knowledge::GIT_LOOKS;
use crate::rules::Cx;
use crate::semantic::{Cmd, Grammar, ScriptKind, covers};
use crate::shell::Word;

/// git-clone(1) 2.47, with the options before the subcommand.
const CLONE: Grammar = Grammar {
    short: "CcbjoTu",
    long: &[
        "branch",
        "bundle-uri",
        "config",
        "depth",
        "filter",
        "git-dir",
        "jobs",
        "origin",
        "reference",
        "reference-if-able",
        "separate-git-dir",
        "server-option",
        "shallow-exclude",
        "shallow-since",
        "template",
        "upload-pack",
        "work-tree",
    ],
};

/// `git-clone-history`.
pub fn history(cx: &mut Cx<'_>) {
    for cmd in cx.model.commands_named("git") {
        let ships = cmd.stage().is_some_and(|s| s.in_final_image);
        if !ships || cmd.script().kind != ScriptKind::Run {
            continue;
        }
        let arguments = cmd.arguments(&CLONE);
        let Some((order, operands)) = arguments.operands.split_first().filter(|(w, _)| w.is("clone")) else {
            continue;
        };
        let shallow = ["--depth", "--shallow-since", "--shallow-exclude", "--filter", "--mirror", "--bare"];
        if arguments.has(&shallow) || cmd.has_unknown_options() || needs_history(&cmd, operands) {
            continue;
        }
        let message = "this clones all that the repository ever held, and the image keeps it in `.git`";
        let help = "add `--depth 1`, with `--branch` for a tag, or use ADD, which leaves `.git` out";
        cx.report(cx.at(cmd.program_span().to(order.span), message).help(help));
    }
}

/// True if a later command of the stage may look for another commit, or removes the history in the same
/// RUN.
fn needs_history(cmd: &Cmd<'_>, operands: &[&Word]) -> bool {
    let model = cmd.model;
    let Some(stage) = cmd.stage() else { return true };
    let start = cmd.shell().span.start;
    let looks = model.commands_named("git").any(|c| {
        stage.steps.contains(&c.step())
            && c.shell().span.start > start
            && c.arguments(&CLONE)
                .operands
                .first()
                .and_then(|w| w.as_str())
                .is_some_and(|s| GIT_LOOKS.contains(&s))
    });
    let target = operands.get(1).and_then(|w| w.as_str()).and_then(|path| cmd.absolute(path));
    let removes = model.commands_of(cmd.step()).any(|c| {
        let later = c.usage.command > cmd.usage.command && c.program() == "rm";
        let named = c.args().iter().any(|w| w.static_prefix().trim_end_matches('/').ends_with(".git"));
        let whole = target.as_ref().is_some_and(|t| c.removed_paths().iter().any(|p| covers(p, t)));
        later && (named || whole || is_named(cmd, operands, &c))
    });
    looks || removes
}

/// True if `remove` names the folder that a clone makes of its URL.
fn is_named(clone: &Cmd<'_>, operands: &[&Word], remove: &Cmd<'_>) -> bool {
    let Some(word) = operands.get(1).or_else(|| operands.first()) else { return false };
    let text = clone.model.text(word.span).trim_matches(['"', '\'']).trim_end_matches('/');
    let name = text.rsplit('/').next().unwrap_or(text).trim_end_matches(".git");
    !name.is_empty() && remove.args().iter().any(|w| clone.model.text(w.span).contains(name))
}

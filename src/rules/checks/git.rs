//! What git brings.

use std::cell::LazyCell;
use std::collections::HashMap;

use crate::knowledge::GIT_LOOKS;
use crate::rules::Cx;
use crate::semantic::{Cmd, Grammar, Model, ScriptKind, StageId, covers};
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
    let last_looks = LazyCell::new(|| last_looks(cx.model));
    for cmd in cx.model.commands_named("git") {
        let Some(stage) = cmd.stage().filter(|s| s.in_final_image) else { continue };
        if cmd.script().kind != ScriptKind::Run {
            continue;
        }
        let arguments = cmd.arguments(&CLONE);
        let Some((order, operands)) = arguments.operands.split_first().filter(|(w, _)| w.is("clone")) else {
            continue;
        };
        let shallow = ["--depth", "--shallow-since", "--shallow-exclude", "--filter", "--mirror", "--bare"];
        if arguments.has(&shallow) || cmd.has_unknown_options() {
            continue;
        }
        // A later command may look for another commit.
        let looks = last_looks.get(&stage.index).is_some_and(|last| *last > cmd.shell().span.start);
        if looks || is_removed(&cmd, operands) {
            continue;
        }
        let message = "this clones the whole history of the repository, and the image keeps it in `.git`";
        let help = "add `--depth 1`, with `--branch` for a tag, or use ADD, which leaves `.git` out";
        cx.report(cx.at(cmd.program_span().to(order.span), message).help(help));
    }
}

/// The last command of each stage that looks at the history of a clone: where it starts.
fn last_looks(model: &Model) -> HashMap<StageId, u32> {
    let mut found = HashMap::new();
    for cmd in model.commands_named("git") {
        let order = || cmd.arguments(&CLONE).operands.first().and_then(|w| w.as_str());
        if let Some(stage) = cmd.stage().filter(|_| order().is_some_and(|s| GIT_LOOKS.contains(&s))) {
            let last = found.entry(stage.index).or_insert(0);
            *last = cmd.shell().span.start.max(*last);
        }
    }
    found
}

/// True if a later command of the RUN removes the history.
fn is_removed(cmd: &Cmd<'_>, operands: &[&Word]) -> bool {
    let target = operands.get(1).and_then(|w| w.as_str()).and_then(|path| cmd.absolute(path));
    cmd.model.first_behind(cmd, "rm").any(|c| {
        let named = c.args().iter().any(|w| w.static_prefix().trim_end_matches('/').ends_with(".git"));
        let whole = target.as_ref().is_some_and(|t| c.removed_paths().iter().any(|p| covers(p, t)));
        named || whole || is_named(cmd, operands, &c)
    })
}

/// True if `remove` names the folder that a clone makes of its URL.
fn is_named(clone: &Cmd<'_>, operands: &[&Word], remove: &Cmd<'_>) -> bool {
    let Some(word) = operands.get(1).or_else(|| operands.first()) else { return false };
    let text = clone.model.text(word.span).trim_matches(['"', '\'']).trim_end_matches('/');
    let name = text.rsplit('/').next().unwrap_or(text).trim_end_matches(".git");
    !name.is_empty() && remove.args().iter().any(|w| clone.model.text(w.span).contains(name))
}

//! The command line of apt for people.

use crate::diag::Fix;
use crate::knowledge::Action;
use crate::rules::Cx;
use crate::semantic::{Cmd, ScriptKind};
use crate::text::Edit;

use super::dead_cleanup::cleans_itself;

/// `apt-cli`.
pub fn apt(cx: &mut Cx<'_>) {
    for cmd in cx.model.commands_named("apt") {
        let script = cmd.script();
        if script.kind != ScriptKind::Run || script.script.functions.iter().any(|f| &*f.name == "apt") {
            continue;
        }
        let message = "`apt` is made for people: its options and output may change from release to release";
        let instead = instead(&cmd);
        let help = instead.map_or_else(
            || "write `apt-get` or `apt-cache`".to_owned(),
            |program| format!("write `{program}`"),
        );
        let mut finding = cx.at(cmd.program_span(), message).help(help);
        let word = cmd.shell().program_word().filter(|w| w.exact && w.is("apt") && !script.exec);
        if let (Some(program), Some(word)) = (instead, word) {
            let edit = Edit::replace(word.span, program);
            let title = format!("use `{program}`");
            finding = finding.fix(match keeps_downloads(&cmd) {
                true => Fix::uncertain(title, [edit]),
                false => Fix::safe(title, [edit]),
            });
        }
        cx.report(finding);
    }
}

/// True if `apt-get` may leave the packages that it has downloaded, which `apt` never does. The official images of
/// Debian and Ubuntu have both remove them.
fn keeps_downloads(cmd: &Cmd<'_>) -> bool {
    let downloads = matches!(cmd.usage.action, Action::Install | Action::Upgrade);
    downloads && !cmd.stage().is_some_and(|stage| cleans_itself(cmd.model, stage))
}

/// The program that does the same by the same words. `apt-get upgrade` does less than `apt upgrade`.
fn instead(cmd: &Cmd<'_>) -> Option<&'static str> {
    match &*cmd.subcommand()? {
        "install" | "reinstall" | "update" | "remove" | "purge" | "autoremove" | "clean" | "autoclean"
        | "build-dep" | "source" | "download" => Some("apt-get"),
        "search" | "show" | "policy" | "depends" | "rdepends" | "showsrc" => Some("apt-cache"),
        _ => None,
    }
}

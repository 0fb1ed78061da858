//! Rules about the versions of packages.

use crate::diag::Finding;
use crate::knowledge::Pins;
use crate::rules::Cx;
use crate::semantic::{Cmd, Lack, Unpinned};

/// How many further packages of a command are marked.
const MAX_LABELS: usize = 8;

/// `unpinned-package`.
pub fn unpinned(cx: &mut Cx<'_>) {
    let found = cx.model.run_commands().filter_map(|cmd| {
        let manager = cmd.usage.manager?;
        report(cx, &cmd, manager.pins.as_ref()?, manager.ids.pin)
    });
    found.for_each(|f| cx.report(f));
}

/// One finding per command, at its first package without a version.
fn report(cx: &Cx<'_>, cmd: &Cmd<'_>, pins: &Pins, alias: Option<&str>) -> Option<Finding> {
    let found = cmd.unpinned();
    let (first, more) = found.split_first()?;
    let message = match (&first.lack, more) {
        (Lack::Moves(to), []) => {
            format!("`{}` follows `{to}`, so each build may install a different version", first.name)
        }
        (Lack::Version, []) => {
            format!("`{}` has no version, so each build may install a different one", first.name)
        }
        (_, more) => format!(
            "`{}` and {} more {} no fixed version, so each build may install different ones",
            first.name,
            more.len(),
            if more.len() == 1 { "package have" } else { "packages have" }
        ),
    };
    let help = format!("write `{}`", pins.write.replace("{}", &first.name));
    let finding = cx.at(first.word.span, message).help(help).alias(alias);
    let label = |finding: Finding, package: &Unpinned<'_>| finding.label(package.word.span, "this too");
    Some(more.iter().take(MAX_LABELS).fold(finding, label))
}

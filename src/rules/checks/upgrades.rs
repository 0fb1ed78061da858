//! Rules about upgrades of what the base image holds.

use crate::diag::{Finding, Label};
use crate::knowledge::{Action, ManagerId};
use crate::rules::Cx;
use crate::semantic::{Cmd, Model};
use crate::text::Span;

/// Options with which packages are only fetched.
const FETCH_ONLY: [&str; 2] = ["--download-only", "--downloadonly"];

/// `system-upgrade`.
pub fn system(cx: &mut Cx<'_>) {
    let mut findings: Vec<(usize, Finding)> = Vec::new();
    for cmd in cx.model.run_commands() {
        let Some(finding) = upgrade(cx, &cmd) else { continue };
        match findings.last_mut() {
            // One RUN is upgraded once, however many commands do it.
            Some((step, known)) if *step == cmd.step() && known.alias == finding.alias => {
                known.labels.push(Label { span: finding.span, text: "and here".into() });
            }
            _ => findings.push((cmd.step(), finding)),
        }
    }
    findings.into_iter().for_each(|(_, finding)| cx.report(finding));
}

/// True if a comment right above says that it is for the sake of security.
fn is_said_why(model: &Model, cmd: &Cmd<'_>) -> bool {
    let says = |text: &str| {
        let text = text.to_ascii_lowercase();
        ["security", "cve", "vulnerab"].iter().any(|word| text.contains(word))
    };
    let above = model.file.comments_before(cmd.step()).map(|comment| model.text(comment));
    // Or between the lines of the RUN.
    let start = model.instruction(cmd.step()).span.start;
    let lines = model.text(Span::new(start, cmd.head_span().start)).lines().rev();
    let inside = lines.map(str::trim_start).filter(|line| line.starts_with('#'));
    above.take(MAX_COMMENTS).any(says) || inside.take(MAX_COMMENTS).any(says)
}

/// The most lines of a comment that are read.
const MAX_COMMENTS: usize = 8;

fn upgrade(cx: &Cx<'_>, cmd: &Cmd<'_>) -> Option<Finding> {
    // A distribution without releases is upgraded as a whole or not at all.
    let manager = cmd.usage.manager.filter(|m| m.system && m.id != ManagerId::Pacman)?;
    let named = !cmd.operands().is_empty() || cmd.shell().is_wrapped_by("xargs");
    if cmd.usage.action != Action::Upgrade || named || cmd.is_dry_run() || cmd.has_any_flag(&FETCH_ONLY) {
        return None;
    }
    // What a stage upgrades that is thrown away stays in no image.
    if !cmd.stage().is_some_and(|stage| stage.in_final_image || cx.model.is_output(stage)) {
        return None;
    }
    if is_said_why(cx.model, cmd) {
        return None;
    }
    let to_release = manager.release_upgrade.iter().any(|s| cmd.is_subcommand(s));
    let alias = if to_release { &manager.ids.release_upgrade } else { &manager.ids.upgrade };
    let message = format!(
        "`{}` upgrades whatever is outdated on the day of the build, and what it replaces stays in the layers below",
        cmd.head()
    );
    let help = "build on a newer base image (`docker build --pull`), and upgrade single packages by name";
    Some(cx.at(cmd.head_span(), message).help(help).alias(alias.as_deref()))
}

//! The order of COPY and installs, which decides what a change runs again.

use crate::diag::{Finding, Fix, format_bytes, format_count};
use crate::knowledge::ManagerId;
use crate::rules::Cx;
use crate::semantic::Analysis;
use crate::semantic::{CopyUse, EarlyPackages, EarlySources};
use crate::text::Edit;

/// `copy-before-install`.
pub fn copy_before_install(cx: &mut Cx<'_>) {
    let model = cx.model;
    let findings: Vec<Finding> = model
        .early_sources()
        .iter()
        .filter_map(|early| sources(cx, early))
        .chain(model.early_packages().iter().filter_map(|early| packages(cx, early)))
        .collect();
    for finding in findings {
        cx.report(finding);
    }
}

fn sources(cx: &Cx<'_>, early: &EarlySources<'_>) -> Option<Finding> {
    let model = cx.model;
    let copy = model.copies.get(early.first.copy)?;
    let source = copy.sources.get(early.first.source)?;
    let install = &early.install;
    let what = if install.builds { "fetches" } else { "installs" };
    let message = format!(
        "`{}` {what} the dependencies after this COPY, so any change in {} makes it run again",
        early.command(model),
        files(model, copy)
    );
    let finding = cx
        .at(source.span, message)
        .label(install.cmd.program_span().to(install.order), "runs again")
        .help(early.advice(model));
    Some(match fix(model, early) {
        Some(edits) if !early.ready && !install.builds => {
            finding.fix(Fix::uncertain("copy what the install reads first", edits))
        }
        _ => finding,
    })
}

/// Packages that stand behind the COPY of all sources, and need none of them.
fn packages(cx: &Cx<'_>, early: &EarlyPackages<'_>) -> Option<Finding> {
    let model = cx.model;
    let copy = model.copies.get(early.copy)?;
    let head = early.install.head_span();
    let message = format!(
        "`{}` needs nothing of this COPY, yet any change in {} runs it again",
        model.text(head).split_whitespace().filter(|w| *w != "\\").collect::<Vec<_>>().join(" "),
        files(model, copy)
    );
    let finding = cx.at(copy.sources.get(early.source)?.span, message);
    Some(finding.label(head, "runs again").help("move the RUN above the COPY"))
}

/// The files of a copy, with the figures of the build context.
fn files(model: &Analysis, copy: &CopyUse) -> String {
    match model.taken(copy).map(|result| result.total) {
        Some(taken) if taken.files > 1 => {
            format!("its {} files ({})", format_count(taken.files), format_bytes(taken.bytes))
        }
        _ => "its files".to_owned(),
    }
}

/// Puts a COPY of the manifests and the RUN before the COPY, in the plainest case.
fn fix(model: &Analysis, early: &EarlySources<'_>) -> Option<Vec<Edit>> {
    let (install, first) = (&early.install, &early.first);
    let copy = model.copies.get(first.copy)?;
    let (from, to) = (model.instruction(copy.step), model.instruction(install.cmd.step()));
    let plain = matches!(
        install.manager.id,
        ManagerId::Npm | ManagerId::Yarn | ManagerId::Pnpm | ManagerId::Bun | ManagerId::Pip
    );
    let next = install.cmd.step() == copy.step + 1;
    let whole = first.folder.is_empty() && copy.sources.len() == 1;
    let known = early.manifests.iter().all(|n| model.manifest_is_there(n) == Some(true));
    let alone = to.flags.is_empty() && install.cmd.script().script.commands.len() == 1;
    if !(plain && next && whole && known && alone && from.flag("exclude").is_none()) {
        return None;
    }
    let file = &*model.file;
    let (above, moved) = (file.items.get(from.item)?.span, file.items.get(to.item)?.span);
    let run = moved.text(file.text());
    let ending = if above.text(file.text()).ends_with("\r\n") { "\r\n" } else { "\n" };
    let copies: String = early.manifest_lines(model)?.iter().map(|l| format!("{l}{ending}")).collect();
    let separate = if run.ends_with('\n') { "" } else { ending };
    Some(vec![Edit::insert(above.start, format!("{copies}{run}{separate}")), Edit::delete(moved)])
}

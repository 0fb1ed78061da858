//! The order of COPY and installs, which decides what a change runs again.

use dockerignore::filepath::has_wildcard;

use crate::context::{SourceResult, SourceStatus};
use crate::diag::{Finding, Fix, Label, format_bytes, format_count};
use crate::knowledge::ManagerId;
use crate::rules::Cx;
use crate::semantic::{Analysis, CopyFrom, CopyUse, EarlyPackages, EarlySources, IdleCopy, PROBE};
use crate::text::Edit;

use super::all;

/// `copy-before-install`.
pub fn copy_before_install(cx: &mut Cx<'_>) {
    let model = cx.model;
    // By copy and source, so that of one COPY all is said at once.
    let mut findings: Vec<((usize, usize), Finding)> = Vec::new();
    for early in model.early_sources() {
        let place = (early.first.copy, early.first.source);
        findings.extend(sources(cx, &early).map(|finding| (place, finding)));
    }
    for early in model.early_packages() {
        let place = (early.copy, early.source);
        match findings.iter_mut().find(|(other, _)| *other == place) {
            Some((_, finding)) => finding.labels.push(Label {
                span: early.install.head_span(),
                text: match model.copies.get(early.copy) {
                    Some(copy) => format!("does not need this {} either, and also runs again", keyword(copy)),
                    None => "also runs again".to_owned(),
                },
            }),
            None => findings.extend(packages(cx, &early).map(|finding| (place, finding))),
        }
    }
    let idle = model.idle_copies();
    findings
        .extend(idle.iter().filter_map(|idle| Some(((idle.copy, idle.source), reads_nothing(cx, idle)?))));
    for (_, finding) in findings {
        cx.report(finding);
    }
}

/// Sources that an install does not read, whose manifests come by themselves.
fn reads_nothing(cx: &Cx<'_>, idle: &IdleCopy<'_>) -> Option<Finding> {
    let model = cx.model;
    let copy = model.copies.get(idle.copy)?;
    let program = idle.install.cmd.head();
    let message = format!(
        "`{program}` does not need this {}, yet any change to {} runs it again",
        keyword(copy),
        files(model, copy)
    );
    let finding = cx.at(copy.sources.get(idle.source)?.span, message);
    let place = idle.install.cmd.program_span().to(idle.install.order);
    let lines: Vec<String> = std::iter::once(&idle.copy)
        .chain(&idle.others)
        .filter_map(|copy| Some(model.instruction(model.copies.get(*copy)?.step).lines.0.to_string()))
        .collect();
    let help = match lines.as_slice() {
        [_, .., _] => {
            format!("move the COPYs of lines {} below the RUN, which reads the manifests only", all(&lines))
        }
        _ => format!("move this {} below the RUN, which reads the manifests only", keyword(copy)),
    };
    Some(finding.label(place, "runs again").help(help))
}

fn sources(cx: &Cx<'_>, early: &EarlySources<'_>) -> Option<Finding> {
    let model = cx.model;
    let copy = model.copies.get(early.first.copy)?;
    let source = copy.sources.get(early.first.source)?;
    let install = &early.install;
    let what = if install.builds { "fetches" } else { "installs" };
    let message = format!(
        "`{}` {what} the dependencies after this {}, so any change to {} runs it again",
        early.command(model),
        keyword(copy),
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
        "`{}` does not need this {}, yet any change to {} runs it again",
        model.text(head).split_whitespace().filter(|w| *w != "\\").collect::<Vec<_>>().join(" "),
        keyword(copy),
        files(model, copy)
    );
    let finding = cx.at(copy.sources.get(early.source)?.span, message);
    Some(finding.label(head, "runs again").help(format!("move the RUN above the {}", keyword(copy))))
}

/// What a copy is written with.
const fn keyword(copy: &CopyUse) -> &'static str {
    if copy.add { "ADD" } else { "COPY" }
}

/// The files of a copy, with the figures of the build context where that is said, or shows by what it holds.
fn files(model: &Analysis, copy: &CopyUse) -> String {
    let is_named = matches!(copy.from, CopyFrom::Folder(_));
    let context = model.context().filter(|context| context.is_said || shows_itself(model));
    match model.taken(copy).filter(|_| is_named || context.is_some()).map(|result| result.total) {
        Some(taken) if taken.files > 1 => {
            let (count, bytes) = (format_count(taken.files), format_bytes(taken.bytes));
            match context.and_then(|context| context.guess.as_deref()).filter(|_| !is_named) {
                Some(folder) => {
                    format!("the {count} copied files ({bytes}, if `{folder}` is the build context)")
                }
                None => format!("the {count} copied files ({bytes})"),
            }
        }
        _ => "its files".to_owned(),
    }
}

/// True if a folder that nobody calls the build context has a file that is copied by name, or one that installs read.
fn shows_itself(model: &Analysis) -> bool {
    let Some(context) = model.context() else { return false };
    let is_named = |source: &SourceResult| {
        source.status == SourceStatus::Found
            && !has_wildcard(&source.source)
            && !clean(&source.source).is_empty()
    };
    let is_there = |source: &SourceResult| source.status == SourceStatus::Found;
    context.scan.per_query.iter().any(|query| match query.id {
        PROBE => query.sources.iter().any(is_there),
        _ => query.sources.iter().any(is_named),
    })
}

/// A path without what leads nowhere.
fn clean(path: &str) -> &str {
    path.trim_start_matches(['.', '/'])
}

/// Puts a COPY of the manifests and the RUN before the COPY, in the plainest case.
fn fix(model: &Analysis, early: &EarlySources<'_>) -> Option<Vec<Edit>> {
    let (install, first) = (&early.install, &early.first);
    let copy = model.copies.get(first.copy)?;
    let (from, to) = (model.instruction(copy.step), model.instruction(install.cmd.step()));
    let id = install.manager.id;
    let plain = id == ManagerId::Pip || ManagerId::OF_NODE_MODULES.contains(&id);
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

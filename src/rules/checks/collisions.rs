//! Sources of one COPY that end up at the same path.

use std::collections::HashMap;

use dockerignore::filepath::{clean, has_wildcard};

use crate::context::SourceStatus;
use crate::diag::Fix;
use crate::rules::Cx;
use crate::semantic::{CopyUse, Model, SourceKind, base_name, is_file_name};
use crate::syntax::{Kind, TransferSource};
use crate::text::Edit;

use super::source::result;

/// `copy-same-name`.
pub fn same_name(cx: &mut Cx<'_>) {
    let model = cx.model;
    for copy in model.copies.iter().filter(|c| !c.mount && c.sources.len() > 1) {
        let instruction = model.instruction(copy.step);
        let (Kind::Copy(transfer) | Kind::Add(transfer)) = &instruction.kind else { continue };
        let whole = instruction.flag("parents").is_some()
            || transfer.sources.iter().any(|s| matches!(s, TransferSource::Heredoc));
        if whole || !instruction.trailing_comments(&model.file).is_empty() {
            continue;
        }
        let mut known: HashMap<String, usize> = HashMap::new();
        for (at, source) in copy.sources.iter().enumerate() {
            let Some(path) = file(cx, copy, at) else { continue };
            let name = path.rsplit('/').next().unwrap_or(&path).to_owned();
            let Some(first) = known.insert(name.clone(), at) else { continue };
            let Some(other) = copy.sources.get(first) else { continue };
            if file(cx, copy, first).is_some_and(|other| other == path) {
                continue;
            }
            let message =
                format!("this replaces the other `{name}` of the same instruction: both go to one path");
            let finding = cx.at(source.span, message).label(other.span, "replaced");
            cx.report(
                finding.help(
                    "copy each with an instruction of its own, under a name or into a folder of its own",
                ),
            );
        }
    }
}

/// `copy-flattens-folders`.
pub fn flattens_folders(cx: &mut Cx<'_>) {
    let model = cx.model;
    for copy in model.copies.iter().filter(|c| !c.mount) {
        if model.instruction(copy.step).flag("parents").is_some() {
            continue;
        }
        for source in &copy.sources {
            let Some(pattern) = source.value.known().filter(|p| *p == "*" || p.ends_with("/*")) else {
                continue;
            };
            let above = pattern.strip_suffix('*').unwrap_or(pattern);
            let taken = result(model, copy, source).and_then(|r| r.folder.as_deref());
            let Some(folder) = taken.filter(|_| !has_wildcard(above)) else { continue };
            if is_brought_later(model, copy, folder) {
                continue;
            }
            let message = format!(
                "`{pattern}` does not copy the folder `{folder}`, only what is in it: its files lose that part of their path"
            );
            let whole = if above.is_empty() { "." } else { above };
            let mut finding = cx
                .at(source.span, message)
                .help(format!("write `{whole}`, which copies the same files and keeps their folders"));
            if model.file.text().get(source.span.range()) == Some(pattern) {
                finding =
                    finding.fix(Fix::uncertain("keep the folders", [Edit::replace(source.span, whole)]));
            }
            cx.report(finding);
        }
    }
}

/// True if a later COPY of the stage brings `folder` to where the first should have: `COPY . .` behind
/// `COPY vendor/* ./vendor/`.
fn is_brought_later(model: &Model, copy: &CopyUse, folder: &str) -> bool {
    let (Some(stage), Some(to)) = (model.stage_of(copy.step), copy.destination.known()) else { return false };
    let wanted = clean(&format!("{to}/{}", base_name(folder)));
    let later = |other: &&CopyUse| {
        other.step > copy.step && stage.steps.contains(&other.step) && other.from == copy.from && !other.mount
    };
    model.copies.iter().filter(later).any(|other| {
        let Some(to) = other.destination.known() else { return false };
        let sources = other.sources.iter().filter(|s| s.kind == SourceKind::Path);
        sources.filter_map(|s| s.value.known()).filter(|path| !has_wildcard(path)).any(|path| {
            let path = clean(&format!("/{path}"));
            let below = format!("/{folder}");
            let below = below.strip_prefix(path.trim_end_matches('/')).filter(|rest| rest.starts_with('/'));
            below.is_some_and(|below| clean(&format!("{to}/{below}")) == wanted)
        })
    })
}

/// The path of a source that is a single file, as far as its name and the build context say.
fn file(cx: &Cx<'_>, copy: &CopyUse, at: usize) -> Option<String> {
    let source = copy.sources.get(at).filter(|s| s.kind == SourceKind::Path)?;
    let path = source.value.known().filter(|p| !has_wildcard(p) && !p.contains('\\') && !p.ends_with('/'))?;
    let path = clean(&format!("/{path}"));
    let found = result(cx.model, copy, source);
    // A folder with one file in it has an ending seldom.
    let single =
        is_file_name(&path) && found.is_none_or(|r| r.status == SourceStatus::Found && r.total.files == 1);
    single.then_some(path)
}

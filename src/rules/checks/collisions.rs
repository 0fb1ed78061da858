//! Sources of one COPY that end up at the same path.

use std::collections::{HashMap, HashSet};

use dockerignore::Matcher;
use dockerignore::filepath::{clean, has_wildcard};

use crate::context::SourceStatus;
use crate::diag::{Finding, Fix};
use crate::rules::Cx;
use crate::semantic::{Brought, BuildContext, CopyFrom, CopyUse, Model, SourceKind, base_name, is_file_name};
use crate::syntax::{Kind, TransferSource};
use crate::text::Edit;

use super::source::result;

/// `copy-same-name`.
pub fn same_name(cx: &mut Cx<'_>) {
    let model = cx.model;
    let ignore = model.context().and_then(BuildContext::ignore).map(|(file, _)| Matcher::new(file));
    let may_meet = |copy: &CopyUse| {
        copy.sources.len() > 1 || copy.sources.iter().any(|s| s.value.known().is_some_and(has_wildcard))
    };
    for copy in model.copies.iter().filter(|c| !c.mount && may_meet(c)) {
        let instruction = model.instruction(copy.step);
        let (Kind::Copy(transfer) | Kind::Add(transfer)) = &instruction.kind else { continue };
        let whole = instruction.flag("parents").is_some()
            || transfer.sources.iter().any(|s| matches!(s, TransferSource::Heredoc));
        if whole || !instruction.trailing_comments(&model.file).is_empty() {
            continue;
        }
        let excludes = copy.query.as_ref().is_some_and(|query| !query.excludes.is_empty());
        let mut known: HashMap<String, (usize, String, u64)> = HashMap::new();
        let mut told: HashSet<(usize, usize)> = HashSet::new();
        for at in (0..copy.sources.len()).filter(|_| !excludes) {
            for Brought { target, path, bytes } in brought(cx, ignore.as_ref(), copy, at) {
                let Some((first, other, size)) = known.insert(target, (at, path.clone(), bytes)) else {
                    continue;
                };
                // Two empty files are one.
                if other == path
                    || bytes == 0 && size == 0 && !is_named(copy, at, &path)
                    || !told.insert((first, at))
                {
                    continue;
                }
                let alone = is_named(copy, at, &path) && is_named(copy, first, &other);
                if !alone && is_laid_over(copy, first, at) {
                    continue;
                }
                cx.report(collision(cx, copy, (first, &other), (at, &path)));
            }
        }
    }
}

/// What a source brings, as far as the build context says, or its name.
fn brought(cx: &Cx<'_>, ignore: Option<&Matcher<'_>>, copy: &CopyUse, at: usize) -> Vec<Brought> {
    let named = || {
        let path = file(cx, copy, at)?;
        Some(Brought {
            target: base_name(&path).to_owned(),
            path: path.trim_start_matches('/').to_owned(),
            bytes: 1,
        })
    };
    let source = copy.sources.get(at).filter(|s| s.kind == SourceKind::Path && !copy.onbuild);
    let path = source.and_then(|s| s.value.known()).map(|path| clean(&format!("/{path}")));
    let path = path.filter(|_| copy.from == CopyFrom::Context);
    let texts = cx.model.context().map(|context| &context.texts);
    let files = match (texts, &path) {
        (Some(texts), Some(path)) => texts.brought(path.trim_start_matches('/')),
        _ => &[],
    };
    if files.is_empty() {
        return named().into_iter().collect();
    }
    let is_sent = |file: &&Brought| ignore.is_none_or(|ignore| !ignore.is_excluded(&file.path));
    files.iter().filter(is_sent).cloned().collect()
}

/// True if a file is the source itself.
fn is_named(copy: &CopyUse, at: usize, path: &str) -> bool {
    let known = copy.sources.get(at).and_then(|source| source.value.known());
    known.is_some_and(|known| clean(&format!("/{known}")).trim_start_matches('/') == path)
}

/// True if the names of two folders say that one is meant to be laid over the other.
fn is_laid_over(copy: &CopyUse, first: usize, second: usize) -> bool {
    let has = |at: usize, words: &[&str]| {
        let path = copy.sources.get(at).and_then(|source| source.value.known()).unwrap_or_default();
        let path = path.to_ascii_lowercase();
        let mut parts = path.split(|c: char| !c.is_ascii_alphanumeric());
        parts.any(|part| words.contains(&part))
    };
    first != second
        && (has(first, &["base", "common", "default", "defaults", "shared", "skel", "template", "upstream"])
            || has(
                second,
                &["custom", "local", "overlay", "overlays", "override", "overrides", "patch", "patches"],
            ))
}

fn collision(
    cx: &Cx<'_>,
    copy: &CopyUse,
    (first, other): (usize, &str),
    (at, path): (usize, &str),
) -> Finding {
    let span = |at: usize| copy.sources.get(at).map_or(cx.model.instruction(copy.step).span, |s| s.span);
    let alone = is_named(copy, at, path) && is_named(copy, first, other);
    let message = if alone {
        let name = base_name(path);
        format!(
            "this overwrites the other `{name}` of the same instruction: both are copied to the same path"
        )
    } else {
        format!("`{path}` overwrites `{other}` of the same instruction: both are copied to the same path")
    };
    let help = if alone {
        "copy each with a separate instruction, under a different name or into a different folder".to_owned()
    } else if first == at {
        let written = with_parents(cx.model, copy, at).unwrap_or_else(|| "COPY --parents".to_owned());
        format!(
            "copy each file with a separate instruction, or write `{written}`, which keeps the folders (Dockerfile 1.20)"
        )
    } else {
        "COPY takes what is in a folder, not the folder itself: copy each with a separate instruction into its own folder".to_owned()
    };
    let finding = cx.at(span(at), message).help(help);
    if first == at { finding } else { finding.label(span(first), "replaced") }
}

/// A COPY of a source with `--parents`: files get their folders from the first pattern on, `packages/*/package.json`
/// those below `packages`.
fn with_parents(model: &Model, copy: &CopyUse, at: usize) -> Option<String> {
    let (source, to) =
        (copy.sources.get(at)?.value.known()?, model.destination_text(copy)?.trim_matches('"'));
    if copy.from != CopyFrom::Context {
        return None;
    }
    let folder = source.find(['*', '?', '[']).and_then(|first| source.get(..first)?.rfind('/'));
    let Some(folder) = folder else { return Some(format!("COPY --parents {source} {to}")) };
    let (above, below) = source.split_at(folder + 1);
    let above = above.trim_start_matches("./");
    let end = to.strip_suffix(above.trim_start_matches('/')).filter(|end| end.ends_with('/'));
    Some(match end {
        Some(end) if !above.is_empty() => format!("COPY --parents {above}{below} {end}"),
        // What is behind `/./` is kept.
        _ if !above.is_empty() => format!("COPY --parents {above}./{below} {to}"),
        _ => format!("COPY --parents {below} {to}"),
    })
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
            let below = below.strip_prefix(path.trim_end_matches('/'));
            let below = below.filter(|rest| rest.is_empty() || rest.starts_with('/'));
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

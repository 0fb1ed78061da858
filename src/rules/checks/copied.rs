//! `copied-twice`: files that are in the image already.

use crate::diag::{Finding, Part, Saving, format_bytes};
use crate::ignorefile::clean;
use crate::rules::Cx;
use crate::semantic::{CopyFrom, CopyUse, Model, SourceKind, is_file_name};

use super::cleanup::WORTHWHILE;

/// `copied-twice`.
pub fn twice(cx: &mut Cx<'_>) {
    let model = cx.model;
    let mut found: Vec<Finding> = Vec::new();
    for copy in model.copies.iter().filter(|c| is_plain(model, c)) {
        let Some(stage) = model.stage_of(copy.step).filter(|s| s.in_final_image) else { continue };
        let Some(bytes) = model.measured(copy).filter(|b| *b >= WORTHWHILE) else { continue };
        let [source] = &copy.sources[..] else { continue };
        let earlier = model.copies_before(stage, copy.step).find(|c| is_plain(model, c) && brings(c, copy));
        let Some(earlier) = earlier else { continue };
        let message = format!(
            "{} of files are in the image already: an earlier COPY brought them to the same place",
            format_bytes(bytes)
        );
        let keyword = model.instruction(earlier.step).keyword_span;
        found.push(
            cx.at(source.span, message)
                .help("drop one of the two, or leave these files out of the first with `--exclude`")
                .label(keyword, "brought here")
                .saving(Saving::measured(bytes, "build context").of(Part::Copied(copy.step))),
        );
    }
    found.into_iter().for_each(|f| cx.report(f));
}

/// True for a COPY of files as they are in the build context.
fn is_plain(model: &Model<'_>, copy: &CopyUse) -> bool {
    let instruction = model.instruction(copy.step);
    !copy.mount
        && !copy.onbuild
        && copy.from == CopyFrom::Context
        && instruction.flag("exclude").is_none()
        && instruction.flag("parents").is_none()
        && copy.sources.iter().all(|s| s.kind == SourceKind::Path)
}

/// True if `earlier` brings all that `copy` takes from its one source, to the same place.
fn brings(earlier: &CopyUse, copy: &CopyUse) -> bool {
    let Some(places) = copy.sources.first().and_then(|s| places(copy, s.value.known()?)) else {
        return false;
    };
    earlier.sources.iter().any(|source| {
        let Some(folder) = source.value.known().and_then(relative) else { return false };
        let Some(to) = earlier.destination.known() else { return false };
        // What lies below the source of the earlier one, and where that has put it.
        let below = match places.source.strip_prefix(&*folder) {
            Some(rest) if folder.is_empty() || rest.is_empty() || rest.starts_with('/') => {
                rest.trim_matches('/')
            }
            _ => return false,
        };
        if below.is_empty() && is_file_name(&folder) {
            // The same file, named twice.
            return self::places(earlier, &folder).is_some_and(|p| p.target == places.target);
        }
        let mut put = to.trim_end_matches('/').to_owned();
        if !below.is_empty() {
            put.push('/');
            put.push_str(below);
        }
        put == places.target
    })
}

/// A source, and where its files end up.
struct Places {
    /// Relative to the context and clean; empty for the whole.
    source: String,
    /// The path of the file, or of the folder whose contents come from it.
    target: String,
}

fn places(copy: &CopyUse, source: &str) -> Option<Places> {
    let source = relative(source)?;
    let destination = copy.destination.known()?;
    let into_folder = destination.ends_with('/') || copy.sources.len() > 1;
    let target = destination.trim_end_matches('/');
    let target = match source.rsplit('/').next() {
        Some(name) if into_folder && is_file_name(&source) => format!("{target}/{name}"),
        _ => target.to_owned(),
    };
    Some(Places { source, target })
}

/// A path of the context without `./` and `/`; `None` for patterns.
fn relative(path: &str) -> Option<String> {
    let clean = clean(&format!("/{path}"));
    let path = clean.trim_matches('/');
    (!path.contains(['*', '?', '['])).then(|| path.to_owned())
}

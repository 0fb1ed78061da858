//! Ignore files that nobody reads.

use dockerignore::Matcher;
use dockerignore::filepath::has_wildcard;

use crate::context::SourceStatus;
use crate::rules::Cx;
use crate::semantic::{
    BuildContext, CopyFrom, CopySource, CopyUse, SourceKind, UnreadIgnore, covers, is_file_name,
};

use super::source::result;

/// `ignore-file-unread`.
pub fn ignore_file(cx: &mut Cx<'_>) {
    let model = cx.model;
    let Some(context) = model.context().filter(|c| !c.unread.is_empty()) else { return };
    let copies = model.copies.iter().filter(|c| c.from == CopyFrom::Context && !c.onbuild);
    let sources: Vec<(&CopyUse, &CopySource)> = copies
        .flat_map(|c| c.sources.iter().map(move |s| (c, s)))
        .filter(|(_, s)| s.kind == SourceKind::Path)
        .collect();
    let find =
        |is: &dyn Fn(&str) -> bool| sources.iter().find(|(_, s)| s.value.known().is_some_and(is)).copied();
    let whole = |path: &str| matches!(path.trim_end_matches('/'), "" | "." | "*");
    // From a file that is named, an ignore file leaves nothing out.
    let is_folder = |(copy, source): &(&CopyUse, &CopySource)| {
        let known = result(model, copy, source).filter(|r| r.status == SourceStatus::Found);
        let is_file = source.value.known().is_some_and(is_file_name);
        known.is_none_or(|r| r.total.files > 1 || !is_file)
    };
    let counts =
        |file: &&UnreadIgnore| !file.is_repeated && !is_covered(context, file) && touches(&sources, file);
    for file in context.unread.iter().filter(counts) {
        let folder = file.path.trim_end_matches(".dockerignore").trim_end_matches('/');
        let named = |path: &str| {
            let path = path.trim_start_matches("./").trim_matches('/');
            !path.is_empty() && (folder == path || folder.ends_with(&format!("/{path}")))
        };
        let any = || sources.iter().copied().find(is_folder);
        let Some((_, place)) = find(&named).or_else(|| find(&whole)).or_else(any) else { continue };
        let foreign = file.path.ends_with(".containerignore");
        let why = if foreign {
            "BuildKit reads `.dockerignore`, and only Podman and Buildah read this".to_owned()
        } else {
            format!("the build context is `{}`, and BuildKit reads only the one in its root", file.root)
        };
        let verb = if file.is_read_for_root { "add its lines to" } else { "move it to" };
        let help = if file.leaves_out_all && !foreign {
            "remove it: in the root of this build context its `*` would leave out what the build needs"
                .to_owned()
        } else {
            format!(
                "{verb} `{}`, or name it `{}`, which counts for this Dockerfile alone; paths in it start from the root of the build context",
                file.shared, file.own
            )
        };
        // Where nobody says what the build context is, it is only likely.
        let message = match context.is_said || foreign {
            true => format!("`{}` has no effect on this COPY: {why}", file.path),
            false => format!(
                "`{}` has no effect on this COPY if the build context is `{}`: BuildKit reads only the one in its root",
                file.path, file.root
            ),
        };
        cx.report(cx.at(place.span, message).help(help));
    }
}

/// True if a source may bring something that the patterns of the ignore file name: in its own folder, or in the root of
/// the build context, as they would mean it if the file were read.
fn touches(sources: &[(&CopyUse, &CopySource)], file: &UnreadIgnore) -> bool {
    let holds = |source: &CopySource, named: &str| match source.value.known() {
        Some(path) if !has_wildcard(path) => {
            let path = path.trim_start_matches("./").trim_matches('/');
            path.is_empty()
                || path == "."
                || path.contains("..")
                || covers(path, named)
                || covers(named, path)
        }
        _ => true,
    };
    let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let in_root = |named: &'_ str| {
        let mut cuts = named.match_indices('/').map(|(at, _)| at);
        let own = cuts.rfind(|at| folder.ends_with(&named[..*at]));
        own.map_or_else(String::new, |at| named[at + 1..].to_owned())
    };
    let brought = |named: &str| sources.iter().any(|(_, source)| holds(source, named));
    file.named.is_empty() || file.named.iter().any(|named| brought(named) || brought(&in_root(named)))
}

/// True if the ignore file that is read leaves out all that this one names.
fn is_covered(context: &BuildContext, file: &UnreadIgnore) -> bool {
    let Some((ignore, _)) = context.ignore() else { return false };
    let matcher = Matcher::new(ignore);
    !file.named.is_empty() && file.named.iter().all(|path| matcher.is_excluded(path))
}

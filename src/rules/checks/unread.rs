//! Ignore files that nobody reads.

use crate::rules::Cx;
use crate::semantic::{CopyFrom, SourceKind};

/// `ignore-file-unread`.
pub fn ignore_file(cx: &mut Cx<'_>) {
    let model = cx.model;
    let Some(unread) = model.context().map(|c| &c.unread).filter(|unread| !unread.is_empty()) else { return };
    let copies = model.copies.iter().filter(|c| c.from == CopyFrom::Context && !c.onbuild);
    let sources = || copies.clone().flat_map(|c| &c.sources).filter(|s| s.kind == SourceKind::Path);
    let whole = |path: &str| matches!(path.trim_end_matches('/'), "" | "." | "*");
    let whole = || sources().find(|s| s.value.known().is_some_and(whole));
    for file in unread {
        let folder = file.path.trim_end_matches(".dockerignore").trim_end_matches('/');
        let named = |path: &str| {
            let path = path.trim_start_matches("./").trim_matches('/');
            !path.is_empty() && (folder == path || folder.ends_with(&format!("/{path}")))
        };
        let own = || sources().find(|s| s.value.known().is_some_and(named));
        let Some(place) = own().or_else(whole).or_else(|| sources().next()) else { return };
        let why = if file.path.ends_with(".containerignore") {
            "BuildKit reads `.dockerignore`, and only Podman and Buildah read this".to_owned()
        } else {
            format!("the build context is `{}`, and BuildKit reads the one in its root", file.root)
        };
        let verb = if file.is_read_for_root { "add its lines to" } else { "move it to" };
        let help = format!(
            "{verb} `{}`, or name it `{}`, which counts for this Dockerfile alone; paths in it start from the root of the build context",
            file.shared, file.own
        );
        let message = format!("`{}` leaves nothing out of this: {why}", file.path);
        cx.report(cx.at(place.span, message).help(help));
    }
}

//! Ignore files that a build does not read.

use std::collections::HashSet;

use build_targets::{Context, Dockerfile, Place};

use super::shown;
use crate::rules::EntryCx;

/// `own-ignore-file-unread`.
pub fn unread(cx: &EntryCx<'_>) {
    let mut said = HashSet::new();
    for (target, build) in cx.builds() {
        let Some(ignore) = &build.unread_ignore else { continue };
        let (place, why) = match &target.dockerfile {
            Dockerfile::Inline(inline) => {
                // Of a text over several lines, the first.
                let text = cx.text(inline.place);
                let first = text.lines().next().unwrap_or("").trim_end();
                let start = inline.place.span().start;
                let why = "an inline Dockerfile has no file name for it to match";
                (Place::new(inline.place.file, start..start + first.len()), why)
            }
            Dockerfile::File { text, .. } => {
                let place = text.as_ref().map_or(target.place, |text| text.place);
                (place, "a development container is built from a copy of the Dockerfile in another folder")
            }
            Dockerfile::Unknown(_) => continue,
        };
        let Context::Folder { path, .. } = &target.context else { continue };
        if said.insert(place) {
            let message = format!("`{}` has no effect on this build: {why}", shown(ignore));
            let help = format!("put its lines into `{}`", shown(&path.join(".dockerignore")));
            cx.report(cx.at(place, message).help(help));
        }
    }
}

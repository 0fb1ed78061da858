//! Files and folders that meet at one path of the image.

use crate::rules::Cx;
use crate::semantic::{Clash, ClashKind};

/// `file-folder-clash`.
pub fn file_and_folder(cx: &mut Cx<'_>) {
    let model = cx.model;
    for Clash { span, path, earlier, kind, .. } in model.clashes() {
        let (message, help) = match kind {
            ClashKind::BelowFile => (
                format!("`{path}` is a file here, so nothing can be put into it, and the build fails"),
                format!(
                    "if `{path}` is meant as a folder, end it with `/` where the file is copied: `{path}/`"
                ),
            ),
            ClashKind::FileOntoFolder if model.build().builder.is_buildkit() => (
                format!(
                    "`{path}` is a folder here, and BuildKit does not replace a folder with a file: the build fails"
                ),
                "give the file another name, or copy it into another folder".to_owned(),
            ),
            ClashKind::FileOntoFolder => continue,
        };
        let label = match kind {
            ClashKind::BelowFile => "the file",
            ClashKind::FileOntoFolder => "the folder",
        };
        cx.report(cx.at(span, message).label(model.instruction(earlier).span, label).help(help));
    }
}

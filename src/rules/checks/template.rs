//! Files that render to Dockerfiles.

use crate::rules::Cx;
use crate::semantic::is_piece;

/// `template-file`.
pub fn file(cx: &mut Cx<'_>) {
    let file = &*cx.model.file;
    let Some(span) = cx.model.template_mark() else { return };
    let message = if is_piece(file) {
        "this is a piece of a template: only what it becomes a part of can be checked".to_owned()
    } else {
        format!("this is a template (`{}`): only what it renders to can be checked", span.text(file.text()))
    };
    cx.report(cx.at(span, message).help("render it, and lint the result: `RENDER … | dlint -`"));
}

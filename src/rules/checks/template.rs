//! Files that render to Dockerfiles.

use crate::rules::Cx;
use crate::semantic::template_mark;

/// `template-file`.
pub fn file(cx: &mut Cx<'_>) {
    let file = &*cx.model.file;
    let Some(span) = template_mark(file) else { return };
    let message =
        format!("this is a template (`{}`): only what it renders to can be checked", span.text(file.text()));
    cx.report(cx.at(span, message).help("render it, and lint the result: `RENDER … | dlint -`"));
}

//! Files that render to Dockerfiles.

use crate::rules::Cx;
use crate::semantic::{is_piece, other_frontend};

/// `template-file`.
pub fn file(cx: &mut Cx<'_>) {
    let file = &*cx.model.file;
    // Where the folder's name is to be filled in as well, nobody takes it for a Dockerfile.
    let Some(span) = cx.model.template_mark().filter(|_| !file.source.name().contains("{{")) else { return };
    let is_frontend = || other_frontend(file).is_some_and(|image| image == span);
    if is_frontend() {
        let message = format!(
            "`{}` reads this file, and BuildKit does not know some of it: nothing is checked",
            span.text(file.text())
        );
        return cx.report(cx.at(span, message).help("build it to see what that image makes of it"));
    }
    let message = if is_piece(file) {
        "this is a piece of a template: only what it becomes a part of can be checked".to_owned()
    } else {
        format!("this is a template (`{}`): only what it renders to can be checked", span.text(file.text()))
    };
    cx.report(
        cx.at(span, message)
            .help("render it first and lint the result, for example by piping it into `dlint -`"),
    );
}

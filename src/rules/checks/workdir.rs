//! Rules about WORKDIR.

use crate::rules::Cx;
use crate::semantic::{Base, Model, facts};
use crate::syntax::{Kind, Word};

/// True if the path surely is relative.
pub(super) fn is_relative(model: &Model<'_>, step: usize, word: &Word) -> bool {
    let value = model.value(step, word);
    // What an unknown variable follows is relative whatever the variable is.
    let text = value.known().unwrap_or(&word.text);
    let bytes = text.as_bytes();
    let absolute = matches!(bytes, [b'/' | b'\\', ..] | [_, b':', ..]);
    let open = value.known().is_none() && matches!(bytes, [b'$' | b'"' | b'\'' | b'`', ..]);
    !absolute && !open && !bytes.is_empty()
}

fn workdirs<'m>(model: &'m Model<'_>) -> impl Iterator<Item = (usize, &'m Word, Option<usize>)> {
    model.instructions().filter_map(|(step, instruction)| match &instruction.kind {
        Kind::Workdir(Some(word)) if is_relative(model, step, word) => {
            Some((step, word, model.steps.get(step)?.state.workdir))
        }
        _ => None,
    })
}

/// `relative-workdir`.
pub fn relative(cx: &mut Cx<'_>) {
    let model = cx.model;
    for (step, word, _) in workdirs(model).filter(|(.., before)| before.is_none()) {
        let message = format!(
            "`{}` is relative to the WORKDIR of the base image, which another version may change",
            word.text
        );
        let path = word.text.trim_start_matches("./");
        // The usual images have no WORKDIR of their own.
        let is_os = matches!(model.stage_of(step).map(|s| model.root_base(s)), Some(Base::Scratch))
            || matches!(model.stage_of(step).map(|s| model.root_base(s)), Some(Base::Image(image))
                if facts(image).is_some_and(|f| f.kind.as_deref() == Some("os")));
        let help = if is_os {
            format!("write `WORKDIR /{path}`")
        } else {
            format!(
                "write the whole path: `WORKDIR /{path}`, unless the base image has a WORKDIR, which then comes first"
            )
        };
        cx.report(cx.at(word.span, message).help(help));
    }
}

/// `workdir-not-absolute`.
pub fn not_absolute(cx: &mut Cx<'_>) {
    let model = cx.model;
    for (step, word, before) in workdirs(model) {
        let Some(before) = before.and_then(|i| model.workdirs.get(i)) else { continue };
        let here = model.workdirs.binary_search_by_key(&step, |w| w.step).ok();
        let here = here.and_then(|i| model.workdirs[i].path.known());
        let help = match here {
            Some(path) => format!("write `WORKDIR {path}`"),
            None => "write the whole path".to_owned(),
        };
        let message =
            format!("`{}` is relative to a WORKDIR further up: the reader has to add them", word.text);
        let finding = cx
            .at(word.span, message)
            .label(model.instruction(before.step).arguments, "relative to this")
            .help(help);
        cx.report(finding);
    }
}

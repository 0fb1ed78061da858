//! `literal-tilde`: a home folder in a path that no shell reads.

use crate::rules::Cx;
use crate::semantic::{Base, CopyFrom, Model, facts};
use crate::syntax::{Kind, MountType, Word};
use crate::text::Span;

/// `literal-tilde`.
pub fn literal_tilde(cx: &mut Cx<'_>) {
    let model = cx.model;
    for (step, instruction) in model.instructions() {
        for (span, text) in paths(model, step) {
            let bare = text.trim_start_matches(['"', '\'']);
            let help = "write the whole path, such as `/root/` or `/home/app/`";
            if bare == "~" || bare.starts_with("~/") {
                let message = format!(
                    "`{text}` is in a folder called `~`: only shells turn that into a home directory, and no shell reads this"
                );
                cx.report(cx.at(span, message).help(help));
            } else if let Some(rest) = ["$HOME", "${HOME}"].iter().find_map(|start| bare.strip_prefix(start))
                && (rest.is_empty() || rest.starts_with('/'))
                && lacks_home(model, step)
            {
                let target = if rest.is_empty() { "/" } else { rest.trim_end_matches(['"', '\'']) };
                let message = format!(
                    "`{text}` is `{target}`: only the shell of a RUN has `HOME`, and no shell reads this {}",
                    instruction.keyword.name()
                );
                cx.report(cx.at(span, message).help(help));
            }
        }
    }
}

/// The paths of a step that only the builder reads: where they stand, and what is written there.
fn paths(model: &Model, step: usize) -> Vec<(Span, String)> {
    let instruction = model.instruction(step);
    let written = |word: &Word| (word.span, word.text.to_string());
    match &instruction.kind {
        Kind::Copy(transfer) | Kind::Add(transfer) => {
            // What another image has; in the build context a missing file is said anyway.
            let copies = model.copies_of(step);
            let of_image = copies.first().is_some_and(|copy| copy.from != CopyFrom::Context);
            let sources = transfer.paths().filter(|_| of_image);
            sources.chain(transfer.destination.as_ref()).map(written).collect()
        }
        Kind::Workdir(Some(word)) => vec![written(word)],
        Kind::Volume(words) => words.iter().map(written).collect(),
        // bash alone finds programs in such a folder.
        Kind::Env(pairs) => {
            let path = pairs.iter().filter(|pair| &*pair.key.text == "PATH").filter_map(|p| p.value.as_ref());
            let folders = path.flat_map(|value| {
                value.text.trim_matches(['"', '\'']).split(':').map(move |f| (value.span, f))
            });
            folders
                .filter(|(_, folder)| folder.starts_with("~/"))
                .map(|(span, f)| (span, f.to_owned()))
                .collect()
        }
        Kind::Run(_) => {
            let options = instruction.mounts.iter().flat_map(|m| {
                let source = m.option(&["source", "src"]).filter(|_| m.kind == MountType::Bind);
                m.option(&["target", "dst", "destination"]).into_iter().chain(source)
            });
            options.filter_map(|o| Some((o.value_span(), o.value.as_deref()?.to_owned()))).collect()
        }
        _ => Vec::new(),
    }
}

/// True if nothing gives the builder a HOME: the file does not, and images of distributions and languages do not set it.
fn lacks_home(model: &Model, step: usize) -> bool {
    let Some(stage) = model.stage_of(step) else { return false };
    let unset = match model.root_base(stage) {
        Base::Scratch => true,
        Base::Image(image) => match model.base_config(stage) {
            Some(config) => config.is_whole && !config.env.contains_key("HOME"),
            None => image.is_official() && facts(image).is_some(),
        },
        _ => false,
    };
    unset && model.binding(step, "HOME").is_none()
}

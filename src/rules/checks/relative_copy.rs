//! COPY and ADD to a destination that depends on the working folder of the base image.

use std::borrow::Cow;

use dockerignore::filepath::clean;

use crate::knowledge::ImageKind;
use crate::rules::Cx;
use crate::semantic::{Base, CopySource, Model, Stage, facts};
use crate::syntax::{ImageRef, Kind, Word};

use super::copy::is_misplaced_flag;
use super::unshipped::{ends_with_tests, is_for_tests};
use super::variables::operator;
use super::workdir::is_relative;

/// A COPY to a relative destination where no WORKDIR counts.
struct Unanchored<'m> {
    step: usize,
    word: &'m Word,
    /// The folder that the base image starts in, where that is sure.
    base: Option<&'m str>,
    stage: &'m Stage,
}

/// The first of each stage: a WORKDIR above it resolves the others, too.
fn unanchored<'m>(model: &'m Model) -> impl Iterator<Item = Unanchored<'m>> {
    let mut last = None;
    model.instructions().filter_map(move |(step, instruction)| {
        let stage = model.stage_of(step)?;
        let transfer = match &instruction.kind {
            // Its last word is no destination.
            Kind::Copy(_) | Kind::Add(_) if operator(instruction).is_some() => return None,
            Kind::Copy(transfer) | Kind::Add(transfer) => transfer,
            Kind::Unknown => {
                // It may have been a WORKDIR.
                last = Some(stage.index);
                return None;
            }
            _ => return None,
        };
        let word = transfer.destination.as_ref().filter(|w| is_relative(model, step, w))?;
        if is_misplaced_flag(word) {
            return None;
        }
        let open = model.steps.get(step)?.state.workdir.is_none()
            && !model.is_set_below(stage, |end| end.workdir.is_some());
        (open && last.replace(stage.index) != Some(stage.index)).then(|| Unanchored {
            step,
            word,
            base: model.base_workdir(stage),
            stage,
        })
    })
}

/// `copy-relative-destination`.
pub fn relative(cx: &mut Cx<'_>) {
    let model = cx.model;
    for copy in unanchored(model) {
        let Some((base, image)) = known_base(model, &copy) else { continue };
        if is_for_tests(model) {
            return;
        }
        // Where a stage of the build, or an image that a test throws away, has its files matters to nobody else.
        if !copy.stage.in_final_image && !model.is_output(copy.stage) || ends_with_tests(model, copy.stage) {
            continue;
        }
        let message = format!(
            "no WORKDIR is set, so `{}` is relative to `{base}`, the working directory of `{}`",
            copy.word.text, image
        );
        let help = match (named_later(model, &copy), in_root(&copy)) {
            (Some(path), _) => Cow::Owned(format!("write the full path, since a later line reads `{path}`")),
            (None, Some(path)) => Cow::Owned(format!("write `{path}`")),
            (None, None) => Cow::Borrowed(HELP),
        };
        cx.report(cx.at(copy.word.span, message).help(help));
    }
}

/// The folder that the base image starts in, and its name: also of `ubuntu:$VERSION`.
fn known_base<'m>(model: &'m Model, copy: &Unanchored<'m>) -> Option<(&'m str, String)> {
    let (below, bottom) = model.bottom(copy.stage);
    if let (Some(base), Base::Image(image)) = (copy.base, below.root_base(bottom)) {
        return Some((base, image.familiar_path().to_owned()));
    }
    let root = model.stages.get(copy.stage.root())?;
    let path = model.partial_image(root).filter(|image| &*image.registry == "docker.io")?.path?;
    let image = ImageRef::parse(&path).ok()?;
    let known = facts(&image).filter(|f| f.kind == Some(ImageKind::Os))?;
    Some((known.workdir?, image.familiar_path().to_owned()))
}

/// The file of the copy that a later instruction of the stage names by its full path: a WORKDIR would move it away.
fn named_later<'m>(model: &'m Model, unanchored: &Unanchored<'m>) -> Option<&'m str> {
    let copy = model.copies.iter().find(|copy| copy.step == unanchored.step && !copy.mount)?;
    let base = unanchored.base?.trim_end_matches('/');
    let destination = &*unanchored.word.text;
    let is_folder = destination.ends_with(['/', '.']) || copy.sources.len() > 1;
    let place = clean(&format!("{base}/{destination}"));
    let brings = |path: &str| {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let is_source = |source: &CopySource| {
            source.value.known().is_some_and(|source| source.rsplit('/').next() == Some(name))
        };
        match is_folder {
            true => folder == place.trim_end_matches('/') && copy.sources.iter().any(is_source),
            false => path == place,
        }
    };
    let mut later = model.instructions().filter(|(step, _)| {
        *step > unanchored.step && model.stage_of(*step).is_some_and(|s| s.index == unanchored.stage.index)
    });
    later.find_map(|(_, instruction)| {
        let ends_path = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | ';' | '=' | '[' | ']');
        let mut paths = instruction.arguments_text().split(ends_path).filter(|word| word.starts_with('/'));
        paths.find(|path| brings(path))
    })
}

/// The full path of a destination that names a folder of the system, so that only the slash was forgotten:
/// `etc/nginx/nginx.conf`.
fn in_root(copy: &Unanchored<'_>) -> Option<String> {
    let text = copy.word.text.trim_matches(['"', '\'']);
    let path = text.strip_prefix("./").unwrap_or(text);
    let (folder, rest) = path.split_once('/')?;
    let is_of_system = match folder {
        "etc" | "usr" | "opt" | "srv" => true,
        // Projects have such folders, too.
        "var" => ["cache", "lib", "log", "run", "spool", "www"].iter().any(|name| rest.starts_with(name)),
        _ => false,
    };
    // In a folder of its own, a project may have one of such a name.
    let may_be_root = copy.base.is_none_or(|base| base == "/");
    (is_of_system && !rest.trim_matches('/').is_empty() && may_be_root).then(|| format!("/{path}"))
}

const HELP: &str = "set a WORKDIR above it, such as `WORKDIR /app`, or write the full path";

/// `copy-relative-to-base`.
pub fn relative_to_base(cx: &mut Cx<'_>) {
    let model = cx.model;
    for copy in unanchored(model) {
        let message = match (copy.base, model.root_base(copy.stage)) {
            _ if known_base(model, &copy).is_some() => continue,
            // Who builds it has set its WORKDIR.
            (_, Base::Image(image)) if model.is_of_project(image) => continue,
            (Some(base), _) => format!("no WORKDIR is set, so `{}` is relative to `{base}`", copy.word.text),
            (None, _) => format!(
                "no WORKDIR is set, so `{}` is relative to the WORKDIR of the base image, which may differ in its next version",
                copy.word.text
            ),
        };
        let help = match in_root(&copy) {
            Some(path) => Cow::Owned(format!("write `{path}`")),
            None => Cow::Borrowed(HELP),
        };
        cx.report(cx.at(copy.word.span, message).help(help));
    }
}

//! Sources and destinations of copies that mean other paths than they seem to.

use dockerignore::filepath::clean;

use crate::context::SourceStatus;
use crate::knowledge::Family;
use crate::rules::Cx;
use crate::semantic::{Base, CopyFrom, CopySource, CopyUse, Model, SourceKind};
use crate::syntax::Kind;

use super::source::{leaves_context, result};

/// The paths of the build context that copies of `model` name.
fn sources(model: &Model) -> impl Iterator<Item = (&CopyUse, &CopySource, &str)> {
    let copies = model.copies.iter().filter(|c| c.from == CopyFrom::Context && !c.mount);
    copies.flat_map(|copy| {
        copy.sources.iter().filter(|s| s.kind == SourceKind::Path).filter_map(move |source| {
            let path = source.value.known().filter(|path| !path.contains('\\'))?;
            Some((copy, source, path))
        })
    })
}

/// `double-star-in-source`.
pub fn double_star(cx: &mut Cx<'_>) {
    let model = cx.model;
    // To Podman it is any depth.
    if model.build().builder.is_buildah() {
        return;
    }
    for (copy, source, path) in sources(model) {
        let Some(before) = path.split('/').position(|part| part == "**") else { continue };
        if model.instruction(copy.step).flag("parents").is_some() {
            continue;
        }
        let message = if before == 0 {
            format!("`{path}` matches folders on one level only: in a source, `**` means the same as `*`")
        } else {
            format!("`{path}` goes down one level only: in a source, `**` means the same as `*`")
        };
        let help =
            "add `--parents`: `**` then matches any depth, and files keep their folders (Dockerfile 1.20)";
        cx.report(cx.at(source.span, message).help(help));
    }
}

/// `copy-above-context`.
pub fn above_context(cx: &mut Cx<'_>) {
    let model = cx.model;
    // Where another folder has all that is copied, `copy-missing-source` says so.
    let fits_elsewhere = model.context().is_some_and(|context| context.fitting.is_some());
    for (copy, source, path) in sources(model) {
        let found = result(model, copy, source).map(|r| r.status);
        let is_missing = found == Some(SourceStatus::Missing);
        // What a script or a build writes first may be there by then.
        let is_made = model.context().is_some_and(|context| context.generated.contains(path));
        if !leaves_context(path) || is_missing && fits_elsewhere {
            continue;
        }
        let inside = clean(&format!("/{path}"));
        let is_guessed = model.context().is_some_and(|context| context.guess.is_some());
        let plain = match inside.trim_start_matches('/') {
            "" => is_guessed.then_some("."),
            inside => Some(inside),
        };
        let plain = plain.filter(|_| found == Some(SourceStatus::Found)).map(str::to_owned);
        let inside = match inside.trim_start_matches('/') {
            "" => "all of the build context".to_owned(),
            inside => format!("`{inside}` in the build context"),
        };
        let fails = if is_missing && !is_made { ", which is not there, so the build fails" } else { "" };
        let message = format!(
            "`{path}` is {inside}{fails}: BuildKit drops the leading `..`, which would leave the context"
        );
        let help = match plain {
            Some(inside) => format!("write `{inside}`, or, if you mean another one, choose a build context that contains it"),
            None => "choose a build context that holds both (`docker build -f DIR/Dockerfile .`), or pass the folder as one of its own (`--build-context NAME=DIR` and `COPY --from=NAME`)".to_owned(),
        };
        cx.report(cx.at(source.span, message).help(help));
    }
}

/// `copy-to-root`.
pub fn to_root(cx: &mut Cx<'_>) {
    let model = cx.model;
    for copy in model.copies.iter().filter(|c| c.from == CopyFrom::Context && !c.mount) {
        let Some(stage) = model.stage_of(copy.step) else { continue };
        let is_system = matches!(model.root_base(stage), Base::Image(_))
            && !matches!(model.family(stage), Family::Windows);
        let written = model.destination_text(copy);
        // By its name, or by way of the working directory.
        let here = written.is_some_and(|to| matches!(to, "." | "./"));
        let works_in_root = || model.workdir(copy.step).known() == Some("/");
        let to_root = written.is_some_and(|to| !to.is_empty() && to.bytes().all(|b| b == b'/'))
            || here && works_in_root();
        let whole = copy.sources.iter().find(|source| {
            source.kind == SourceKind::Path
                && source.value.known().is_some_and(|path| &*clean(&format!("/{path}")) == "/")
        });
        let Some(source) = whole.filter(|s| to_root && is_system && !s.span.is_empty()) else { continue };
        let message =
            "this copies the whole build context into the root of the image, among its system folders";
        let help = "copy it into a folder of its own, such as `/app`";
        cx.report(cx.at(source.span, message).help(help));
    }
}

/// `linux-only-flag`.
pub fn linux_only(cx: &mut Cx<'_>) {
    let model = cx.model;
    for stage in model.stages.iter().filter(|stage| model.family(stage) == Family::Windows) {
        for (_, instruction) in model.instructions_of(stage) {
            if let Kind::Stopsignal(Some(word)) = &instruction.kind {
                let message = "Windows has no such signals: BuildKit refuses STOPSIGNAL for a Windows image";
                cx.report(cx.at(word.span, message).help("leave it out"));
            }
            if !matches!(instruction.kind, Kind::Copy(_) | Kind::Add(_)) {
                continue;
            }
            for flag in ["chown", "chmod"].iter().filter_map(|name| instruction.flag(name)) {
                let message = format!(
                    "`--{}` does nothing for a Windows image, which has no Unix owners or modes",
                    &*flag.name
                );
                let help = "leave it out, and set permissions with `icacls` in a RUN where they matter";
                cx.report(cx.at(flag.span, message).help(help));
            }
        }
    }
}

//! Rules about stages and the references between them.

use std::collections::HashMap;

use crate::diag::Fix;
use crate::rules::Cx;
use crate::semantic::{CopyFrom, Model, Stage};
use crate::syntax::SyntaxErrorKind;
use crate::text::{Edit, Span, nearest};

/// At most so many unknown names of a file are compared with all stages.
const MAX_GUESSES: usize = 64;

/// How to call a stage: its name, or its number.
fn title(stage: &Stage) -> String {
    match &stage.name {
        Some(name) => format!("`{name}`"),
        None => format!("number {}", stage.index),
    }
}

pub(super) fn name_span(model: &Model, stage: &Stage) -> Span {
    match (&stage.name_word, &stage.base_word) {
        (Some(word), _) | (None, Some(word)) => word.span,
        _ => model.instruction(stage.steps.start).keyword_span,
    }
}

/// `duplicate-stage-name`.
pub fn duplicate_name(cx: &mut Cx<'_>) {
    let model = cx.model;
    let mut first: HashMap<&str, &Stage> = HashMap::new();
    for stage in &model.stages {
        let (Some(name), Some(word)) = (&stage.name, &stage.name_word) else { continue };
        if let Some(earlier) = first.insert(name, stage) {
            let finding = cx
                .at(
                    word.span,
                    format!("there are two stages named `{name}`, and a reference can only mean one of them"),
                )
                .label(name_span(model, earlier), "the other one")
                .help("give the stages different names");
            cx.report(finding);
        }
    }
}

/// True if what is taken for a FROM may be another instruction: which stages there are is not known then.
fn has_misspelt_from(model: &Model) -> bool {
    let file = &model.file;
    let is_from = |stage: &Stage| file.instructions.get(stage.steps.start).map(|i| i.keyword_span);
    !file.errors.is_empty()
        && model
            .stages
            .iter()
            .filter_map(is_from)
            .any(|span| file.faults_around(span).any(|e| e.kind == SyntaxErrorKind::UnknownInstruction))
}

/// `unused-stage`.
pub fn unused(cx: &mut Cx<'_>) {
    let model = cx.model;
    if has_misspelt_from(model) {
        return;
    }
    for stage in model.stages.iter().filter(|stage| is_unused(model, stage)) {
        let number = stage.index;
        let finding = cx
            .at(
                name_span(model, stage),
                "nothing uses this stage: it has no name, and a later FROM starts a new image",
            )
            .help(format!("take files from it with `COPY --from={number}`, name it, or remove it"));
        cx.report(finding);
    }
}

/// True for a stage without a name that no other one uses.
pub(super) fn is_unused(model: &Model, stage: &Stage) -> bool {
    // A build of another stage leaves the last one out, which others build.
    let is_last = Some(stage.index) == model.stages.last_id();
    stage.name.is_none() && !is_last && !stage.is_final && stage.used_by.is_empty()
}

/// `unreachable-stage`.
pub fn unreachable(cx: &mut Cx<'_>) {
    let model = cx.model;
    if has_misspelt_from(model) {
        return;
    }
    for stage in model.stages.iter().filter(|s| s.name.is_some() && !s.reachable) {
        let message = format!("the final image does not need the stage {}", title(stage));
        let finding =
            cx.at(name_span(model, stage), message).help("remove it, unless it is built with `--target`");
        cx.report(finding);
    }
}

/// `copy-from-unknown-stage`.
pub fn unknown_source(cx: &mut Cx<'_>) {
    let model = cx.model;
    let mut guesses = 0;
    for copy in &model.copies {
        let Some((text, span)) = model.copy_reference(copy) else { continue };
        match &copy.from {
            CopyFrom::NoSuchStage => {
                let last = model.stages.len().saturating_sub(1);
                let finding = cx
                    .at(span, format!("there is no stage number {text}, so the build fails"))
                    .help(format!("stages are counted from 0; the last one is number {last}"));
                cx.report(finding);
            }
            CopyFrom::Image(_) if !text.contains(['/', ':', '@', '.', '$']) && guesses < MAX_GUESSES => {
                guesses += 1;
                let names = model.stages.iter().filter_map(|s| s.name.as_deref());
                let names = names.filter(|n| n.len() <= 64).take(256);
                let Some(near) = nearest(text, names) else { continue };
                // Short names of images and contexts are near to many words.
                if near.len() < 4 || text.len() < 4 {
                    continue;
                }
                let finding = cx
                    .at(
                        span,
                        format!("there is no stage `{text}`, so the build looks for an image of that name"),
                    )
                    .help(format!("did you mean `{near}`?"));
                cx.report(finding);
            }
            _ => {}
        }
    }
}

/// `copy-from-external-image`.
pub fn external_source(cx: &mut Cx<'_>) {
    let model = cx.model;
    for copy in &model.copies {
        let (Some((text, span)), CopyFrom::Image(image)) = (model.copy_reference(copy), &copy.from) else {
            continue;
        };
        let moves = image.as_ref().is_none_or(|i| i.tag.is_none() && i.digest.is_none());
        if moves && !text.contains(['$', '/']) {
            let message = format!(
                "`{text}` is not a stage in this file: it means the image `{text}:latest`, or a build context"
            );
            let help = "add a tag, or copy from a stage: `FROM IMAGE:TAG AS NAME`";
            let finding = cx.at(span, message).help(help);
            cx.report(finding);
        }
    }
}

/// `copy-from-later-stage`.
pub fn later_source(cx: &mut Cx<'_>) {
    let model = cx.model;
    for copy in &model.copies {
        let CopyFrom::Stage(source) = copy.from else { continue };
        let (Some(stage), Some((text, span))) = (model.stage_of(copy.step), model.copy_reference(copy))
        else {
            continue;
        };
        if let Some(source) = model.stages.get(source).filter(|s| s.index > stage.index) {
            let message =
                format!("the stage `{text}` comes later in the file: only BuildKit can copy from it");
            let finding = cx
                .at(span, message)
                .label(name_span(model, source), "the stage")
                .help("move the stage above this one");
            cx.report(finding);
        }
    }
}

/// `copy-from-stage-number`.
pub fn source_number(cx: &mut Cx<'_>) {
    let model = cx.model;
    for copy in &model.copies {
        let (CopyFrom::Stage(source), Some((text, span))) = (&copy.from, model.copy_reference(copy)) else {
            continue;
        };
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
            continue;
        }
        let Some(source) = model.stages.get(*source) else { continue };
        let help = match &source.name {
            Some(name) => format!("write `{name}`"),
            None => "name the stage, `FROM … AS NAME`, and write the name here".to_owned(),
        };
        let message = format!("the number {text} means a different stage once a FROM is added above");
        let mut finding = cx.at(span, message).label(name_span(model, source), "the stage").help(help);
        // A later stage of the same name would be meant instead.
        let meant =
            source.name.as_deref().filter(|name| model.target(name).map(|t| t.index) == Some(source.index));
        if let Some(name) = meant.filter(|_| model.text(span).trim_matches('"') == text) {
            finding = finding.fix(Fix::safe("write the name", [Edit::replace(span, name)]));
        }
        cx.report(finding);
    }
}

/// `copy-from-own-stage`.
pub fn own_source(cx: &mut Cx<'_>) {
    let model = cx.model;
    for copy in model.copies.iter().filter(|c| !c.onbuild) {
        let (Some(stage), Some((_, span))) = (model.stage_of(copy.step), model.copy_reference(copy)) else {
            continue;
        };
        if copy.from == CopyFrom::Stage(stage.index) {
            let message = format!("the stage {} copies from itself, so the build fails", title(stage));
            let help = "name the stage that has the files, or copy inside the image with `RUN cp`";
            let finding = cx.at(span, message).label(name_span(model, stage), "the stage").help(help);
            cx.report(finding);
        }
    }
}

/// `circular-stages`.
pub fn circular(cx: &mut Cx<'_>) {
    let model = cx.model;
    if !model.copies.iter().any(|c| matches!(c.from, CopyFrom::Stage(_))) {
        return;
    }
    let mut needs = model.needs();
    // A stage that copies from itself is the matter of `copy-from-own-stage`.
    needs.retain(|n| n.stage != n.needed);
    let Some(way) = model.cycle(&needs) else { return };
    let Some(first) = way.first() else { return };
    let names: Vec<String> =
        way.iter().chain([first]).filter_map(|n| model.stages.get(n.stage)).map(title).collect();
    let message =
        format!("these stages depend on each other in a circle, so the build fails: {}", names.join(" → "));
    let mut finding = cx.at(first.span, message).help("move what both need into a separate stage");
    for need in way.iter().skip(1) {
        finding = finding.label(need.span, "and this leads back");
    }
    cx.report(finding);
}

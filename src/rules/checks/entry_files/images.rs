//! Images and stages that other builds of the same files have to do with.

use std::collections::{HashMap, HashSet};

use build_targets::{Kind, Target};

use super::{dockerfile, name_in};
use crate::diag::Fix;
use crate::knowledge::Family;
use crate::rules::{Change, EntryCx};
use crate::semantic::{Base, Model, Stage, context_name};
use crate::syntax::{Escape, Kind as InstructionKind};
use crate::text::{Edit, Span};

/// `sibling-base-image`.
pub fn sibling(cx: &EntryCx<'_>) {
    let mut builders: HashMap<String, &Target> = HashMap::new();
    for (target, _) in cx.builds().filter(|(target, _)| matches!(target.kind, Kind::Compose | Kind::Bake)) {
        for tag in target.tags.iter().filter_map(|tag| tag.known()) {
            builders.entry(context_name(tag)).or_insert(target);
        }
    }
    for (target, build) in cx.builds() {
        let Some(model) = &build.analysis else { continue };
        // BuildKit builds no images of Windows, and what does knows no named contexts.
        if model.file.escape == Escape::Backtick
            || model.stages.iter().any(|s| model.family(s) == Family::Windows)
        {
            continue;
        }
        for stage in model.stages.iter().filter(|stage| stage.reachable && stage.image().is_some()) {
            let Some(image) = stage.base_value.known() else { continue };
            let Some(other) = builders.get(&context_name(image)).filter(|other| is_other(other, target))
            else {
                continue;
            };
            let (name, other) = (&target.name, &other.name);
            let message = format!(
                "`{name}` starts from `{image}`, which `{other}` builds, and does not say so: the builder pulls that image or takes an old one"
            );
            let help = match target.kind {
                Kind::Bake => {
                    format!("add `contexts = {{ \"{image}\" = \"target:{other}\" }}` to this target")
                }
                _ => format!(
                    "add `additional_contexts: {{\"{image}\": \"service:{other}\"}}` to this build (Compose 2.33 or newer); `depends_on` does not order builds in newer versions"
                ),
            };
            cx.report(cx.at(target.place, message).help(help));
            break;
        }
    }
}

/// False for what builds the same image in several ways.
fn is_other(other: &Target, target: &Target) -> bool {
    let tags = |target: &Target| -> Vec<String> {
        target.tags.iter().filter_map(|tag| tag.known()).map(context_name).collect()
    };
    other.name != target.name && !tags(target).iter().any(|tag| tags(other).contains(tag))
}

/// `context-shadows-stage`.
pub fn shadowed(cx: &EntryCx<'_>) {
    for (target, build) in cx.builds() {
        let Some(model) = &build.analysis else { continue };
        for context in &target.contexts {
            let Some(name) = context.name.known() else { continue };
            let is_it = |stage: &&Stage| stage.name.as_deref() == Some(name.to_ascii_lowercase().as_str());
            let Some(stage) = model.stages.iter().find(is_it) else { continue };
            if is_stand_in(model, stage) {
                continue;
            }
            let message = format!(
                "this context takes the place of the stage `{name}` in {}, so none of its instructions runs",
                dockerfile(target)
            );
            let help = "give the context another name, if the stage is to be built";
            cx.report(cx.at(context.name.place, message).help(help));
        }
    }
}

/// True for a stage that is empty, and there to be replaced.
fn is_stand_in(model: &Model, stage: &Stage) -> bool {
    let is_declared = |kind: &InstructionKind| matches!(kind, InstructionKind::Arg(_));
    stage.base == Base::Scratch && model.instructions_of(stage).skip(1).all(|(_, i)| is_declared(&i.kind))
        || stage.steps.len() == 1
}

/// `missing-build-stage`.
pub fn stage(cx: &EntryCx<'_>) {
    let mut said = HashSet::new();
    // A target of bake that others only inherit from may say half of what they build.
    let counts = |target: &Target| target.by_default || target.kind != Kind::Bake;
    for (target, build) in cx.builds().filter(|(target, _)| counts(target)) {
        let (Some(model), Some(text)) = (&build.analysis, &target.stage) else { continue };
        let Some(unknown) = model.unknown_target().filter(|_| !model.stages.is_empty()) else { continue };
        if !said.insert(text.place) {
            continue;
        }
        let message = format!(
            "`{}` builds a stage `{}`, which {} does not have",
            target.name,
            unknown.name,
            dockerfile(target)
        );
        let found = cx.at(text.place, message);
        let found = found.help(unknown.choices());
        let fix = unknown.near().zip(name_in(cx.text(text.place), &unknown.name)).map(|(near, start)| {
            let start = text.place.span().start + start;
            let edit = Edit::replace(Span::of(start..start + unknown.name.len()), near);
            Fix::uncertain(format!("build `{near}`"), [edit])
        });
        cx.report(match fix {
            Some(fix) => found.fix(fix, Change::Targets),
            None => found,
        });
    }
}

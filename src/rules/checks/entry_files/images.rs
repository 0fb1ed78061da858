//! Images and stages that other builds of the same files have to do with.

use std::collections::{BTreeMap, HashMap, btree_map};

use build_targets::{Kind, Place, Target, Text};

use super::{dockerfile, name_in};
use crate::diag::Fix;
use crate::knowledge::Family;
use crate::rules::{Change, EntryCx};
use crate::semantic::{Base, Model, Stage, UnknownStage, context_name};
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
                "`{name}` starts from `{image}`, which `{other}` builds, but does not declare it: the builder pulls that image or uses an old one"
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
                "this context replaces the stage `{name}` in {}, so none of its instructions run",
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
    // A target of bake that others only inherit from may say half of what they build.
    let counts = |target: &Target| target.by_default || target.kind != Kind::Bake;
    let mut wrong: BTreeMap<Place, (&Target, &UnknownStage)> = BTreeMap::new();
    let unknown: Vec<(&Target, &Text, UnknownStage)> = cx
        .builds()
        .filter(|(target, _)| counts(target))
        .filter_map(|(target, build)| {
            let model = build.analysis.as_ref().filter(|model| !model.stages.is_empty())?;
            Some((target, target.stage.as_ref()?, model.unknown_target()?))
        })
        .collect();
    for (target, text, unknown) in &unknown {
        // Of services that extend each other it is the one in which it is written: the last that begins before it.
        let begins = |target: &Target| {
            let place = Some(target.place).filter(|place| place.file == text.place.file);
            place.map(|place| place.start).filter(|start| *start <= text.place.start)
        };
        match wrong.entry(text.place) {
            btree_map::Entry::Vacant(entry) => drop(entry.insert((*target, unknown))),
            btree_map::Entry::Occupied(mut entry) => {
                if begins(target) > begins(entry.get().0) {
                    entry.insert((*target, unknown));
                }
            }
        }
    }
    for (target, unknown) in wrong.into_values() {
        let Some(text) = &target.stage else { continue };
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

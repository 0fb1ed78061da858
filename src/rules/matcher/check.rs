//! Holding a matcher against the model.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::diag::Applicability;
use crate::rules::{Check, Cx, FixKind, RULES, file};
use crate::semantic::{Base, Model, RunsAs};

use super::lacks::Holders;
use super::subjects::Found;
use super::template::Place;
use super::{Matcher, StageFilter};

/// How much of a value a template shows, in characters.
const MAX_SHOWN: usize = 80;

/// The matchers of dlint's own rules, by rule. A test reads all rule files, so none is faulty.
static BUILT_IN: LazyLock<HashMap<&'static str, Matcher>> = LazyLock::new(|| {
    let own = RULES.iter().filter(|r| matches!(r.check, Check::Match));
    own.filter_map(|r| Some((&*r.meta.name, file::matcher(r.meta.text())?))).collect()
});

/// Runs the matcher of the rule's own file.
pub fn check_built_in(cx: &mut Cx<'_>) {
    if let Some(matcher) = BUILT_IN.get(cx.rule_name()) {
        check(matcher, cx);
    }
}

/// Reports every place of the model that `matcher` describes.
pub fn check(matcher: &Matcher, cx: &mut Cx<'_>) {
    let model = cx.model;
    let applicability = match cx.fix_kind() {
        FixKind::Safe => Applicability::Safe,
        FixKind::Unsafe | FixKind::None => Applicability::Unsafe,
    };
    let holders = matcher.lacks.as_ref().map(|l| l.holders(model)).unwrap_or_default();
    for found in matcher.subjects(model) {
        if !matcher.holds(model, &holders, found.step) {
            continue;
        }
        let show = |place: Place| shown(place, model, &found).chars().take(MAX_SHOWN).collect();
        let mut finding = cx.at(found.span, matcher.message.fill(show));
        if let Some(help) = &matcher.help {
            finding = finding.help(help.fill(show));
        }
        let whole = |place: Place| shown(place, model, &found);
        if let Some(fix) = matcher.change.as_ref().and_then(|c| c.fix(found.editable, applicability, whole)) {
            finding = finding.fix(fix);
        }
        cx.report(finding);
    }
}

impl Matcher {
    /// True if the conditions hold where the subject is.
    fn holds(&self, model: &Model, holders: &Holders, step: usize) -> bool {
        let stage = model.stage_of(step);
        let in_stage = match self.stage {
            StageFilter::Any => true,
            StageFilter::Final => stage.is_some_and(|s| s.in_final_image),
            StageFilter::Build => stage.is_some_and(|s| !s.in_final_image),
        };
        in_stage
            && self.base.as_ref().is_none_or(
                |p| matches!(stage.map(|s| model.root_base(s)), Some(Base::Image(image)) if p.matches(image)),
            )
            && self.runs_as.as_ref().is_none_or(|p| runs_as(model, step).is_some_and(|user| p.matches(&user)))
            && self.lacks.as_ref().is_none_or(|lacks| lacks.is_missing(holders, model, step))
    }
}

fn runs_as(model: &Model, step: usize) -> Option<String> {
    match model.runs_as(step) {
        RunsAs::Root => Some("root".to_owned()),
        RunsAs::Other(name) => Some(name),
        RunsAs::Unknown => None,
    }
}

/// What stands for a place; empty if it is not known.
fn shown(place: Place, model: &Model, found: &Found<'_>) -> String {
    if let Some((_, text)) = found.shown.iter().find(|(p, _)| *p == place) {
        return text.clone().into_owned();
    }
    let stage = || model.stage_of(found.step);
    let text = match place {
        Place::Instruction => Some(model.instruction(found.step).keyword.name().to_owned()),
        Place::Stage => stage().map(|s| s.name.as_deref().map_or_else(|| s.index.to_string(), str::to_owned)),
        Place::Base => stage().and_then(|s| match model.root_base(s) {
            Base::Image(image) => Some(image.to_string()),
            Base::Scratch => Some("scratch".to_owned()),
            _ => None,
        }),
        Place::RunsAs => runs_as(model, found.step),
        _ => None,
    };
    text.unwrap_or_default()
}

//! Whether an image says how to tell that it works.

use crate::rules::Cx;
use crate::semantic::{Base, Model, Stage, is_lambda};
use crate::syntax::{ImageRef, Kind};

use super::stages::name_span;

/// `missing-healthcheck`.
pub fn missing(cx: &mut Cx<'_>) {
    let model = cx.model;
    let Some(stage) = model.final_stage() else { return };
    // Podman would leave it out.
    if model.build().drops_config() && !model.is_built_by(|builder| !builder.is_buildah()) {
        return;
    }
    if has_check(model, stage) {
        return;
    }
    // The service that runs a function looks after it, and runs no such check.
    let serverless = |image: &ImageRef| {
        is_lambda(image)
            || ["azure-functions/", "functions-framework"].iter().any(|part| image.path.contains(part))
    };
    if matches!(model.root_base(stage), Base::Image(image) if serverless(image)) {
        return;
    }
    let finding = cx
        .at(
            name_span(model, stage),
            "the image has no HEALTHCHECK, so Docker cannot tell a program that hangs from one that works",
        )
        .help("add `HEALTHCHECK CMD …`, or `HEALTHCHECK NONE` where something else monitors it, as Kubernetes does");
    cx.report(finding);
}

/// True if the image of a stage has a check: of its own instructions, of triggers that run in it, or of the image of
/// another build that it starts from.
fn has_check(model: &Model, stage: &Stage) -> bool {
    let is_check = |step: &usize| matches!(model.instruction(*step).kind, Kind::Healthcheck(_));
    let own = |stage: &Stage| {
        // One behind ONBUILD is for other images.
        let mut steps = stage.steps.clone().filter(|step| !model.is_trigger(*step));
        steps.any(|step| is_check(&step)) || model.triggers_in(stage).iter().any(is_check)
    };
    model.lineage(stage).any(own) || model.below(stage).is_some_and(|(below, stage)| has_check(below, stage))
}

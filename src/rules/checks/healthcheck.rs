//! Whether an image says how to tell that it works.

use crate::rules::Cx;
use crate::semantic::Base;
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
    // One behind ONBUILD is for other images.
    let is_check =
        |step: usize| matches!(model.instruction(step).kind, Kind::Healthcheck(_)) && !model.is_trigger(step);
    if model.lineage(stage).any(|s| s.steps.clone().any(is_check)) {
        return;
    }
    // The service that runs a function looks after it, and runs no such check.
    let serverless = |image: &ImageRef| {
        ["lambda/", "azure-functions/", "functions-framework"].iter().any(|part| image.path.contains(part))
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

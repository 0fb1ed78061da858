//! `dropped-by-podman`.

use crate::rules::Cx;
use crate::semantic::Builder;
use crate::syntax::{Healthcheck, Instruction, Kind};

/// `dropped-by-podman`.
pub fn by_podman(cx: &mut Cx<'_>) {
    let model = cx.model;
    if model.build().docker_format {
        return;
    }
    let own = model.build().builder;
    let builder = if own.is_buildah() { own } else { Builder::Podman };
    for (step, instruction) in model.instructions() {
        let reached = model.stage_of(step).is_none_or(|stage| stage.reachable);
        let Some((effect, help)) = dropped(instruction).filter(|_| reached) else { continue };
        let name = match instruction.onbuild {
            Some(_) => "ONBUILD",
            None => instruction.keyword.name(),
        };
        let message =
            format!("{} drops {name} from its image, with only a warning: {effect}", builder.title());
        cx.report(cx.at(instruction.first_keyword(), message).help(help));
    }
}

/// What the OCI format of images does not hold: what happens then, and what to write.
fn dropped(instruction: &Instruction) -> Option<(&'static str, &'static str)> {
    if instruction.is_trigger() {
        let effect = "nothing runs when another image starts from this one";
        return Some((
            effect,
            "build with `--format docker`, or move it to the images that start from this one",
        ));
    }
    match &instruction.kind {
        Kind::Shell(Some(_)) => Some((
            "the RUNs of this build run under /bin/sh as well",
            "build with `--format docker`, or do it in the RUN: `RUN bash -c '…'`, `RUN set -e; …`",
        )),
        Kind::Healthcheck(Healthcheck::Cmd(..)) => Some((
            "nothing checks the container",
            "build with `--format docker`, or set the check with `podman run --health-cmd` or in the Quadlet unit",
        )),
        _ => None,
    }
}

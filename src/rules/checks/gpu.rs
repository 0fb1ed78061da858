//! Builds of programs for graphics cards.

use crate::knowledge::{Action, ManagerId};
use crate::rules::Cx;
use crate::semantic::{Base, Cmd, Model, ScriptKind, Stage};
use crate::shell::Connector;

/// `gpu-in-build`.
pub fn in_build(cx: &mut Cx<'_>) {
    let model = cx.model;
    for cmd in model.commands_named("nvidia-smi") {
        let shell = cmd.shell();
        let tolerated = shell.place.within.condition
            || shell.place.within.function
            || shell.place.within.substitution
            || shell.place.pipeline.is_some()
            || shell.place.after.as_ref().is_some_and(|after| after.connector == Connector::Or);
        if is_plain_run(&cmd) && !tolerated {
            let message =
                "a build has no graphics card and no driver: `nvidia-smi` is not found, and the build fails";
            let help = "run it when the container starts (`docker run --gpus all`)";
            cx.report(cx.at(cmd.program_span(), message).help(help));
        }
    }
    for program in ["python", "python3"] {
        for cmd in model.commands_named(program).filter(is_plain_run) {
            let asks = |text: &str| text.contains("cuda.is_available()") && text.contains("assert");
            let Some(word) = cmd.args().iter().find(|w| asks(model.text(w.span))) else { continue };
            let message = "a build has no graphics card, so this is always false, and the build fails";
            let help = "check when the container starts (`docker run --gpus all`)";
            cx.report(cx.at(word.span, message).help(help));
        }
    }
}

/// True for a RUN that gets no device.
fn is_plain_run(cmd: &Cmd<'_>) -> bool {
    let script = cmd.script();
    script.kind == ScriptKind::Run
        && !script.onbuild
        && cmd.model.instruction(cmd.step()).flag("device").is_none()
}

/// Python packages that bring the libraries of CUDA in wheels of their own.
const WITH_LIBRARIES: [&str; 4] = ["torch", "torchvision", "torchaudio", "vllm"];

/// `cuda-installed-twice`.
pub fn cuda_twice(cx: &mut Cx<'_>) {
    let model = cx.model;
    let Some(stage) = model.final_stage() else { return };
    let Some((base, kind)) = cuda_base(model, stage) else { return };
    for cmd in model.run_commands() {
        if !is_plain_run(&cmd) || !cmd.stage().is_some_and(|s| s.in_final_image) {
            continue;
        }
        let Some(manager) = cmd.usage.manager.filter(|_| cmd.usage.action == Action::Install) else {
            continue;
        };
        let packages = cmd.packages();
        let found = match manager.id {
            ManagerId::Pip | ManagerId::Uv => {
                // An index of its own may hold wheels without them.
                let elsewhere = cmd.args().iter().any(|w| {
                    let text = w.static_prefix();
                    text.contains("index-url")
                        || text == "-i"
                        || text.contains("/cpu")
                        || text.contains("+cpu")
                });
                packages.iter().find(|p| !elsewhere && WITH_LIBRARIES.contains(&&*p.name)).map(|p| {
                    let message = format!(
                        "`{}` includes the CUDA libraries, so the image has them twice: `{base}` has them too",
                        p.name
                    );
                    let help = if kind == "devel" {
                        "if nothing here is compiled with `nvcc`, start from the `-base-` tag of the image, or from `python`"
                    } else {
                        "start from the `-base-` tag of the image, or from `python`: the driver comes from the machine that runs it"
                    };
                    (p.word.span, message, help)
                })
            }
            ManagerId::Apt if kind == "devel" => {
                let is_toolkit = |name: &str| {
                    name == "nvidia-cuda-toolkit" || name == "cuda" || name.starts_with("cuda-toolkit")
                };
                packages.iter().find(|p| is_toolkit(&p.name)).map(|p| {
                    let message =
                        format!("`{base}` already has the CUDA toolkit: `{}` installs a second one", p.name);
                    (p.word.span, message, "leave it out, or choose the tag with the version that you need")
                })
            }
            _ => None,
        };
        if let Some((span, message, help)) = found {
            cx.report(cx.at(span, message).help(help));
        }
    }
}

/// The image with the libraries of CUDA that a stage starts from, and what its tag says: `runtime` or `devel`.
fn cuda_base(model: &Model, stage: &Stage) -> Option<(String, &'static str)> {
    let Base::Image(image) = model.root_base(stage) else { return None };
    let tag = image.tag.as_deref().filter(|_| image.familiar_path() == "nvidia/cuda")?;
    let kind = ["runtime", "devel"].into_iter().find(|kind| tag.split('-').any(|part| part == *kind))?;
    Some((format!("nvidia/cuda:{tag}"), kind))
}

//! Scripts that start what a container is there for, and stay in front of it.

use crate::rules::Cx;
use crate::semantic::{Base, Model, ScriptKind, Started, base_name, facts};
use crate::syntax::Kind;

/// Programs that pass signals on to all that they started, or end it themselves.
const INITS: [&str; 6] = ["catatonit", "docker-init", "dumb-init", "s6-", "supervisord", "tini"];

/// `script-without-exec`.
pub fn without_exec(cx: &mut Cx<'_>) {
    let model = cx.model;
    if model.context().is_none_or(|context| context.heads.is_empty()) {
        return;
    }
    let Some(stage) = model.final_stage() else { return };
    // Those of others may have an init of their own.
    let is_known = match model.root_base(stage) {
        Base::Image(image) => facts(image).is_some(),
        Base::Scratch => true,
        _ => false,
    };
    if !is_known {
        return;
    }
    for started in model.started_files() {
        let script = started.cmd.script();
        let is_entry = matches!(script.kind, ScriptKind::Cmd | ScriptKind::Entrypoint) && script.exec;
        if !is_entry
            || started.cmd.usage.command > 0
            || has_init(model, &started)
            || is_changed(model, &started)
        {
            continue;
        }
        let Some(command) = model.head_of(&started.source).and_then(|head| head.waits_for.as_ref()) else {
            continue;
        };
        let name = base_name(&started.source);
        let message = format!(
            "`{name}` ends with `{command}` and without `exec`, so its shell stays process 1 and passes no signals on: `docker stop` waits 10 seconds, and then kills it"
        );
        let finding = cx
            .at(started.word.span, message)
            .help(format!("write `exec {command}` there, so that it replaces the shell"));
        cx.report(finding);
    }
}

/// True if an init runs the script, or may.
fn has_init(model: &Model, started: &Started<'_>) -> bool {
    let text = model.text(model.instruction(started.cmd.step()).span);
    INITS.iter().any(|init| text.contains(init))
}

/// True if a RUN speaks of the script, other than to change its mode.
fn is_changed(model: &Model, started: &Started<'_>) -> bool {
    let name = base_name(&started.target);
    let names = |cmd: crate::semantic::Cmd<'_>| {
        !matches!(cmd.program(), "chmod" | "chown" | "dos2unix" | "ln")
            && cmd.args().iter().any(|word| word.static_prefix().contains(name))
    };
    model.instructions().any(|(step, instruction)| {
        matches!(instruction.kind, Kind::Run(_))
            && model.text(instruction.span).contains(name)
            && model.commands_of(step).any(names)
    })
}

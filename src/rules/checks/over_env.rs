//! `arg-over-env`: an ARG that takes the place of a variable.

use crate::diag::Finding;
use crate::knowledge::Family;
use crate::rules::Cx;
use crate::semantic::{Base, BindingKind, Model, facts};
use crate::syntax::{ArgDecl, Instruction, Keyword, Kind, Value};

/// `arg-over-env`.
pub fn over_env(cx: &mut Cx<'_>) {
    let model = cx.model;
    for (step, instruction) in model.instructions() {
        let Kind::Arg(decls) = &instruction.kind else { continue };
        if model.stage_of(step).is_none() || instruction.is_trigger() {
            continue;
        }
        let environment = model.environment(step);
        for decl in decls {
            let name = &*decl.name.text;
            let default = decl.default.as_ref().map(|d| environment.value(d));
            let before = environment.binding(name);
            if before.is_none()
                && let Some(Value::Known(arg)) = &default
                && let Some(finding) = over_base(cx, step, decl, arg)
            {
                cx.report(finding);
                continue;
            }
            let Some(before) = before.filter(|b| b.kind == BindingKind::Env) else {
                continue;
            };
            let (Value::Known(env), Some(Value::Known(arg))) = (&before.value, default) else { continue };
            if *env == arg || !is_seen_behind(model, step, name) {
                continue;
            }
            let (env, arg) = (short(env), short(&arg));
            let builder = model.build().builder;
            let (message, help) = match builder.is_buildkit() {
                true => (
                    format!(
                        "from here on, `{name}` is `{arg}` in RUN and ENV, but `{env}` in the container: in BuildKit, an ARG overrides an earlier ENV"
                    ),
                    format!(
                        "give one of them another name, or, if the container should get the value too, write `ENV {name}=${name}` after the ARG"
                    ),
                ),
                false => (
                    format!(
                        "`{name}` stays `{env}`, even with --build-arg: in {}, an earlier ENV overrides an ARG",
                        builder.title()
                    ),
                    "give one of them another name".to_owned(),
                ),
            };
            let finding =
                cx.at(decl.span, message).label(model.instruction(before.step).span, "the ENV").help(help);
            cx.report(finding);
        }
    }
}

/// An ARG that takes the place of a variable of the base image.
fn over_base(cx: &Cx<'_>, step: usize, decl: &ArgDecl, arg: &str) -> Option<Finding> {
    let model = cx.model;
    let name = &*decl.name.text;
    let stage = model.stage_of(step)?;
    let Base::Image(image) = model.root_base(stage) else { return None };
    if model.family(stage) == Family::Windows {
        return None;
    }
    let is_path = name == "PATH";
    let sets = match model.base_config(stage) {
        // All images that have programs set it.
        Some(config) if is_path => config.env.contains_key(name) && facts(image).is_some(),
        None if is_path => facts(image).is_some(),
        Some(_) => model.base_sets(stage, name),
        None => facts(image).is_some_and(|facts| facts.env.contains(&name)),
    };
    let known = model.base_config(stage).and_then(|config| config.env.get(name));
    if !sets || matches!(known, Some(Value::Known(value)) if value == arg) {
        return None;
    }
    let (plain, braced) = (format!("${name}"), format!("${{{name}"));
    let mentions = |instruction: &Instruction| {
        let text = model.text(instruction.span);
        text.contains(&plain) || text.contains(&braced)
    };
    let sees = |instruction: &Instruction| match instruction.keyword {
        Keyword::Run => is_path || mentions(instruction),
        Keyword::Env => !is_path && mentions(instruction),
        _ => false,
    };
    if !model.instructions_of(stage).any(|(at, i)| at > step && !i.is_trigger() && sees(i)) {
        return None;
    }
    let shown = image.familiar_path();
    let arg = short(arg);
    let builder = model.build().builder;
    let (message, help) = match (builder.is_buildkit(), is_path) {
        (true, true) => (
            format!(
                "from here on, RUN looks for programs in `{arg}` only: this ARG overrides the PATH of `{shown}`"
            ),
            "give it another name; to add a folder, write `ENV PATH=FOLDER:$PATH`".to_owned(),
        ),
        (true, false) => (
            format!(
                "from here on, `{name}` is `{arg}` in RUN and ENV, but the container keeps the value of `{shown}`: in BuildKit, an ARG overrides an ENV of the base image"
            ),
            format!(
                "give it another name, or, if the container should get the value too, write `ENV {name}=${name}` after the ARG"
            ),
        ),
        (false, _) => (
            format!(
                "`{name}` keeps the value of `{shown}`, even with --build-arg: in {}, an ENV of the base image overrides an ARG",
                builder.title()
            ),
            "give it another name".to_owned(),
        ),
    };
    let label = model.instruction(stage.steps.start).keyword_span;
    Some(cx.at(decl.span, message).label(label, "the base image").help(help))
}

/// True if a RUN behind `step`, or an ENV that names it, sees the variable in its stage.
fn is_seen_behind(model: &Model, step: usize, name: &str) -> bool {
    let Some(stage) = model.stage_of(step) else { return false };
    let mut later = model.instructions_of(stage).filter(|(at, i)| *at > step && !i.is_trigger());
    later.any(|(_, instruction)| match &instruction.kind {
        Kind::Run(_) => true,
        Kind::Env(pairs) => {
            let values = pairs.iter().filter_map(|p| p.value.as_ref());
            let mut variables = values.filter_map(|v| v.variables().ok()).flatten();
            variables.any(|v| &*v.name == name)
        }
        _ => false,
    })
}

pub(super) fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

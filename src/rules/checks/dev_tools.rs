//! Builds of Node that start a program which the install before them has left out.

use std::collections::HashMap;

use crate::knowledge::{Action, ManagerId, Trait, program_is};
use crate::rules::Cx;
use crate::semantic::{Analysis, Base, Cmd, CopyFrom, DevPackages, Install, ScriptKind, Stage, StageId};

use super::chain::is_sure;

/// How many stages with an install are looked at: for each of them, all commands of those that it starts from are.
const MAX_STAGES: usize = 100;

/// `missing-dev-dependencies`.
pub fn missing_dev_dependencies(cx: &mut Cx<'_>) {
    let model = cx.model;
    let Some(context) = model.context() else { return };
    // What is sent may bring the packages.
    if context.scan.notable.iter().any(|notable| notable.name == "node_modules" && notable.sent.files > 0) {
        return;
    }
    let mut installs: HashMap<StageId, Vec<Install<'_>>> = HashMap::new();
    for install in model.installs().filter(|install| is_node(&install.cmd)) {
        if let Some(stage) = install.cmd.stage() {
            installs.entry(stage.index).or_default().push(install);
        }
    }
    if installs.is_empty() {
        return;
    }
    let only = |stage| {
        let mut all = model.lineage(stage).filter_map(|stage| installs.get(&stage.index)).flatten();
        all.next().filter(|_| all.next().is_none()).map(|install| (stage, install))
    };
    let stages = model.stages.iter().filter(|stage| stage.reachable);
    for (stage, install) in stages.filter_map(only).take(MAX_STAGES) {
        let Some(why) = leaves_out_surely(model, stage, install) else { continue };
        let own = stage.steps.clone().flat_map(|step| model.commands_of(step));
        let builds = own.filter(|cmd| {
            is_node(cmd)
                && cmd.script().kind == ScriptKind::Run
                && cmd.id() > install.cmd.id()
                && is_sure(cmd.shell())
                && model.workdir(cmd.step()).known() == model.workdir(install.cmd.step()).known()
                && !cmd.script().changes_folder
        });
        let Some((build, lacking)) =
            builds.filter_map(|cmd| Some((cmd, model.dev_program(&install.cmd, &cmd)?))).next()
        else {
            continue;
        };
        let command = install.cmd.head();
        let message = format!(
            "`{}` starts `{}`, which is not installed: `{command}` leaves out the devDependencies{why}, and `{}` is one of them",
            lacking.by, lacking.program, lacking.package
        );
        let help = match install.manager.id {
            ManagerId::Npm => format!(
                "write `{command} --include=dev` for the build, and remove them again with `npm prune --omit=dev`"
            ),
            _ => "set `NODE_ENV=production` below the build, so that the build has all packages".to_owned(),
        };
        let line = "installed here, without them";
        cx.report(cx.at(build.shell().span, message).label(install.cmd.head_span(), line).help(help));
    }
}

fn is_node(cmd: &Cmd<'_>) -> bool {
    cmd.usage.manager.is_some_and(|manager| manager.id.is_node())
}

/// Why the only install of a stage and those below it surely leaves out what only development needs, if it does.
fn leaves_out_surely(model: &Analysis, stage: &Stage, install: &Install<'_>) -> Option<&'static str> {
    // Packages may come from another stage.
    let mut steps = model.lineage(stage).flat_map(|stage| stage.steps.clone());
    if steps.any(|step| model.copies_of(step).iter().any(|copy| copy.from != CopyFrom::Context)) {
        return None;
    }
    // What is named is there, in the project or for all.
    let by_name =
        |cmd: &Cmd<'_>| cmd.usage.action == Action::Install && cmd.id() != install.cmd.id() && is_node(cmd);
    if model.run_commands_below(stage).any(|cmd| by_name(&cmd)) {
        return None;
    }
    // Nothing else has a say: the image, a script, a command that is not known.
    let is_node_image = matches!(model.root_base(stage), Base::Image(image) if image.is_official() && image.familiar_path() == "node");
    let harmless = |cmd: &Cmd<'_>| {
        let is_system = cmd.usage.manager.is_some_and(|manager| manager.system);
        is_system && !cmd.operands().iter().any(|word| word.is("typescript"))
            || program_is(cmd.program(), Trait::WritesNothing)
                && !program_is(cmd.program(), Trait::ChangesShell)
            || matches!(cmd.program(), "mkdir" | "corepack" | "chown" | "addgroup" | "adduser")
    };
    let manifest = model.source_beside(&install.cmd, "package.json").and_then(|path| model.text_of(&path));
    let installs_itself = manifest.is_none_or(|text| {
        ["\"preinstall\"", "\"postinstall\"", "\"prepare\"", "npm i", "--include", "yarn add", "pnpm i"]
            .iter()
            .any(|word| text.contains(word))
    });
    let mut before = model.run_commands_below(stage).take_while(|cmd| cmd.id() < install.cmd.id());
    let known = before.all(|cmd| harmless(&cmd));
    if !is_node_image || installs_itself || !known {
        return None;
    }
    let settings = model.source_beside(&install.cmd, ".npmrc");
    if settings.is_some_and(|path| model.manifest_is_there(&path) != Some(false)) {
        return None;
    }
    leaves_out_dev(model, install)
}

/// Why an install surely leaves out the development dependencies.
fn leaves_out_dev(model: &Analysis, install: &Install<'_>) -> Option<&'static str> {
    let cmd = install.cmd;
    match cmd.dev_packages() {
        DevPackages::LeftOut => return Some(""),
        DevPackages::LeftOutBySetting => {}
        DevPackages::Installed | DevPackages::Unknown => return None,
    }
    // Later versions of Yarn do not look at it.
    let manifest = model.source_beside(&cmd, "package.json");
    let beside =
        |name: &str| manifest.as_deref().and_then(|p| model.text_of(&p.replace("package.json", name)));
    let modern = || {
        beside(".yarnrc.yml").is_some()
            || beside("package.json")
                .is_some_and(|text| text.contains("\"yarn@") && !text.contains("\"yarn@1."))
    };
    (install.manager.id != ManagerId::Yarn || !modern()).then_some(" because of `NODE_ENV=production`")
}

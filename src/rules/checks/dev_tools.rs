//! Builds of Node that start a program which the install before them has left out.

use crate::knowledge::{Action, ManagerId, Trait, program_is};
use crate::rules::Cx;
use crate::semantic::{Analysis, Base, Cmd, CopyFrom, DevPackages, Install, Stage};

use super::chain::is_sure;

/// `missing-dev-dependencies`.
pub fn missing_dev_dependencies(cx: &mut Cx<'_>) {
    let model = cx.model;
    let Some(context) = model.context() else { return };
    // What is sent may bring the packages.
    if context.scan.notable.iter().any(|notable| notable.name == "node_modules" && notable.sent.files > 0) {
        return;
    }
    for stage in model.stages.iter().filter(|stage| stage.reachable) {
        let Some((install, why)) = production_install(model, stage) else { continue };
        let builds = model.run_commands().filter(|cmd| {
            cmd.usage.manager.is_some_and(|m| m.id.is_node())
                && cmd.id() > install.cmd.id()
                && cmd.stage().is_some_and(|s| s.index == stage.index)
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
            "`{}` starts `{}`, which is not there: `{command}` leaves out the devDependencies{why}, and `{}` is one of them",
            lacking.by, lacking.program, lacking.package
        );
        let help = match install.manager.id {
            ManagerId::Npm => format!(
                "write `{command} --include=dev` for the build, and remove them again with `npm prune --omit=dev`"
            ),
            _ => {
                "set `NODE_ENV=production` below the build, so that all packages are there for it".to_owned()
            }
        };
        let line = "installed here, without them";
        cx.report(cx.at(build.shell().span, message).label(install.cmd.head_span(), line).help(help));
    }
}

/// The only install of a stage and those below it, if it surely leaves out what only development needs, and why.
fn production_install<'m>(model: &'m Analysis, stage: &'m Stage) -> Option<(Install<'m>, &'static str)> {
    let own = |cmd: &Cmd<'_>| model.inherits_step(stage, cmd.step());
    // Packages may come from another stage.
    let is_brought = model
        .copies
        .iter()
        .any(|copy| copy.from != CopyFrom::Context && model.inherits_step(stage, copy.step));
    let is_node = |cmd: &Cmd<'_>| cmd.usage.manager.is_some_and(|m| m.id.is_node());
    let mut all = model.installs().filter(|install| own(&install.cmd) && is_node(&install.cmd));
    let install = all.next().filter(|_| !is_brought)?;
    // What is named is there, in the project or for all.
    let by_name =
        |cmd: &Cmd<'_>| cmd.usage.action == Action::Install && cmd.id() != install.cmd.id() && is_node(cmd);
    if all.next().is_some() || model.run_commands().any(|cmd| own(&cmd) && by_name(&cmd)) {
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
    let known =
        model.run_commands().filter(|cmd| own(cmd) && cmd.id() < install.cmd.id()).all(|cmd| harmless(&cmd));
    if !is_node_image || installs_itself || !known {
        return None;
    }
    let settings = model.source_beside(&install.cmd, ".npmrc");
    if settings.is_some_and(|path| model.manifest_is_there(&path) != Some(false)) {
        return None;
    }
    leaves_out_dev(model, &install).map(|why| (install, why))
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

//! Development dependencies of Node that a copy takes along.

use std::borrow::Cow;

use serde_json::Value as Json;

use crate::knowledge::ManagerId;
use crate::semantic::{CopyFrom, CopyUse, NodeProject, Stage, is_package_alone};

use super::{Case, Piece};

/// Packages that make something among the installed ones, or read it there, in ways of their own.
const OWN_WAYS: [&str; 6] =
    ["prisma", "electron", "node-pre-gyp", "patch-package", "playwright", "puppeteer"];

pub(super) fn pieces(case: &Case<'_>) -> Vec<Piece> {
    let model = case.model;
    let mut found: Vec<Piece> = Vec::new();
    let builds = model.last_node_builds();
    for copy in model.copies.iter().filter(|c| !c.mount && !c.onbuild) {
        let CopyFrom::Stage(from) = copy.from else { continue };
        let Some(from) = model.stages.get(from) else { continue };
        // What is built behind the COPY needs them.
        let is_shipped = model.stage_of(copy.step).is_some_and(|stage| {
            let last_build = builds.get(stage.index).copied().flatten();
            stage.in_final_image && last_build.is_none_or(|build| build < copy.step)
        });
        if let Some(piece) = is_shipped.then(|| modules(case, copy, from)).flatten()
            && !found.iter().any(|other| other.edits == piece.edits)
        {
            found.push(piece);
        }
    }
    found
}

fn modules(case: &Case<'_>, copy: &CopyUse, from: &Stage) -> Option<Piece> {
    let model = case.model;
    let stage = model.stages.get(from.index)?;
    let folders = copy.sources.iter().filter_map(|s| {
        let path = s.value.known()?.trim_end_matches('/');
        Some(path.strip_suffix("/node_modules").unwrap_or(path).to_owned())
    });
    let install = folders.into_iter().find_map(|folder| model.full_install(stage, &folder))?;
    let cmd = install.cmd;
    let path = model.source_beside(&cmd, "package.json")?;
    let read = |path: &str| (case.project.read)(path).map(Cow::Owned);
    let project = NodeProject::of(&path, &read)?;
    let manifest = project.manifest();
    let dev = manifest.get("devDependencies")?.as_object().filter(|dev| !dev.is_empty())?;
    let has = |list: &str, name: &str| {
        let packages = manifest.get(list).and_then(Json::as_object);
        packages.is_some_and(|of| of.keys().any(|key| key.contains(name)))
    };
    let lists = ["dependencies", "devDependencies", "optionalDependencies"];
    let own_way = OWN_WAYS.iter().any(|name| lists.iter().any(|list| has(list, name)));
    let alone = is_package_alone(manifest) && !manifest.contains_key("workspaces");
    let entry = case.entry();
    let needs = model.node_needs_of(&project, model.entry(case.last));
    let last = stage.steps.clone().last()?;
    let moved = model.end_state(stage).workdir != model.steps.get(cmd.step())?.state.workdir
        || model.runs_as(last) != model.runs_as(cmd.step());
    // `next start` transpiles its settings with a development dependency.
    let compiles_settings = ["next.config.ts", "nuxt.config.ts"]
        .iter()
        .any(|name| model.source_beside(&cmd, name).is_some_and(|p| (case.project.read)(&p).is_some()));
    if install.manager.id != ManagerId::Npm
        || own_way
        || !alone
        || moved
        || compiles_settings
        || entry.is_empty()
        || !entry
            .iter()
            .all(|c| matches!(c.program(), "node" | "npm" | "yarn" | "pnpm" | "tini" | "dumb-init"))
        || entry.iter().any(|c| c.runs_script() || c.needs_toolchain() || c.is_dev_server())
        || !needs.is_known
        || !needs.packages.is_empty()
        || case.is_started_from(stage)
        || stage.in_final_image
        || is_imported(case, stage, dev.keys().map(String::as_str))?
        || others_take(case, copy, stage)
    {
        return None;
    }
    let edit = case.line_at_end(stage, "RUN npm prune --omit=dev")?;
    let line = case.line(cmd.step());
    let what = format!("this also copies the development dependencies that line {line} installs");
    Some(case.piece(copy.step, what, vec![edit]))
}

/// True if another stage takes installed packages from the stage, which may want all of them.
fn others_take(case: &Case<'_>, copy: &CopyUse, stage: &Stage) -> bool {
    let takes = |c: &&CopyUse| c.from == CopyFrom::Stage(stage.index);
    let own = case.model.stage_of(copy.step).map(|s| s.index);
    case.model.copies.iter().filter(takes).any(|c| case.model.stage_of(c.step).map(|s| s.index) != own)
}

/// True if a source that is no test imports one of the packages, as one that runs may do; `None` if the sources are not
/// known.
fn is_imported<'n>(case: &Case<'_>, stage: &Stage, names: impl Iterator<Item = &'n str>) -> Option<bool> {
    let sources = case.copied_sources(case.model.stages.get(stage.index)?, "node")?;
    let quoted: Vec<String> = names
        // Types are gone in what runs.
        .filter(|name| !name.starts_with("@types/"))
        .flat_map(|name| ['\'', '"', '`'].map(|quote| format!("{quote}{name}")))
        .collect();
    let words: Vec<&str> = quoted.iter().map(String::as_str).collect();
    Some(!case.lack(&sources, &words))
}

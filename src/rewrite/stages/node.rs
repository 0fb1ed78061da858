//! Node.js: the last stage gets the dependencies of production, and what a build script makes.

use std::borrow::Cow;

use serde_json::{Map, Value as Json};

use crate::knowledge::{Action, ManagerId};
use crate::semantic::{Cmd, DevPackages, Install, NodeProject, is_package_alone};

use super::draft::Draft;
use super::interpreted::{self, Plan};
use super::sort::Role;
use super::system::Packages;
use super::{Case, NoProposal, Try};

pub(super) fn draft<'m>(case: &Case<'m>) -> Try<(Draft<'m>, Vec<String>)> {
    let model = case.model;
    let installs: Vec<Install<'_>> = model.installs().filter(|i| i.manager.id.is_node()).collect();
    let [install] = installs.as_slice() else {
        let why = if installs.is_empty() {
            "no command installs what `package.json` names"
        } else {
            "several commands install, and which of them a run needs is not known"
        };
        return Err(NoProposal::general(why));
    };
    let step = install.cmd.step();
    let workdir = case.working(step)?;
    if install.cmd.script().changes_folder {
        return Err(NoProposal::at(model, step, "it changes the folder before it installs"));
    }
    if install.manager.id == ManagerId::Yarn
        && (case.project.read)("yarn.lock").is_some()
        && !is_classic(case)
    {
        return Err(NoProposal::at(
            model,
            step,
            "later versions of Yarn may keep packages outside of `node_modules`",
        ));
    }
    let read = |path: &str| (case.project.read)(path).map(Cow::Owned);
    let node = NodeProject::of("package.json", &read);
    let needs = node.as_ref().map(|node| model.node_needs_of(node, model.entry(case.stage)));
    let manifest = node.as_ref().map(NodeProject::manifest);
    let builds: Vec<Cmd<'_>> = model.run_commands().filter(|c| c.builds_front_end()).collect();
    // The sources come before the installation: is it known what that reads?
    let sources = model.sources_before(install);
    let manifests_first = match &sources {
        Some(sources) if builds.is_empty() => first(case, &workdir, sources, manifest),
        _ => None,
    };
    let keeps_dev = install.cmd.dev_packages() != DevPackages::Installed
        || needs.as_ref().is_none_or(|needs| !needs.is_known || !needs.packages.is_empty())
        || manifest.is_none_or(|manifest| dev(manifest).next().is_none() || imports_dev(case, manifest));
    if needs.as_ref().is_some_and(|needs| needs.managers.iter().any(|name| name == "pnpm")) {
        let apart = model.run_commands().any(|cmd| cmd.program() == "corepack" && cmd.step() != step);
        if !apart {
            return Err(NoProposal::at(model, step, "whether the last stage would have `pnpm` is not known"));
        }
    }
    let from = case.build_name();
    let modules = format!("COPY --from={from} {workdir}/node_modules {workdir}/node_modules");
    let mut finish = Vec::new();
    let mut change = None;
    let mut results = [vec![modules], Vec::new()];
    if builds.is_empty() {
        // An installation runs scripts of the project, which may need what it leaves out.
        let alone = node.as_ref().is_some_and(|node| {
            let needs = node.install_needs();
            needs.is_known && needs.packages.is_empty()
        });
        if !keeps_dev && alone && model.commands_of(step).count() == 1 {
            change = production(case, install);
        }
    } else {
        let Some(folder) = needs.as_ref().and_then(|needs| output(&needs.commands)) else {
            let why = "where the build leaves what the image runs is not known";
            return Err(NoProposal::at(model, builds.first().map_or(step, Cmd::step), why));
        };
        // What the others remove is the client, too, that Prisma has generated into its package.
        let keeps_client = install.manager.id != ManagerId::Npm && model.prisma().is_some();
        if !keeps_dev && !keeps_client {
            finish.extend(pruned(case, install).map(|line| format!("RUN {line}")));
        }
        results[1].push(format!("COPY --from={from} {workdir}/{folder} {workdir}/{folder}"));
    }
    // Installed packages of the context would come over those of the image.
    let scan = model.context().map(|c| &c.scan);
    if scan.is_some_and(|s| s.notable.iter().any(|n| n.name == "node_modules" && n.kept.files > 0)) {
        let first = std::mem::take(&mut results[0]);
        results[1].splice(0..0, first);
    }
    let files = manifest_names(install);
    let changed = |at: usize| (at == step).then(|| change.clone()).flatten();
    let plan = Plan {
        role: &|cmd| role(case, cmd),
        change: &changed,
        manifest: &|source| files.iter().any(|f| f == source) || source == "package*.json",
        manifests_run: true,
        manifests_first,
        last_from: case.slim().unwrap_or_else(|| case.base()),
        setup: [Vec::new(), Vec::new()],
        finish,
        results,
        packages: Packages { sheds: change.is_some(), ..Packages::default() },
    };
    Ok((interpreted::draft(case, plan)?, Vec::new()))
}

fn manifest_names(install: &Install<'_>) -> Vec<String> {
    install.manager.manifests.iter().chain(install.manager.locks).map(|name| (*name).to_owned()).collect()
}

/// The one folder that a build filled, by what starts.
fn output(commands: &[Vec<String>]) -> Option<String> {
    let mut folders: Vec<String> = commands.iter().filter_map(|words| folder(words)).collect();
    folders.dedup();
    // What runs in the end is behind what prepares it.
    commands.last().and_then(|words| folder(words))?;
    <[String; 1]>::try_from(folders).ok().map(|[folder]| folder)
}

/// The folder of what a command starts.
fn folder(words: &[String]) -> Option<String> {
    let mut words = words.iter().map(String::as_str).filter(|w| !w.contains('='));
    match words.next()? {
        "next" => Some(".next".to_owned()),
        "nuxt" => Some(".nuxt".to_owned()),
        "node" => {
            let file = words.find(|w| !w.starts_with('-'))?.trim_start_matches("./");
            let folder = file.split('/').next().filter(|f| *f != file)?;
            matches!(folder, "dist" | "build" | "out" | "lib" | ".output" | ".next" | "output")
                .then(|| folder.to_owned())
        }
        "serve" => {
            let folder = words.find(|w| !w.starts_with('-') && w.parse::<u32>().is_err())?;
            (!folder.contains(['/', '.'])).then(|| folder.to_owned())
        }
        _ => None,
    }
}

/// The development dependencies of a manifest.
fn dev(manifest: &Map<String, Json>) -> impl Iterator<Item = &str> {
    let dev = manifest.get("devDependencies").and_then(Json::as_object).into_iter();
    dev.flat_map(Map::keys).map(String::as_str)
}

/// True if the sources import one of the dev dependencies, types alone left out.
fn imports_dev(case: &Case<'_>, manifest: &Map<String, Json>) -> bool {
    let names = dev(manifest).filter(|name| !name.starts_with("@types/"));
    let quoted: Vec<String> =
        names.flat_map(|name| ['\'', '"'].map(|quote| format!("{quote}{name}"))).collect();
    let words: Vec<&str> = quoted.iter().map(String::as_str).collect();
    case.sources_say("node", &words)
}

/// True for a Node whose npm does not know `--omit` yet: before 15.
fn has_old_npm(case: &Case<'_>) -> bool {
    let version = case.image.tag.as_deref().and_then(|tag| tag.split(['.', '-']).next());
    version.and_then(|version| version.parse::<u32>().ok()).is_some_and(|major| major < 15)
}

/// The text of the installation without dev dependencies.
fn production(case: &Case<'_>, install: &Install<'_>) -> Option<String> {
    let option = match install.manager.id {
        ManagerId::Npm if has_old_npm(case) => "--only=production",
        ManagerId::Npm => "--omit=dev",
        ManagerId::Pnpm => "--prod",
        ManagerId::Yarn if is_classic(case) => "--production",
        _ => return None,
    };
    let instruction = case.model.instruction(install.cmd.step());
    let text = case.model.text(instruction.span).replace("\r\n", "\n");
    let at = (install.cmd.head_span().end - instruction.span.start) as usize;
    Some(format!("{} {option}{}", text.get(..at)?, text.get(at..)?))
}

/// The command that takes out the dev dependencies.
fn pruned(case: &Case<'_>, install: &Install<'_>) -> Option<&'static str> {
    match install.manager.id {
        ManagerId::Npm if has_old_npm(case) => Some("npm prune --production"),
        ManagerId::Npm => Some("npm prune --omit=dev"),
        ManagerId::Pnpm => Some("pnpm prune --prod"),
        ManagerId::Yarn if is_classic(case) => {
            Some("yarn install --production --ignore-scripts --prefer-offline")
        }
        _ => None,
    }
}

/// True if the lock file is one of yarn 1.
fn is_classic(case: &Case<'_>) -> bool {
    (case.project.read)("yarn.lock").is_some_and(|t| t.contains("yarn lockfile v1"))
}

/// What copies the manifests alone.
fn first(
    case: &Case<'_>,
    workdir: &str,
    sources: &crate::semantic::SourcesFirst,
    manifest: Option<&Map<String, Json>>,
) -> Option<String> {
    let manifest = manifest?;
    let copy = case.model.copies.get(sources.copy)?;
    let here = copy.destination.known().is_some_and(|d| d.trim_end_matches('/') == workdir);
    let read = |name: &str| (case.project.read)(name);
    let more = [".yarn", ".pnp.cjs", ".pnpmfile.cjs", "binding.gyp", "lerna.json"];
    let alone = is_package_alone(manifest) && !manifest.contains_key("workspaces");
    let settled = [".yarnrc", ".yarnrc.yml"].iter().filter_map(|name| read(name));
    let local = more.iter().any(|name| read(name).is_some())
        || settled
            .into_iter()
            .any(|text| text.contains("yarnPath") || text.contains("yarn-path") || text.contains("plugins"));
    if !here || !alone || local || !sources.folder.is_empty() {
        return None;
    }
    let settings = [".npmrc", ".yarnrc", ".yarnrc.yml", "pnpm-workspace.yaml"];
    let names = sources.files.iter().map(String::as_str).chain(settings);
    let mut there: Vec<&str> = names.filter(|f| (case.project.read)(f).is_some()).collect();
    there.dedup();
    (!there.contains(&"pnpm-workspace.yaml") && !there.is_empty())
        .then(|| format!("COPY {} ./", there.join(" ")))
}

fn role(case: &Case<'_>, cmd: &Cmd<'_>) -> Try<Option<Role>> {
    let refuse = |why: &str| Err(NoProposal::at(case.model, cmd.step(), why));
    let subcommand = cmd.subcommand().unwrap_or_default();
    Ok(match cmd.program() {
        "npm" | "yarn" | "pnpm" => {
            let global = cmd.has_any_flag(&["-g", "--global"]) || subcommand.starts_with("global");
            if cmd.usage.action == Action::Install {
                if global {
                    return Ok(Some(Role::Tool));
                }
                if !cmd.operands().is_empty() {
                    return refuse("it installs packages besides those in `package.json`");
                }
                return Ok(Some(Role::Build));
            }
            if cmd.builds_front_end() {
                return Ok(Some(Role::Build));
            }
            match &*subcommand {
                "cache" | "cache clean" | "config" | "config set" | "set" | "store" => Some(Role::Neutral),
                "prune" => return refuse("it prunes the dependencies in a way of its own"),
                _ => None,
            }
        }
        "corepack" => Some(Role::Tool),
        "node" if cmd.args().first().is_some_and(|w| w.is("-v") || w.is("--version")) => Some(Role::Neutral),
        _ => None,
    })
}

//! Node.js: the last stage gets the dependencies of production, and what a build script makes.

use serde_json::Value as Json;

use crate::knowledge::{Action, ManagerId};
use crate::semantic::{Cmd, Install, is_package_alone};

use super::calls::OF_NODE;
use super::draft::Draft;
use super::interpreted::{self, Plan};
use super::sort::Role;
use super::system::Packages;
use super::{Case, NoProposal, Try};

pub(super) fn draft<'m>(case: &Case<'m>) -> Try<(Draft<'m>, Vec<String>)> {
    let model = case.model;
    let of_node =
        |i: &Install<'_>| matches!(i.manager.id, ManagerId::Npm | ManagerId::Yarn | ManagerId::Pnpm);
    let installs: Vec<Install<'_>> = model.installs().filter(of_node).collect();
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
    let manifest = (case.project.read)("package.json").and_then(|t| serde_json::from_str::<Json>(&t).ok());
    let builds: Vec<Cmd<'_>> = model.run_commands().filter(|c| c.builds_front_end()).collect();
    let started = started(&case.entry_commands(), manifest.as_ref());
    // The sources come before the installation: is it known what that reads?
    let sources = model.sources_before(install);
    let manifests_first = match &sources {
        Some(sources) if builds.is_empty() => first(case, &workdir, sources, manifest.as_ref()),
        _ => None,
    };
    let lean = |text: &Json| text.as_object().is_none_or(serde_json::Map::is_empty);
    let has_dev = manifest.as_ref().is_none_or(|m| !lean(&m["devDependencies"]));
    let keeps_dev = is_lean(model, install)
        || !has_dev
        || needs_dev(manifest.as_ref(), &started)
        || manifest.as_ref().is_some_and(|manifest| imports_dev(case, manifest));
    if started.as_deref().is_some_and(|started| started.starts_with("pnpm"))
        || case.entry_commands().first().is_some_and(|cmd| cmd.program() == "pnpm")
    {
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
        if !keeps_dev && manifest.is_some() && model.commands_of(step).count() == 1 {
            change = production(case, install);
        }
    } else {
        let Some(folder) = started.as_deref().and_then(output) else {
            let why = "where the build leaves what the image runs is not known";
            return Err(NoProposal::at(model, builds.first().map_or(step, Cmd::step), why));
        };
        if !keeps_dev && manifest.is_some() {
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

/// What runs: the command of the entry, or the script of `package.json` that it names.
pub(in crate::rewrite) fn started(commands: &[Cmd<'_>], manifest: Option<&Json>) -> Option<String> {
    let cmd = commands.first()?;
    let words: Vec<&str> = cmd.shell().words.iter().map(|w| w.static_prefix()).collect();
    if !matches!(cmd.program(), "npm" | "yarn" | "pnpm") {
        return Some(words.join(" "));
    }
    let script = match words.get(1..) {
        Some(["run", name, ..]) => name,
        Some([name, ..]) => name,
        _ => return None,
    };
    manifest?["scripts"][*script].as_str().map(str::to_owned)
}

/// The folder that a build filled, by what starts.
fn output(started: &str) -> Option<String> {
    let mut words = started.split_ascii_whitespace().filter(|w| !w.contains('='));
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

/// True if what starts is one of the dev dependencies, or if that is not known.
pub(in crate::rewrite) fn needs_dev(manifest: Option<&Json>, started: &Option<String>) -> bool {
    let (Some(manifest), Some(started)) = (manifest, started) else { return true };
    let dev = manifest["devDependencies"].as_object();
    let words = started.split(|c: char| c.is_ascii_whitespace() || matches!(c, '&' | '|' | ';' | '/'));
    words.into_iter().any(|word| {
        dev.is_some_and(|dev| dev.contains_key(word))
            || matches!(word, "npm" | "yarn" | "pnpm" | "npx" | "nodemon" | "ts-node" | "tsx")
            || word == "-r"
            || word == "--require"
            || word == "--import"
            || word == "--loader"
    })
}

/// True if the sources import one of the dev dependencies, types alone left out.
fn imports_dev(case: &Case<'_>, manifest: &Json) -> bool {
    let dev = manifest["devDependencies"].as_object().into_iter().flat_map(serde_json::Map::keys);
    let names = dev.filter(|name| !name.starts_with("@types/"));
    let quoted: Vec<String> =
        names.flat_map(|name| ['\'', '"'].map(|quote| format!("{quote}{name}"))).collect();
    let words: Vec<&str> = quoted.iter().map(String::as_str).collect();
    case.sources_say(OF_NODE, &words)
}

/// True for a Node whose npm does not know `--omit` yet: before 15.
fn has_old_npm(case: &Case<'_>) -> bool {
    let version = case.image.tag.as_deref().and_then(|tag| tag.split(['.', '-']).next());
    version.and_then(|version| version.parse::<u32>().ok()).is_some_and(|major| major < 15)
}

/// True if the installation leaves out dev dependencies already.
fn is_lean(model: &crate::semantic::Analysis, install: &Install<'_>) -> bool {
    let lean = ["--omit", "--production", "--prod", "--only", "-P"];
    install.cmd.has_any_flag(&lean)
        || model
            .environment(install.cmd.step())
            .binding("NODE_ENV")
            .is_some_and(|b| b.value.known() == Some("production"))
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
    manifest: Option<&Json>,
) -> Option<String> {
    let manifest = manifest?;
    let copy = case.model.copies.get(sources.copy)?;
    let here = copy.destination.known().is_some_and(|d| d.trim_end_matches('/') == workdir);
    let read = |name: &str| (case.project.read)(name);
    let more = [".yarn", ".pnp.cjs", ".pnpmfile.cjs", "binding.gyp", "lerna.json"];
    let alone = manifest.as_object().is_some_and(is_package_alone) && manifest["workspaces"].is_null();
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

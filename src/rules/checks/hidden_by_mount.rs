//! Cache mounts over files that the build or the image needs: what is in one does not come into the image.

use crate::diag::Finding;
use crate::rules::Cx;
use crate::semantic::{Analysis, Cmd, CopyFrom, Model, Stage, base_name, covers, path_in_image};
use crate::syntax::{Keyword, Mount, MountType};

use super::caches::MAX_RUNS;

/// Folders with the programs and libraries of every image.
const OF_SYSTEM: [&str; 11] = [
    "/bin",
    "/etc",
    "/lib",
    "/lib64",
    "/sbin",
    "/usr",
    "/usr/bin",
    "/usr/lib",
    "/usr/local",
    "/usr/local/bin",
    "/usr/sbin",
];

/// What builds and installs make in a project, and no build context should bring.
const MADE_BY_TOOLS: [&str; 11] =
    [".next", ".venv", "bin", "build", "dist", "node_modules", "obj", "out", "target", "vendor", "venv"];

/// The most mounts of a file that are looked at.
const MAX_MOUNTS: usize = 50;

/// A cache mount of a RUN.
struct Cached<'m> {
    step: usize,
    stage: &'m Stage,
    mount: &'m Mount,
    /// Its target as an absolute path.
    target: String,
}

/// `cache-mount-hides-files`.
pub fn cache_mount_hides_files(cx: &mut Cx<'_>) {
    for cached in cached(cx.model) {
        let finding = of_system(cx, &cached)
            .or_else(|| of_project(cx, &cached))
            .or_else(|| taken_by_copy(cx, &cached))
            .or_else(|| started(cx, &cached))
            .or_else(|| dependencies(cx, &cached));
        if let Some(finding) = finding {
            cx.report(finding);
        }
    }
}

/// The cache mounts that start empty, one for each folder of a stage.
fn cached(model: &Model) -> Vec<Cached<'_>> {
    let mut found: Vec<Cached<'_>> = Vec::new();
    let runs = model.instructions().filter(|(_, i)| i.keyword == Keyword::Run && !i.is_trigger());
    let mounts = runs.flat_map(|(step, i)| i.mounts.iter().map(move |mount| (step, mount)));
    let caches = mounts.filter(|(_, m)| m.kind == MountType::Cache && m.from().is_none()).take(MAX_MOUNTS);
    for (step, mount) in caches {
        let Some(stage) = model.stage_of(step).filter(|s| s.reachable) else { continue };
        let Some(target) = target_of(model, step, mount) else { continue };
        if !found.iter().any(|other| other.stage.index == stage.index && other.target == target) {
            found.push(Cached { step, stage, mount, target });
        }
    }
    found
}

/// The target of a mount as an absolute path.
fn target_of(model: &Model, step: usize, mount: &Mount) -> Option<String> {
    let word = mount.option(&["target", "dst", "destination"])?.value_word()?;
    let value = model.value(step, &word);
    let path = value.known().filter(|path| !path.is_empty() && !path.starts_with('~'))?;
    let folder = if path.starts_with('/') { "/" } else { model.workdir(step).known()? };
    let target = dockerignore::filepath::clean(&format!("{folder}/{path}"));
    (target != "/").then_some(target)
}

/// A mount over the programs of the image.
fn of_system(cx: &Cx<'_>, cached: &Cached<'_>) -> Option<Finding> {
    let target = OF_SYSTEM.iter().find(|folder| **folder == cached.target)?;
    let message = format!(
        "this cache hides the image's `{target}` during the RUN, and nothing written there ends up in the image"
    );
    let help = "mount a cache at the folder where the program keeps its downloads";
    Some(cx.at(cached.mount.span, message).help(help))
}

/// A mount over the folder that the commands run in, with the files that a COPY has brought there.
fn of_project(cx: &Cx<'_>, cached: &Cached<'_>) -> Option<Finding> {
    let model = cx.model;
    let workdir = model.workdir(cached.step).known()?;
    let mounts = &model.instruction(cached.step).mounts;
    let others = mounts.iter().any(|m| m.kind == MountType::Bind);
    if others || !covers(&cached.target, workdir) || model.script_of(cached.step)?.changes_folder {
        return None;
    }
    let lies_there = |to: &str| covers(&cached.target, to.trim_end_matches('/'));
    let mut copies = model.copies_before(cached.stage, cached.step);
    let copy = copies.find(|copy| copy.destination.known().is_some_and(lies_there))?;
    let target = &cached.target;
    let message = format!(
        "this cache hides `{target}` and everything that a COPY put there, and nothing written there ends up in the image"
    );
    let help = "mount a cache at the folder where the program keeps its downloads";
    let copied = copy.sources.first().map_or(model.instruction(copy.step).keyword_span, |source| source.span);
    Some(cx.at(cached.mount.span, message).label(copied, "copied here").help(help))
}

/// A COPY that takes from a stage what was in a cache mount there.
fn taken_by_copy(cx: &Cx<'_>, cached: &Cached<'_>) -> Option<Finding> {
    let model = cx.model;
    let takes = |from: &CopyFrom| {
        let CopyFrom::Stage(from) = from else { return None };
        model.stages.get(*from).filter(|from| model.inherits(from, cached.stage))
    };
    let used = |step: usize| model.stage_of(step).is_some_and(|s| s.reachable);
    let copies = model.copies.iter().filter(|copy| used(copy.step) && !copy.onbuild);
    let (copy, source, path) = copies
        .filter_map(|copy| Some((copy, takes(&copy.from)?)))
        .flat_map(|(copy, from)| copy.sources.iter().map(move |source| (copy, from, source)))
        .find_map(|(copy, from, source)| {
            let value = source.value.known()?;
            // Of a pattern, the folder that it is in.
            let fixed = match value.find(['*', '?', '[']) {
                Some(at) => value.get(..value.get(..at)?.rfind('/')?)?,
                None => value,
            };
            let path = path_in_image(fixed)?;
            let is_lost = covers(&cached.target, &path) && !is_filled(model, from, cached, &path);
            is_lost.then_some((copy, source, path))
        })?;
    let line = model.instruction(cached.step).lines.0;
    let cache = format!("in the cache mount of line {line}, which is not part of the stage");
    let message = match path == cached.target {
        true => format!("`{path}` is empty: its files are {cache}"),
        false => format!("`{path}` is not there: it is {cache}"),
    };
    let takes = if copy.mount { "mount" } else { "copy" };
    let help = format!(
        "in the RUN of line {line}, copy what is needed to a folder outside of the cache, for example `cp -r {path} /out`, and {takes} it from there"
    );
    Some(cx.at(source.span, message).label(cached.mount.span, "the cache").help(help))
}

/// A program of the image that was built in a cache mount.
fn started(cx: &Cx<'_>, cached: &Cached<'_>) -> Option<Finding> {
    let model = cx.model;
    let last = model.final_stage().filter(|last| model.inherits(last, cached.stage))?;
    let mut commands = model.steps_in_force().into_iter().filter_map(|step| model.commands_of(step).next());
    let (word, path) = commands.find_map(|cmd| {
        let word = cmd.shell().program_word()?;
        let path = word.as_str().filter(|path| path.contains('/')).and_then(|path| cmd.absolute(path))?;
        covers(&cached.target, &path).then_some((word, path))
    })?;
    if is_filled(model, last, cached, &path) {
        return None;
    }
    let line = model.instruction(cached.step).lines.0;
    let message = format!(
        "`{path}` is not in the image: it is in the cache mount of line {line}, so the container does not start"
    );
    let help = format!(
        "in the RUN of line {line}, copy it to a folder outside of the cache: `cp {path} /usr/local/bin/`"
    );
    Some(cx.at(word.span, message).label(cached.mount.span, "the cache").help(help))
}

/// Dependencies that are installed into a cache mount in the stage that runs with them.
fn dependencies(cx: &Cx<'_>, cached: &Cached<'_>) -> Option<Finding> {
    let model = cx.model;
    let last = model.final_stage().filter(|last| model.inherits(last, cached.stage))?;
    let (folder, name) = cached.target.rsplit_once('/')?;
    let runners: &[&str] = match name {
        "node_modules" => &["node", "npm", "npx", "pnpm", "yarn", "bun"],
        "vendor" => &["php", "php-fpm", "apache2-foreground"],
        ".venv" => &["uv", "python", "python3"],
        _ => return None,
    };
    if model.workdir(cached.step).known()?.trim_end_matches('/') != folder {
        return None;
    }
    let installs =
        |cmd: &Cmd<'_>| cmd.usage.manager.is_some_and(|m| !m.manifests.is_empty()) && !cmd.builds_front_end();
    let install = model.commands_of(cached.step).find(installs)?;
    let mut entry = model.steps_in_force().into_iter().flat_map(|step| model.commands_of(step));
    let runs = entry.any(|cmd| runners.contains(&cmd.program()));
    // What a bundler makes may need none of them.
    let bundles = |stage: &Stage| model.run_commands_below(stage).any(|cmd| cmd.builds_front_end());
    if !runs
        || model.lineage(last).take(MAX_RUNS).any(bundles)
        || is_filled(model, last, cached, &cached.target)
    {
        return None;
    }
    let message = format!(
        "the image has no `{}`: `{}` puts the dependencies into this cache, which is not part of the image",
        cached.target,
        install.head()
    );
    let help = "mount the cache at the folder of the downloads instead, such as `/root/.npm` for npm";
    Some(cx.at(cached.mount.span, message).help(help))
}

/// True if something may put `path`, which lies in a cache mount, into `stage` itself.
fn is_filled(model: &Analysis, stage: &Stage, cached: &Cached<'_>, path: &str) -> bool {
    let name = base_name(&cached.target);
    let end = stage.steps.end;
    let brings = model.copies_before(stage, end).any(|copy| {
        let Some(to) = copy.destination.known() else { return true };
        let to = to.trim_end_matches('/');
        // What tools make in a project is seldom in its build context.
        let may_have =
            copy.from != CopyFrom::Context || !MADE_BY_TOOLS.contains(&name) || is_in_context(model, name);
        covers(&cached.target, to) || may_have && (to.is_empty() || covers(to, path))
    });
    let mut runs = model.lineage(stage).take(MAX_RUNS).flat_map(|s| model.instructions_of(s));
    let programs: Vec<&str> = model.commands_of(cached.step).map(|cmd| cmd.program()).collect();
    let may_make = |cmd: &Cmd<'_>| {
        let builds = ["make", "just", "task", "ninja", "sh", "bash"].contains(&cmd.program());
        let is_system = cmd.usage.manager.is_some_and(|m| m.system);
        builds || cmd.runs_script() || programs.contains(&cmd.program()) && !is_system
    };
    brings
        || runs.any(|(step, run)| {
            let is_mounted =
                run.mounts.iter().any(|m| target_of(model, step, m).is_some_and(|t| covers(&t, path)));
            let text = model.text(run.span);
            run.keyword == Keyword::Run
                && step < end
                && !is_mounted
                && (text.contains(name)
                    || text.contains(base_name(path))
                    || model.commands_of(step).any(|cmd| may_make(&cmd)))
        })
}

/// True if the top of the build context has such a folder.
fn is_in_context(model: &Analysis, name: &str) -> bool {
    model
        .context()
        .is_some_and(|context| context.scan.per_top.iter().any(|top| top.folder && top.name == name))
}

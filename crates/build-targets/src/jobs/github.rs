//! Workflows of GitHub Actions.

use std::collections::{HashMap, HashSet};
use std::convert;
use std::path::{Path, PathBuf};

use crate::bake::{Override, Request, Selection};
use crate::environment::Environment;
use crate::flags;
use crate::paths::{clean, join};
use crate::remote::is_remote;
use crate::source::Place;
use crate::target::{Argument, Context, Dockerfile, Kind, NamedContext, Target, Text};
use crate::yaml::{Node, place_within};

use super::changes::Changes;
use super::matrix::{self, Row};
use super::standing::Standing;
use super::variables::{self, Variables};
use super::{BakeStep, Jobs, list};

/// The workflow that builds for those of other repositories.
const BUILDER: &str = "docker/github-builder/.github/workflows/build.yml@";

/// The same for bake.
const BAKER: &str = "docker/github-builder/.github/workflows/bake.yml@";

/// Actions that make no file which bake could read.
const LEAVES_FILES: [&str; 7] = [
    "actions/checkout",
    "docker/bake-action",
    "docker/build-push-action",
    "docker/login-action",
    "docker/metadata-action",
    "docker/setup-buildx-action",
    "docker/setup-qemu-action",
];

/// How many values of `set` are read.
const MOST_OVERRIDES: usize = 200;

/// Reads the steps of all jobs.
pub(super) fn read(jobs: &mut Jobs, document: &Node) {
    let defaults = working_directory(document.get("defaults"));
    let all = document.get("jobs").and_then(Node::entries).unwrap_or_default();
    // A step may set variables for those that follow.
    let file = &jobs.sources.file(document.written().file).text;
    let sets_none = !file.contains("GITHUB_ENV") && !file.contains("exportVariable");
    let mut of_all = Variables::new();
    variables::add(&mut of_all, document.get("env").filter(|_| sets_none), convert::identity);
    for entry in all {
        let Some(name) = entry.key.text() else { continue };
        let of_job = working_directory(entry.value.get("defaults")).or(defaults);
        let written = entry.value.written();
        let text = jobs.sources.file(written.file).text.get(written.span()).unwrap_or_default();
        let mut runs = Vec::new();
        let env = entry.value.get("env").filter(|_| sets_none);
        let before = jobs.found.targets.len();
        for row in matrix::rows(&entry.value, text) {
            jobs.matrix = row;
            jobs.matrix.variables.clone_from(&of_all);
            job(jobs, &entry.value, name, (of_job, env));
            let begun = jobs.found.targets.len();
            runs.resize(begun - before, jobs.matrix.label());
        }
        jobs.matrix = Row::default();
        let built = jobs.found.targets.split_off(before);
        jobs.found.targets.extend(told_apart(built, runs));
    }
}

/// The builds of all runs of a job, equal ones once. Those of one place that differ have the values of the matrix behind
/// their names, as GitHub names the runs.
pub(super) fn told_apart(built: Vec<Target>, runs: Vec<String>) -> Vec<Target> {
    let mut different: Vec<(Target, String)> = Vec::new();
    let mut of_place: HashMap<Place, HashSet<String>> = HashMap::new();
    for (target, run) in built.into_iter().zip(runs) {
        if of_place.entry(target.place).or_default().insert(format!("{target:?}")) {
            different.push((target, run));
        }
    }
    let name = |(target, run): (Target, String)| {
        let is_one = run.is_empty() || of_place.get(&target.place).is_none_or(|all| all.len() < 2);
        let name = if is_one { target.name.clone() } else { format!("{} ({run})", target.name) };
        Target { name, ..target }
    };
    different.into_iter().map(name).collect()
}

/// Reads the steps of a job, which run in `of_job` with the variables of `env`.
fn job(jobs: &mut Jobs, job: &Node, name: &str, (of_job, env): (Option<&str>, Option<&Node>)) {
    let mut checked_out = false;
    // Whether an earlier step may have made files, and which it has changed.
    let mut makes_files = false;
    let mut changes = Changes::default();
    // Docker's workflow for others takes what the action takes.
    if job.get("uses").and_then(Node::text).is_some_and(|uses| uses.starts_with(BUILDER)) {
        build_push(jobs, job, job.get("with"), name, Some(&changes));
    } else if let Some(uses) =
        job.get("uses").filter(|uses| uses.text().is_some_and(|u| u.starts_with(BAKER)))
    {
        let input = Inputs { jobs, with: job.get("with") };
        let folder = join(&jobs.folder, &input.text("context"));
        let step = input.bake(folder, "target", uses.place());
        let step = step.and_then(|step| {
            let environment = input.variables()?;
            Some(BakeStep { request: Request { environment, ..step.request }, ..step })
        });
        jobs.found.add_bake(step, jobs.files);
    }
    let row = jobs.matrix.clone();
    let mut without = Row::default();
    without.variables.clone_from(&row.variables);
    let [row, without] = [row, without].map(|row| row.with_variables(env));
    for step in job.get("steps").and_then(Node::items).unwrap_or_default() {
        // Which runs have such a step is not known.
        let is_of_some = step
            .get("if")
            .and_then(Node::text)
            .is_some_and(|text| text.to_ascii_lowercase().contains("matrix"));
        jobs.matrix = if is_of_some { &without } else { &row }.clone().with_variables(step.get("env"));
        if let Some(action) = step.get("uses").and_then(Node::text) {
            let action = action.split('@').next().unwrap_or_default().to_ascii_lowercase();
            let with = step.get("with");
            let input = |key: &str| with.and_then(|with| with.get(key)).and_then(Node::text);
            if action == "actions/checkout" {
                // Elsewhere, or another repository: where files are is not sure.
                // The same of a commit that is named; an expression mostly stands for the one that runs.
                let is_named = |commit: &str| !commit.is_empty() && !commit.contains("${{");
                if input("path").is_some()
                    || input("repository").is_some()
                    || input("ref").is_some_and(is_named)
                {
                    break;
                }
                // What is in a submodule is not in a clone without it.
                makes_files |= with.is_some_and(|with| with.get("submodules").is_some());
                checked_out = true;
            } else if action == "docker/build-push-action" {
                let before = jobs.found.targets.len();
                build_push(jobs, step, with, name, checked_out.then_some(&changes));
                let added = jobs.found.targets.get_mut(before..).unwrap_or_default();
                added.iter_mut().for_each(|target| target.is_of_checkout = !makes_files);
                makes_files |= input("outputs").is_some();
            } else if action == "docker/bake-action" {
                let uses = step.get("uses").map_or(step.place(), Node::place);
                bake(jobs, with, uses, (!makes_files, &changes));
            }
            makes_files |= !LEAVES_FILES.contains(&&*action);
            continue;
        }
        let made_before = std::mem::replace(&mut makes_files, true);
        let Some(run) = step.get("run").filter(|_| checked_out) else { continue };
        if step.get("shell").and_then(Node::text).is_some_and(|shell| !matches!(shell, "bash" | "sh")) {
            continue;
        }
        let folder = step.get("working-directory").and_then(Node::text).or(of_job);
        let folder = folder.map(|folder| jobs.matrix.expand(&from_top(folder)));
        let folder = match folder {
            Some(folder) if folder.contains("${{") || folder.contains('$') => continue,
            Some(folder) => join(&jobs.folder, &folder),
            None => jobs.folder.clone(),
        };
        // Each step begins in its folder again.
        makes_files = made_before;
        let is_whole = jobs.script(run, name, &mut Standing::new(&folder), (&mut changes, &mut makes_files));
        makes_files |= !is_whole;
    }
    jobs.matrix = row;
}

/// A step of `docker/bake-action`. What bake builds of the files that it finds by itself, without other values, is
/// looked at anyway.
fn bake(jobs: &mut Jobs, with: Option<&Node>, place: Place, (only_these, changes): (bool, &Changes)) {
    let input = Inputs { jobs, with };
    let source = input.text("source");
    let source = source.trim_start_matches("{{defaultContext}}").trim_start_matches(':');
    if input.text("workdir").contains("${{") || source.contains("{{") || is_remote(source) {
        return;
    }
    let folder = join(&join(&jobs.folder, &input.text("workdir")), source);
    let step = input.bake(folder, "targets", place);
    let with_changes = |step: BakeStep| BakeStep {
        knows_files: step.knows_files && only_these,
        changes: changes.clone(),
        ..step
    };
    let step = step.map(with_changes).filter(|step| !step.is_touched());
    jobs.found.add_bake(step, jobs.files);
}

/// The inputs of what runs bake.
struct Inputs<'a, 'j> {
    jobs: &'a Jobs<'j>,
    with: Option<&'a Node>,
}

impl Inputs<'_, '_> {
    fn node(&self, key: &str) -> Option<&Node> {
        self.with.and_then(|with| with.get(key))
    }

    fn text(&self, key: &str) -> String {
        self.jobs.matrix.expand(self.node(key).and_then(Node::text).unwrap_or("").trim())
    }

    fn items(&self, key: &str, lines: bool) -> Vec<Item> {
        self.node(key).map(|node| items(self.jobs, node, lines)).unwrap_or_default()
    }

    /// What is asked of bake in `folder`; `None` if the files are not sure. Where it is not sure which targets are built,
    /// or with which values, it is all of them as the files say.
    fn bake(&self, folder: PathBuf, targets: &str, uses: Place) -> Option<BakeStep> {
        let is_sure = |text: &str| !text.contains("${{") && !is_remote(text);
        let files = self.items("files", false);
        let knows_files = files.iter().all(|item| is_sure(&item.text));
        let files = files.into_iter().map(|item| item.text).filter(|file| is_sure(file));
        let files = files.map(|file| join(&folder, file.trim_start_matches("cwd://"))).collect();
        if !is_sure(&folder.display().to_string()) {
            return None;
        }
        let folder = if folder == Path::new(".") { PathBuf::new() } else { folder };
        let plain = Request { folder, files, selection: Selection::All, ..Request::default() };
        let said = [targets, "files"].iter().find_map(|key| self.node(key));
        let place = said.map_or(uses, Node::place);
        let targets = self.items(targets, false);
        let overrides = self.overrides().filter(|_| targets.iter().all(|target| is_sure(&target.text)));
        let request = match overrides {
            Some(overrides) if !(overrides.is_empty() && targets.is_empty()) => {
                let mut names: Vec<String> = targets.into_iter().map(|target| target.text).collect();
                if names.is_empty() {
                    names.push("default".to_owned());
                }
                Request { selection: Selection::Named(names), overrides, caller: Some(uses), ..plain }
            }
            _ => plain,
        };
        Some(BakeStep { request, is_command: false, knows_files, changes: Changes::default(), place })
    }

    /// What `set` says: a value a line, in which quotes are letters. `None` if it is not sure what is set.
    fn overrides(&self) -> Option<Vec<Override>> {
        let Some(node) = self.node("set") else { return Some(Vec::new()) };
        let text = node.text().unwrap_or_default();
        let mut at = 0;
        let mut overrides = Vec::new();
        for line in text.split_inclusive('\n') {
            let start = at + line.len() - line.trim_start().len();
            at += line.len();
            let line = line.trim();
            if line.trim_matches(',').trim().is_empty() {
                continue;
            }
            let place = place_within(self.jobs.sources, node, start..start + line.len());
            let is_known = |value: &str| !value.contains("${{");
            let line = &self.jobs.matrix.expand(line);
            let said = Override::parse(line, place, is_known).ok()?;
            // An expression in a key may stand for any, one that goes on in the next line is none that is known, and
            // neither is a class of a pattern.
            let is_whole = line.matches("${{").count() == line.matches("}}").count();
            if !is_whole
                || !is_known(&said.key)
                || !is_known(&said.targets)
                || said.targets.contains(['[', '\\'])
            {
                return None;
            }
            if overrides.len() == MOST_OVERRIDES {
                return None;
            }
            // Where the cache and the image go is nothing that a Dockerfile sees.
            overrides.extend(Some(said).filter(Override::changes_build));
        }
        Some(overrides)
    }

    /// The variables of `vars`; `None` if one of them is not known.
    fn variables(&self) -> Option<Option<Environment>> {
        let items = self.items("vars", false);
        if items.iter().any(|item| item.text.contains("${{")) {
            return None;
        }
        let pairs = items.iter().filter_map(|item| item.text.split_once('='));
        let variables: Environment = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Some((!items.is_empty()).then_some(variables))
    }
}

fn working_directory(defaults: Option<&Node>) -> Option<&str> {
    defaults?.get("run")?.get("working-directory")?.text()
}

/// A step of `docker/build-push-action`.
fn build_push(jobs: &mut Jobs, step: &Node, with: Option<&Node>, name: &str, checkout: Option<&Changes>) {
    let row = jobs.matrix.clone();
    let is_said = |node: &&Node| node.text().is_some_and(|text| !row.expand(text).trim().is_empty());
    let input = |key: &str| with.and_then(|with| with.get(key)).filter(is_said);
    let whole = |node: &Node| whole(node, &row, str::to_owned);
    let path = |node: &Node| self::whole(node, &row, from_top);
    let written = input("context").map(path);
    // What the steps before have changed is not there.
    let of_commit = written
        .as_ref()
        .is_none_or(|text| text.value.as_ref().is_some_and(|value| value.starts_with("{{defaultContext}}")));
    let (context, base) = match written {
        // The repository at its commit, by its address.
        None => (Context::Folder { path: clean(&jobs.folder), text: None }, jobs.folder.clone()),
        Some(text) => match context(&text, &jobs.folder, checkout.is_some()) {
            Some(found) => found,
            None => return,
        },
    };
    let dockerfile = match (input("file").map(path), &context) {
        (Some(text), _) => match text.value.clone() {
            Some(path) if is_remote(&path) => Dockerfile::Unknown(text),
            Some(path) if matches!(context, Context::Remote(_)) => {
                Dockerfile::File { path: clean(Path::new(&path)), text: Some(text) }
            }
            Some(path) => Dockerfile::File { path: join(&base, &path), text: Some(text) },
            None => Dockerfile::Unknown(text),
        },
        (None, Context::Folder { path, .. }) => {
            Dockerfile::File { path: join(path, "Dockerfile"), text: None }
        }
        (None, Context::Remote(_)) => Dockerfile::File { path: "Dockerfile".into(), text: None },
        (None, Context::Unknown(text)) => Dockerfile::Unknown(text.clone()),
    };
    let uses = step.get("uses").map_or(step.place(), Node::place);
    let mut target = Target::new(Kind::Job, name.to_owned(), uses, context, dockerfile);
    target.stage = input("target").map(whole);
    let items = |key, lines| input(key).map(|node| items(jobs, node, lines)).unwrap_or_default();
    for item in items("build-args", true) {
        add_argument(&item, &mut target);
    }
    for item in items("build-contexts", true) {
        add_context(&item, &jobs.folder, &mut target);
    }
    flags::keep_last(&mut target);
    target.platforms = items("platforms", false).into_iter().map(|item| item.text()).collect();
    target.tags = items("tags", false).into_iter().map(|item| item.text()).collect();
    if !of_commit && checkout.is_some_and(|changes| changes.touches_build(&target)) {
        return;
    }
    jobs.add(target);
}

/// The context of a step, and the folder in which its file is looked for; `None` if files are not sure.
fn context(text: &Text, top: &Path, checked_out: bool) -> Option<(Context, PathBuf)> {
    // An expression in braces is replaced by the action itself here.
    let raw = text.value.clone()?;
    if let Some(rest) = raw.strip_prefix("{{defaultContext}}").filter(|rest| !rest.contains("{{")) {
        let folder = join(top, rest.trim_start_matches(':'));
        return Some((Context::Folder { path: folder.clone(), text: Some(text.clone()) }, folder));
    }
    if raw.contains("{{") || is_remote(&raw) {
        let context = if is_remote(&raw) && !raw.contains("{{") {
            Context::Remote(text.clone())
        } else {
            Context::Unknown(text.clone())
        };
        return Some((context, top.to_path_buf()));
    }
    let folder = Context::Folder { path: join(top, &raw), text: Some(text.clone()) };
    checked_out.then(|| (folder, top.to_path_buf()))
}

/// A path that may begin with the top of the repository, from there.
fn from_top(text: &str) -> String {
    variables::from_top(text.trim()).unwrap_or_else(|| text.to_owned())
}

/// The text of an input; not known if an expression is in it, but for variables of the matrix and of `env`.
fn whole(node: &Node, row: &Row, written: fn(&str) -> String) -> Text {
    let value = row.expand(&written(node.text().unwrap_or_default())).trim().to_owned();
    let known = !value.contains("${{");
    Text { value: known.then_some(value), place: node.place(), unset: Vec::new(), from_environment: false }
}

/// An item of an input.
#[derive(Debug, Clone)]
struct Item {
    text: String,
    place: Place,
}

impl Item {
    fn text(&self) -> Text {
        let known = !self.text.contains("${{");
        Text {
            value: known.then(|| self.text.clone()),
            place: self.place,
            unset: Vec::new(),
            from_environment: false,
        }
    }
}

/// The items of an input, of which the first hundred have places of their own.
fn items(jobs: &Jobs, node: &Node, lines: bool) -> Vec<Item> {
    const PLACED: usize = 100;
    let items = list::items(node.text().unwrap_or_default(), lines).into_iter().enumerate();
    items
        .map(|(number, (range, text))| {
            let place = if number < PLACED { place_within(jobs.sources, node, range) } else { node.place() };
            // GitHub puts the value in before the list is cut.
            let expanded = jobs.matrix.expand(&text);
            let is_one = !expanded.contains('"') && (lines || !expanded.contains(','));
            Item { text: if is_one { expanded } else { text }, place }
        })
        .collect()
}

/// The name and the value of `NAME=value`; `None` if the name is not known.
fn pair(item: &Item) -> Option<(Text, Option<Text>)> {
    let at = |text: &str| Item { text: text.to_owned(), place: item.place }.text();
    match item.text.split_once('=') {
        Some((name, value)) => Some((at(name), Some(at(value)))).filter(|(name, _)| name.value.is_some()),
        None => Some((at(&item.text), None)).filter(|(name, _)| name.value.is_some()),
    }
}

fn add_argument(item: &Item, target: &mut Target) {
    match pair(item) {
        Some((name, value)) => target.arguments.push(Argument { name, value }),
        None => target.may_have_more_arguments = true,
    }
}

fn add_context(item: &Item, top: &Path, target: &mut Target) {
    let Some((name, Some(mut value))) = pair(item) else { return };
    let folder = value.value.as_deref().filter(|v| !flags::is_special_context(v)).map(|path| join(top, path));
    if let Some(folder) = &folder {
        value.value = Some(folder.display().to_string());
    }
    target.contexts.push(NamedContext { name, value, folder });
}

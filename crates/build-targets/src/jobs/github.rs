//! Workflows of GitHub Actions.

use std::path::{Path, PathBuf};

use crate::bake::{Request, Selection};
use crate::flags;
use crate::paths::{clean, join};
use crate::remote::is_remote;
use crate::source::Place;
use crate::target::{Argument, Context, Dockerfile, Kind, NamedContext, Target, Text};
use crate::yaml::{Node, place_within};

use super::{Jobs, list};

/// The workflow that builds for those of other repositories.
const BUILDER: &str = "docker/github-builder/.github/workflows/build.yml@";

/// How many steps with bake files are read.
const MOST_BAKES: usize = 20;

/// Reads the steps of all jobs.
pub(super) fn read(jobs: &mut Jobs, document: &Node) {
    let defaults = working_directory(document.get("defaults"));
    let all = document.get("jobs").and_then(Node::entries).unwrap_or_default();
    for entry in all {
        let Some(name) = entry.key.text() else { continue };
        let of_job = working_directory(entry.value.get("defaults")).or(defaults);
        let mut checked_out = false;
        // Docker's workflow for others takes what the action takes.
        if entry.value.get("uses").and_then(Node::text).is_some_and(|uses| uses.starts_with(BUILDER)) {
            build_push(jobs, &entry.value, entry.value.get("with"), name, true);
        }
        for step in entry.value.get("steps").and_then(Node::items).unwrap_or_default() {
            if let Some(action) = step.get("uses").and_then(Node::text) {
                let action = action.split('@').next().unwrap_or_default().to_ascii_lowercase();
                let with = step.get("with");
                let input = |key: &str| with.and_then(|with| with.get(key)).and_then(Node::text);
                if action == "actions/checkout" {
                    // Elsewhere, or another repository: where files are is not sure.
                    if input("path").is_some() || input("repository").is_some() {
                        break;
                    }
                    checked_out = true;
                } else if action == "docker/build-push-action" {
                    build_push(jobs, step, with, name, checked_out);
                } else if action == "docker/bake-action" {
                    bake(jobs, with);
                }
                continue;
            }
            let Some(run) = step.get("run").filter(|_| checked_out) else { continue };
            if step.get("shell").and_then(Node::text).is_some_and(|shell| !matches!(shell, "bash" | "sh")) {
                continue;
            }
            let folder = match step.get("working-directory").and_then(Node::text).or(of_job) {
                Some(folder) if folder.contains("${{") || folder.contains('$') => continue,
                Some(folder) => join(&jobs.folder, folder),
                None => jobs.folder.clone(),
            };
            // Each step begins in its folder again.
            jobs.script(run, name, &folder);
        }
    }
}

/// A step of `docker/bake-action`: the files that it names. Those that bake finds by itself are looked at anyway.
fn bake(jobs: &mut Jobs, with: Option<&Node>) {
    let input = |key: &str| with.and_then(|with| with.get(key)).and_then(Node::text).unwrap_or("").trim();
    let source = input("source").trim_start_matches("{{defaultContext}}").trim_start_matches(':');
    let is_sure = |text: &String| !text.is_empty() && !text.contains("${{") && !is_remote(text);
    if input("workdir").contains("${{") || source.contains("{{") || is_remote(source) {
        return;
    }
    let folder = join(&join(&jobs.folder, input("workdir")), source);
    let files = list::items(input("files"), false).into_iter().map(|(_, file)| file).filter(is_sure);
    let files: Vec<PathBuf> = files.map(|file| join(&folder, file.trim_start_matches("cwd://"))).collect();
    if !files.is_empty() && jobs.bakes.len() < MOST_BAKES && files.iter().all(|file| jobs.files.is_file(file))
    {
        let selection = Selection::All;
        jobs.bakes.push(Request { folder, files, selection, ..Request::default() });
    }
}

fn working_directory(defaults: Option<&Node>) -> Option<&str> {
    defaults?.get("run")?.get("working-directory")?.text()
}

/// A step of `docker/build-push-action`.
fn build_push(jobs: &mut Jobs, step: &Node, with: Option<&Node>, name: &str, checked_out: bool) {
    let input = |key: &str| {
        with.and_then(|with| with.get(key)).filter(|node| node.text().is_some_and(|t| !t.trim().is_empty()))
    };
    let written = input("context").map(whole);
    let (context, base) = match written {
        // The repository at its commit, by its address.
        None => (Context::Folder { path: clean(&jobs.folder), text: None }, jobs.folder.clone()),
        Some(text) => match context(&text, &jobs.folder, checked_out) {
            Some(found) => found,
            None => return,
        },
    };
    let dockerfile = match (input("file").map(whole), &context) {
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

/// The text of an input; not known if an expression is in it.
fn whole(node: &Node) -> Text {
    let value = node.text().unwrap_or_default().trim().to_owned();
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
            Item { text, place }
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
    let Some((name, value)) = pair(item) else { return };
    target.arguments.push(Argument { name, value });
}

fn add_context(item: &Item, top: &Path, target: &mut Target) {
    let Some((name, Some(mut value))) = pair(item) else { return };
    let folder = value.value.as_deref().filter(|v| !flags::is_special_context(v)).map(|path| join(top, path));
    if let Some(folder) = &folder {
        value.value = Some(folder.display().to_string());
    }
    target.contexts.push(NamedContext { name, value, folder });
}

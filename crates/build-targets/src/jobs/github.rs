//! Workflows of GitHub Actions.

use std::path::{Path, PathBuf};

use crate::bake::{Request, Selection};
use crate::flags;
use crate::paths::{clean, join};
use crate::remote::is_remote;
use crate::source::Place;
use crate::target::{Argument, Context, Dockerfile, Kind, NamedContext, Target, Text};
use crate::yaml::{Node, place_within};

use super::Jobs;

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
    let is_sure = |text: &&str| !text.is_empty() && !text.contains("${{") && !is_remote(text);
    if input("workdir").contains("${{") || source.contains("{{") || is_remote(source) {
        return;
    }
    let folder = join(&join(&jobs.folder, input("workdir")), source);
    let files = input("files").split(['\n', ',']).map(str::trim).filter(is_sure);
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
    let lines = |key: &str| input(key).map(|node| lines(jobs, node)).unwrap_or_default();
    for line in lines("build-args") {
        add_argument(&line, &mut target);
    }
    for line in lines("build-contexts") {
        add_context(&line, &jobs.folder, &mut target);
    }
    flags::keep_last(&mut target);
    let separated = |key: &str| {
        let all = lines(key);
        all.iter().flat_map(|line| line.split(',')).collect::<Vec<Line>>()
    };
    target.platforms = separated("platforms").into_iter().map(|line| line.text()).collect();
    target.tags = separated("tags").into_iter().map(|line| line.text()).collect();
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

/// A line of an input.
#[derive(Debug, Clone)]
struct Line {
    text: String,
    place: Place,
}

impl Line {
    fn text(&self) -> Text {
        let known = !self.text.contains("${{");
        Text {
            value: known.then(|| self.text.clone()),
            place: self.place,
            unset: Vec::new(),
            from_environment: false,
        }
    }

    fn split(&self, separator: char) -> Vec<Line> {
        // A separator within an expression is none.
        if self.text.contains("${{") {
            return vec![self.clone()];
        }
        let parts = self.text.split(separator).map(str::trim).filter(|part| !part.is_empty());
        parts.map(|part| Line { text: part.to_owned(), place: self.place }).collect()
    }
}

/// The lines of an input that hold something, of which the first hundred have places of their own.
fn lines(jobs: &Jobs, node: &Node) -> Vec<Line> {
    const PLACED: usize = 100;
    let text = node.text().unwrap_or_default();
    let mut lines = Vec::new();
    let mut at = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let trimmed = line.trim();
        let start = at + line.len() - line.trim_start().len();
        at += line.len();
        if !trimmed.is_empty() {
            let place = if number < PLACED {
                place_within(jobs.sources, node, start..start + trimmed.len())
            } else {
                node.place()
            };
            lines.push(Line { text: trimmed.to_owned(), place });
        }
    }
    lines
}

/// The name and the value of `NAME=value`; `None` if the name is not known.
fn pair(line: &Line) -> Option<(Text, Option<Text>)> {
    let at = |text: &str| Line { text: text.to_owned(), place: line.place }.text();
    match line.text.split_once('=') {
        Some((name, value)) => Some((at(name), Some(at(value)))).filter(|(name, _)| name.value.is_some()),
        None => Some((at(&line.text), None)).filter(|(name, _)| name.value.is_some()),
    }
}

fn add_argument(line: &Line, target: &mut Target) {
    let Some((name, value)) = pair(line) else { return };
    target.arguments.push(Argument { name, value });
}

fn add_context(line: &Line, top: &Path, target: &mut Target) {
    let Some((name, Some(mut value))) = pair(line) else { return };
    let folder = value.value.as_deref().filter(|v| !flags::is_special_context(v)).map(|path| join(top, path));
    if let Some(folder) = &folder {
        value.value = Some(folder.display().to_string());
    }
    target.contexts.push(NamedContext { name, value, folder });
}

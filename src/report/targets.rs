//! The builds that files of a project start: as JSON, one object for each.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use build_targets::{Context, Dockerfile, Kind, Place, Resolution, Sources, Target, Text};
use serde::Serialize;

use super::json::to_writer;

/// Writes targets and problems as JSON. Paths are relative to `here`, where they are inside of it.
pub fn write_targets_json(out: &mut dyn Write, resolutions: &[Resolution], here: &Path) -> io::Result<()> {
    #[derive(Serialize)]
    struct Document {
        targets: Vec<TargetEntry>,
        problems: Vec<ProblemEntry>,
    }
    let mut document = Document { targets: Vec::new(), problems: Vec::new() };
    for resolution in resolutions {
        let at = |place: Place| PlaceEntry::of(place, &resolution.sources, here);
        document.targets.extend(resolution.targets.iter().map(|target| TargetEntry::of(target, at, here)));
        document.problems.extend(resolution.problems.iter().map(|problem| {
            let place = problem.place.map(at);
            let message = problem.message.clone();
            ProblemEntry {
                file: place.as_ref().map(|place| place.file.clone()),
                line: place.as_ref().map(|place| place.line),
                column: place.as_ref().map(|place| place.column),
                message,
            }
        }));
    }
    to_writer(out, &document)
}

/// A target as JSON. What cannot be known is `null`.
#[derive(Serialize)]
struct TargetEntry {
    name: String,
    kind: &'static str,
    context: Option<String>,
    dockerfile: Option<String>,
    inline: Option<String>,
    target: Option<String>,
    args: BTreeMap<String, Option<String>>,
    platforms: Vec<String>,
    contexts: BTreeMap<String, String>,
    place: PlaceEntry,
}

#[derive(Serialize)]
struct PlaceEntry {
    file: String,
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct ProblemEntry {
    file: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
    message: String,
}

impl PlaceEntry {
    fn of(place: Place, sources: &Sources, here: &Path) -> Self {
        let file = sources.file(place.file);
        let (line, column) = file.position(place.start as usize);
        Self { file: relative(&file.path, here), line, column }
    }
}

impl TargetEntry {
    fn of(target: &Target, at: impl Fn(Place) -> PlaceEntry, here: &Path) -> Self {
        let value = |text: &Text| text.value.clone();
        let context = match &target.context {
            Context::Folder { path, .. } => Some(relative(path, here)),
            Context::Remote(text) | Context::Unknown(text) => value(text),
        };
        let (dockerfile, inline) = match &target.dockerfile {
            Dockerfile::File { path, .. } if matches!(target.context, Context::Remote(_)) => {
                (Some(shown(path)), None)
            }
            Dockerfile::File { path, .. } => (Some(relative(path, here)), None),
            Dockerfile::Inline(inline) => (None, Some(inline.text.clone())),
            Dockerfile::Unknown(text) => (value(text), None),
        };
        let named = |context: &build_targets::NamedContext| {
            let folder = context.folder.as_deref().map(|folder| relative(folder, here));
            Some((value(&context.name)?, folder.or_else(|| value(&context.value)).unwrap_or_default()))
        };
        Self {
            name: target.name.clone(),
            kind: kind(target.kind),
            context,
            dockerfile,
            inline,
            target: target.stage.as_ref().and_then(value),
            args: target
                .arguments
                .iter()
                .filter_map(|argument| {
                    Some((value(&argument.name)?, argument.value.as_ref().and_then(value)))
                })
                .collect(),
            platforms: target.platforms.iter().filter_map(value).collect(),
            contexts: target.contexts.iter().filter_map(named).collect(),
            place: at(target.place),
        }
    }
}

/// What starts a build, in a word.
pub(super) const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Compose => "compose",
        Kind::Bake => "bake",
        Kind::Devcontainer => "devcontainer",
        Kind::Quadlet => "quadlet",
        _ => "job",
    }
}

/// A path without `.` and, where that is sure, `..`; relative to `here` where it is inside of it.
fn relative(path: &Path, here: &Path) -> String {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(clean.components().next_back(), Some(Component::Normal(_))) => {
                clean.pop();
            }
            part => clean.push(part),
        }
    }
    let inside = clean.strip_prefix(here).map(Path::to_path_buf).unwrap_or(clean);
    if inside.as_os_str().is_empty() { ".".to_owned() } else { shown(&inside) }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

//! Prints what a folder or some files build, as JSON: `targets debug targets [PATH] [--env] [--all] --format json
//! [-f FILE]…`. The words `debug targets` may be left out.

use std::path::{Path, PathBuf};

use build_targets::{
    Context, Disk, Dockerfile, Environment, Kind, Place, Problem, Resolution, Sources, Target, bake, compose,
    devcontainer, paths,
};
use serde_json::{Value, json};

struct Options {
    folder: PathBuf,
    files: Vec<PathBuf>,
    all: bool,
    environment: Option<Environment>,
}

fn main() {
    let here = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let options = options(&here);
    let mut targets = Vec::new();
    let mut problems = Vec::new();
    for resolution in resolutions(&options) {
        let chosen = resolution.targets.iter().filter(|target| options.all || target.by_default);
        targets.extend(chosen.map(|it| target_json(&resolution.sources, it, &options.folder)));
        problems.extend(
            resolution.problems.iter().map(|it| problem_json(&resolution.sources, it, &options.folder)),
        );
    }
    println!("{:#}", json!({"targets": targets, "problems": problems}));
}

/// One resolution for each tool that has something to build here.
fn resolutions(options: &Options) -> Vec<Resolution> {
    let profiles = if options.all { compose::Profiles::All } else { compose::Profiles::Environment };
    let request = compose::Request {
        folder: options.folder.clone(),
        files: options.files.clone(),
        environment: options.environment.clone(),
        profiles,
        ..compose::Request::default()
    };
    if options.files.iter().any(|file| is_bake_file(file)) {
        return vec![bake_resolution(options)];
    }
    let mut resolutions = vec![compose::resolve(&Disk, &request)];
    if options.files.is_empty() {
        resolutions.push(bake_resolution(options));
        let request = devcontainer::Request {
            folder: options.folder.clone(),
            file: None,
            environment: options.environment.clone(),
        };
        resolutions.push(devcontainer::resolve(&Disk, &request));
    }
    resolutions
}

fn bake_resolution(options: &Options) -> Resolution {
    let request = bake::Request {
        folder: options.folder.clone(),
        files: options.files.clone(),
        environment: options.environment.clone(),
        platform: bake::platform_of_this_machine(),
        selection: if options.all { bake::Selection::All } else { bake::Selection::Default },
    };
    let mut resolution = bake::resolve(&Disk, &request);
    // Asked for all, the tool refuses the files if one of the targets is at fault.
    if options.all && !resolution.problems.is_empty() {
        resolution.targets.clear();
    }
    resolution
}

/// Whether a file makes all that are named with it one bake definition.
fn is_bake_file(path: &Path) -> bool {
    let is = |ending: &str| path.extension().is_some_and(|extension| extension == ending);
    let is_compose = || std::fs::read_to_string(path).is_ok_and(|text| text.contains("\"services\""));
    is("hcl") || (is("json") && !is_compose())
}

fn options(here: &Path) -> Options {
    let mut options = Options { folder: here.to_owned(), files: Vec::new(), all: false, environment: None };
    let mut words = std::env::args().skip(1).skip_while(|word| matches!(word.as_str(), "debug" | "targets"));
    while let Some(word) = words.next() {
        match word.as_str() {
            "--all" => options.all = true,
            "--env" => options.environment = Some(Environment::of_process()),
            "--format" => drop(words.next()),
            "-f" => options.files.extend(words.next().map(PathBuf::from)),
            path => options.folder = paths::join(here, path),
        }
    }
    options.files = options.files.iter().map(|file| paths::clean(&options.folder.join(file))).collect();
    options
}

fn target_json(sources: &Sources, target: &Target, folder: &Path) -> Value {
    let text = |text: &build_targets::Text| text.value.clone();
    let context = match &target.context {
        Context::Folder { path, .. } => Some(shown(path, folder)),
        Context::Remote(address) => text(address),
        Context::Unknown(_) => None,
    };
    let (dockerfile, inline) = match &target.dockerfile {
        Dockerfile::File { path, .. } => (Some(shown(path, folder)), None),
        Dockerfile::Inline(inline) => (None, Some(inline.text.clone())),
        Dockerfile::Unknown(_) => (None, None),
    };
    let arguments = target.arguments.iter().map(|argument| {
        let value = argument.value.as_ref().and_then(text);
        (text(&argument.name).unwrap_or_default(), json!(value))
    });
    let contexts = target.contexts.iter().map(|context| {
        let value = context.folder.as_ref().map(|path| shown(path, folder)).or_else(|| text(&context.value));
        (text(&context.name).unwrap_or_default(), json!(value))
    });
    json!({
        "name": target.name,
        "kind": match target.kind {
            Kind::Compose => "compose",
            Kind::Bake => "bake",
            Kind::Devcontainer => "devcontainer",
            _ => "other",
        },
        "context": context,
        "dockerfile": dockerfile,
        "inline": inline,
        "target": target.stage.as_ref().and_then(text),
        "args": arguments.collect::<serde_json::Map<_, _>>(),
        "platforms": target.platforms.iter().filter_map(text).collect::<Vec<_>>(),
        "contexts": contexts.collect::<serde_json::Map<_, _>>(),
        "place": place_json(sources, Some(target.place), folder),
    })
}

fn problem_json(sources: &Sources, problem: &Problem, folder: &Path) -> Value {
    let mut value = place_json(sources, problem.place, folder);
    value["message"] = json!(problem.message);
    value
}

fn place_json(sources: &Sources, place: Option<Place>, folder: &Path) -> Value {
    let Some(place) = place else { return json!({"file": null, "line": null, "column": null}) };
    let file = sources.file(place.file);
    let (line, column) = file.position(place.span().start);
    json!({"file": shown(&file.path, folder), "line": line, "column": column})
}

/// A path as it is from the working folder, if it is in there.
fn shown(path: &Path, folder: &Path) -> String {
    let inside = path.strip_prefix(folder).unwrap_or(path);
    let text = inside.to_string_lossy();
    if text.is_empty() { ".".to_owned() } else { text.into_owned() }
}

//! `dlint cache` held against what a Docker Engine did with the same builds: tools/try-cache recorded it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use tempfile::TempDir;

use super::Folder;

#[derive(Deserialize)]
struct Scenarios {
    scenario: Vec<Scenario>,
}

#[derive(Deserialize)]
struct Scenario {
    name: String,
    dockerfile: String,
    #[serde(default)]
    files: Vec<String>,
    ignore: Option<String>,
    #[serde(default)]
    args: Vec<String>,
    #[serde(default)]
    options: Vec<String>,
    step: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    #[serde(default)]
    change: Vec<String>,
    dockerfile: Option<String>,
    ignore: Option<String>,
    args: Option<Vec<String>>,
    #[serde(default)]
    say: Vec<String>,
}

#[derive(Deserialize)]
struct Record {
    steps: BTreeMap<String, Did>,
}

#[derive(Deserialize)]
struct Did {
    failed: bool,
    /// Stage, line, and `cached`, `built` or `none`.
    layers: Vec<(usize, u32, String)>,
}

fn data(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/cache").join(name)).unwrap()
}

/// A file, a folder (`path/`) or a link (`path -> target`).
fn make(root: &Path, entry: &str, text: &str) {
    let (name, target) =
        entry.split_once(" -> ").map_or((entry, None), |(name, target)| (name, Some(target)));
    let path = root.join(name);
    if path.symlink_metadata().is_ok_and(|m| !m.is_dir()) {
        fs::remove_file(&path).unwrap();
    }
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    match target {
        Some(target) => link(target, &path),
        None if name.ends_with('/') => fs::create_dir_all(&path).unwrap(),
        None => fs::write(&path, format!("{text}{name}")).unwrap(),
    }
}

#[cfg(unix)]
fn link(target: &str, path: &Path) {
    std::os::unix::fs::symlink(target, path).unwrap();
}

#[cfg(not(unix))]
fn link(_: &str, _: &Path) {}

/// Makes one change, and gives the path that changes.
fn apply(root: &Path, change: &str) -> String {
    let (verb, rest) = change.split_once(' ').unwrap_or((change, ""));
    match verb {
        "+" => make(root, rest, "2"),
        "-" if root.join(rest).symlink_metadata().unwrap().is_dir() => {
            fs::remove_dir_all(root.join(rest)).unwrap();
        }
        "-" => fs::remove_file(root.join(rest)).unwrap(),
        "x" => {}
        _ => {
            make(root, change, "1");
            return change.split_once(" -> ").map_or(change, |(name, _)| name).to_owned();
        }
    }
    rest.to_owned()
}

/// Sets up a step, and gives the arguments that tell of it.
fn set_up(scenario: &Scenario, step: &Step) -> (Folder, TempDir, Vec<String>) {
    let folder = Folder::with(&scenario.dockerfile);
    let root = folder.path("");
    let before = tempfile::tempdir().unwrap();
    let old = before.path();
    for entry in &scenario.files {
        make(&root, entry, "1");
    }
    if let Some(ignore) = &scenario.ignore {
        folder.write(".dockerignore", ignore);
    }
    let changed: Vec<String> = step.change.iter().map(|change| apply(&root, change)).collect();
    let mut args: Vec<String> = Vec::new();
    let mut tell = |option: &str, value: String| args.extend([option.to_owned(), value]);
    if let Some(dockerfile) = &step.dockerfile {
        folder.write("Dockerfile", dockerfile);
        fs::write(old.join("Dockerfile"), &scenario.dockerfile).unwrap();
        tell("--changed-dockerfile", old.join("Dockerfile").display().to_string());
    }
    if let Some(ignore) = &step.ignore {
        folder.write(".dockerignore", ignore);
        fs::write(old.join("ignore"), scenario.ignore.as_deref().unwrap_or_default()).unwrap();
        tell("--changed-ignore", old.join("ignore").display().to_string());
    }
    let after = step.args.as_ref().unwrap_or(&scenario.args);
    after.iter().for_each(|arg| tell("--build-arg", arg.clone()));
    for arg in scenario.args.iter().chain(after) {
        let name = arg.split_once('=').map_or(arg.as_str(), |(name, _)| name);
        let was = scenario.args.iter().find(|a| a.starts_with(&format!("{name}=")));
        if was.is_none_or(|was| !after.contains(was)) {
            tell("--changed-build-arg", was.cloned().unwrap_or_else(|| name.to_owned()));
        }
    }
    let here = root.display().to_string();
    args.extend(scenario.options.iter().map(|option| option.replace("{}", &here)));
    args.extend(step.say.iter().cloned());
    if !changed.is_empty() {
        args.push("--changed".to_owned());
        args.extend(changed);
    }
    (folder, before, args)
}

#[test]
fn no_layer_that_the_engine_built_is_said_to_be_kept() {
    let scenarios: Scenarios = toml::from_str(&data("scenarios.toml")).unwrap();
    let record: Record = serde_json::from_str(&data("engine.json")).unwrap();
    let (mut wrong, mut steps, mut open) = (Vec::new(), 0, 0);
    for scenario in &scenarios.scenario {
        for (number, step) in scenario.step.iter().enumerate() {
            // Without links or modes there is nothing to see.
            let entries = || scenario.files.iter().chain(&step.change);
            if cfg!(not(unix)) && entries().any(|e| e.contains(" -> ") || e.starts_with("x ")) {
                continue;
            }
            let name = format!("{} {number}", scenario.name);
            let did = record
                .steps
                .get(&name)
                .unwrap_or_else(|| panic!("{name} is not recorded: run tools/try-cache --record"));
            let (folder, _before, args) = set_up(scenario, step);
            let mut all = vec!["cache", "--format", "json"];
            all.extend(args.iter().map(String::as_str));
            let ran = folder.run(&all);
            assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{name}: {all:?}");
            let json = ran.json();
            let rows = json["layers"].as_array().unwrap().iter().filter(|row| row["base"] == false);
            let rows: Vec<_> = rows.collect();
            assert_eq!(rows.len(), did.layers.len(), "{name}");
            let fails = rows.iter().any(|row| row["reason"]["kind"] == "fails");
            if fails != did.failed {
                wrong.push(format!("{name}: the build fails: {}", did.failed));
            }
            steps += 1;
            open += usize::from(rows.iter().any(|row| row["fate"] == "perhaps"));
            for (row, (stage, line, what)) in rows.iter().zip(&did.layers) {
                assert_eq!(
                    (row["stage"].as_u64(), row["lines"][0].as_u64()),
                    (Some(*stage as u64), Some(u64::from(*line))),
                    "{name}"
                );
                let fate = row["fate"].as_str().unwrap();
                let fits = match (what.as_str(), fate) {
                    (_, "perhaps") | ("none", _) => true,
                    ("cached", fate) => fate == "kept",
                    (_, fate) => fate == "rebuilt",
                };
                if !fits {
                    wrong.push(format!("{name}, line {line}: {fate}, but {what}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // At most one change in twenty leaves something open.
    assert!(cfg!(not(unix)) || (steps >= 150 && open * 20 <= steps), "{open} of {steps}");
}

//! What the tools that start builds said of the projects of testdata/builds: `tools/try-targets` recorded it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Map, Value, json};

fn data(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/builds");
    fs::read_to_string(folder.join(name)).unwrap()
}

/// What dlint says of a project, in the form of the record; `null` if it refuses the files.
fn said(case: &toml::Table) -> Value {
    let folder = tempfile::tempdir().unwrap();
    // A folder's name may be a part of the answer.
    let top = folder.path().join(case["name"].as_str().unwrap());
    for (path, text) in case["files"].as_table().unwrap() {
        let path = top.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text.as_str().unwrap()).unwrap();
    }
    let words = |key: &str| case.get(key).and_then(|value| value.as_array()).cloned().unwrap_or_default();
    let mut command = Command::new(env!("CARGO_BIN_EXE_dlint"));
    command.args(["debug", "targets", "--env"]).args(words("args").iter().filter_map(|word| word.as_str()));
    command.current_dir(&top).env_clear().env("HOME", "/root").env("PWD", &top);
    for (name, value) in case.get("env").and_then(|env| env.as_table()).into_iter().flatten() {
        command.env(name, value.as_str().unwrap());
    }
    let document: Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
    let kind = case["kind"].as_str().unwrap();
    let mut found = Map::new();
    for build in document["targets"].as_array().unwrap().iter().filter(|build| build["kind"] == kind) {
        let args: BTreeMap<&String, &Value> =
            build["args"].as_object().unwrap().iter().filter(|(_, value)| !value.is_null()).collect();
        let mut platforms: Vec<&Value> = build["platforms"].as_array().unwrap().iter().collect();
        platforms.sort_by_key(|platform| platform.as_str());
        // The program for development containers builds a copy of the Dockerfile, with a separate stage.
        let is_copy = kind == "devcontainer";
        let own = |key: &str| if is_copy { Value::Null } else { build[key].clone() };
        let name = if is_copy { kind } else { build["name"].as_str().unwrap() };
        found.insert(
            name.to_owned(),
            json!({
                "context": build["context"],
                "dockerfile": own("dockerfile"),
                "inline": build["inline"],
                "target": own("target"),
                "args": args,
                "platforms": platforms,
                "contexts": build["contexts"],
            }),
        );
    }
    let refused = found.is_empty() && !document["problems"].as_array().unwrap().is_empty();
    if refused { Value::Null } else { Value::Object(found) }
}

#[test]
fn builds_are_those_that_the_tools_said() {
    let cases: toml::Table = data("cases.toml").parse().unwrap();
    let record: Value = serde_json::from_str(&data("answers.json")).unwrap();
    let cases = cases["case"].as_array().unwrap();
    assert_eq!(cases.len(), record["answers"].as_object().unwrap().len(), "run tools/try-targets --record");
    for case in cases {
        let case = case.as_table().unwrap();
        let name = case["name"].as_str().unwrap();
        assert_eq!(said(case), record["answers"][name]["targets"], "{name}");
    }
}

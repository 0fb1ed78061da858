//! A project that was linted by hadolint: `testdata/from-hadolint`, with what hadolint says of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Path, line of the instruction, and id.
type Found = BTreeSet<(String, usize, String)>;

/// What hadolint says and dlint does not, and why.
const ON_PURPOSE: [(&str, usize, &str, &str); 4] = [
    ("Dockerfile", 13, "DL3015", "the image has what the packages recommend"),
    ("Dockerfile", 24, "DL3066", "the number of root is known"),
    ("worker/Dockerfile", 4, "DL3019", "no file of this stage is in the final image"),
    ("worker/Dockerfile", 13, "DL3025", "the shell of Alpine puts a single command in its own place"),
];

fn project() -> tempfile::TempDir {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/from-hadolint");
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("worker")).unwrap();
    for file in [".hadolint.yaml", "Dockerfile", "worker/Dockerfile", "hadolint.txt"] {
        fs::copy(from.join(file), folder.path().join(file)).unwrap();
    }
    folder
}

fn dlint(folder: &Path, args: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dlint"));
    command.args(args).current_dir(folder).env("HOME", folder.join("home")).env_remove("XDG_CONFIG_HOME");
    let output = command.output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

/// The line on which the instruction starts that `line` is a part of.
fn start(text: &str, line: usize) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    (1..=line).rev().find(|n| *n == 1 || !lines[n - 2].ends_with('\\')).unwrap()
}

/// What dlint finds that hadolint has an id for, and how it ends.
fn found(folder: &Path) -> (i32, Found) {
    let (code, out) = dlint(folder, &["--format", "json", "--no-context"]);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    let mut all = Found::new();
    for file in json["files"].as_array().unwrap() {
        let path = file["path"].as_str().unwrap();
        let text = fs::read_to_string(folder.join(path)).unwrap();
        for finding in file["findings"].as_array().unwrap() {
            let line = usize::try_from(finding["start"]["line"].as_u64().unwrap()).unwrap();
            let aliases = finding["aliases"].as_array().unwrap().iter().filter_map(|a| a.as_str());
            let ids: Vec<&str> = aliases.filter_map(|a| a.strip_prefix("hadolint:")).collect();
            assert_eq!(ids.len(), 1, "nothing else is on: {finding}");
            all.insert((path.to_owned(), start(&text, line), ids[0].to_owned()));
        }
    }
    (code, all)
}

#[test]
fn a_project_has_the_same_findings_before_and_after_moving_over() {
    let folder = project();
    let folder = folder.path();
    let recorded = fs::read_to_string(folder.join("hadolint.txt")).unwrap();
    let mut hadolint = Found::new();
    for line in recorded.lines().filter(|line| !line.starts_with('#')) {
        let [path, line, _level, id] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        hadolint.insert((path.to_owned(), line.parse().unwrap(), id.to_owned()));
    }
    let (code, before) = found(folder);
    assert_eq!(code, 1);
    let explained: Found =
        ON_PURPOSE.iter().map(|(path, line, id, _)| ((*path).to_owned(), *line, (*id).to_owned())).collect();
    assert_eq!(hadolint.difference(&before).cloned().collect::<Found>(), explained);
    assert_eq!(before.difference(&hadolint).cloned().collect::<Found>(), Found::new());
    assert_eq!(dlint(folder, &["init"]).0, 0);
    fs::remove_file(folder.join(".hadolint.yaml")).unwrap();
    assert_eq!(found(folder), (code, before));
}

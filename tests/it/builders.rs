//! What dlint says of buildah and Podman against what the real ones did: `tools/try-builders` records that.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use dockerignore::{Dialect, IgnoreFile, Matcher};
use serde_json::Value;

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/builders").join(name);
    std::fs::read_to_string(path).unwrap()
}

fn record(name: &str) -> Value {
    serde_json::from_str(&read(name)).unwrap()
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap())
}

#[test]
fn ignore_files_leave_out_what_buildah_leaves_out() {
    let record = record("ignore.json");
    let files: Vec<&str> = texts(&record["files"]).collect();
    let sets = record["sets"].as_array().unwrap();
    assert_eq!(sets.len(), 500);
    let mut wrong = Vec::new();
    let mut apart = 0;
    for set in sets {
        let text = set[0].as_str().unwrap();
        let real = match set[1].as_str().unwrap() {
            "fails" => None,
            bits => Some(kept(&files, u128::from_str_radix(bits, 16).unwrap())),
        };
        let read = |dialect| {
            let file = IgnoreFile::parse_as(dialect, text);
            let matcher = Matcher::new(&file);
            let kept = files.iter().copied().filter(|path| !matcher.is_excluded(path)).collect();
            file.errors().is_empty().then_some(kept)
        };
        let ours: Option<BTreeSet<&str>> = read(Dialect::Buildah);
        if ours != real {
            wrong.push(format!("{text:?}: {:?}", difference(ours.as_ref(), real.as_ref())));
        }
        apart += usize::from(read(Dialect::BuildKit) != real);
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), sets.len(), wrong.join("\n"));
    // The sets tell the two apart.
    assert!(apart > 30, "{apart}");
}

fn kept<'f>(files: &[&'f str], bits: u128) -> BTreeSet<&'f str> {
    let bit = |at: usize| bits >> (files.len() - 1 - at) & 1 == 1;
    files.iter().enumerate().filter(|(at, _)| bit(*at)).map(|(_, file)| *file).collect()
}

/// What is kept on one side only.
fn difference<'f>(
    ours: Option<&BTreeSet<&'f str>>,
    real: Option<&BTreeSet<&'f str>>,
) -> Option<(Vec<&'f str>, Vec<&'f str>)> {
    let (ours, real) = (ours?, real?);
    Some((ours.difference(real).copied().collect(), real.difference(ours).copied().collect()))
}

/// Rows that fail, and dlint cannot know: it depends on what is in the image, or on how the builder runs.
const UNKNOWN: [&str; 5] = [
    "chown of an unknown name",
    // Something may make such files before the build.
    "pattern that matches nothing",
    "shebang in a here-document",
    "RUN without arguments",
    "shell is kept in Docker's format",
];
/// Rows that build, and dlint calls an error all the same, since BuildKit refuses them and nobody means them.
const STRICTER: [&str; 5] = [
    "ARG with blanks",
    "EXPOSE of a name",
    "two backslashes at the end",
    "unknown instruction in a stage that nothing needs",
    // A mistake whatever becomes of it: the image is the same for the name that is meant.
    "onbuild with an unknown instruction",
];

#[test]
fn what_buildah_and_podman_refuse_is_an_error_and_nothing_else() {
    let rows: toml::Table = read("rows.toml").parse().unwrap();
    let record = record("rows.json");
    let mut seen = 0;
    for row in rows["row"].as_array().unwrap() {
        let name = row["name"].as_str().unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("Dockerfile"), row["dockerfile"].as_str().unwrap()).unwrap();
        for (path, text) in row.get("files").and_then(|files| files.as_table()).into_iter().flatten() {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text.as_str().unwrap()).unwrap();
        }
        for builder in ["buildah", "podman"] {
            let answer = &record["rows"][format!("{name}: {builder}")];
            let fails = answer["code"].as_i64().unwrap_or_else(|| panic!("{name} is not recorded")) != 0;
            let run = Command::new(env!("CARGO_BIN_EXE_dlint"))
                .args(["--builder", builder, "--format", "short", "--no-config", "--fail-on", "never"])
                .args([
                    "--select",
                    "syntax-error,invalid-port,copy-matches-nothing,copy-excluded-source,unknown-user,file-folder-clash",
                ])
                .arg(folder.path())
                .output()
                .unwrap();
            let out = String::from_utf8(run.stdout).unwrap();
            let is_known = UNKNOWN.contains(&name) || STRICTER.contains(&name);
            // That all is left out is worth a word, and builds.
            let is_error = !out.is_empty() && name != "all ignored";
            assert!(is_known || is_error == fails, "{name}, {builder}: {answer}\n{out}");
            seen += 1;
        }
    }
    assert!(seen > 130, "{seen}");
}

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::cli::args::ColorArg;
use crate::cli::args::{BuildArgs, EntryArgs};
use crate::report::{Style, write_context};

fn write(root: &Path, path: &str, content: &[u8]) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn project() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    write(root, "node_modules/left/index.js", &[b'x'; 120_000]);
    write(root, ".git/objects/pack", &[b'x'; 45_600]);
    write(root, "src/app.js", &[b'x'; 7_000]);
    write(root, "src/\u{1b}[31mred.js", &[b'x'; 900]);
    write(root, "docs/a.md", &[b'x'; 3_000]);
    write(root, "docs/keep.md", &[b'x'; 50]);
    write(root, ".env", b"TOKEN=abc\n");
    write(root, "package.json", b"{}\n");
    write(root, ".dockerignore", b"# what no image needs\ndocs\n!docs/keep.md\n*.tmp\n");
    write(
        root,
        "Dockerfile",
        b"FROM node AS build\nCOPY package.json .\nCOPY . .\nCOPY dist docs/a.md /x/\n\n\
          FROM scratch AS final\nCOPY src .\nCOPY --from=build /x /x\n\nFROM scratch AS slim\nCOPY src .\n",
    );
    dir
}

fn built(target: &str) -> BuildArgs {
    BuildArgs { target: Some(target.to_owned()), ..BuildArgs::default() }
}

fn args(dir: &Path) -> ContextArgs {
    ContextArgs {
        dir: dir.to_path_buf(),
        file: None,
        list: None,
        entries: EntryArgs::default(),
        build: BuildArgs::default(),
        format: TableFormatArg::Human,
        color: ColorArg::Never,
    }
}

/// The report for people, with the folder's name replaced.
fn shown_for(dir: &TempDir, args: &ContextArgs, style: &Style) -> String {
    let report = gather(args, &Progress::default()).unwrap();
    let mut out = Vec::new();
    write_context(&mut out, &report, style).unwrap();
    String::from_utf8(out).unwrap().replace(&dir.path().display().to_string(), "DIR")
}

#[test]
fn a_target_of_a_real_tree() {
    let dir = project();
    let with = |target: &str| ContextArgs { build: built(target), ..args(dir.path()) };
    insta::assert_snapshot!("context_of_a_target", shown_for(&dir, &with("final"), &Style::default()));
    let ascii = Style { unicode: false, ..Style::default() };
    insta::assert_snapshot!("context_of_the_last_stage", shown_for(&dir, &args(dir.path()), &ascii));
    let report = gather(&with("final"), &Progress::default()).unwrap();
    assert_eq!(report.sent, Some(report.kept));
    assert_eq!(report.secrets[0].lines, [3]);
    let slim = gather(&with("slim"), &Progress::default()).unwrap();
    assert_eq!(slim.sent, Some(Amount { files: 2, bytes: 7_900 }));
    assert!(slim.secrets.is_empty());
}

#[test]
fn an_unknown_target_is_an_error_with_the_nearest_name() {
    let dir = project();
    let with = |target: &str| {
        gather(&ContextArgs { build: built(target), ..args(dir.path()) }, &Progress::default())
    };
    assert_eq!(with("finale").unwrap_err(), "there is no stage `finale`: did you mean `final`?");
    assert_eq!(with("zzz").unwrap_err(), "there is no stage `zzz`: the stages are `build`, `final`, `slim`");
    assert_eq!(with("SLIM").unwrap().sent.unwrap().bytes, 7_900);
    assert!(with("2").is_err(), "BuildKit takes no numbers");
}

#[test]
fn without_a_dockerfile_nothing_is_said_of_sending() {
    let dir = project();
    fs::remove_file(dir.path().join("Dockerfile")).unwrap();
    let report = gather(&args(dir.path()), &Progress::default()).unwrap();
    assert_eq!((report.sent, report.sources.len()), (None, 0));
    assert_eq!(report.suggestions[0].line, "node_modules");
    let text = shown_for(&dir, &args(dir.path()), &Style::default());
    assert!(text.contains("no Dockerfile here"), "{text}");
    let missing = ContextArgs { dir: dir.path().join("none"), ..args(dir.path()) };
    assert!(gather(&missing, &Progress::default()).unwrap_err().ends_with("none does not exist"));
}

#[test]
fn a_dockerfile_elsewhere_has_its_own_ignore_file() {
    let dir = project();
    let other = tempfile::tempdir().unwrap();
    write(other.path(), "api.Dockerfile", b"FROM scratch\nCOPY docs /\n");
    write(other.path(), "api.Dockerfile.dockerignore", b"src\n");
    let args = ContextArgs { file: Some(other.path().join("api.Dockerfile")), ..args(dir.path()) };
    let report = gather(&args, &Progress::default()).unwrap();
    assert_eq!(report.sent, Some(Amount { files: 2, bytes: 3_050 }));
    assert!(report.ignore_into.ends_with("api.Dockerfile.dockerignore"));
    let without = ContextArgs { file: Some(other.path().join("none")), ..args };
    assert!(gather(&without, &Progress::default()).unwrap_err().ends_with("does not exist"));
}

#[test]
fn an_empty_source_is_named_as_what_it_is() {
    let dir = project();
    write(dir.path(), "Dockerfile", b"FROM scratch\nENV MORE=\nCOPY package.json $MORE /x/\n");
    let report = shown_for(&dir, &args(dir.path()), &Style::default());
    let why = "for the last stage: all that is left, for the empty source of COPY in line 3\n";
    assert!(report.contains(why), "{report}");
}

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::*;
use crate::cli::args::{BuildArgs, ColorArg, ConfigArgs};
use crate::report::{Style, write_cache, write_cache_json};

fn args(dockerfile: &Path, changed: &[&str]) -> CacheArgs {
    CacheArgs {
        dockerfile: Some(dockerfile.to_path_buf()),
        changed: changed.iter().map(PathBuf::from).collect(),
        build: BuildArgs { target: None, build_arg: Vec::new(), context: None },
        config: ConfigArgs::default(),
        format: TableFormatArg::Human,
        output: None,
        color: ColorArg::Never,
        quiet: false,
    }
}

fn shown(args: &CacheArgs) -> String {
    let report = gather(args, &Progress::default()).unwrap();
    let mut out = Vec::new();
    write_cache(&mut out, &report, &Style::default()).unwrap();
    String::from_utf8(out).unwrap()
}

fn project(name: &str, changed: &[&str]) -> String {
    shown(&args(&Path::new("testdata").join(name), changed))
}

fn tree(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

#[test]
fn sources_before_the_install() {
    insta::assert_snapshot!(project("node-copy-first", &[]), @"PA");
    insta::assert_snapshot!(project("flask-naive", &["testdata/flask-naive/app.py"]), @"PB");
}

#[test]
fn manifests_before_the_sources() {
    insta::assert_snapshot!(project("go-single-stage", &[]), @"PC");
    insta::assert_snapshot!(project("go-single-stage", &["main.go", "go.sum"]), @"PD");
}

#[test]
fn stages() {
    insta::assert_snapshot!(project("clean", &[]), @"PE");
    insta::assert_snapshot!(project("flask-optimised", &["requirements.txt"]), @"PF");
}

#[test]
fn paths_that_rebuild_nothing_say_why() {
    let dir = tree(&[
        ("Dockerfile", "FROM a AS b\nCOPY src /src\nCOPY dev /dev\nFROM b AS c\nCOPY lib /lib\n"),
        (".dockerignore", "# tests\n**/*.test.js\n"),
        ("src/a.js", ""),
        ("src/a.test.js", ""),
        ("lib/c.js", ""),
        ("docs/a.md", ""),
    ]);
    let inside = |path: &str| dir.path().join(path).display().to_string();
    let paths = ["src/a.test.js", "lib", "docs", "gone", "src/gone.js", "../other", "Dockerfile"].map(inside);
    let mut args = args(dir.path(), &paths.each_ref().map(String::as_str));
    args.build.target = Some("b".to_owned());
    let text = shown(&args).replace(&dir.path().display().to_string(), "DIR");
    insta::assert_snapshot!(text, @"PG");
}

#[test]
fn the_json_is_a_stable_shape() {
    let report =
        gather(&args(Path::new("testdata/clean"), &["main.go", "x/"]), &Progress::default()).unwrap();
    let mut out = Vec::new();
    write_cache_json(&mut out, &report).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&out).unwrap();
    let keys = |v: &serde_json::Value| v.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(
        keys(&json),
        "advice changed context dockerfile dockerfile_changed kept layers notes perhaps rebuilt target version"
    );
    assert_eq!(
        keys(&json["layers"][2]),
        "base bytes fate in_image instruction lines reason stage stage_name"
    );
    assert_eq!(json["layers"][2]["reason"]["kind"], "takes");
    assert_eq!(json["layers"][5]["reason"]["kind"], "from-stage");
    assert_eq!(json["changed"][0]["lines"], serde_json::json!([3]));
    assert_eq!(json["rebuilt"], serde_json::json!({"layers": 2, "in_image": 0, "bytes": 0, "unknown": []}));
}

#[test]
fn advice_is_given_where_it_would_help() {
    let dir = tree(&[
        ("Dockerfile", "FROM node\nWORKDIR /a\nCOPY . .\nRUN npm ci\nRUN pip install -r req/a.txt && x\n\
                        FROM rust\nCOPY . /a\nRUN cd /a && cargo build\nCOPY --from=0 /a /b\n"),
        ("package.json", ""),
        ("req/a.txt", ""),
        ("a.js", ""),
        ("Cargo.toml", ""),
        ("Cargo.lock", ""),
    ]);
    let text = |changed: &[&str]| {
        let inside: Vec<String> = changed.iter().map(|c| dir.path().join(c).display().to_string()).collect();
        let args = args(dir.path(), &inside.iter().map(String::as_str).collect::<Vec<_>>());
        let text = shown(&args);
        text.split_once("\n\nTo keep").map_or_else(String::new, |(_, t)| format!("To keep{t}"))
    };
    insta::assert_snapshot!(text(&[]), @"ADVICE");
    insta::assert_snapshot!(text(&["req", "Cargo.toml"]), @"SOME");
    assert_eq!(text(&["."]), "");
    assert_eq!(text(&["other", "package.json", "req/a.txt", "Cargo.lock"]), "");
}

#[test]
fn nothing_raw_reaches_the_terminal() {
    let dir =
        tree(&[("Dockerfile", "FROM a AS b\u{202e}\nRUN echo \u{1b}[31m\nCOPY . .\n"), ("\u{1b}[2J", "")]);
    let mut args = args(dir.path(), &["\u{1b}[2J", "\u{1b}x"]);
    for changed in [vec!["\u{1b}[2J", "\u{1b}x"], vec![]] {
        args.changed = changed.iter().map(|c| dir.path().join(c)).collect();
        let text = shown(&args);
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
        assert!(text.contains("3  rebuilt"), "{text}");
    }
}

#[test]
fn what_unpacks_or_is_not_there_has_no_bytes() {
    let dir = tree(&[
        (
            "Dockerfile",
            "FROM a\nADD app.tar.gz /\nADD *.gz /\nCOPY app.tar.gz /\nCOPY gone x /\nCOPY <<E x /\nhi\nE\nADD x /\n",
        ),
        ("app.tar.gz", "12345"),
        ("x", "1"),
    ]);
    let report = gather(&args(dir.path(), &[]), &Progress::default()).unwrap();
    let bytes: Vec<Option<u64>> = report.layers.iter().map(|l| l.bytes).collect();
    assert_eq!(bytes, [None, None, None, Some(5), None, None, Some(1)]);
}

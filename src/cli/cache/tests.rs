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
    insta::assert_snapshot!(project("node-copy-first", &[]), @r"
        Build cache of testdata/node-copy-first/Dockerfile, if any source file changes

        Layers
           line  cache        bytes  made by                                 why
              1  kept                FROM node:latest
              2  kept           0 B  WORKDIR /usr/src/app
              3  rebuilt    1.65 kB  COPY . .                                takes 6 source files, as routes/parcels.js
              4  rebuilt    unknown  RUN npm install                         follows line 3

        2 of 3 layers rebuilt; pushed and pulled again: 1.65 kB and what line 4 writes, which is not known.
        ");
    insta::assert_snapshot!(project("flask-naive", &["testdata/flask-naive/app.py"]), @r"
        Build cache of testdata/flask-naive/Dockerfile, if testdata/flask-naive/app.py changes

        Layers
           line  cache        bytes  made by                                 why
              1  kept                FROM python:3.11-slim
              3  kept           0 B  WORKDIR /app
              5  rebuilt    3.41 kB  COPY . /app                             takes app.py
              7  rebuilt    unknown  RUN apt-get update                      follows line 5
              8  rebuilt    unknown  RUN apt-get install -y gcc libpq-dev    follows line 5
             10  rebuilt    unknown  RUN pip install -r requirements.txt     follows line 5

        4 of 5 layers rebuilt; pushed and pulled again: 3.41 kB and what lines 7, 8, 10 write, which is not known.
        ");
}

#[test]
fn manifests_before_the_sources() {
    insta::assert_snapshot!(project("go-single-stage", &[]), @r"
        Build cache of testdata/go-single-stage/Dockerfile, if any source file changes

        Layers
           line  cache        bytes  made by                                 why
              1  kept                FROM golang:1.23
              3  kept           0 B  WORKDIR /src
              5  kept         236 B  COPY go.mod go.sum ./
              6  kept       unknown  RUN go mod download
              8  rebuilt    1.57 kB  COPY . .                                takes 3 source files, as internal/store/store.go
              9  rebuilt    unknown  RUN go build -o /usr/local/bin/linkd .  follows line 8

        2 of 5 layers rebuilt; pushed and pulled again: 1.57 kB and what line 9 writes, which is not known.
        ");
    insta::assert_snapshot!(project("go-single-stage", &["main.go", "go.sum"]), @r"
        Build cache of testdata/go-single-stage/Dockerfile, if 2 paths change

        Layers
           line  cache        bytes  made by                                 why
              1  kept                FROM golang:1.23
              3  kept           0 B  WORKDIR /src
              5  rebuilt      236 B  COPY go.mod go.sum ./                   takes go.sum
              6  rebuilt    unknown  RUN go mod download                     follows line 5
              8  rebuilt    1.57 kB  COPY . .                                takes main.go and 1 more
              9  rebuilt    unknown  RUN go build -o /usr/local/bin/linkd .  follows line 5

        4 of 5 layers rebuilt; pushed and pulled again: 1.81 kB and what lines 6, 9 write, which is not known.
        ");
}

#[test]
fn stages() {
    insta::assert_snapshot!(project("clean", &[]), @r"
        Build cache of testdata/clean/Dockerfile, if any source file changes

        Stage build
           line  cache        bytes  made by                                 why
              1  kept                FROM golang:1.23 AS build
              2  kept           0 B  WORKDIR /src
              3  rebuilt      100 B  COPY go.mod main.go ./                  takes main.go
              4  rebuilt    unknown  RUN CGO_ENABLED=0 go build -trimpath …  follows line 3

        Stage 1
           line  cache        bytes  made by                                 why
              6  kept                FROM gcr.io/distroless/static-debian1…
              7  perhaps    unknown  COPY --from=build /out/hello /hello     only if what it takes from build comes out different

        2 of 4 layers rebuilt; none of them is pushed or pulled; 1 perhaps: what line 7 writes, which is not known.
        ");
    insta::assert_snapshot!(project("flask-optimised", &["requirements.txt"]), @r"
        Build cache of testdata/flask-optimised/Dockerfile, if requirements.txt changes

        Stage build
           line  cache        bytes  made by                                 why
              3  kept                FROM python:3.11-slim AS build
              5  kept       unknown  RUN apt-get update && apt-get install…
              9  kept       unknown  RUN python -m venv /opt/venv
             12  kept           0 B  WORKDIR /app
             13  rebuilt       46 B  COPY requirements.txt ./                takes requirements.txt
             14  rebuilt    unknown  RUN pip install --no-cache-dir -r req…  follows line 13

        Stage 1
           line  cache        bytes  made by                                 why
             17  kept                FROM python:3.11-slim
             19  kept       unknown  RUN apt-get update && apt-get install…
             24  perhaps    unknown  COPY --from=build /opt/venv /opt/venv   only if what it takes from build comes out different
             28  perhaps        0 B  WORKDIR /app                            follows line 24
             29  rebuilt      695 B  COPY . .                                takes requirements.txt

        3 of 9 layers rebuilt; pushed and pulled again: 695 B; 2 perhaps: what line 24 writes, which is not known.
        ");
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
    insta::assert_snapshot!(text, @r"
        Build cache of DIR/Dockerfile, stage b, if 7 paths change
          DIR/src/a.test.js is ignored by line 2 of DIR/.dockerignore: rebuilds nothing
          DIR/lib is taken by no instruction: rebuilds nothing
          DIR/docs is taken by no instruction: rebuilds nothing
          DIR/gone is not there, and no instruction would take it: rebuilds nothing
          DIR/src/gone.js is not there: counts as deleted
          DIR/../other is outside of the context: rebuilds nothing
          DIR/Dockerfile is taken by no instruction: rebuilds nothing
          The Dockerfile changes as well: an instruction with another text is rebuilt, with all behind it, which is not shown here.

        Stage b
           line  cache        bytes  made by                                 why
              1  kept                FROM a AS b
              2  rebuilt        0 B  COPY src /src                           takes src/gone.js (deleted)
              3  rebuilt    unknown  COPY dev /dev                           follows line 2

        2 of 2 layers rebuilt; pushed and pulled again: what line 3 writes, which is not known.
        ");
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
        "changed context dockerfile dockerfile_changed kept layers notes perhaps rebuilt target version"
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

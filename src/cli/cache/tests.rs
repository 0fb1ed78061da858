use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::*;
use crate::cli::args::build::OutputArgs;
use crate::cli::args::{ColorArg, ConfigArgs, TargetArgs};
use crate::report::{Style, write_cache, write_cache_json};

fn args(dockerfile: &Path, changed: &[&str]) -> CacheArgs {
    CacheArgs {
        dockerfile: Some(dockerfile.to_path_buf()),
        changed: changed.iter().map(PathBuf::from).collect(),
        target: TargetArgs::default(),
        config: ConfigArgs::default(),
        format: TableFormatArg::Human,
        out: OutputArgs { output: None, color: ColorArg::Never },
        quiet: false,
        changed_dockerfile: None,
        changed_ignore: None,
        changed_build_arg: Vec::new(),
        since: None,
        build_context: Vec::new(),
        store: None,
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
           line  cache          bytes  made by                                 why
              1  kept        ~1.12 GB  FROM node:latest
              2  kept             0 B  WORKDIR /usr/src/app
              3  rebuilt      1.65 kB  COPY . .                                copies 6 source files, such as routes/parcels.js
              4  rebuilt            ?  RUN npm install                         comes after line 3

        2 of 3 layers are rebuilt; to push and pull again: 1.65 kB and line 4, whose size is unknown.

        To keep the result of `npm install` (line 4) until package.json or package-lock.json changes, replace lines 3-4 with:
            COPY package.json package-lock.json ./
            RUN npm install
            COPY . .
        ");
    insta::assert_snapshot!(project("flask-naive", &["testdata/flask-naive/app.py"]), @r"
        Build cache of testdata/flask-naive/Dockerfile, if testdata/flask-naive/app.py changes

        Layers
           line  cache          bytes  made by                                 why
              1  kept         ~119 MB  FROM python:3.11-slim
              3  kept             0 B  WORKDIR /app
              5  rebuilt      3.41 kB  COPY . /app                             copies app.py
              7  rebuilt     ~21.6 MB  RUN apt-get update                      comes after line 5
              8  rebuilt      ~204 MB  RUN apt-get install -y gcc libpq-dev    comes after line 5
             10  rebuilt     ~14.2 MB  RUN pip install -r requirements.txt     comes after line 5

        4 of 5 layers are rebuilt; to push and pull again: about 240 MB.

        To keep the result of `pip install` (line 10, ~14.2 MB) until requirements.txt changes, replace lines 5-10 with:
            RUN apt-get update
            RUN apt-get install -y gcc libpq-dev
            COPY requirements.txt /app/
            RUN pip install -r requirements.txt
            COPY . /app
        ");
}

#[test]
fn manifests_before_the_sources() {
    insta::assert_snapshot!(project("go-single-stage", &[]), @r"
        Build cache of testdata/go-single-stage/Dockerfile, if any source file changes

        Layers
           line  cache          bytes  made by                                 why
              1  kept         ~796 MB  FROM golang:1.23
              3  kept             0 B  WORKDIR /src
              5  kept           236 B  COPY go.mod go.sum ./
              6  kept               ?  RUN go mod download
              8  rebuilt      1.57 kB  COPY . .                                copies 3 source files, such as internal/store/store.go
              9  rebuilt            ?  RUN go build -o /usr/local/bin/linkd .  comes after line 8

        2 of 5 layers are rebuilt; to push and pull again: 1.57 kB and line 9, whose size is unknown.
        ");
    insta::assert_snapshot!(project("go-single-stage", &["main.go", "go.sum"]), @r"
        Build cache of testdata/go-single-stage/Dockerfile, if 2 paths change

        Layers
           line  cache          bytes  made by                                 why
              1  kept         ~796 MB  FROM golang:1.23
              3  kept             0 B  WORKDIR /src
              5  rebuilt        236 B  COPY go.mod go.sum ./                   copies go.sum
              6  rebuilt            ?  RUN go mod download                     comes after line 5
              8  rebuilt      1.57 kB  COPY . .                                copies main.go and 1 more
              9  rebuilt            ?  RUN go build -o /usr/local/bin/linkd .  comes after line 5

        4 of 5 layers are rebuilt; to push and pull again: 1.81 kB and lines 6, 9, whose sizes are unknown.
        ");
}

#[test]
fn stages() {
    insta::assert_snapshot!(project("clean", &[]), @r"
        Build cache of testdata/clean/Dockerfile, if any source file changes

        Stage build
           line  cache          bytes  made by                                 why
              1  kept         ~796 MB  FROM golang:1.23 AS build
              2  kept             0 B  WORKDIR /src
              3  rebuilt        100 B  COPY go.mod main.go ./                  copies main.go
              4  rebuilt            ?  RUN CGO_ENABLED=0 go build -trimpath …  comes after line 3

        Stage 1
           line  cache          bytes  made by                                 why
              6  kept        ~1.78 MB  FROM gcr.io/distroless/static-debian1…
              7  maybe              ?  COPY --from=build /out/hello /hello     only if the files copied from `build` change

        2 of 4 layers are rebuilt, and nothing of that is pushed or pulled; 1 more may be: line 7, whose size is unknown.
        ");
    insta::assert_snapshot!(project("flask-optimised", &["requirements.txt"]), @r"
        Build cache of testdata/flask-optimised/Dockerfile, if requirements.txt changes

        Stage build
           line  cache          bytes  made by                                 why
              3  kept         ~119 MB  FROM python:3.11-slim AS build
              5  kept         ~198 MB  RUN apt-get update && apt-get install…
              9  kept        ~20.0 MB  RUN python -m venv /opt/venv
             12  kept             0 B  WORKDIR /app
             13  rebuilt         46 B  COPY requirements.txt ./                copies requirements.txt
             14  rebuilt     ~8.30 MB  RUN pip install --no-cache-dir -r req…  comes after line 13

        Stage 1
           line  cache          bytes  made by                                 why
             17  kept         ~119 MB  FROM python:3.11-slim
             19  kept        ~4.23 MB  RUN apt-get update && apt-get install…
             24  maybe       ~28.3 MB  COPY --from=build /opt/venv /opt/venv   only if the files copied from `build` change
             28  maybe            0 B  WORKDIR /app                            comes after line 24
             29  rebuilt        695 B  COPY . .                                copies requirements.txt

        3 of 9 layers are rebuilt; to push and pull again: 695 B; 2 more may be: about 28.3 MB.
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
    args.target.build.target = Some("b".to_owned());
    let text = shown(&args).replace(&dir.path().display().to_string(), "DIR");
    insta::assert_snapshot!(text, @r"
        Build cache of DIR/Dockerfile, stage b, if 7 paths change
          Line 2 of DIR/.dockerignore ignores DIR/src/a.test.js, so it rebuilds nothing.
          No instruction copies DIR/lib, so it rebuilds nothing.
          No instruction copies DIR/docs, so it rebuilds nothing.
          DIR/gone does not exist, and no instruction would copy it.
          DIR/src/gone.js does not exist, so it counts as deleted.
          DIR/../other is outside the build context, so it rebuilds nothing.

        Stage b
           line  cache          bytes  made by                                 why
              1  maybe                 FROM a AS b                             the Dockerfile changes
              2  rebuilt          0 B  COPY src /src                           copies src/gone.js (deleted)
              3  rebuilt            ?  COPY dev /dev                           comes after line 2

        2 of 2 layers are rebuilt; to push and pull again: line 3, whose size is unknown.

        The Dockerfile changes. To see what that rebuilds, pass the version of the last build with
        --changed-dockerfile, or compare with a commit by --since.
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
        "advice args_changed changed context dockerfile dockerfile_change dockerfile_changed ignore_change kept \
         layers notes perhaps rebuilt target version"
    );
    assert_eq!(
        keys(&json["layers"][2]),
        "base fate in_image instruction known_by lines reason stage stage_name sum"
    );
    assert_eq!(json["layers"][2]["reason"]["kind"], "takes");
    assert_eq!(json["layers"][5]["reason"]["kind"], "from-stage");
    assert_eq!(json["changed"][0]["lines"], serde_json::json!([3]));
    assert_eq!(keys(&json["rebuilt"]), "in_image layers sum unknown");
    assert_eq!((&json["rebuilt"]["layers"], &json["layers"][2]["sum"]["bytes"]), (&2.into(), &100.into()));
}

#[test]
fn advice_is_given_where_it_would_help() {
    let dir = tree(&[
        (
            "Dockerfile",
            "FROM node\nWORKDIR /a\nCOPY . .\nRUN npm ci\nRUN pip install -r req/a.txt && x\n\
                        FROM rust\nCOPY . /a\nRUN cd /a && cargo build\nCOPY --from=0 /a /b\n",
        ),
        ("package.json", "{}"),
        ("req/a.txt", ""),
        ("a.js", ""),
        ("Cargo.toml", "[dependencies]\na = \"1\"\n"),
        ("Cargo.lock", ""),
    ]);
    let text = |changed: &[&str]| {
        let inside: Vec<String> = changed.iter().map(|c| dir.path().join(c).display().to_string()).collect();
        let args = args(dir.path(), &inside.iter().map(String::as_str).collect::<Vec<_>>());
        let text = shown(&args);
        text.split_once("\n\nTo keep").map_or_else(String::new, |(_, t)| format!("To keep{t}"))
    };
    insta::assert_snapshot!(text(&[]), @r"
        To keep the result of `npm ci` (line 4) until package.json changes, replace lines 3-4 with:
            COPY package.json ./
            RUN npm ci
            COPY . .

        To keep the result of `pip install` (line 5) until req/a.txt changes:
          first copy `req/a.txt`, run `pip install -r req/a.txt`, and copy the rest after it. The COPY is on line 3.

        To keep the downloads of `cargo build` (line 8) until Cargo.toml or Cargo.lock changes:
          build the dependencies in an earlier step (`cargo chef`), or keep downloads with `--mount=type=cache,target=/usr/local/cargo/registry`. The COPY is on line 7.
        ");
    insta::assert_snapshot!(text(&["req", "Cargo.toml"]), @r"
        To keep the result of `npm ci` (line 4) until package.json changes, replace lines 3-4 with:
            COPY package.json ./
            RUN npm ci
            COPY . .
        ");
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
fn what_unpacks_or_is_not_there_is_unknown() {
    let dir = tree(&[
        (
            "Dockerfile",
            "FROM a\nADD app.tar.gz /\nADD *.gz /\nADD . /\nCOPY app.tar.gz /\nCOPY gone x /\nCOPY <<E x /\nhi\nE\nADD x /\n",
        ),
        ("app.tar.gz", "12345"),
        ("x", "1"),
    ]);
    let report = gather(&args(dir.path(), &[]), &Progress::default()).unwrap();
    let bytes: Vec<(u64, usize)> = report.layers.iter().map(|l| (l.sum.bytes, l.sum.unknown)).collect();
    // An archive in a folder stays one.
    let whole = 5 + 1 + fs::metadata(dir.path().join("Dockerfile")).unwrap().len();
    assert_eq!(bytes, [(0, 1), (0, 1), (0, 1), (whole, 0), (5, 0), (1, 1), (4, 0), (1, 0)]);
}

#[test]
fn stages_of_other_platforms_do_not_count() {
    const DOCKERFILE: &str = "FROM debian:12 AS base-amd64\nCOPY a /\nFROM debian:12 AS base-arm64\nCOPY b /\nRUN make\n\
                              FROM base-${TARGETARCH}\nCOPY c /\n";
    let compose =
        |platforms: &str| format!("services: {{web: {{build: {{context: ., platforms: [{platforms}]}}}}}}\n");
    let (one, both) = (compose("linux/amd64"), compose("linux/arm64, linux/amd64"));
    let shown = |compose: Option<&str>| {
        let files = [("Dockerfile", DOCKERFILE), ("a", ""), ("b", ""), ("c", ""), (".git/HEAD", "")];
        let tree = tree(&files);
        if let Some(text) = compose {
            fs::write(tree.path().join("compose.yaml"), text).unwrap();
        }
        let report = gather(&args(&tree.path().join("Dockerfile"), &["b"]), &Progress::default()).unwrap();
        assert_eq!(report.kept.layers + report.perhaps.layers + report.rebuilt.layers, 2);
        report.notes
    };
    assert_eq!(
        shown(None),
        [
            "Which stages are built depends on the platform; this is linux/amd64: choose another with `--platform`."
        ]
    );
    assert!(shown(Some(&one)).is_empty());
    assert_eq!(
        shown(Some(&both)),
        [
            "The build is also for linux/arm64, where 3 of 3 layers are rebuilt: `--platform linux/arm64` shows them."
        ]
    );
}

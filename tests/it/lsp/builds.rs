//! A Dockerfile in the editor is built as files of its project say: what is found there is what the command line finds.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::{Client, places};

/// A project: its files, and its Dockerfile.
struct Layout {
    name: &'static str,
    dockerfile: &'static str,
    files: &'static [(&'static str, &'static str)],
}

const LAYOUTS: [Layout; 12] = [
    Layout {
        name: "a Compose file says another context",
        dockerfile: "docker/Dockerfile",
        files: &[
            ("docker/Dockerfile", "FROM debian:12\nCOPY app.py gone.py /srv/\nUSER 1\n"),
            ("docker/gone.py", "1"),
            ("app.py", "1"),
            (
                "compose.yaml",
                "services:\n  web:\n    build:\n      dockerfile: docker/Dockerfile\n      context: .\n",
            ),
        ],
    },
    Layout {
        name: "a Compose file gives arguments and a stage",
        dockerfile: "Dockerfile",
        files: &[
            (
                "Dockerfile",
                "ARG BASE=debian:12\nFROM ${BASE} AS dev\nCOPY a.py b.py /\nUSER 1\nFROM debian:latest\nRUN cd /x\n",
            ),
            ("a.py", "1"),
            (
                "compose.yaml",
                "services:\n  web:\n    build: {context: ., target: dev, args: {BASE: 'debian:latest'}}\n",
            ),
        ],
    },
    Layout {
        name: "a target of bake",
        dockerfile: "app/Dockerfile",
        files: &[
            (
                "app/Dockerfile",
                "FROM base AS run\nCOPY --from=assets logo.svg gone.svg /\nCOPY main.py none.py /\nCMD [\"/x\"]\n",
            ),
            ("src/main.py", "1"),
            ("assets/logo.svg", "1"),
            ("base/Dockerfile", "FROM debian:12\nUSER 1\n"),
            (
                "docker-bake.hcl",
                "target \"base\" {\n  context = \"base\"\n}\ntarget \"run\" {\n  context = \"src\"\n  dockerfile = \"../app/Dockerfile\"\n  contexts = { base = \"target:base\", assets = \"assets\" }\n}\n",
            ),
        ],
    },
    Layout {
        name: "the last stage, which no file names, has the context of the others",
        dockerfile: "app/Dockerfile",
        files: &[
            ("app/Dockerfile", "FROM debian:12 AS dev\nCOPY src gone.txt /srv/\nFROM dev\nUSER 1\n"),
            ("app/src/a.py", "1"),
            (
                "compose.yaml",
                "services:\n  web:\n    build: {context: ., dockerfile: app/Dockerfile, target: dev}\n",
            ),
        ],
    },
    Layout {
        name: "two builds that differ",
        dockerfile: "docker/Dockerfile",
        files: &[
            (
                "docker/Dockerfile",
                "FROM debian:12 AS one\nCOPY one.py shared.py /\nUSER 1\nFROM debian:12 AS two\nCOPY two.py shared.py /\n",
            ),
            ("a/one.py", "1"),
            ("a/shared.py", "1"),
            ("b/two.py", "1"),
            (
                "compose.yaml",
                "services:\n  one:\n    build: {context: a, dockerfile: ../docker/Dockerfile, target: one}\n  two:\n    build: {context: b, dockerfile: ../docker/Dockerfile, target: two}\n",
            ),
        ],
    },
    Layout {
        name: "an ignore file of its own",
        dockerfile: "docker/web.Dockerfile",
        files: &[
            ("docker/web.Dockerfile", "FROM debian:12\nCOPY app.py kept.py /srv/\nUSER 1\n"),
            ("docker/web.Dockerfile.dockerignore", "app.py\n"),
            (".dockerignore", "kept.py\n"),
            ("app.py", "1"),
            ("kept.py", "1"),
            (
                "compose.yaml",
                "services:\n  web:\n    build: {context: ., dockerfile: docker/web.Dockerfile}\n",
            ),
        ],
    },
    Layout {
        name: "an override leads to another Dockerfile",
        dockerfile: "docker/Dockerfile",
        files: &[
            ("docker/Dockerfile", "FROM debian:12\nCOPY app.py near.py /srv/\nUSER 1\n"),
            ("docker/near.py", "1"),
            ("docker/other.Dockerfile", "FROM debian:12\nUSER 1\n"),
            ("app.py", "1"),
            ("compose.yaml", "services:\n  web:\n    build: {context: ., dockerfile: docker/Dockerfile}\n"),
            (
                "compose.override.yaml",
                "services:\n  web:\n    build: {dockerfile: docker/other.Dockerfile}\n",
            ),
        ],
    },
    Layout {
        name: "an override leads to this Dockerfile",
        dockerfile: "docker/Dockerfile",
        files: &[
            ("docker/Dockerfile", "FROM debian:12\nCOPY app.py near.py /srv/\nUSER 1\n"),
            ("docker/near.py", "1"),
            ("app.py", "1"),
            (
                "compose.yaml",
                "services:\n  web:\n    build: {context: ., dockerfile: docker/other.Dockerfile}\n",
            ),
            ("compose.override.yaml", "services:\n  web:\n    build: {dockerfile: docker/Dockerfile}\n"),
        ],
    },
    Layout {
        name: "a container for development, and a workflow",
        dockerfile: "web/Dockerfile",
        files: &[
            (
                "web/Dockerfile",
                "FROM debian:12 AS dev\nARG DEBUG\nCOPY top.py web.py /\nUSER 1\nFROM dev\nRUN cd /x\n",
            ),
            ("top.py", "1"),
            (
                ".devcontainer/devcontainer.json",
                "{\"build\": {\"dockerfile\": \"../web/Dockerfile\", \"context\": \"..\", \"target\": \"dev\"}}\n",
            ),
            (
                ".github/workflows/ci.yml",
                "on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v5\n      - run: docker build -f web/Dockerfile .\n",
            ),
        ],
    },
    Layout {
        name: "a unit of Podman",
        dockerfile: "Containerfile",
        files: &[
            ("Containerfile", "FROM debian:12\nCOPY --link a.py b.py /\nUSER 1\n"),
            ("src/a.py", "1"),
            ("web.build", "[Build]\nImageTag=web\nFile=Containerfile\nSetWorkingDirectory=src\n"),
        ],
    },
    Layout {
        name: "several platforms",
        dockerfile: "Dockerfile",
        files: &[
            ("Dockerfile", "FROM debian:12\nARG TARGETARCH\nCOPY app-$TARGETARCH /app\nRUN cd /x\nUSER 1\n"),
            ("app-amd64", "1"),
            (
                "docker-bake.hcl",
                "target \"default\" {\n  platforms = [\"linux/amd64\", \"linux/arm64\"]\n}\n",
            ),
        ],
    },
    Layout {
        name: "settings say more than files that start builds",
        dockerfile: "docker/Dockerfile",
        files: &[
            ("docker/Dockerfile", "FROM debian:12\nCOPY app.py near.py /srv/\nUSER 1\n"),
            ("src/near.py", "1"),
            ("app.py", "1"),
            ("dlint.toml", "context = 'src'\n"),
            ("compose.yaml", "services:\n  web:\n    build: {context: ., dockerfile: docker/Dockerfile}\n"),
        ],
    },
];

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), ".git/HEAD", "x");
    files.iter().for_each(|(name, text)| write(folder.path(), name, text));
    folder
}

fn uri(folder: &Path, name: &str) -> String {
    format!("file://{}", folder.join(name).display())
}

/// A client that asks for diagnostics and is told to ask again.
fn client(folder: &Path) -> Client {
    let can = json!({
        "textDocument": {"diagnostic": {}, "hover": {"contentFormat": ["markdown"]}},
        "workspace": {"diagnostics": {"refreshSupport": true}},
    });
    Client::ready(folder, can).0
}

fn open(client: &mut Client, folder: &Path, name: &str, language: &str, text: &str) {
    let document = json!({"uri": uri(folder, name), "languageId": language, "version": 1, "text": text});
    client.note("textDocument/didOpen", json!({"textDocument": document}));
}

fn change(client: &mut Client, folder: &Path, name: &str, version: i32, text: &str) {
    let document = json!({"uri": uri(folder, name), "version": version});
    let changes = json!({"textDocument": document, "contentChanges": [{"text": text}]});
    client.note("textDocument/didChange", changes);
}

/// What is found now, whether or not a context was measured.
fn found_now(client: &mut Client, folder: &Path, name: &str) -> Vec<String> {
    let answer = client.ask("textDocument/diagnostic", json!({"textDocument": {"uri": uri(folder, name)}}));
    places(&answer["result"]["items"])
}

/// What is found once the contexts were measured for the text as it is now.
fn found(client: &mut Client, folder: &Path, name: &str) -> Vec<String> {
    found_now(client, folder, name);
    client.wait(|message| message["method"] == "workspace/diagnostic/refresh");
    found_now(client, folder, name)
}

/// Waits until this is found.
fn until(client: &mut Client, folder: &Path, name: &str, wanted: &[&str]) {
    while found_now(client, folder, name) != wanted {
        client.wait(|message| message["method"] == "workspace/diagnostic/refresh");
    }
}

/// The findings of the command line in a file.
fn findings_of_command(folder: &Path, name: &str) -> Vec<Value> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dlint"));
    let command = command.args([name, "--format", "json"]).current_dir(folder);
    let output = command.env("HOME", folder).env_remove("XDG_CONFIG_HOME").output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let files = report["files"].as_array().unwrap();
    let own = files.iter().find(|file| file["path"] == name);
    own.map(|own| own["findings"].as_array().unwrap().clone()).unwrap_or_default()
}

/// What the command line finds in a file.
fn found_by_command(folder: &Path, name: &str) -> Vec<String> {
    let place = |finding: &Value| {
        let at = |end: &str| {
            let number = |key: &str| finding[end][key].as_u64().unwrap() - 1;
            format!("{}:{}", number("line"), number("column"))
        };
        format!("{}-{} {}", at("start"), at("end"), finding["rule"].as_str().unwrap())
    };
    findings_of_command(folder, name).iter().map(place).collect()
}

#[test]
fn the_editor_finds_what_the_command_line_finds() {
    for Layout { name, dockerfile, files } in LAYOUTS {
        let folder = project(files);
        let text = fs::read_to_string(folder.path().join(dockerfile)).unwrap();
        let mut client = client(folder.path());
        open(&mut client, folder.path(), dockerfile, "dockerfile", &text);
        let in_editor = found(&mut client, folder.path(), dockerfile);
        let by_command = found_by_command(folder.path(), dockerfile);
        assert_eq!(in_editor, by_command, "{name}");
        assert!(!by_command.is_empty(), "{name}");
        let of = json!({"textDocument": {"uri": uri(folder.path(), dockerfile)}});
        let shown = client.ask("textDocument/diagnostic", of)["result"]["items"].take();
        let of_some: Vec<bool> = findings_of_command(folder.path(), dockerfile)
            .iter()
            .map(|finding| finding["builds"].as_array().is_some_and(|builds| !builds.is_empty()))
            .collect();
        let names_some = |item: &Value| item["message"].as_str().unwrap().contains("\nin the build");
        let named: Vec<bool> = shown.as_array().unwrap().iter().map(names_some).collect();
        assert_eq!(named, of_some, "{name}: {shown}");
        client.stop_while_it_works();
    }
}

const COMPOSE: &str = "services:\n  web:\n    build: {context: src, dockerfile: ../docker/Dockerfile}\n";

const DOCKERFILE: &str = "FROM debian:12\nCOPY a.py b.py /srv/\nUSER 1\n";

#[test]
fn what_is_not_saved_counts_on_both_sides() {
    let files = [
        ("docker/Dockerfile", DOCKERFILE),
        ("src/a.py", "1"),
        ("other/b.py", "1"),
        ("compose.yaml", COMPOSE),
    ];
    let folder = project(&files);
    let (folder, name) = (folder.path(), "docker/Dockerfile");
    let mut client = client(folder);
    open(&mut client, folder, name, "dockerfile", DOCKERFILE);
    until(&mut client, folder, name, &["1:10-1:14 copy-missing-source"]);
    open(&mut client, folder, "compose.yaml", "dockercompose", COMPOSE);
    change(&mut client, folder, "compose.yaml", 2, &COMPOSE.replace("src", "other"));
    until(&mut client, folder, name, &["1:5-1:9 copy-missing-source"]);
    // While it is open it counts as it is there, and as it is on the disk after that.
    client.note("textDocument/didClose", json!({"textDocument": {"uri": uri(folder, "compose.yaml")}}));
    until(&mut client, folder, name, &["1:10-1:14 copy-missing-source"]);
    // What is nowhere on the disk counts as well.
    fs::remove_file(folder.join("compose.yaml")).unwrap();
    let gone = json!({"changes": [{"uri": uri(folder, "compose.yaml"), "type": 3}]});
    client.note("workspace/didChangeWatchedFiles", gone);
    // No folder has what is copied, so that nobody knows what the context is.
    until(&mut client, folder, name, &[]);
    open(&mut client, folder, "docker/compose.yaml", "yaml", &COMPOSE.replace("src", "../other"));
    until(&mut client, folder, name, &["1:5-1:9 copy-missing-source"]);
    client.stop_while_it_works();
}

#[test]
fn builds_are_known_before_contexts_are() {
    let text = "FROM debian:12 AS dev\nUSER 1\nFROM debian:12\nRUN cd /x\n";
    let compose =
        "services:\n  web:\n    build: {context: ., target: dev}\n  api:\n    build: {context: .}\n";
    let folder = project(&[("Dockerfile", text), ("compose.yaml", compose)]);
    let mut client = client(folder.path());
    open(&mut client, folder.path(), "Dockerfile", "dockerfile", text);
    let of = json!({"textDocument": {"uri": uri(folder.path(), "Dockerfile")}});
    let answer = client.ask("textDocument/diagnostic", of);
    let items = answer["result"]["items"].as_array().unwrap();
    assert_eq!(places(&answer["result"]["items"]), found_by_command(folder.path(), "Dockerfile"));
    // Nothing of what is said of one build has the path of this machine.
    let said: Vec<&str> = items.iter().filter_map(|item| item["message"].as_str()).collect();
    assert!(!said.iter().any(|said| said.contains(&*folder.path().to_string_lossy())), "{said:?}");
    client.stop_while_it_works();
}

#[test]
fn what_is_shown_of_a_copy_says_whose_it_is() {
    let compose = "services:\n  one:\n    build: {context: a, dockerfile: ../Dockerfile}\n  two:\n    build: {context: b, dockerfile: ../Dockerfile}\n";
    let text = "FROM debian:12\nCOPY src /srv/\nUSER 1\n";
    let folder = project(&[
        ("Dockerfile", text),
        ("compose.yaml", compose),
        ("src/none", "x"),
        ("a/src/x", "12345"),
        ("b/src/x", "123456789"),
        ("b/only", "1"),
    ]);
    let (folder, uri) = (folder.path(), uri(folder.path(), "Dockerfile"));
    let mut client = client(folder);
    open(&mut client, folder, "Dockerfile", "dockerfile", text);
    found(&mut client, folder, "Dockerfile");
    let place = |line: u32, character: u32| json!({"line": line, "character": character});
    let all = json!({"textDocument": {"uri": uri}, "range": {"start": place(0, 0), "end": place(9, 0)}});
    let hints = client.ask("textDocument/inlayHint", all)["result"].take();
    let of_copy = hints.as_array().unwrap().iter().find(|hint| hint["position"]["line"] == 1).unwrap();
    assert_eq!(of_copy["label"], "5 B (one)");
    let hover =
        client.ask("textDocument/hover", json!({"textDocument": {"uri": uri}, "position": place(1, 6)}));
    let hover = hover["result"]["contents"]["value"].as_str().unwrap().to_owned();
    assert!(hover.contains("`compose.yaml: one`: **5 B**"), "{hover}");
    assert!(hover.contains("`compose.yaml: two`: **9 B**"), "{hover}");
    let at = json!({"textDocument": {"uri": uri}, "position": place(1, 5)});
    let offered = client.ask("textDocument/completion", at)["result"].take();
    let item = |label: &str| offered.as_array().unwrap().iter().find(|item| item["label"] == label).cloned();
    assert_eq!(item("only").unwrap()["detail"], "1 B, only in compose.yaml: two", "{offered}");
    assert_eq!(item("src/").unwrap().get("detail"), None);
    assert_eq!(item("Dockerfile"), None);
    client.stop_while_it_works();
}

#[test]
fn a_thousand_files_that_change_one_by_one_are_looked_at_together() {
    let folder = project(&[("Dockerfile", DOCKERFILE), ("a.py", "1")]);
    let folder = folder.path();
    let mut client = client(folder);
    open(&mut client, folder, "Dockerfile", "dockerfile", DOCKERFILE);
    until(&mut client, folder, "Dockerfile", &["1:10-1:14 copy-missing-source"]);
    write(folder, "b.py", "1");
    for number in 0..1000 {
        let changes = json!([{"uri": uri(folder, &format!("x{number}/Dockerfile")), "type": 2}]);
        client.note("workspace/didChangeWatchedFiles", json!({"changes": changes}));
    }
    // What was told before a request counts for its answer.
    until(&mut client, folder, "Dockerfile", &[]);
    client.stop_while_it_works();
}

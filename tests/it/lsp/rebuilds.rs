//! What a build makes again since the last commit: only who starts the server can have git asked. Without git these tests
//! fail.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::Client;

const DOCKERFILE: &str = "FROM debian:12\nRUN apt-get update\nCOPY app.py /srv/\nRUN make\nUSER 1\n";

fn git(folder: &Path, args: &[&str]) {
    let name = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
    let done = Command::new("git").arg("-C").arg(folder).args(name).args(args).output();
    let done = done.expect("these tests start git: install it");
    assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// A repository with a commit, after which `app.py` was changed.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("Dockerfile"), DOCKERFILE).unwrap();
    fs::write(folder.path().join("app.py"), "1").unwrap();
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "first"]);
    fs::write(folder.path().join("app.py"), "2").unwrap();
    folder
}

fn uri(folder: &Path) -> String {
    format!("file://{}", folder.join("Dockerfile").display())
}

fn open(client: &mut Client, folder: &Path, text: &str) {
    let document = json!({"uri": uri(folder), "languageId": "dockerfile", "version": 1, "text": text});
    client.note("textDocument/didOpen", json!({"textDocument": document}));
}

/// The lines with hints that are no weights, and what these say.
fn fates(client: &mut Client, folder: &Path) -> Vec<String> {
    let place = |line: u32| json!({"line": line, "character": 0});
    let range = json!({"start": place(0), "end": place(99)});
    let asked = json!({"textDocument": {"uri": uri(folder)}, "range": range});
    let hints = client.ask("textDocument/inlayHint", asked)["result"].take();
    let hints = hints.as_array().unwrap().iter();
    let shown = |hint: &Value| format!("{} {}", hint["position"]["line"], hint["label"].as_str().unwrap());
    hints.map(shown).filter(|hint| hint.contains("cached") || hint.contains("rebuilt")).collect()
}

/// The same once there are some.
fn known_fates(client: &mut Client, folder: &Path) -> Vec<String> {
    loop {
        let found = fates(client, folder);
        if !found.is_empty() {
            return found;
        }
    }
}

#[test]
fn lines_say_what_is_built_again_since_the_last_commit() {
    let folder = repository();
    let mut client =
        Client::ready_with(folder.path(), &["--stdio", "--cache-hints"], &json!({"weights": false}));
    open(&mut client, folder.path(), DOCKERFILE);
    assert_eq!(known_fates(&mut client, folder.path()), ["1 cached", "2 rebuilt", "3 rebuilt"]);
    // What was written since moves; of what was changed nothing is said.
    let place = |line: u32, character: u32| json!({"line": line, "character": character});
    let change = |version: i32, at: Value, text: &str| {
        let document = json!({"uri": uri(folder.path()), "version": version});
        let changes = json!([{"range": {"start": at, "end": at}, "text": text}]);
        json!({"textDocument": document, "contentChanges": changes})
    };
    client.note("textDocument/didChange", change(2, place(0, 0), "# x\n"));
    assert_eq!(fates(&mut client, folder.path()), ["2 cached", "3 rebuilt", "4 rebuilt"]);
    client.note("textDocument/didChange", change(3, place(2, 4), "x; "));
    assert!(!fates(&mut client, folder.path()).contains(&"2 cached".to_owned()));
    // Once it is saved, git is asked again.
    fs::write(folder.path().join("app.py"), "1").unwrap();
    client.note("textDocument/didSave", json!({"textDocument": {"uri": uri(folder.path())}}));
    let all = ["2 rebuilt", "3 rebuilt", "4 rebuilt"];
    while fates(&mut client, folder.path()) != all {}
    client.note("textDocument/didClose", json!({"textDocument": {"uri": uri(folder.path())}}));
    open(&mut client, folder.path(), DOCKERFILE);
    assert_eq!(known_fates(&mut client, folder.path()), ["1 cached", "2 cached", "3 cached"]);
    client.stop_while_it_works();
}

#[test]
fn no_setting_has_git_asked() {
    let folder = repository();
    let settings = json!({"cacheHints": true, "cache": true, "cache-hints": true, "git": true});
    let mut client = Client::ready_with(folder.path(), &["--stdio"], &settings);
    let changed = json!({"settings": {"dlint": settings}});
    client.note("workspace/didChangeConfiguration", changed);
    open(&mut client, folder.path(), &DOCKERFILE.replace("app.py", "app.py gone.py"));
    // The context was walked through once what it lacks is found.
    let is_it = |m: &Value| {
        let rows = &m["params"]["diagnostics"];
        m["method"] == "textDocument/publishDiagnostics" && rows.to_string().contains("copy-missing-source")
    };
    client.wait(is_it);
    assert_eq!(fates(&mut client, folder.path()), [""; 0]);
    client.stop_while_it_works();
}

//! What is found is renewed when other files change, whoever changes them: settings, locks, ignore files, what is built.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::{Client, places};

const LOCK: &str = "version = 1\n[base]\n\"example.org/own:1 linux/amd64\" = { digest = \"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\", bytes = 1, date = \"2026-11-30\", by = \"registry\" }\n";

fn uri(folder: &Path, name: &str) -> String {
    format!("file://{}", folder.join(name).display())
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn open(client: &mut Client, uri: &str, language: &str, text: &str) {
    let document = json!({"uri": uri, "languageId": language, "version": 1, "text": text});
    client.note("textDocument/didOpen", json!({"textDocument": document}));
}

fn close(client: &mut Client, uri: &str) {
    client.note("textDocument/didClose", json!({"textDocument": {"uri": uri}}));
}

/// Tells the server that files have changed on the disk: 1 is a new one, 2 another text, 3 one that is gone.
fn changed(client: &mut Client, files: &[(&str, u32)]) {
    let changes: Vec<Value> = files.iter().map(|(uri, kind)| json!({"uri": uri, "type": kind})).collect();
    client.note("workspace/didChangeWatchedFiles", json!({"changes": changes}));
}

/// The next diagnostics of a document that are these.
fn until(client: &mut Client, uri: &str, wanted: &[&str]) {
    loop {
        let is_it =
            |m: &Value| m["method"] == "textDocument/publishDiagnostics" && m["params"]["uri"] == *uri;
        let found = places(&client.wait(is_it)["params"]["diagnostics"]);
        if found == wanted {
            return;
        }
    }
}

#[test]
fn each_folder_has_its_own_settings_and_folders_come_and_go() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(one.path(), "dlint.toml", "ignore = ['cd-has-no-effect']\n");
    let text = "FROM debian:12\nRUN cd /app\nUSER 1\n";
    let (first, second) = (uri(one.path(), "Dockerfile"), uri(two.path(), "Dockerfile"));
    let (mut client, capabilities) =
        Client::ready(one.path(), json!({"workspace": {"workspaceFolders": true}}));
    assert_eq!(capabilities["workspace"]["workspaceFolders"]["supported"], true);
    let folder = json!({"uri": uri(two.path(), ""), "name": "two"});
    let folders = |added: Value, removed: Value| json!({"event": {"added": added, "removed": removed}});
    client.note("workspace/didChangeWorkspaceFolders", folders(json!([folder]), json!([])));
    open(&mut client, &first, "dockerfile", text);
    open(&mut client, &second, "dockerfile", text);
    until(&mut client, &second, &["1:4-1:11 cd-has-no-effect"]);
    until(&mut client, &first, &[]);
    // Settings that come count for the folder that they lie in.
    let settings = uri(two.path(), "dlint.toml");
    write(
        two.path(),
        "dlint.toml",
        "severity = { cd-has-no-effect = 'error' }\nextend-select = ['missing-healthcheck']\n",
    );
    changed(&mut client, &[(&settings, 1)]);
    until(&mut client, &second, &["0:5-0:14 missing-healthcheck", "1:4-1:11 cd-has-no-effect"]);
    fs::remove_file(two.path().join("dlint.toml")).unwrap();
    changed(&mut client, &[(&settings, 3)]);
    until(&mut client, &second, &["1:4-1:11 cd-has-no-effect"]);
    close(&mut client, &second);
    until(&mut client, &second, &[]);
    client.note("workspace/didChangeWorkspaceFolders", folders(json!([]), json!([folder])));
    write(one.path(), "dlint.toml", "");
    changed(&mut client, &[(&uri(one.path(), "dlint.toml"), 2)]);
    until(&mut client, &first, &["1:4-1:11 cd-has-no-effect"]);
    client.stop_while_it_works();
}

#[test]
fn a_lock_file_that_changes_alone_counts() {
    let folder = tempfile::tempdir().unwrap();
    let (file, lock) = (uri(folder.path(), "Dockerfile"), uri(folder.path(), "dlint.lock"));
    let (mut client, _) = Client::ready(folder.path(), json!({}));
    open(&mut client, &file, "dockerfile", "FROM example.org/own:1\nCMD [\"/app\"]\n");
    until(&mut client, &file, &[]);
    write(folder.path(), "dlint.lock", LOCK);
    changed(&mut client, &[(&lock, 1)]);
    until(&mut client, &file, &["1:0-1:3 no-user"]);
    write(folder.path(), "dlint.lock", &LOCK.replace(" }", ", user = \"app\" }"));
    changed(&mut client, &[(&lock, 2)]);
    until(&mut client, &file, &[]);
    client.stop_while_it_works();
}

#[test]
fn files_that_are_renamed_deleted_or_written_elsewhere_count() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "app/kept.py", "12345");
    write(folder.path(), "app/Dockerfile", "FROM debian:12 AS dev\nUSER 1\n");
    let compose = "services:\n  web:\n    build:\n      context: app\n      target: dev\n";
    let (entry, old) = (uri(folder.path(), "compose.yaml"), uri(folder.path(), "app/Dockerfile"));
    let (mut client, _) = Client::ready(folder.path(), json!({}));
    open(&mut client, &entry, "yaml", compose);
    until(&mut client, &entry, &[]);
    write(folder.path(), "app/Dockerfile", "FROM debian:12 AS run\nUSER 1\n");
    changed(&mut client, &[(&old, 2)]);
    until(&mut client, &entry, &["4:14-4:17 missing-build-stage"]);
    // A buffer lies over the file until it is closed.
    open(&mut client, &old, "dockerfile", "FROM debian:12 AS dev\nCOPY kept.py x.py /\nUSER 1\n");
    until(&mut client, &entry, &[]);
    until(&mut client, &old, &["1:13-1:17 copy-missing-source"]);
    close(&mut client, &old);
    until(&mut client, &entry, &["4:14-4:17 missing-build-stage"]);
    let new = uri(folder.path(), "app/moved");
    fs::rename(folder.path().join("app/Dockerfile"), folder.path().join("app/moved")).unwrap();
    changed(&mut client, &[(&old, 3), (&new, 1)]);
    until(&mut client, &entry, &["3:15-3:18 missing-dockerfile"]);
    // What is open may be gone from the disk: its text is the editor's.
    write(folder.path(), "app/x.py", "12345");
    open(&mut client, &new, "dockerfile", "FROM debian:12 AS dev\nCOPY x.py /\nRUN cd /\nUSER 1\n");
    until(&mut client, &new, &["2:4-2:8 cd-has-no-effect"]);
    fs::remove_dir_all(folder.path().join("app")).unwrap();
    changed(&mut client, &[(&new, 3)]);
    until(&mut client, &entry, &["3:15-3:18 missing-build-context"]);
    let hover = json!({"textDocument": {"uri": new}, "position": {"line": 0, "character": 1}});
    assert!(client.ask("textDocument/hover", hover)["result"]["contents"]["value"].is_string());
    client.stop_while_it_works();
}

#[test]
fn an_ignore_file_counts_as_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "app.py", "1");
    let (file, ignore) = (uri(folder.path(), "Dockerfile"), uri(folder.path(), ".dockerignore"));
    let (mut client, _) = Client::ready(folder.path(), json!({}));
    open(&mut client, &ignore, "ignore", "app.py\n");
    open(&mut client, &file, "dockerfile", "FROM debian:12\nCOPY app.py /\nUSER 1\n");
    until(&mut client, &file, &["1:5-1:11 copy-excluded-source"]);
    let document = json!({"uri": ignore, "version": 2});
    let change = json!({"textDocument": document, "contentChanges": [{"text": "other\n"}]});
    client.note("textDocument/didChange", change);
    until(&mut client, &file, &[]);
    client.note("textDocument/didClose", json!({"textDocument": {"uri": ignore}}));
    write(folder.path(), ".dockerignore", "app.py\n");
    changed(&mut client, &[(&ignore, 1)]);
    until(&mut client, &file, &["1:5-1:11 copy-excluded-source"]);
    client.stop_while_it_works();
}

#[test]
fn a_client_that_asks_is_told_to_ask_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = uri(folder.path(), "Dockerfile");
    let can = json!({
        "textDocument": {"diagnostic": {}},
        "workspace": {"diagnostics": {"refreshSupport": true}, "inlayHint": {"refreshSupport": true}},
    });
    let (mut client, capabilities) = Client::ready(folder.path(), can);
    assert_eq!(capabilities["diagnosticProvider"]["interFileDependencies"], true);
    open(&mut client, &file, "dockerfile", "FROM debian:12\nRUN cd /app\nUSER 1\n");
    let of = json!({"textDocument": {"uri": file}});
    let found = client.ask("textDocument/diagnostic", of.clone());
    assert_eq!(places(&found["result"]["items"]), ["1:4-1:11 cd-has-no-effect"]);
    // The walk through its context has an end, of which the client is told so.
    client.wait(|m| m["method"] == "workspace/diagnostic/refresh");
    write(folder.path(), "dlint.toml", "ignore = ['cd-has-no-effect']\n");
    changed(&mut client, &[(&uri(folder.path(), "dlint.toml"), 1)]);
    client.wait(|m| m["method"] == "workspace/diagnostic/refresh");
    client.wait(|m| m["method"] == "workspace/inlayHint/refresh");
    let found = client.ask("textDocument/diagnostic", of);
    assert_eq!(places(&found["result"]["items"]), [""; 0]);
    client.stop_while_it_works();
}

#[test]
fn a_client_that_asks_is_told_so_when_an_open_file_counts_for_another() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "app.py", "1");
    let (file, ignore) = (uri(folder.path(), "Dockerfile"), uri(folder.path(), ".dockerignore"));
    let entry = uri(folder.path(), "compose.yaml");
    let can = json!({
        "textDocument": {"diagnostic": {}},
        "workspace": {"diagnostics": {"refreshSupport": true}},
    });
    let (mut client, _) = Client::ready(folder.path(), can);
    let ask = |client: &mut Client, uri: &str| {
        let of = json!({"textDocument": {"uri": uri}});
        places(&client.ask("textDocument/diagnostic", of)["result"]["items"])
    };
    // It asks only when it is told to.
    let until = |client: &mut Client, uri: &str, wanted: &[&str]| {
        loop {
            client.wait(|m| m["method"] == "workspace/diagnostic/refresh");
            if ask(client, uri) == wanted {
                return;
            }
        }
    };
    open(&mut client, &file, "dockerfile", "FROM debian:12 AS one\nCOPY app.py /\nUSER 1\n");
    assert_eq!(ask(&mut client, &file), [""; 0]);
    client.wait(|m| m["method"] == "workspace/diagnostic/refresh");
    open(&mut client, &ignore, "ignore", "app.py\n");
    until(&mut client, &file, &["1:5-1:11 copy-excluded-source"]);
    let change = |client: &mut Client, uri: &str, text: &str| {
        let document = json!({"uri": uri, "version": 2});
        let change = json!({"textDocument": document, "contentChanges": [{"text": text}]});
        client.note("textDocument/didChange", change);
    };
    change(&mut client, &ignore, "other\n");
    until(&mut client, &file, &[]);
    open(&mut client, &entry, "yaml", "services: {a: {build: {context: ., target: one}}}\n");
    assert_eq!(ask(&mut client, &entry), [""; 0]);
    change(&mut client, &file, "FROM debian:12 AS two\nCOPY app.py /\nUSER 1\n");
    until(&mut client, &entry, &["0:43-0:46 missing-build-stage"]);
    client.stop_while_it_works();
}

#[test]
fn what_needs_the_context_goes_when_contexts_are_not_wanted_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let file = uri(folder.path(), "Dockerfile");
    write(folder.path(), "app.py", "1");
    let (mut client, _) = Client::ready(folder.path(), json!({}));
    open(&mut client, &file, "dockerfile", "FROM debian:12\nCOPY app.py gone.py /\nUSER 1\n");
    until(&mut client, &file, &["1:12-1:19 copy-missing-source"]);
    for (wanted, found) in [(false, &[][..]), (true, &["1:12-1:19 copy-missing-source"])] {
        let settings = json!({"settings": {"dlint": {"context": wanted}}});
        client.note("workspace/didChangeConfiguration", settings);
        until(&mut client, &file, found);
    }
    client.stop_while_it_works();
}

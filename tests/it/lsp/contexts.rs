//! Build contexts and ignore files: what is measured while the server answers.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::{Client, places};

const DOCKERFILE: &str = "FROM debian:12-slim\nCOPY app.py gone.py /srv/\nUSER 1\n";

fn uri(folder: &Path, name: &str) -> String {
    format!("file://{}", folder.join(name).display())
}

fn open(client: &mut Client, uri: &str, language: &str, text: &str) {
    let document = json!({"uri": uri, "languageId": language, "version": 1, "text": text});
    client.note("textDocument/didOpen", json!({"textDocument": document}));
}

fn insert(client: &mut Client, uri: &str, version: i32, (line, character): (u32, u32), text: &str) {
    let at = json!({"line": line, "character": character});
    let change = json!({"range": {"start": at, "end": at}, "text": text});
    let document = json!({"uri": uri, "version": version});
    client.note("textDocument/didChange", json!({"textDocument": document, "contentChanges": [change]}));
}

/// The next diagnostics of a version.
fn published(client: &mut Client, version: i32) -> Vec<String> {
    let is_it =
        |m: &Value| m["method"] == "textDocument/publishDiagnostics" && m["params"]["version"] == version;
    places(&client.wait(is_it)["params"]["diagnostics"])
}

/// The diagnostics of a version once there are `count`.
fn published_count(client: &mut Client, version: i32, count: usize) -> Vec<String> {
    loop {
        let found = published(client, version);
        if found.len() == count {
            return found;
        }
    }
}

#[test]
fn what_needs_the_context_comes_later_and_stays_while_one_types() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("app.py"), "x".repeat(1500)).unwrap();
    let uri = uri(folder.path(), "Dockerfile");
    let (mut client, _) = Client::ready(folder.path(), json!({}));
    open(&mut client, &uri, "dockerfile", DOCKERFILE);
    assert_eq!(published_count(&mut client, 1, 1), ["1:12-1:19 copy-missing-source"]);
    // The same is asked of the context: it is known at once.
    insert(&mut client, &uri, 2, (0, 0), "# \u{e9}\n");
    assert_eq!(published(&mut client, 2), ["2:12-2:19 copy-missing-source"]);
    // Something else is asked: what was known stays at its place until that is measured.
    insert(&mut client, &uri, 3, (2, 5), "b.py ");
    assert_eq!(published(&mut client, 3), ["2:17-2:24 copy-missing-source"]);
    let both = ["2:5-2:9 copy-missing-source", "2:17-2:24 copy-missing-source"];
    assert_eq!(published_count(&mut client, 3, 2), both);
    assert_eq!(client.stop(), Some(0));
}

#[test]
fn lines_are_weighed_and_files_are_offered() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("app.py"), "x".repeat(1500)).unwrap();
    fs::write(folder.path().join("secret.py"), "x").unwrap();
    fs::write(folder.path().join(".dockerignore"), "secret.py\n").unwrap();
    let uri = uri(folder.path(), "Dockerfile");
    let (mut client, _) = Client::ready(folder.path(), json!({}));
    open(&mut client, &uri, "dockerfile", DOCKERFILE);
    published_count(&mut client, 1, 1);
    let place = |line: u32, character: u32| json!({"line": line, "character": character});
    let of = json!({"uri": uri});
    let all = json!({"start": place(0, 0), "end": place(9, 0)});
    let hints = client.ask("textDocument/inlayHint", json!({"textDocument": of, "range": all}));
    let hints = hints["result"].as_array().unwrap();
    let copied: Vec<&Value> = hints.iter().filter(|hint| hint["position"]["line"] == 1).collect();
    assert_eq!((copied.len(), &copied[0]["label"]), (1, &json!("1.50 kB +?")), "{hints:?}");
    let at = json!({"textDocument": of, "position": place(1, 7)});
    let hover = client.ask("textDocument/hover", at.clone());
    let text = hover["result"]["contents"]["value"].as_str().unwrap();
    assert!(text.contains("1.50 kB") && text.contains("app.py"), "{text}");
    let at = json!({"textDocument": of, "position": place(1, 5)});
    let offered = client.ask("textDocument/completion", at);
    let labels: Vec<&str> =
        offered["result"].as_array().unwrap().iter().filter_map(|item| item["label"].as_str()).collect();
    assert!(labels.contains(&"app.py") && !labels.contains(&"secret.py"), "{labels:?}");
    assert_eq!(client.stop(), Some(0));
}

#[test]
fn lines_of_an_ignore_file_say_what_they_leave_out() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("logs")).unwrap();
    fs::write(folder.path().join("logs/a"), "12345").unwrap();
    let uri = uri(folder.path(), ".dockerignore");
    let (mut client, _) = Client::ready(folder.path(), json!({}));
    open(&mut client, &uri, "ignore", "logs\n!\n");
    assert_eq!(published(&mut client, 1), ["1:0-1:1 ignore-syntax"]);
    let at = json!({"textDocument": {"uri": uri}, "position": {"line": 0, "character": 1}});
    // Nothing more is found once the context is measured, so that nothing is sent.
    let hover = loop {
        let hover = client.ask("textDocument/hover", at.clone());
        if !hover["result"].is_null() {
            break hover;
        }
    };
    assert_eq!(hover["result"]["contents"]["value"], "leaves out 1 file with 5 B");
    // What is asked of Dockerfiles alone has no answer here.
    assert_eq!(client.ask("textDocument/documentSymbol", at)["result"], Value::Null);
    assert_eq!(client.stop(), Some(0));
}

//! The folders that the editor has opened: outside of a repository they say how far up the files that start builds are.

use std::fs;

use serde_json::{Value, json};

use super::Client;

const DOCKERFILE: &str = "FROM werkzeug AS fertig\nCOPY --from= /a /\n";

const COMPOSE: &str = "services:\n  web:\n    build:\n      context: app\n      target: fertig\n      additional_contexts:\n        werkzeug: ./werkzeug\n        vorrat: ./vorrat\n";

/// What is offered behind `--from=` where `opened` is the folder of the editor, and what becomes of a new name for the stage.
fn asked(opened: impl Fn(&str) -> Value) -> (Vec<String>, Value) {
    let top = tempfile::tempdir().unwrap();
    let uri = |name: &str| format!("file://{}", top.path().join(name).display());
    fs::create_dir_all(top.path().join("größe/app")).unwrap();
    fs::write(top.path().join("größe/app/Dockerfile"), DOCKERFILE).unwrap();
    fs::write(top.path().join("größe/compose.yaml"), COMPOSE).unwrap();
    let mut client = Client::start(top.path());
    let mut given = opened(&uri("größe"));
    given["capabilities"] = json!({});
    client.ask("initialize", given);
    client.note("initialized", json!({}));
    let document = json!({"uri": uri("größe/app/Dockerfile"), "languageId": "dockerfile", "version": 1, "text": DOCKERFILE});
    client.note("textDocument/didOpen", json!({"textDocument": document}));
    let mut ask = |method: &str, line: u32, character: u32, new: &str| {
        let position = json!({"line": line, "character": character});
        let of = json!({"textDocument": document, "position": position, "newName": new});
        client.ask(&format!("textDocument/{method}"), of)
    };
    let offers = ask("completion", 1, 12, "");
    let offers = offers["result"].as_array().unwrap().iter();
    let offers = offers.map(|offer| offer["label"].as_str().unwrap().to_owned()).collect();
    let renamed = ask("rename", 0, 18, "Vorrat");
    let edits = ask("rename", 0, 18, "neu");
    assert!(edits["result"]["changes"].is_object(), "{edits}");
    client.stop_while_it_works();
    (offers, renamed)
}

#[test]
fn files_up_to_the_folder_of_the_editor_start_builds() {
    for opened in [
        (&|uri: &str| json!({"rootUri": uri})) as &dyn Fn(&str) -> Value,
        &|uri| json!({"rootUri": null, "workspaceFolders": [{"uri": uri, "name": "x"}]}),
    ] {
        let (offers, renamed) = asked(opened);
        assert_eq!(offers, ["vorrat", "werkzeug"]);
        let why = renamed["error"]["message"].as_str().unwrap_or_else(|| panic!("{renamed}"));
        assert!(why.contains("a build gives a context of this name"), "{why}");
    }
    // Without one, and below it, nothing above a Dockerfile is looked at.
    for opened in [
        (&|_: &str| json!({"rootUri": null})) as &dyn Fn(&str) -> Value,
        &|uri| json!({"rootUri": format!("{uri}/app")}),
    ] {
        let (offers, _) = asked(opened);
        assert_eq!(offers, [""; 0]);
    }
}

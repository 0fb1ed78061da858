//! Commands, and what clients get that know less than others.

use std::fs;

use serde_json::{Value, json};

use super::{Client, URI};

const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn run(client: &mut Client, command: &str, argument: Value) -> Value {
    client.ask("workspace/executeCommand", json!({"command": command, "arguments": [argument]}))
}

#[test]
fn all_fixes_are_applied_by_the_client() {
    let folder = tempfile::tempdir().unwrap();
    let (mut client, capabilities) = Client::ready(folder.path(), json!({"workspace": {"applyEdit": true}}));
    let known = capabilities["executeCommandProvider"]["commands"].as_array().unwrap();
    assert!(known.contains(&json!("dlint.fixAll")), "{known:?}");
    client.open("FROM debian:12\nMAINTAINER x\nUSER 1\n");
    let answer = run(&mut client, "dlint.fixAll", json!(URI));
    let sent = client.wait(|message| message["method"] == "workspace/applyEdit");
    assert_eq!(sent["params"]["edit"], answer["result"]);
    let edit = &answer["result"]["changes"][URI][0];
    assert!(edit["newText"].as_str().unwrap().contains("LABEL"), "{answer}");
    client.open("FROM debian:12\nUSER 1\n");
    assert_eq!(run(&mut client, "dlint.fixAll", json!(URI))["result"], Value::Null);
    for wrong in [json!("file:///none"), json!(3)] {
        assert_eq!(run(&mut client, "dlint.fixAll", wrong)["error"]["code"], -32602);
    }
    for wrong in [Value::Null, json!("x"), json!({}), json!({"chnges": {}}), json!({"changes": 3})] {
        let answer = run(&mut client, "dlint.applyEdit", wrong);
        assert_eq!(answer["error"]["code"], -32602, "{answer}");
    }
    assert_eq!(run(&mut client, "dlint.none", Value::Null)["error"]["code"], -32602);
    client.stop_while_it_works();
}

#[test]
fn the_extension_has_no_command_of_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let (client, capabilities) = Client::ready(folder.path(), json!({}));
    client.stop_while_it_works();
    let manifest =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/editors/vscode/package.json")).unwrap();
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    let own = manifest["contributes"]["commands"].as_array().unwrap();
    // VS Code's client registers those of the server, and ends where a name is taken.
    let known = capabilities["executeCommandProvider"]["commands"].as_array().unwrap();
    assert!(!own.is_empty() && own.iter().all(|command| !known.contains(&command["command"])), "{own:?}");
}

#[test]
fn digests_come_from_the_lock_file() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    let uri = format!("file://{}/Dockerfile", folder.path().display());
    let (mut client, _) = Client::ready(folder.path(), json!({}));
    let text = "FROM example.org/own:1\nUSER 1\n";
    let document = json!({"uri": uri, "languageId": "dockerfile", "version": 1, "text": text});
    client.note("textDocument/didOpen", json!({"textDocument": document}));
    let none = run(&mut client, "dlint.pin", json!(uri));
    assert!(none["error"]["message"].as_str().unwrap().contains("no dlint.lock"), "{none}");
    let lock = format!(
        "version = 1\n[base]\n\"example.org/own:1 linux/amd64\" = {{ digest = \"{DIGEST}\", bytes = 1, date = \"2026-11-30\", by = \"registry\" }}\n"
    );
    fs::write(folder.path().join("dlint.lock"), lock).unwrap();
    let answer = run(&mut client, "dlint.pin", json!(uri));
    assert_eq!(answer["result"]["changes"][&uri][0]["newText"], format!("@{DIGEST}"), "{answer}");
    client.stop_while_it_works();
}

#[test]
fn what_a_dockerfile_weighs_and_could_be_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (mut client, _) = Client::ready(folder.path(), json!({}));
    let text = "FROM golang:1.25\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\nCMD [\"/app\"]\n";
    client.open(text);
    let plan = run(&mut client, "dlint.plan", json!(URI))["result"].take();
    assert!(plan.as_str().unwrap().starts_with("### 1: `FROM golang:1.25`\n\n**"), "{plan}");
    // The sources say what the program needs where it runs.
    fs::write(folder.path().join("go.mod"), "module x\n").unwrap();
    fs::write(folder.path().join("main.go"), "package main\n").unwrap();
    let uri = format!("file://{}/Dockerfile", folder.path().display());
    let document = json!({"uri": uri, "languageId": "dockerfile", "version": 1, "text": text});
    client.note("textDocument/didOpen", json!({"textDocument": document}));
    let proposal = run(&mut client, "dlint.propose", json!(uri));
    let text = proposal["result"]["text"].as_str();
    assert!(text.is_some_and(|text| text.matches("FROM ").count() == 2), "{proposal}");
    client.open("FROM scratch\nCOPY a /\n");
    let none = run(&mut client, "dlint.propose", json!(URI));
    assert!(none["error"]["message"].is_string(), "{none}");
    client.stop_while_it_works();
}

#[test]
fn a_client_that_knows_less_gets_commands_and_a_flat_outline() {
    let folder = tempfile::tempdir().unwrap();
    let (mut client, _) = Client::ready(folder.path(), json!({"workspace": {"applyEdit": true}}));
    client.open("FROM debian:12 AS base\nRUN x\nMAINTAINER x\nUSER 1\n");
    let of = json!({"textDocument": {"uri": URI}});
    let outline = client.ask("textDocument/documentSymbol", of)["result"].take();
    let shown: Vec<_> =
        outline.as_array().unwrap().iter().map(|s| (&s["name"], &s["containerName"])).collect();
    assert_eq!(shown[0], (&json!("base"), &Value::Null));
    assert_eq!(shown[1], (&json!("RUN x"), &json!("base")));
    assert_eq!(outline[1]["location"]["uri"], URI);
    let place = json!({"line": 2, "character": 1});
    let asked = json!({"textDocument": {"uri": URI}, "range": {"start": place, "end": place}, "context": {"diagnostics": []}});
    let commands = client.ask("textDocument/codeAction", asked)["result"].take();
    let first = &commands[0];
    assert_eq!((&first["command"], first.get("kind")), (&json!("dlint.applyEdit"), None), "{commands}");
    let done = run(&mut client, "dlint.applyEdit", first["arguments"][0].clone());
    let sent = client.wait(|message| message["method"] == "workspace/applyEdit");
    assert_eq!(sent["params"]["edit"], done["result"]);
    assert!(sent["params"]["edit"]["changes"][URI].is_array(), "{sent}");
    client.stop_while_it_works();
}

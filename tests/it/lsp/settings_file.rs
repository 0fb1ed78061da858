//! `dlint.toml` while it is written.

use serde_json::json;

use super::Client;

#[test]
fn keys_are_offered_and_explained_and_faults_have_lines() {
    let folder = tempfile::tempdir().unwrap();
    let uri = format!("file://{}/dlint.toml", folder.path().display());
    let (mut client, _) = Client::ready(folder.path(), json!({}));
    let text = "fail-on = 'error'\nselect = ['no-usr']\nfai\n";
    let document = json!({"uri": uri, "languageId": "toml", "version": 1, "text": text});
    client.note("textDocument/didOpen", json!({"textDocument": document}));
    let place = |line: u32, character: u32| json!({"textDocument": {"uri": uri}, "position": {"line": line, "character": character}});
    let offered = client.ask("textDocument/completion", place(2, 3));
    assert_eq!(offered["result"][0]["label"], "fail-on", "{offered}");
    let hover = client.ask("textDocument/hover", place(0, 2));
    assert!(hover["result"]["contents"]["value"].as_str().unwrap().contains("exits with 1"), "{hover}");
    let outline = client.ask("textDocument/documentSymbol", json!({"textDocument": {"uri": uri}}));
    assert!(outline["result"].is_null(), "{outline}");
    let change = json!({"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": "select = ['no-usr']\n"}]});
    client.note("textDocument/didChange", change);
    let found =
        client.wait(|m| m["method"] == "textDocument/publishDiagnostics" && m["params"]["version"] == 2);
    let said = found["params"]["diagnostics"][0]["message"].as_str().unwrap();
    assert!(said.ends_with("\nhelp: did you mean `no-user`?"), "{said}");
    client.stop_while_it_works();
}

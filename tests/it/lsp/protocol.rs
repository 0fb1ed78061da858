//! Messages, states and errors.

use serde_json::{Value, json};

use super::{Client, URI};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn a_server_starts_and_stops() {
    let folder = folder();
    let (client, capabilities) = Client::ready(folder.path(), json!({}));
    assert_eq!(capabilities["positionEncoding"], "utf-16");
    assert_eq!(capabilities["textDocumentSync"]["change"], 2);
    assert_eq!(capabilities.get("diagnosticProvider"), None);
    assert_eq!(client.stop(), Some(0));
    assert_eq!(Client::start(folder.path()).exit(), Some(1));
    let (mut client, _) = Client::ready(folder.path(), json!({}));
    client.note("exit", Value::Null);
    assert_eq!(client.exit(), Some(1));
    let (mut client, _) = Client::ready(folder.path(), json!({}));
    client.ask("shutdown", Value::Null);
    assert_eq!(client.exit(), Some(0));
}

#[test]
fn the_units_of_characters_are_agreed_on() {
    let folder = folder();
    for (offered, want) in [
        (json!(["utf-16", "utf-8"]), "utf-8"),
        (json!(["utf-32", "utf-16"]), "utf-32"),
        (json!(["utf-7"]), "utf-16"),
        (json!("utf-8"), "utf-16"),
    ] {
        let offer = json!({"general": {"positionEncodings": offered}});
        let (_client, capabilities) = Client::ready(folder.path(), offer);
        assert_eq!(capabilities["positionEncoding"], want);
    }
}

#[test]
fn requests_at_the_wrong_time_are_refused() {
    let folder = folder();
    let mut client = Client::start(folder.path());
    let code = |answer: Value| answer["error"]["code"].as_i64();
    // What is noted before the start is dropped.
    client.open("FROM a\n");
    assert_eq!(code(client.ask("textDocument/documentSymbol", json!({}))), Some(-32002));
    assert_eq!(code(client.ask("shutdown", Value::Null)), Some(-32002));
    assert!(client.ask("initialize", json!({"capabilities": {}}))["result"].is_object());
    assert_eq!(code(client.ask("initialize", json!({"capabilities": {}}))), Some(-32600));
    assert_eq!(code(client.ask("no/such\u{1b}Method", json!({}))), Some(-32601));
    let about = |uri: &str| json!({"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}});
    assert_eq!(code(client.ask("textDocument/documentSymbol", about(URI))), Some(-32602));
    assert_eq!(code(client.ask("textDocument/documentSymbol", json!([1]))), Some(-32602));
    assert_eq!(
        code(client.ask("textDocument/definition", json!({"textDocument": {"uri": URI}}))),
        Some(-32602)
    );
    client.note("textDocument/didChange", json!({"textDocument": 1}));
    client.note("$/whatever", json!({}));
    client.open("FROM a\n");
    let outside =
        json!({"textDocument": {"uri": URI}, "position": {"line": 99, "character": 4294967295_u32}});
    assert_eq!(client.ask("textDocument/definition", outside)["result"], Value::Null);
    let negative = json!({"textDocument": {"uri": URI}, "position": {"line": -1, "character": 0}});
    assert_eq!(code(client.ask("textDocument/definition", negative)), Some(-32602));
    client.ask("shutdown", Value::Null);
    assert_eq!(code(client.ask("textDocument/documentSymbol", about(URI))), Some(-32600));
    client.note("exit", Value::Null);
    // The document was opened a moment ago: what is found in it may come before or after.
    assert_eq!(client.exit_while_it_works(), Some(0));
}

fn framed(body: &str) -> String {
    format!("Content-Length: {}\r\n\r\n{body}", body.len())
}

#[test]
fn garbage_is_answered_and_forgotten() {
    let folder = folder();
    let (mut client, _) = Client::ready(folder.path(), json!({}));
    for (bytes, code) in [
        ("Content-Length: 5\r\n\r\n{\"a\":".to_owned(), -32700),
        ("Content-Length: -5\r\n\r\n".to_owned(), -32700),
        ("Content-Length: many\r\n\r\n{}".to_owned(), -32700),
        ("Content-Length: 2\r\n\r\n[]".to_owned(), -32600),
        ("Content-Length: 8\r\n\r\n{\"id\":1}".to_owned(), -32600),
        ("Content-Length: 23\r\n\r\n{\"id\":[],\"method\":\"x\" }".to_owned(), -32600),
        (framed(&format!("{{\"method\":\"x\",\"params\":[{}0]}}", "0,".repeat(1_100_000))), -32700),
        (format!("Content-Length: 100000\r\n\r\n{}", "[".repeat(100_000)), -32700),
        (format!("{}\r\nno header\r\n\r\nContent-Length: 4\r\n\r\nnull", "x".repeat(50_000)), -32600),
    ] {
        client.write(&bytes);
        let answer = client.wait(|m| m["id"].is_null() && m.get("error").is_some());
        assert_eq!(answer["error"]["code"], code, "{:.60}", bytes);
        assert_eq!(client.ask("no/method", json!({}))["error"]["code"], -32601, "{:.60}", bytes);
    }
    // A list is no object, even where its values would fit.
    assert_eq!(client.ask("textDocument/hover", json!([{"uri": URI}]))["error"]["code"], -32602);
    // Commas in a text are no values.
    let long = format!("{{\"id\":\"long\",\"method\":\"x\",\"params\":[\"{}\"]}}", ",[\\\"".repeat(600_000));
    client.write(framed(&long));
    assert_eq!(client.wait(|m| m["id"] == "long")["error"]["code"], -32601);
    // An answer to something that nobody asked.
    client.send(&json!({"jsonrpc": "2.0", "id": 7, "result": null}));
    // A message that ends too early, or never comes.
    client.write("Content-Length: 18446744073709551615\r\n\r\n{}");
    assert_eq!(client.exit(), Some(1));
}

#[test]
fn a_request_that_waits_can_be_cancelled() {
    let folder = folder();
    let (mut client, _) = Client::ready(folder.path(), json!({}));
    let frame = |message: Value| framed(&message.to_string());
    client.open("FROM a\n");
    client.published(1);
    let about = json!({"textDocument": {"uri": URI}});
    let ask = |id: &str| frame(json!({"id": id, "method": "textDocument/documentSymbol", "params": about}));
    let cancel = frame(json!({"method": "$/cancelRequest", "params": {"id": "b"}}));
    client.write(format!("{}{}{cancel}{}", ask("a"), ask("b"), ask("c")));
    for id in ["a", "b", "c"] {
        let answer = client.wait(|m| m["id"] == id);
        let cancelled = answer["error"]["code"] == -32800;
        // It may be answered before it is known to be cancelled, and is answered once in any case.
        assert!(answer["result"].is_array() || id == "b" && cancelled, "{answer}");
    }
    assert_eq!(client.stop(), Some(0));
}

//! Documents: edits, findings, fixes, names.

use serde_json::{Value, json};

use super::{Client, URI, places};

fn utf8() -> Value {
    json!({"general": {"positionEncodings": ["utf-8"]}})
}

#[test]
fn diagnostics_move_with_the_text_in_any_encoding() {
    for (capabilities, at) in [(json!({}), 16), (utf8(), 19)] {
        let folder = tempfile::tempdir().unwrap();
        let (mut client, _) = Client::ready(folder.path(), capabilities);
        client.open("FROM debian:12\nRUN cd /app\nUSER 1\n");
        assert_eq!(client.published(1), ["1:4-1:11 cd-has-no-effect"]);
        // Several changes, each about the text that the one before left.
        client.change(
            2,
            &[
                ([0, 0, 0, 0], "# h\u{e9}llo \u{1d4b3}\r\n"),
                ([1, 14, 1, 14], " AS b"),
                ([2, 4, 2, 4], "echo '\u{1d4b3}\u{e9}'; "),
            ],
        );
        let found = client.published(2);
        assert_eq!(found, [format!("2:{at}-2:{} cd-has-no-effect", at + 7)]);
        client.change(3, &[([2, 0, 3, 0], "")]);
        assert_eq!(client.published(3), Vec::<String>::new());
        let whole = json!({"textDocument": {"uri": URI, "version": 4}, "contentChanges": [
            {"text": "FROM debian:12\nRUN x\n"},
            {"range": {"start": {"line": 1, "character": 4}, "end": {"line": 1, "character": 5}}, "text": "cd /\nUSER 1"},
        ]});
        client.note("textDocument/didChange", whole);
        assert_eq!(client.published(4), ["1:4-1:8 cd-has-no-effect"]);
        client.note("textDocument/didClose", json!({"textDocument": {"uri": URI}}));
        let closed = client.wait(|m| {
            m["method"] == "textDocument/publishDiagnostics" && m["params"].get("version").is_none()
        });
        assert_eq!(closed["params"]["diagnostics"], json!([]));
        assert_eq!(client.stop(), Some(0));
    }
}

#[test]
fn a_client_that_asks_is_not_told() {
    let folder = tempfile::tempdir().unwrap();
    let (mut client, capabilities) =
        Client::ready(folder.path(), json!({"textDocument": {"diagnostic": {}}}));
    assert_eq!(capabilities["diagnosticProvider"]["identifier"], "dlint");
    client.open("FROM debian:12\nRUN cd /app\nUSER 1\n");
    let answer = client.ask("textDocument/diagnostic", json!({"textDocument": {"uri": URI}}));
    assert_eq!(answer["result"]["kind"], "full");
    assert_eq!(places(&answer["result"]["items"]), ["1:4-1:11 cd-has-no-effect"]);
    client.note("textDocument/didClose", json!({"textDocument": {"uri": URI}}));
    // Nothing else was sent.
    assert_eq!(client.stop(), Some(0));
}

#[test]
fn settings_count_and_change() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("dlint.toml");
    std::fs::write(&config, "docs-url = 'https://example.com/d'\n").unwrap();
    let uri = format!("file://{}/Dockerfile", folder.path().display());
    let (mut client, _) = Client::ready(folder.path(), json!({}));
    let document = json!({"uri": uri, "languageId": "dockerfile", "version": 5, "text": "FROM debian:12\nRUN cd /app\nUSER 1\n"});
    client.note("textDocument/didOpen", json!({"textDocument": document}));
    let told = |client: &mut Client| {
        client.wait(|m| m["method"] == "textDocument/publishDiagnostics")["params"].take()
    };
    let first = told(&mut client);
    assert_eq!((&first["uri"], &first["version"]), (&json!(uri), &json!(5)));
    let [one] = first["diagnostics"].as_array().unwrap().as_slice() else { panic!("{first}") };
    assert_eq!(one["codeDescription"]["href"], "https://example.com/d/rules/cd-has-no-effect.html");
    assert_eq!((&one["source"], &one["severity"]), (&json!("dlint"), &json!(2)));
    std::fs::write(&config, "ignore = ['cd-has-no-effect']\n").unwrap();
    client.note("workspace/didChangeWatchedFiles", json!({"changes": []}));
    // The walk through the build context may be told of before.
    client.wait(|m| {
        m["method"] == "textDocument/publishDiagnostics" && m["params"]["diagnostics"] == json!([])
    });
    std::fs::write(&config, "ignore = ['cd-has-no-efect']\n").unwrap();
    client.note(
        "textDocument/didSave",
        json!({"textDocument": {"uri": format!("file://{}", config.display())}}),
    );
    let warned = client.wait(|m| m["method"] == "window/showMessage");
    assert!(warned["params"]["message"].as_str().unwrap().contains("cd-has-no-efect"), "{warned}");
    assert_eq!(client.stop_while_it_works(), Some(0));
}

#[test]
fn what_the_client_has_is_not_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let (mut client, _) = Client::ready(folder.path(), json!({}));
    client.open("FROM debian:12\nRUN cd /app\nUSER 1\n");
    assert_eq!(client.published(1), ["1:4-1:11 cd-has-no-effect"]);
    // Nothing is another, and the next diagnostics are those of the next version.
    client.note("workspace/didChangeWatchedFiles", json!({"changes": []}));
    assert!(client.ask_at("textDocument/hover", 1, 1).is_object());
    client.change(2, &[([0, 0, 0, 0], "#\n")]);
    let next = client.wait(|m| m["method"] == "textDocument/publishDiagnostics");
    assert_eq!(next["params"]["version"], 2);
    assert_eq!(client.stop(), Some(0));

    let pull = json!({"textDocument": {"diagnostic": {}}});
    let (mut client, _) = Client::ready(folder.path(), pull);
    client.open("FROM debian:12\nRUN cd /app\nUSER 1\n");
    let ask = |client: &mut Client, known: &Value| {
        let of = json!({"textDocument": {"uri": URI}, "previousResultId": known});
        client.ask("textDocument/diagnostic", of)["result"].take()
    };
    let first = ask(&mut client, &Value::Null);
    assert_eq!((&first["kind"], places(&first["items"]).len()), (&json!("full"), 1));
    let id = first["resultId"].clone();
    assert_eq!(ask(&mut client, &id), json!({"kind": "unchanged", "resultId": id}));
    assert_eq!(ask(&mut client, &json!("another")), first);
    client.change(2, &[([0, 0, 0, 0], "#\n")]);
    let second = ask(&mut client, &id);
    assert_eq!(places(&second["items"]), ["2:4-2:11 cd-has-no-effect"]);
    assert_ne!(second["resultId"], id);
    assert_eq!(client.stop(), Some(0));
}

#[test]
fn a_configuration_is_checked_before_it_is_saved() {
    let folder = tempfile::tempdir().unwrap();
    let (mut client, _) = Client::ready(folder.path(), json!({}));
    let uri = format!("file://{}/dlint.toml", folder.path().display());
    let document = json!({"uri": uri, "languageId": "toml", "version": 1, "text": "# \u{1d4b3}\nignore = ['no-usr']\nfix = 1\n"});
    client.note("textDocument/didOpen", json!({"textDocument": document}));
    let told = client.wait(|m| m["method"] == "textDocument/publishDiagnostics")["params"].take();
    assert_eq!(places(&told["diagnostics"]), ["1:10-1:18 -", "2:0-2:3 -"], "{told}");
    let message = told["diagnostics"][0]["message"].as_str().unwrap();
    assert!(message.contains("no-usr") && message.contains("no-user"), "{message}");
    let at = json!({"textDocument": {"uri": uri}, "position": {"line": 1, "character": 3}});
    let hover = client.ask("textDocument/hover", at)["result"].take();
    assert!(hover["contents"]["value"].as_str().is_some_and(|text| text.starts_with("rules that are off")));
    assert_eq!(client.stop(), Some(0));
}

#[test]
fn a_client_is_asked_for_the_settings_of_the_user() {
    let folder = tempfile::tempdir().unwrap();
    let (mut client, _) = Client::ready(folder.path(), json!({"workspace": {"configuration": true}}));
    let answer = |client: &mut Client, weights: bool| {
        let asked = client.wait(|m| m["method"] == "workspace/configuration");
        assert_eq!(asked["params"], json!({"items": [{"section": "dlint"}]}));
        client.send(&json!({"jsonrpc": "2.0", "id": asked["id"], "result": [{"weights": weights}]}));
    };
    let all = json!({"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}});
    let hints = |client: &mut Client| {
        let of = json!({"textDocument": {"uri": URI}, "range": all});
        client.ask("textDocument/inlayHint", of)["result"].as_array().unwrap().len()
    };
    answer(&mut client, false);
    client.open("FROM debian:12-slim\n");
    assert_eq!(hints(&mut client), 0);
    client.note("workspace/didChangeConfiguration", json!({"settings": null}));
    answer(&mut client, true);
    assert_eq!(hints(&mut client), 1);
    assert_eq!(client.stop_while_it_works(), Some(0));
}

#[test]
fn a_text_that_is_too_large_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let (mut client, _) = Client::ready(folder.path(), json!({}));
    client.open(&"#".repeat((16 << 20) + 1));
    assert_eq!(client.published(1), ["0:0-0:0 -"]);
    assert_eq!(client.stop(), Some(0));
}

fn actions(client: &mut Client, line: u32, character: u32, only: Value) -> Vec<Value> {
    let place = json!({"line": line, "character": character});
    let context = json!({"diagnostics": [], "only": only});
    let range = json!({"start": place, "end": place});
    let given = json!({"textDocument": {"uri": URI}, "range": range, "context": context});
    let answer = client.ask("textDocument/codeAction", given);
    answer["result"].as_array().unwrap_or_else(|| panic!("{answer}")).clone()
}

/// The edits of an action.
fn edits(action: &Value) -> &Value {
    &action["edit"]["changes"][URI]
}

#[test]
fn fixes_are_offered_and_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let (mut client, _) = Client::ready(
        folder.path(),
        json!({"textDocument": {"codeAction": {"codeActionLiteralSupport": {}}}}),
    );
    client.open("FROM debian:12\nRUN apt-get update && apt-get install -y --no-install-recommends curl\nRUN cd /app\nMAINTAINER \u{1d4b3}\nUSER 1\n");
    let titles = |actions: &[Value]| -> Vec<String> {
        actions.iter().map(|a| a["title"].as_str().unwrap().to_owned()).collect()
    };
    let unsafe_ones = actions(&mut client, 2, 5, Value::Null);
    assert_eq!(
        titles(&unsafe_ones)[1..],
        [
            "Ignore cd-has-no-effect here",
            "Ignore cd-has-no-effect in the whole file",
            "Explain cd-has-no-effect"
        ]
    );
    assert!(titles(&unsafe_ones)[0].contains("to be reviewed"), "{unsafe_ones:#?}");
    assert_eq!(unsafe_ones[0].get("isPreferred"), None);
    assert_eq!(unsafe_ones[0]["diagnostics"][0]["code"], "cd-has-no-effect");
    assert_eq!(edits(&unsafe_ones[1])[0]["newText"], "# dlint ignore=cd-has-no-effect\n");
    let safe = actions(&mut client, 3, 1, json!(["quickfix"]));
    assert_eq!((&safe[0]["isPreferred"], &safe[0]["kind"]), (&json!(true), &json!("quickfix")));
    let all = actions(&mut client, 0, 0, json!(["source.fixAll"]));
    let [all] = all.as_slice() else { panic!("{all:#?}") };
    assert_eq!(all["kind"], "source.fixAll.dlint");
    assert!(edits(all)[0]["newText"].as_str().unwrap().contains("LABEL"), "{all:#}");
    assert_eq!(actions(&mut client, 3, 1, json!(["refactor"])), Vec::<Value>::new());
    let page =
        client.ask("workspace/executeCommand", json!({"command": "dlint.explain", "arguments": ["no-user"]}));
    assert!(page["result"].as_str().unwrap().starts_with("no-user: "), "{page}");
    let unknown =
        client.ask("workspace/executeCommand", json!({"command": "dlint.explain", "arguments": ["x"]}));
    assert_eq!(unknown["error"]["code"], -32602);
    assert_eq!(client.stop(), Some(0));
}

/// Where something is: line and character.
fn starts(places: &Value) -> Vec<String> {
    let places = places.as_array().unwrap_or_else(|| panic!("{places}"));
    places
        .iter()
        .map(|p| format!("{}:{}", p["range"]["start"]["line"], p["range"]["start"]["character"]))
        .collect()
}

#[test]
fn names_are_followed_through_stages() {
    let folder = tempfile::tempdir().unwrap();
    let (mut client, _) = Client::ready(folder.path(), json!({}));
    let text = "ARG V=1\nFROM a:$V AS Base\nARG V\nENV X=$V Y='$V'\nFROM base AS two\nRUN echo ${X:-$V} \"$X\" '$X'\n\
        FROM scratch\nCOPY --link --from=two /a /\nRUN --mount=type=bind,from=0,target=/x <<EOF\necho $V\nEOF\n";
    client.open(text);
    let references = |client: &mut Client, line, character| {
        starts(&client.ask_at("textDocument/references", line, character))
    };
    assert_eq!(references(&mut client, 0, 4), ["0:4", "1:8", "2:4", "3:7", "5:15"]);
    assert_eq!(references(&mut client, 5, 11), ["3:4", "5:11", "5:20"]);
    assert_eq!(references(&mut client, 4, 6), ["1:13", "4:5", "8:27"]);
    assert_eq!(references(&mut client, 9, 7), ["9:6"]);
    assert_eq!(references(&mut client, 10, 1), ["8:41", "10:0"]);
    assert_eq!(references(&mut client, 0, 0), Vec::<String>::new());
    let definition = |client: &mut Client, line, character| {
        let place = client.ask_at("textDocument/definition", line, character);
        if place.is_null() { String::new() } else { starts(&json!([place]))[0].clone() }
    };
    assert_eq!(definition(&mut client, 7, 22), "4:13");
    assert_eq!(definition(&mut client, 8, 27), "1:13");
    assert_eq!(definition(&mut client, 5, 15), "0:4");
    assert_eq!(definition(&mut client, 9, 7), "");
    let mut rename = |line: u32, character: u32, name: &str| {
        let place = json!({"line": line, "character": character});
        let answer = client.ask(
            "textDocument/rename",
            json!({"textDocument": {"uri": URI}, "position": place, "newName": name}),
        );
        match answer["result"]["changes"][URI].as_array() {
            Some(edits) => starts(&json!(edits)).join(" "),
            None => answer["error"]["message"].as_str().unwrap().to_owned(),
        }
    };
    // A number is no name.
    assert_eq!(rename(1, 13, "first"), "1:13 4:5");
    assert_eq!(rename(8, 27, "first"), "nothing that the Dockerfile names stands here");
    assert_eq!(rename(7, 20, "three"), "4:13 7:19");
    assert!(rename(7, 20, "BASE").contains("has this name"));
    assert!(rename(7, 20, "1x").contains("the name of a stage"));
    assert!(rename(0, 4, "a-b").contains("the name of a variable"));
    assert!(rename(0, 4, "X").contains("another variable"));
    assert_eq!(rename(0, 4, "VERSION"), "0:4 1:8 2:4 3:7 5:15");
    // FROM names stages in lower case.
    assert!(rename(1, 13, "First").contains("lower case"));
    assert_eq!(rename(7, 20, "Three"), "4:13 7:19");
    assert!(rename(7, 20, "scratch").contains("BuildKit keeps this name"));
    assert_eq!(client.stop(), Some(0));
}

#[test]
fn what_a_script_sets_itself_keeps_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let (mut client, _) = Client::ready(folder.path(), json!({}));
    let ask = |client: &mut Client, script: &str| {
        client.open(&format!("FROM a\nARG V=v1\n{script}\nRUN echo $V\n"));
        let place = json!({"line": 1, "character": 4});
        let document = json!({"uri": URI});
        let asked = json!({"textDocument": document, "position": place, "newName": "W"});
        let answer = client.ask("textDocument/rename", asked);
        client.note("textDocument/didClose", json!({"textDocument": document}));
        answer["error"]["message"].as_str().map(str::to_owned)
    };
    for script in [
        "RUN V=${V#v} && echo $V",
        "RUN for V in a b; do echo $V; done",
        "RUN export V=2; echo ${V}",
        "RUN read -r V < /v && echo $V",
        "RUN [ -v V ] && echo $V",
        "RUN <<EOF\nV=1\necho $V\nEOF",
    ] {
        let why = ask(&mut client, script);
        assert!(
            why.as_ref().is_some_and(|why| why.contains("a variable of this name itself")),
            "{why:?}: {script}"
        );
    }
    for script in ["RUN echo V=$V --V=1 -V=2 x.V", "RUN make V2=1 $V", "RUN [ \"$V\" == V ]", "ENV X=$V"] {
        assert_eq!(ask(&mut client, script), None, "{script}");
    }
    assert_eq!(client.stop(), Some(0));
}

//! A client that speaks with the program over pipes.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

pub struct Client {
    child: Child,
    input: Option<ChildStdin>,
    /// What the server says, as it says it; nothing more once it has ended.
    output: Receiver<Value>,
    /// What came while something else was waited for.
    seen: VecDeque<Value>,
    requests: i64,
}

/// How long a message may take: a server that says nothing any more ends no test otherwise.
const PATIENCE: Duration = Duration::from_secs(60);

/// A document of the tests.
pub const URI: &str = "untitled:Dockerfile";

impl Client {
    /// A server that was not spoken to yet.
    pub fn start(folder: &Path) -> Self {
        Self::start_with(folder, &["--stdio"])
    }

    fn start_with(folder: &Path, args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_dlint"))
            .arg("lsp")
            .args(args)
            .current_dir(folder)
            .env("HOME", folder)
            .env_remove("XDG_CONFIG_HOME")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take(), messages(child.stdout.take().unwrap()));
        Self { child, input, output, seen: VecDeque::new(), requests: 0 }
    }

    /// A server that is ready, for a client that can do `capabilities`.
    pub fn ready(folder: &Path, capabilities: Value) -> (Self, Value) {
        Self::start(folder).initialized(capabilities, &Value::Null)
    }

    /// A server that is ready, and was started with arguments and settings.
    pub fn ready_with(folder: &Path, args: &[&str], settings: &Value) -> Self {
        Self::start_with(folder, args).initialized(json!({}), settings).0
    }

    fn initialized(mut self, capabilities: Value, settings: &Value) -> (Self, Value) {
        let given = json!({"processId": null, "rootUri": null, "capabilities": capabilities, "initializationOptions": settings});
        let answer = self.ask("initialize", given);
        self.note("initialized", json!({}));
        (self, answer["result"]["capabilities"].clone())
    }

    pub fn write(&mut self, bytes: impl AsRef<[u8]>) {
        let input = self.input.as_mut().unwrap();
        input.write_all(bytes.as_ref()).unwrap();
        input.flush().unwrap();
    }

    pub fn send(&mut self, message: &Value) {
        let body = message.to_string();
        self.write(format!("Content-Length: {}\r\n\r\n{body}", body.len()));
    }

    pub fn note(&mut self, method: &str, params: Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// Sends a request, and gives its number.
    pub fn request(&mut self, method: &str, params: Value) -> i64 {
        self.requests += 1;
        self.send(&json!({"jsonrpc": "2.0", "id": self.requests, "method": method, "params": params}));
        self.requests
    }

    /// The next message.
    fn read(&mut self) -> Value {
        self.output.recv_timeout(PATIENCE).expect("the server says nothing any more")
    }

    /// The first message that is wanted, now or later.
    pub fn wait(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.seen.iter().position(&wanted) {
            return self.seen.remove(at).unwrap();
        }
        loop {
            let message = self.read();
            if wanted(&message) {
                return message;
            }
            self.seen.push_back(message);
        }
    }

    pub fn answer(&mut self, id: i64) -> Value {
        self.wait(|m| m["id"] == id && m.get("method").is_none())
    }

    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.request(method, params);
        self.answer(id)
    }

    /// Asks about the document of the tests.
    pub fn ask_at(&mut self, method: &str, line: u32, character: u32) -> Value {
        let position = json!({"line": line, "character": character});
        let context = json!({"includeDeclaration": true});
        self.ask(method, json!({"textDocument": {"uri": URI}, "position": position, "context": context}))["result"].take()
    }

    pub fn open(&mut self, text: &str) {
        let document = json!({"uri": URI, "languageId": "dockerfile", "version": 1, "text": text});
        self.note("textDocument/didOpen", json!({"textDocument": document}));
    }

    /// Replaces ranges, each of line, character, line, character.
    pub fn change(&mut self, version: i32, changes: &[([u32; 4], &str)]) {
        let change = |([line, from, last, to], text): &([u32; 4], &str)| {
            let place = |line: u32, character: u32| json!({"line": line, "character": character});
            json!({"range": {"start": place(*line, *from), "end": place(*last, *to)}, "text": text})
        };
        let changes: Vec<Value> = changes.iter().map(change).collect();
        let document = json!({"uri": URI, "version": version});
        self.note("textDocument/didChange", json!({"textDocument": document, "contentChanges": changes}));
    }

    /// The diagnostics of a version that the server sends by itself: line, character and rule of each.
    pub fn published(&mut self, version: i32) -> Vec<String> {
        let message = self
            .wait(|m| m["method"] == "textDocument/publishDiagnostics" && m["params"]["version"] == version);
        places(&message["params"]["diagnostics"])
    }

    /// Shuts the server down, and gives its exit code.
    pub fn stop(mut self) -> Option<i32> {
        let answer = self.ask("shutdown", Value::Null);
        assert_eq!(answer["result"], Value::Null, "{answer}");
        self.note("exit", Value::Null);
        self.exit()
    }

    /// Shuts the server down where walks may still bring something to tell, and gives the exit code.
    pub fn stop_while_it_works(mut self) -> Option<i32> {
        let answer = self.ask("shutdown", Value::Null);
        assert_eq!(answer["result"], Value::Null, "{answer}");
        self.note("exit", Value::Null);
        self.exit_while_it_works()
    }

    /// Leaves where diagnostics may still be on their way, and gives the exit code.
    pub fn exit_while_it_works(mut self) -> Option<i32> {
        drop(self.input.take());
        self.rest();
        self.child.wait().unwrap().code()
    }

    /// Leaves without a word, and gives the exit code.
    pub fn exit(mut self) -> Option<i32> {
        drop(self.input.take());
        let rest = self.rest();
        assert!(rest.is_empty(), "{rest:?}");
        self.child.wait().unwrap().code()
    }

    /// What the server still says before it ends.
    fn rest(&mut self) -> Vec<Value> {
        let mut rest = Vec::new();
        loop {
            match self.output.recv_timeout(PATIENCE) {
                Ok(message) => rest.push(message),
                Err(mpsc::RecvTimeoutError::Disconnected) => return rest,
                Err(mpsc::RecvTimeoutError::Timeout) => panic!("the server does not end"),
            }
        }
    }
}

/// What a server says: a header, an empty line and JSON, and nothing else.
fn messages(output: ChildStdout) -> Receiver<Value> {
    let (sender, receiver) = mpsc::channel();
    let mut output = BufReader::new(output);
    thread::spawn(move || {
        loop {
            let mut header = String::new();
            if output.read_line(&mut header).unwrap() == 0 {
                return;
            }
            let length = header.strip_prefix("Content-Length: ").and_then(|n| n.strip_suffix("\r\n"));
            let length: usize = length.unwrap_or_else(|| panic!("no header: {header:?}")).parse().unwrap();
            let mut empty = [0; 2];
            output.read_exact(&mut empty).unwrap();
            assert_eq!(&empty, b"\r\n");
            let mut body = vec![0; length];
            output.read_exact(&mut body).unwrap();
            // The test may be over.
            if sender.send(serde_json::from_slice(&body).unwrap()).is_err() {
                return;
            }
        }
    });
    receiver
}

impl Drop for Client {
    fn drop(&mut self) {
        // A test that failed leaves nothing behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Line, character and rule of diagnostics.
pub fn places(diagnostics: &Value) -> Vec<String> {
    let place = |d: &Value| {
        let at = |end: &str| format!("{}:{}", d["range"][end]["line"], d["range"][end]["character"]);
        format!("{}-{} {}", at("start"), at("end"), d["code"].as_str().unwrap_or("-"))
    };
    diagnostics.as_array().unwrap().iter().map(place).collect()
}

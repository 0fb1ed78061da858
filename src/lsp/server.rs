//! The server: what it knows, and what it does with each message.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use serde_json::{Value, json};

use crate::diag::format_count;
use crate::engine;
use crate::workspace::Workspace;

use super::builds::Builds;
use super::capabilities::{self, Client};
use super::changes::{FileChanges, is_configuration};
use super::checked::Checked;
use super::document::{Document, Language};
use super::entry::CheckedEntry;
use super::measuring::{Goal, Measuring, Told, Walked};
use super::pending::Pending;
use super::protocol::{
    Answer, Changed, Diagnostic, DocumentId, Failure, FilesChanged, Incoming, Initialize, OfDocument, Opened,
    params, result,
};
use super::settings::Options;
use super::tokens::Tokens;
use super::{Allowed, Event, frame, uri, workspace_folders};

/// How far the client and the server have got with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nothing was agreed on yet.
    New,
    Running,
    /// The client wants nothing more but to say `exit`.
    ShutDown,
    /// It has said so, after a shutdown or without.
    Exited {
        in_order: bool,
    },
}

/// The diagnostics of a document that the client has.
pub(super) struct Sent {
    /// The number of the answer that had them.
    pub(super) id: u64,
    /// The version that they were sent for by themselves.
    pub(super) version: Option<i32>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// What a client says of files that have changed on the disk.
const WATCHED: &str = "workspace/didChangeWatchedFiles";

/// The request for the settings of the user.
const SETTINGS: &str = "dlint/settings";

/// A language server that writes to `W`.
pub(super) struct Server<W> {
    pub(super) output: W,
    pub(super) phase: Phase,
    pub(super) client: Client,
    pub(super) workspace: Workspace,
    pub(super) documents: BTreeMap<String, Document>,
    /// What is open and none of dlint's business.
    pub(super) others: BTreeSet<String>,
    /// Those whose texts the workspace does not have yet.
    pub(super) unread: BTreeSet<String>,
    /// What was found in documents, as long as that holds.
    pub(super) reports: BTreeMap<String, Arc<Checked>>,
    /// The same of files that start builds.
    pub(super) entries: BTreeMap<String, Arc<CheckedEntry>>,
    /// Those whose diagnostics the client does not have.
    pub(super) unpublished: Pending,
    /// True if a client that asks for diagnostics has some that do not hold any more.
    pub(super) has_old: bool,
    /// The diagnostics that it has.
    pub(super) sent: BTreeMap<String, Sent>,
    /// The tokens of documents that the client has.
    pub(super) tokens: BTreeMap<String, Tokens>,
    /// How many results have got a number.
    pub(super) results: u64,
    pub(super) measuring: Measuring,
    pub(super) builds: Builds,
    /// Files that have changed on the disk, of which nothing was made yet.
    pub(super) changes: Option<FileChanges>,
    pub(super) options: Options,
    allowed: Allowed,
    /// What was found in documents when what they ask of their contexts was known last.
    pub(super) measured: BTreeMap<String, Arc<Checked>>,
    /// How many requests were made of the client.
    pub(super) requests: u64,
}

impl<W: Write> Server<W> {
    pub(super) fn new(output: W, workspace: Workspace, events: SyncSender<Event>, allowed: Allowed) -> Self {
        Self {
            output,
            phase: Phase::New,
            client: Client::default(),
            workspace,
            documents: BTreeMap::new(),
            others: BTreeSet::new(),
            unread: BTreeSet::new(),
            reports: BTreeMap::new(),
            entries: BTreeMap::new(),
            unpublished: Pending::default(),
            has_old: false,
            sent: BTreeMap::new(),
            tokens: BTreeMap::new(),
            results: 0,
            measuring: Measuring::new(events),
            builds: Builds::default(),
            changes: None,
            options: Options::default(),
            allowed,
            measured: BTreeMap::new(),
            requests: 0,
        }
    }

    /// Takes a message. A fault of dlint in one costs only its answer.
    pub(super) fn take(&mut self, message: Incoming) -> io::Result<()> {
        match message {
            // There may be many of them: what they mean is found out once somebody wants to know.
            Incoming::Notification { method, params: given } if method == WATCHED => {
                let changed = params::<FilesChanged>(given).unwrap_or_default();
                self.changes.get_or_insert_default().push(changed);
                return Ok(());
            }
            _ => {
                let _ = catch_unwind(AssertUnwindSafe(|| self.files_changed()));
            }
        }
        match message {
            Incoming::Request { id, method, params } => {
                let answer = catch_unwind(AssertUnwindSafe(|| self.answer(&method, params)));
                let failed =
                    |_| Err(Failure::new(Failure::INTERNAL, "dlint failed: please report it with the file"));
                self.send_answer(&id, answer.unwrap_or_else(failed))
            }
            Incoming::Notification { method, params } => {
                // There is nobody to tell: a notification has no answer.
                let _ = catch_unwind(AssertUnwindSafe(|| self.note(&method, params)));
                Ok(())
            }
            Incoming::Response { id, result } => {
                if id == SETTINGS {
                    // The settings of one section were asked for.
                    let given = result.get(0).unwrap_or(&Value::Null);
                    self.set(self.options.changed(&json!({"settings": given})));
                }
                Ok(())
            }
            Incoming::Broken(failure) => self.send_answer(&Value::Null, Err(failure)),
        }
    }

    /// Answers a request that the client does not want to be answered any more.
    pub(super) fn cancelled(&mut self, id: &Value) -> io::Result<()> {
        self.send_answer(id, Err(Failure::new(Failure::CANCELLED, "the request was cancelled")))
    }

    /// Does what waits for a moment without messages, and says whether there is more of it.
    pub(super) fn settle(&mut self) -> io::Result<bool> {
        let _ = catch_unwind(AssertUnwindSafe(|| self.files_changed()));
        self.publish()?;
        self.renew()?;
        for uri in self.measuring.wanted() {
            let Some(document) = self.documents.get(&uri) else { continue };
            let (path, revision, language) = (document.path.clone(), document.revision, document.language);
            let snapshot = self.snapshot();
            let goal = match language {
                Language::Dockerfile => {
                    // It was looked at before it was wanted.
                    let targets = self.builds.known(&uri).map(|builds| builds.targets.clone());
                    Goal::Dockerfile { targets: targets.unwrap_or_default(), asks_git: self.allowed.git }
                }
                Language::Ignorefile => {
                    let dockerfile = engine::own_dockerfile(&path);
                    let builds =
                        dockerfile.map(|dockerfile| self.builds.read(&snapshot, &dockerfile).targets);
                    Goal::Ignorefile(path, builds.unwrap_or_default())
                }
                Language::Entry => match self.checked_entry(&uri) {
                    Ok(checked) => Goal::Builds(checked.targets()),
                    Err(_) => {
                        self.measuring.pass_over(&uri);
                        continue;
                    }
                },
                Language::Configuration => continue,
            };
            self.measuring.start(&uri, revision, snapshot, goal);
        }
        Ok(!self.unpublished.is_empty())
    }

    /// True while contexts are walked through.
    pub(super) fn is_measuring(&self) -> bool {
        self.measuring.is_busy()
    }

    /// Tells the client of walks that take long.
    pub(super) fn tell_progress(&mut self) -> io::Result<()> {
        self.measuring.news().into_iter().try_for_each(|told| self.tell(told))
    }

    fn tell(&mut self, told: Told) -> io::Result<()> {
        if !self.client.shows_progress {
            return Ok(());
        }
        let (token, value) = match told {
            Told::Begins(token) => {
                self.request("window/workDoneProgress/create", json!({"token": token}))?;
                let title = "dlint: measuring the build context";
                (token, json!({"kind": "begin", "title": title, "cancellable": true}))
            }
            Told::GoesOn(token, files) => {
                let message = format!("{} files", format_count(files));
                (token, json!({"kind": "report", "message": message}))
            }
            Told::Ends(token) => (token, json!({"kind": "end"})),
        };
        self.notify("$/progress", json!({"token": token, "value": value}))
    }

    /// Takes what came of a walk.
    pub(super) fn walked(&mut self, walked: Walked) -> io::Result<()> {
        let Some((uri, is_known, told)) = self.measuring.take(walked) else { return Ok(()) };
        if let Some(told) = told {
            self.tell(told)?;
        }
        if is_known && self.documents.contains_key(&uri) {
            self.touched(uri);
            self.refresh()?;
        }
        Ok(())
    }

    /// Asks the client for something; what it answers does not matter.
    pub(super) fn request(&mut self, method: &str, params: Value) -> io::Result<()> {
        self.requests += 1;
        self.request_as(&format!("dlint/{}", self.requests), method, params)
    }

    fn request_as(&mut self, id: &str, method: &str, params: Value) -> io::Result<()> {
        frame::write(
            &mut self.output,
            &json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}),
        )
    }

    /// Asks the client for the settings of the user, if it can be asked.
    fn ask_for_settings(&mut self) {
        if self.client.tells_settings {
            // If that fails, nobody listens.
            let _ = self.request_as(
                SETTINGS,
                "workspace/configuration",
                json!({"items": [{"section": "dlint"}]}),
            );
        }
    }

    /// What was measured does not count any more.
    fn forget_contexts(&mut self) {
        self.measured.clear();
        for uri in self.documents.keys().cloned().collect::<Vec<_>>() {
            if let Some(told) = self.measuring.forget(&uri) {
                // If that fails, nobody listens.
                let _ = self.tell(told);
            }
        }
    }

    /// Takes the settings of the user.
    fn set(&mut self, options: Options) {
        if options == self.options {
            return;
        }
        self.options = options;
        if !options.context {
            self.forget_contexts();
        }
        self.configured();
    }

    fn send_answer(&mut self, id: &Value, answer: Answer) -> io::Result<()> {
        let message = match answer {
            Ok(result) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
            Err(Failure { code, message }) => {
                json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}})
            }
        };
        frame::write(&mut self.output, &message)
    }

    pub(super) fn notify(&mut self, method: &str, params: Value) -> io::Result<()> {
        frame::write(&mut self.output, &json!({"jsonrpc": "2.0", "method": method, "params": params}))
    }

    pub(super) fn initialize(&mut self, given: Initialize) -> Answer {
        self.client = Client::of(&given);
        self.options = Options::read(&given.initialization_options);
        self.phase = Phase::Running;
        self.workspace.files_mut().set_borders(workspace_folders::at_start(&given));
        result(capabilities::offered(&self.client))
    }

    fn note(&mut self, method: &str, given: Value) -> Result<(), Failure> {
        match (self.phase, method) {
            (phase, "exit") => self.phase = Phase::Exited { in_order: phase == Phase::ShutDown },
            (Phase::Running, "textDocument/didOpen") => self.opened(params(given)?),
            (Phase::Running, "textDocument/didChange") => self.changed(params(given)?),
            (Phase::Running, "textDocument/didClose") => {
                self.closed(&params::<OfDocument>(given)?.text_document)
            }
            (Phase::Running, "textDocument/didSave") => {
                let saved: OfDocument = params(given)?;
                let uri = saved.text_document.uri;
                let language = self.language(&uri.0);
                self.measuring.outdate();
                if matches!(language, None | Some(Language::Entry)) {
                    self.builds.came_or_went(&uri::path(&uri));
                }
                match is_configuration(&uri) && language != Some(Language::Entry) {
                    true => self.configured(),
                    false => self.look_again(),
                }
            }
            (Phase::Running, "workspace/didChangeConfiguration") => {
                self.set(self.options.changed(&given));
                self.ask_for_settings();
            }
            (Phase::Running, "workspace/didChangeWorkspaceFolders") => {
                let files = self.workspace.files_mut();
                let open = workspace_folders::changed(files.borders().to_vec(), &given);
                files.set_borders(open);
                self.configured();
            }
            (Phase::Running, "initialized") => {
                if self.client.watches {
                    // If that fails, nobody listens.
                    let _ = self.request("client/registerCapability", capabilities::watched());
                }
                self.ask_for_settings();
            }
            (Phase::Running, "window/workDoneProgress/cancel") => {
                self.measuring.cancel(given.get("token").and_then(Value::as_str).unwrap_or_default());
            }
            _ => {}
        }
        Ok(())
    }

    fn opened(&mut self, opened: Opened) {
        let document = opened.text_document;
        let Some(language) = capabilities::language(&document.language_id, &document.uri) else {
            self.others.insert(document.uri.0);
            return;
        };
        let uri = document.uri.0.clone();
        if language == Language::Entry {
            self.built_otherwise(|builds| builds.came_or_went(&uri::path(&document.uri)));
        }
        let new =
            Document::new(document.uri, language, document.version, document.text, self.client.encoding);
        self.documents.insert(uri.clone(), new);
        self.written(uri);
    }

    fn changed(&mut self, changed: Changed) {
        let uri = changed.text_document.uri.0;
        let Some(document) = self.documents.get_mut(&uri) else { return };
        let version = changed.text_document.version.unwrap_or(document.version);
        document.change(version, changed.content_changes);
        self.written(uri);
    }

    /// The text of a document is another one: what is known of others may depend on it.
    fn written(&mut self, uri: String) {
        self.unread.insert(uri.clone());
        if let Some(document) = self.documents.get(&uri) {
            let (path, language) = (document.path.clone(), document.language);
            self.others_touched(&path);
            self.built_otherwise(|builds| builds.written(&path));
            if language == Language::Ignorefile {
                self.ignored_otherwise(&path);
            }
        }
        self.touched(uri);
    }

    fn closed(&mut self, id: &DocumentId) {
        self.others.remove(&id.uri.0);
        let Some(document) = self.documents.remove(&id.uri.0) else { return };
        self.unread.remove(&id.uri.0);
        self.reports.remove(&id.uri.0);
        self.entries.remove(&id.uri.0);
        self.measured.remove(&id.uri.0);
        self.tokens.remove(&id.uri.0);
        if let Some(told) = self.measuring.forget(&id.uri.0) {
            // If that fails, nobody listens.
            let _ = self.tell(told);
        }
        self.unpublished.remove(&id.uri.0);
        self.sent.remove(&id.uri.0);
        self.builds.forget(&id.uri.0);
        self.workspace.files_mut().close(&document.path);
        self.others_touched(&document.path);
        match document.language {
            Language::Entry => self.built_otherwise(|builds| builds.came_or_went(&document.path)),
            Language::Ignorefile => self.ignored_otherwise(&document.path),
            _ => self.built_otherwise(|builds| builds.written(&document.path)),
        }
        if !self.client.asks_for_diagnostics {
            // If that fails, nobody listens.
            let none = json!({"uri": id.uri, "diagnostics": []});
            let _ = self.notify("textDocument/publishDiagnostics", none);
        }
    }
}

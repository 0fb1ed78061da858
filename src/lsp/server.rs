//! The server: what it knows, and what it does with each message.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::config::{DocsUrl, Settings};
use crate::context::Progress;
use crate::diag::{Applicability, FileReport, Problem};
use crate::engine;
use crate::report::sanitize;
use crate::rules::{Catalogue, for_readers};
use crate::semantic::Build;
use crate::text::MAX_SOURCE_BYTES;
use crate::workspace::{ContextSource, Snapshot, Target, Workspace};

use super::actions::{self, Wanted};
use super::capabilities::{self, Client};
use super::diagnostics::{self, Rules};
use super::document::{Document, Read};
use super::protocol::{
    ActionsAt, AtPosition, Changed, CodeAction, CodeActionKind, Diagnostic, DocumentId, Failure, Incoming,
    Initialize, OfDocument, Opened, RunCommand, Uri,
};
use super::{completion, folding, frame, hover, navigate, signature, symbols};

type Answer = Result<Value, Failure>;

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

/// A language server that writes to `W`.
pub(super) struct Server<W> {
    output: W,
    pub(super) phase: Phase,
    client: Client,
    workspace: Workspace,
    documents: BTreeMap<String, Document>,
    /// What was found in documents, as long as that holds.
    reports: BTreeMap<String, Arc<Checked>>,
    /// Those whose diagnostics the client does not have.
    unpublished: Vec<String>,
}

/// A document that was checked.
struct Checked {
    read: Read,
    target: Target,
    snapshot: Snapshot,
    report: FileReport,
    problems: Vec<Problem>,
    docs: Option<DocsUrl>,
    settings: Arc<Settings>,
}

impl Checked {
    fn rules(&self) -> Rules<'_> {
        Rules { catalogue: self.settings.rules.catalogue(), docs: self.docs.as_ref() }
    }

    fn diagnostics(&self) -> Vec<Diagnostic> {
        let problems = self.problems.iter().map(|p| diagnostics::problem(&self.read, &p.message));
        let findings = self.report.findings.iter();
        problems.chain(findings.map(|f| diagnostics::diagnostic(&self.read, f, &self.rules()))).collect()
    }
}

fn params<T: DeserializeOwned>(params: Value) -> Result<T, Failure> {
    serde_json::from_value(params).map_err(|error| Failure::new(Failure::INVALID_PARAMS, error.to_string()))
}

fn result(value: impl serde::Serialize) -> Answer {
    serde_json::to_value(value).map_err(|error| Failure::new(Failure::INTERNAL, error.to_string()))
}

impl<W: Write> Server<W> {
    pub(super) fn new(output: W, workspace: Workspace) -> Self {
        Self {
            output,
            phase: Phase::New,
            client: Client::default(),
            workspace,
            documents: BTreeMap::new(),
            reports: BTreeMap::new(),
            unpublished: Vec::new(),
        }
    }

    /// Takes a message. A fault of dlint in one costs only its answer.
    pub(super) fn take(&mut self, message: Incoming) -> io::Result<()> {
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
            Incoming::Response => Ok(()),
            Incoming::Broken(failure) => self.send_answer(&Value::Null, Err(failure)),
        }
    }

    /// Answers a request that the client does not want to be answered any more.
    pub(super) fn cancelled(&mut self, id: &Value) -> io::Result<()> {
        self.send_answer(id, Err(Failure::new(Failure::CANCELLED, "the request was cancelled")))
    }

    /// Tells the client what was found in documents since it was told last. It asks by itself if it can.
    pub(super) fn publish(&mut self) -> io::Result<()> {
        for uri in std::mem::take(&mut self.unpublished) {
            let Some(version) = self.documents.get(&uri).map(|document| document.version) else { continue };
            let checked = catch_unwind(AssertUnwindSafe(|| self.checked(&uri)));
            let Ok(Ok(checked)) = checked else { continue };
            let diagnostics = checked.diagnostics();
            self.notify(
                "textDocument/publishDiagnostics",
                json!({"uri": uri, "version": version, "diagnostics": diagnostics}),
            )?;
        }
        Ok(())
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

    fn notify(&mut self, method: &str, params: Value) -> io::Result<()> {
        frame::write(&mut self.output, &json!({"jsonrpc": "2.0", "method": method, "params": params}))
    }

    fn answer(&mut self, method: &str, given: Value) -> Answer {
        match (self.phase, method) {
            (Phase::New, "initialize") => return self.initialize(params(given)?),
            (Phase::New, _) => {
                return Err(Failure::new(
                    Failure::NOT_INITIALIZED,
                    "the first request has to be `initialize`",
                ));
            }
            (Phase::Running, "initialize") => {
                return Err(Failure::new(Failure::INVALID_REQUEST, "the server is initialized already"));
            }
            (Phase::Running, _) => {}
            (Phase::ShutDown | Phase::Exited { .. }, _) => {
                return Err(Failure::new(Failure::INVALID_REQUEST, "the server was shut down"));
            }
        }
        match method {
            "shutdown" => {
                self.phase = Phase::ShutDown;
                Ok(Value::Null)
            }
            "textDocument/diagnostic" => {
                let of: OfDocument = params(given)?;
                let items = self.checked(&of.text_document.uri.0)?.diagnostics();
                result(json!({"kind": "full", "items": items}))
            }
            "textDocument/codeAction" => self.actions(&params(given)?),
            "textDocument/documentSymbol" => result(symbols::symbols(&self.read(given)?)),
            "textDocument/foldingRange" => {
                let whole_lines = self.client.folds_whole_lines;
                result(folding::ranges(&self.read(given)?, whole_lines))
            }
            "textDocument/completion" => {
                let (read, at, _) = self.read_at(given)?;
                let settings = self.settings(&read);
                result(completion::items(&read, at, self.client.fills_in, settings.rules.catalogue()))
            }
            "textDocument/hover" => {
                let (read, at, _) = self.read_at(given)?;
                let settings = self.settings(&read);
                let markdown = self.client.shows_markdown;
                result(hover::hover(&read, at, settings.rules.catalogue(), markdown))
            }
            "textDocument/signatureHelp" => {
                let (read, at, _) = self.read_at(given)?;
                result(signature::help(&read, at))
            }
            "textDocument/definition" => {
                let (read, at, _) = self.read_at(given)?;
                result(navigate::definition(&read, at))
            }
            "textDocument/documentHighlight" => {
                let (read, at, _) = self.read_at(given)?;
                result(navigate::highlights(&read, at))
            }
            "textDocument/references" => {
                let (read, at, asked) = self.read_at(given)?;
                result(navigate::references(&read, at, asked.context.include_declaration))
            }
            "textDocument/prepareRename" => {
                let (read, at, _) = self.read_at(given)?;
                result(navigate::renamed(&read, at))
            }
            "textDocument/rename" => {
                let (read, at, asked) = self.read_at(given)?;
                result(navigate::rename(&read, at, &asked.new_name)?)
            }
            "workspace/executeCommand" => self.run(&params(given)?),
            _ => Err(Failure::new(
                Failure::METHOD_NOT_FOUND,
                format!("there is no method `{}`", sanitize(method)),
            )),
        }
    }

    fn initialize(&mut self, given: Initialize) -> Answer {
        self.client = Client::of(&given);
        self.phase = Phase::Running;
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
                if is_configuration(&saved.text_document.uri) {
                    self.configured();
                }
            }
            (Phase::Running, "workspace/didChangeWatchedFiles" | "workspace/didChangeConfiguration") => {
                self.configured();
            }
            _ => {}
        }
        Ok(())
    }

    fn opened(&mut self, opened: Opened) {
        let document = opened.text_document;
        if !capabilities::is_dockerfile(&document.language_id, &document.uri) {
            return;
        }
        let uri = document.uri.0.clone();
        let new = Document::new(document.uri, document.version, document.text, self.client.encoding);
        self.documents.insert(uri.clone(), new);
        self.touched(uri);
    }

    fn changed(&mut self, changed: Changed) {
        let uri = changed.text_document.uri.0;
        let Some(document) = self.documents.get_mut(&uri) else { return };
        let version = changed.text_document.version.unwrap_or(document.version);
        document.change(version, changed.content_changes);
        self.touched(uri);
    }

    /// What is known of a document does not hold any more.
    fn touched(&mut self, uri: String) {
        self.reports.remove(&uri);
        if !self.client.asks_for_diagnostics && !self.unpublished.contains(&uri) {
            self.unpublished.push(uri);
        }
    }

    fn closed(&mut self, id: &DocumentId) {
        let Some(document) = self.documents.remove(&id.uri.0) else { return };
        self.reports.remove(&id.uri.0);
        self.unpublished.retain(|uri| *uri != id.uri.0);
        self.workspace.files_mut().close(&document.path);
        if !self.client.asks_for_diagnostics {
            // If that fails, nobody listens.
            let none = json!({"uri": id.uri, "diagnostics": []});
            let _ = self.notify("textDocument/publishDiagnostics", none);
        }
    }

    /// Configuration files may have changed: what they say is read again when it is needed.
    fn configured(&mut self) {
        self.workspace = Workspace::default();
        for document in self.documents.values_mut() {
            document.changed = true;
        }
        for uri in self.documents.keys().cloned().collect::<Vec<_>>() {
            self.touched(uri);
        }
    }

    /// An open document, as the workspace has it.
    fn current(&mut self, uri: &str) -> Result<&Document, Failure> {
        let unknown =
            || Failure::new(Failure::INVALID_PARAMS, format!("`{}` is no open Dockerfile", sanitize(uri)));
        let document = self.documents.get_mut(uri).ok_or_else(unknown)?;
        if document.text().len() as u64 > MAX_SOURCE_BYTES {
            return Err(Failure::new(
                Failure::FAILED,
                "the text is larger than 16 MiB, which is more than dlint reads",
            ));
        }
        if std::mem::take(&mut document.changed) {
            self.workspace.files_mut().open(document.path.clone(), document.version, document.text());
        }
        Ok(document)
    }

    fn read_document(&mut self, uri: &str) -> Result<Read, Failure> {
        self.current(uri)?;
        let snapshot = self.workspace.snapshot();
        let document = self.current(uri)?;
        let parsed = snapshot.files().document(&document.path);
        let parsed = parsed.map_err(|error| Failure::new(Failure::FAILED, error.to_string()))?;
        Ok(document.read(parsed.file))
    }

    /// The document that a request is about.
    fn read(&mut self, given: Value) -> Result<Read, Failure> {
        let of: OfDocument = params(given)?;
        self.read_document(&of.text_document.uri.0)
    }

    /// The document that a request is about, and the byte that it is about.
    fn read_at(&mut self, given: Value) -> Result<(Read, u32, AtPosition), Failure> {
        let at: AtPosition = params(given)?;
        let read = self.read_document(&at.text_document.uri.0)?;
        Ok((read.clone(), read.offset(at.position), at))
    }

    /// What counts for a document.
    fn settings(&mut self, read: &Read) -> Arc<Settings> {
        let mut problems = Vec::new();
        self.workspace.load_settings([read.path()], &mut problems);
        self.warn(&problems);
        self.workspace.snapshot().settings_of(read.path())
    }

    /// What is found in a document. It is checked once for each text.
    fn checked(&mut self, uri: &str) -> Result<Arc<Checked>, Failure> {
        if let Some(known) = self.reports.get(uri) {
            return Ok(Arc::clone(known));
        }
        let read = self.read_document(uri)?;
        let settings = self.settings(&read);
        let snapshot = self.workspace.snapshot();
        let target = snapshot.target_of(read.path(), &Build::default());
        // Nothing waits here for a walk through a build context.
        let target = Target { context: ContextSource::None, ..target };
        let outcome = engine::check(&snapshot, &target, &Progress::default(), None)
            .map_err(|error| Failure::new(Failure::CANCELLED, error.to_string()))?;
        let docs = snapshot.settings().output(read.path()).docs_url.or_else(DocsUrl::published);
        let report = outcome.files.into_iter().next().unwrap_or_default();
        let problems = outcome.problems;
        let checked = Arc::new(Checked { read, target, snapshot, report, problems, docs, settings });
        self.reports.insert(uri.to_owned(), Arc::clone(&checked));
        Ok(checked)
    }

    /// Shows what is wrong with a configuration file.
    fn warn(&mut self, problems: &[Problem]) {
        for problem in problems {
            let place = problem.path.as_ref().map(|path| format!("{path}: ")).unwrap_or_default();
            let message = sanitize(&format!("{place}{}", problem.message)).into_owned();
            // If that fails, nobody listens.
            let _ = self.notify("window/showMessage", json!({"type": 2, "message": message}));
        }
    }

    fn actions(&mut self, at: &ActionsAt) -> Answer {
        let checked = self.checked(&at.text_document.uri.0)?;
        let read = &checked.read;
        let wanted = Wanted(at.context.only.as_deref());
        let mut actions = Vec::new();
        if wanted.has(&CodeActionKind::QuickFix) {
            let span = read.span(at.range);
            let near = |f: &&crate::diag::Finding| f.span.start <= span.end && span.start <= f.span.end;
            for finding in checked.report.findings.iter().filter(near) {
                let fix = || engine::quick_fix(&read.file, finding, &checked.target.build);
                actions.extend(actions::of_finding(read, finding, &checked.rules(), fix));
            }
        }
        if wanted.names(&actions::fix_all_kind())
            && let Some(after) = engine::fixed(&checked.snapshot, &checked.target, Applicability::Safe)
        {
            let edit = actions::workspace_edit(read, vec![read.edit_to(&after)]);
            actions.push(CodeAction {
                title: "Apply all safe fixes of dlint".to_owned(),
                kind: Some(actions::fix_all_kind()),
                edit: Some(edit),
                ..CodeAction::default()
            });
        }
        result(actions)
    }

    fn run(&mut self, given: &RunCommand) -> Answer {
        if given.command != actions::EXPLAIN {
            let message = format!("there is no command `{}`", sanitize(&given.command));
            return Err(Failure::new(Failure::INVALID_PARAMS, message));
        }
        let name = given.arguments.first().and_then(Value::as_str).unwrap_or_default();
        let catalogues = self.workspace.snapshot().settings().catalogues();
        let Some(page) = catalogues.iter().find_map(|known| page(known, name)) else {
            let message = format!("`{}` is not a known rule", sanitize(name));
            return Err(Failure::new(Failure::INVALID_PARAMS, message));
        };
        // If that fails, nobody listens.
        let _ = self.notify("window/showMessage", json!({"type": 3, "message": page}));
        result(page)
    }
}

/// The page of a rule.
fn page(catalogue: &Catalogue, name: &str) -> Option<String> {
    let meta = &catalogue.find(name)?.meta;
    Some(format!("{}: {}\n\n{}", meta.name, meta.summary, for_readers(meta.page()).trim()))
}

fn is_configuration(uri: &Uri) -> bool {
    [".toml", ".yaml", ".yml", ".md"].iter().any(|end| uri.0.ends_with(end))
}

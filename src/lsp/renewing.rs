//! What does not hold any more when texts, files or settings change, and telling the client what is found then.

use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use serde_json::{Value, json};

use crate::engine::BuildsOf;

use super::builds::Builds;
use super::server::{Sent, Server};

/// With more files than this all builds are read again, in place of those that one of the files counts for.
const MANY: usize = 1000;

impl<W: Write> Server<W> {
    /// Takes account of what has changed on the disk.
    pub(super) fn files_changed(&mut self) {
        let Some(changes) = self.changes.take() else { return };
        self.measuring.outdate();
        if changes.files.len() > MANY {
            self.builds.forget_all();
        }
        for (path, is_text) in changes.files.iter().take(MANY) {
            match is_text {
                true => drop(self.builds.written(path)),
                false => drop(self.builds.came_or_went(path)),
            }
        }
        if changes.of_settings { self.configured() } else { self.look_again() }
    }

    /// Configuration files may have changed: what they say is read again when it is needed.
    pub(super) fn configured(&mut self) {
        self.workspace.forget_settings();
        self.builds.forget_all();
        for document in self.documents.values_mut() {
            document.forget();
        }
        self.look_again();
    }

    /// All documents are checked again, the one that is written in first.
    pub(super) fn look_again(&mut self) {
        for uri in self.documents.keys().cloned().collect::<Vec<_>>() {
            self.forget_found(&uri);
            if !self.client.asks_for_diagnostics {
                self.unpublished.push_behind(uri);
            }
        }
        // If that fails, nobody listens.
        let _ = self.refresh();
    }

    /// Looks again at the documents that are perhaps built otherwise now.
    pub(super) fn built_otherwise(&mut self, what: impl FnOnce(&mut Builds) -> Vec<String>) {
        for uri in what(&mut self.builds) {
            if let Some(document) = self.documents.get_mut(&uri) {
                document.counts_anew();
            }
            self.touched_by_another(uri);
        }
    }

    /// Measures the contexts again that the ignore file at a path counts for: its text need not be saved.
    pub(super) fn ignored_otherwise(&mut self, path: &Path) {
        let counts = |builds: &BuildsOf| builds.may_have_ignore_file(path);
        let touched: Vec<String> =
            self.builds.iter().filter(|(_, builds)| counts(builds)).map(|(uri, _)| uri.clone()).collect();
        for uri in touched {
            self.measuring.outdate_one(&uri);
            self.touched_by_another(uri);
        }
    }

    /// What is known of the files that start builds from the file at a path does not hold any more.
    pub(super) fn others_touched(&mut self, path: &Path) {
        let others = self.entries.iter().filter(|(_, checked)| checked.depends_on(path));
        for uri in others.map(|(uri, _)| uri.clone()).collect::<Vec<_>>() {
            self.touched_by_another(uri);
        }
    }

    /// What is known of a document does not hold any more.
    pub(super) fn touched(&mut self, uri: String) {
        self.forget_found(&uri);
        if !self.client.asks_for_diagnostics {
            self.unpublished.push(uri);
        }
    }

    /// The same because of another document. A client that asks for diagnostics may have old ones then.
    fn touched_by_another(&mut self, uri: String) {
        if self.client.asks_for_diagnostics && self.client.refreshes_diagnostics {
            self.forget_found(&uri);
            self.unpublished.push(uri);
        } else {
            self.touched(uri);
        }
    }

    fn forget_found(&mut self, uri: &str) {
        self.reports.remove(uri);
        self.entries.remove(uri);
    }

    /// Tells the client what was found in a document since it was told last. One that asks by itself is told to ask again
    /// if it has something else, since it may not know that another file counts.
    pub(super) fn publish(&mut self) -> io::Result<()> {
        let Some(uri) = self.unpublished.pop() else { return Ok(()) };
        let Some(version) = self.documents.get(&uri).map(|document| document.version) else { return Ok(()) };
        let found = catch_unwind(AssertUnwindSafe(|| self.diagnostics(&uri)));
        let Ok(Ok(diagnostics)) = found else { return Ok(()) };
        let sent = self.sent.get(&uri);
        if self.client.asks_for_diagnostics {
            self.has_old |= sent.is_some_and(|sent| sent.diagnostics != diagnostics);
            return Ok(());
        }
        if sent.is_some_and(|sent| sent.version == Some(version) && sent.diagnostics == diagnostics) {
            return Ok(());
        }
        let params = json!({"uri": uri, "version": version, "diagnostics": diagnostics});
        self.sent.insert(uri, Sent { id: 0, version: Some(version), diagnostics });
        self.notify("textDocument/publishDiagnostics", params)
    }

    /// Lets a client that asks for diagnostics ask again if it has old ones.
    pub(super) fn renew(&mut self) -> io::Result<()> {
        let is_old = self.unpublished.is_empty() && std::mem::take(&mut self.has_old);
        if is_old { self.refresh() } else { Ok(()) }
    }

    /// Lets the client ask again for what is not sent to it.
    pub(super) fn refresh(&mut self) -> io::Result<()> {
        if self.client.asks_for_diagnostics && self.client.refreshes_diagnostics {
            self.request("workspace/diagnostic/refresh", Value::Null)?;
        }
        if self.client.refreshes_hints {
            self.request("workspace/inlayHint/refresh", Value::Null)?;
        }
        Ok(())
    }
}

//! Reading and checking the documents of a server.

use std::io::Write;
use std::sync::{Arc, OnceLock};

use serde_json::{Value, json};

use crate::config::{DocsUrl, Settings};
use crate::diag::Problem;
use crate::engine::{self, BuildsOf, Opened};
use crate::report::sanitize;
use crate::semantic::Build;
use crate::text::{Arrange, MAX_SOURCE_BYTES};
use crate::workspace::{Snapshot, Target};

use super::builds::{self, Shown};
use super::checked::Checked;
use super::diagnostics;
use super::document::{Language, Read};
use super::protocol::{AtPosition, Diagnostic, Failure, OfDocument, params};
use super::server::Server;
use super::uri;

fn is_too_large(text: &str) -> bool {
    text.len() as u64 > MAX_SOURCE_BYTES
}

impl<W: Write> Server<W> {
    /// What there is now: the texts of all documents as the client has them.
    pub(super) fn snapshot(&mut self) -> Snapshot {
        for uri in std::mem::take(&mut self.unread) {
            let Some(document) = self.documents.get(&uri) else { continue };
            let (path, text) = (document.path.clone(), document.text());
            match is_too_large(text) {
                true => self.workspace.files_mut().close(&path),
                false => self.workspace.files_mut().open(path, document.version, text),
            }
        }
        self.workspace.snapshot()
    }

    pub(super) fn read_document(&mut self, uri: &str) -> Result<Read, Failure> {
        let snapshot = self.snapshot();
        let unknown =
            || Failure::new(Failure::INVALID_PARAMS, format!("`{}` is no open Dockerfile", sanitize(uri)));
        let document = self.documents.get_mut(uri).ok_or_else(unknown)?;
        document.read(|document| {
            if is_too_large(document.text()) {
                return Err(Failure::new(
                    Failure::FAILED,
                    "the text is larger than 16 MiB, which is more than dlint reads",
                ));
            }
            let parsed = snapshot.files().document(&document.path);
            Ok(parsed.map_err(|error| Failure::new(Failure::FAILED, error.to_string()))?.file)
        })
    }

    /// The document that a request is about.
    pub(super) fn read(&mut self, given: Value) -> Result<Read, Failure> {
        let of: OfDocument = params(given)?;
        self.read_document(&of.text_document.uri.0)
    }

    /// The document that a request is about, and the byte that it is about.
    pub(super) fn read_at(&mut self, given: Value) -> Result<(Read, u32, AtPosition), Failure> {
        let at: AtPosition = params(given)?;
        let read = self.read_document(&at.text_document.uri.0)?;
        Ok((read.clone(), read.offset(at.position), at))
    }

    /// Where the pages of rules are.
    pub(super) fn docs(&self, read: &Read) -> Option<DocsUrl> {
        let snapshot = self.workspace.snapshot();
        snapshot.settings().output(read.path()).docs_url.or_else(DocsUrl::published)
    }

    /// What counts for a document.
    pub(super) fn settings(&mut self, read: &Read) -> Arc<Settings> {
        let mut problems = Vec::new();
        self.workspace.load_settings([read.path()], &mut problems);
        self.warn(&problems);
        self.snapshot().settings_of(read.path())
    }

    /// How an open Dockerfile is built.
    pub(super) fn builds_of(&mut self, uri: &str, read: &Read) -> Arc<BuildsOf> {
        if let Some(known) = self.builds.known(uri) {
            return Arc::clone(known);
        }
        let snapshot = self.snapshot();
        // What is in no file is in no project, and who wants nothing of contexts wants the Dockerfile alone.
        let builds = match self.options.context && uri::file(&read.uri).is_some() {
            true => self.builds.read(&snapshot, read.path()),
            false => BuildsOf::lone(snapshot.target_of(read.path(), &Build::default())),
        };
        let builds = Arc::new(builds);
        self.builds.keep(uri, Arc::clone(&builds));
        builds
    }

    /// The builds of an open Dockerfile as they were measured, else as they are told: those whose contexts or ignore
    /// files differ.
    pub(super) fn contexts_of(&mut self, uri: &str, read: &Read) -> Vec<Target> {
        let builds = self.builds_of(uri, read);
        let measured = self.measuring.taken(uri);
        let measured = measured.as_ref().map(|measured| measured.targets().collect::<Vec<_>>());
        let targets = measured.filter(|measured| measured.len() == builds.targets.len());
        let targets = targets.unwrap_or_else(|| builds.targets.iter().collect());
        builds::differing(&targets)
    }

    /// The contexts that the builds of a document are given by name, each with what gives it.
    pub(super) fn named_contexts(&mut self, read: &Read) -> Vec<(String, String)> {
        let builds = self.builds_of(&read.uri.0, read);
        let mut found: Vec<(String, String)> = Vec::new();
        for target in &builds.targets {
            let by = builds::name(target, read.path());
            for name in target.build.contexts.keys() {
                if !found.iter().any(|(known, _)| known == name) {
                    found.push((name.clone(), by.clone().unwrap_or_default()));
                }
            }
        }
        found
    }

    /// What is found in a document. It is checked once for each text.
    pub(super) fn checked(&mut self, uri: &str) -> Result<Arc<Checked>, Failure> {
        if let Some(known) = self.reports.get(uri) {
            return Ok(Arc::clone(known));
        }
        let read = self.read_document(uri)?;
        let settings = self.settings(&read);
        let snapshot = self.snapshot();
        if self.language(uri) == Some(Language::Ignorefile) {
            return self.checked_ignore_file(uri, read, settings, snapshot);
        }
        let builds = self.builds_of(uri, &read);
        let targets = &builds.targets;
        let fitted = self.measuring.taken(uri).and_then(|measured| measured.fitted(&snapshot, targets));
        let revision = self.documents.get(uri).map_or(0, |document| document.revision);
        let has_folder = targets.iter().any(|target| target.context_folder().is_some());
        if self.options.context && uri::file(&read.uri).is_some() && has_folder {
            self.measuring.looked_at(uri, revision, fitted.is_some());
        }
        // Nothing waits here for a walk through a build context.
        let has_context = fitted.is_some();
        let opened = fitted.map_or_else(|| engine::read_builds(&snapshot, targets), Ok);
        let shown = |opened: &Vec<Opened>| Shown::of(opened, read.path());
        let shown = opened.as_ref().map(shown).unwrap_or_default();
        let outcome = match opened {
            Ok(opened) => engine::check_opened(&snapshot, opened),
            Err(outcome) => *outcome,
        };
        let docs = self.docs(&read);
        let mut report = outcome.files.into_iter().next().unwrap_or_default();
        let names = report.findings.iter_mut().flat_map(|finding| &mut finding.builds);
        names.for_each(|name| *name = builds::short_name(name, read.path()));
        if let Some(last) = self.measured.get(uri).filter(|_| !has_context) {
            // What is known of the context stays until it is measured again.
            let kept = last.beyond_text(read.text());
            report.findings.extend(kept);
            report.findings.arrange_by_key(|finding| finding.span);
        }
        let (problems, weights, beyond) = (outcome.problems, OnceLock::new(), OnceLock::new());
        let snapshot = snapshot.with_only(read.path());
        let checked = Arc::new(Checked {
            read,
            builds,
            shown,
            has_context,
            weights,
            beyond,
            snapshot,
            report,
            problems,
            docs,
            settings,
        });
        self.reports.insert(uri.to_owned(), Arc::clone(&checked));
        if has_context {
            self.measured.insert(uri.to_owned(), Arc::clone(&checked));
        }
        Ok(checked)
    }

    /// What is wrong in a document, whatever it is.
    pub(super) fn diagnostics(&mut self, uri: &str) -> Result<Vec<Diagnostic>, Failure> {
        match self.documents.get(uri) {
            Some(document) if document.language == Language::Configuration => {
                Ok(diagnostics::of_configuration(document))
            }
            document => match match document.map(|document| document.language) {
                Some(Language::Entry) => self.checked_entry(uri).map(|checked| checked.diagnostics()),
                _ => self.checked(uri).map(|checked| checked.diagnostics()),
            } {
                Ok(diagnostics) => Ok(diagnostics),
                // It is too large, for example.
                Err(failure) if failure.code == Failure::FAILED => {
                    Ok(vec![diagnostics::problem(&failure.message)])
                }
                Err(failure) => Err(failure),
            },
        }
    }

    pub(super) fn language(&self, uri: &str) -> Option<Language> {
        self.documents.get(uri).map(|document| document.language)
    }

    /// What is found in an ignore file.
    fn checked_ignore_file(
        &mut self,
        uri: &str,
        read: Read,
        settings: Arc<Settings>,
        snapshot: Snapshot,
    ) -> Result<Arc<Checked>, Failure> {
        let effect = self.measuring.left_out(uri);
        let fits = effect.as_ref().is_some_and(|effect| effect.ignore.source.text() == read.text());
        let revision = self.documents.get(uri).map_or(0, |document| document.revision);
        if self.options.context && uri::file(&read.uri).is_some() {
            self.measuring.looked_at(uri, revision, fits);
        }
        let outcome = engine::check_ignore_file(&snapshot, read.path(), effect.as_deref());
        let docs = self.docs(&read);
        let snapshot = snapshot.with_only(read.path());
        let checked = Arc::new(Checked {
            builds: Arc::new(BuildsOf::lone(Target::of_file(read.path()))),
            shown: Vec::new(),
            has_context: fits,
            weights: OnceLock::new(),
            beyond: OnceLock::new(),
            report: outcome.files.into_iter().next().unwrap_or_default(),
            problems: outcome.problems,
            read,
            snapshot,
            docs,
            settings,
        });
        self.reports.insert(uri.to_owned(), Arc::clone(&checked));
        Ok(checked)
    }

    /// Shows what is wrong with a configuration file.
    pub(super) fn warn(&mut self, problems: &[Problem]) {
        for problem in problems {
            let place = problem.path.as_ref().map(|path| format!("{path}: ")).unwrap_or_default();
            let message = sanitize(&format!("{place}{}", problem.message)).into_owned();
            // If that fails, nobody listens.
            let _ = self.notify("window/showMessage", json!({"type": 2, "message": message}));
        }
    }
}

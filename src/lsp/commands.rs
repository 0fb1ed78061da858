//! What clients may have done: fixes, digests of `dlint.lock`, what a Dockerfile weighs, stages that could be.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use dockerignore::IgnoreFile;
use serde_json::{Value, json};

use crate::diag::Applicability;
use crate::engine;
use crate::report::sanitize;
use crate::rewrite::{self, Project};
use crate::rules::{Catalogue, for_readers};
use crate::semantic::{Build, BuildContext, Model};
use crate::tree::DISK;
use crate::workspace::LockPlace;

use super::actions::{APPLY, EXPLAIN, FIX_ALL, PIN, PLAN, PROPOSE, workspace_edit};
use super::checked::Checked;
use super::document::Language;
use super::protocol::{Answer, Failure, RunCommand, WorkspaceEdit, result};
use super::server::Server;

impl<W: Write> Server<W> {
    /// Runs a command.
    pub(super) fn run(&mut self, given: &RunCommand) -> Answer {
        let first = given.arguments.first().unwrap_or(&Value::Null);
        let name = first.as_str().unwrap_or_default();
        match &*given.command {
            EXPLAIN => self.explain(name),
            APPLY => {
                // All parts of an edit may be left out, so any object reads as one.
                let edit = serde_json::from_value::<WorkspaceEdit>(first.clone()).ok();
                let edit = edit.filter(|edit| edit.changes.is_some() || edit.document_changes.is_some());
                let wrong = || Failure::new(Failure::INVALID_PARAMS, "the argument is no edit");
                self.apply("dlint", &edit.ok_or_else(wrong)?)
            }
            FIX_ALL => {
                let checked = self.dockerfile(name)?;
                let targets = &checked.builds.targets;
                match engine::fixed(&checked.snapshot, targets, Applicability::Safe) {
                    Some(after) => self.replace("Apply all safe fixes of dlint", &checked, &after),
                    None => Ok(Value::Null),
                }
            }
            PIN => {
                let checked = self.dockerfile(name)?;
                let after = pinned(&checked).map_err(|why| Failure::new(Failure::FAILED, why))?;
                self.replace("Pin images to the digests of dlint.lock", &checked, &after)
            }
            PLAN => result(plan(&*self.dockerfile(name)?)),
            PROPOSE => proposed(&*self.dockerfile(name)?),
            other => {
                let message = format!("there is no command `{}`", sanitize(other));
                Err(Failure::new(Failure::INVALID_PARAMS, message))
            }
        }
    }

    /// The open Dockerfile of an address, checked.
    fn dockerfile(&mut self, uri: &str) -> Result<Arc<Checked>, Failure> {
        if self.language(uri) != Some(Language::Dockerfile) {
            let message = format!("`{}` is no open Dockerfile", sanitize(uri));
            return Err(Failure::new(Failure::INVALID_PARAMS, message));
        }
        self.checked(uri)
    }

    fn replace(&mut self, title: &str, checked: &Checked, after: &str) -> Answer {
        let read = &checked.read;
        self.apply(title, &workspace_edit(read, vec![read.edit_to(after)]))
    }

    /// Has the client apply an edit, if it can; the answer is the edit, for those who do it themselves.
    fn apply(&mut self, title: &str, edit: &WorkspaceEdit) -> Answer {
        if self.client.applies_edits {
            // If that fails, nobody listens.
            let _ = self.request("workspace/applyEdit", json!({"label": title, "edit": edit}));
        }
        result(edit)
    }

    fn explain(&mut self, name: &str) -> Answer {
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

/// The text with digests, or why there is none.
fn pinned(checked: &Checked) -> Result<String, String> {
    let read = &checked.read;
    let lock = LockPlace::of(&DISK, read.path()).map(|place| place.read(&DISK));
    let lock = lock.transpose()?.flatten().ok_or("there is no dlint.lock here: `dlint lock` writes it")?;
    let build = Build { all_args: true, ..Build::default() };
    let model = Model::of_build(Arc::clone(&read.file), &build);
    let pinned = engine::pin(&model, lock.bases());
    let why = || match pinned.left.first() {
        Some((line, why)) => format!("line {line}: {why}"),
        None => "no image is without a digest".to_owned(),
    };
    let text = pinned.text.as_ref().ok_or_else(why)?;
    String::from_utf8(text.clone()).map_err(|_| "the Dockerfile is no UTF-8 text".to_owned())
}

/// What the instructions weigh, in Markdown.
fn plan(checked: &Checked) -> String {
    let read = &checked.read;
    let row = |weight: &super::weights::Weight| {
        let line = read.range(weight.line).start.line + 1;
        let text = sanitize(weight.line.text(read.text())).replace('`', "'");
        format!("### {line}: `{text}`\n\n{}\n", weight.text)
    };
    checked.weights().iter().map(row).collect::<Vec<_>>().join("\n")
}

/// How the Dockerfile could be written with several stages, or why it is not proposed.
fn proposed(checked: &Checked) -> Answer {
    let Some(shown) = checked.shown.first() else { return Ok(Value::Null) };
    let root = checked.builds.targets.first().and_then(crate::workspace::Target::context_folder);
    let files = checked.snapshot.files();
    let read = |path: &str| {
        let inside = Path::new(path).components().all(|part| matches!(part, std::path::Component::Normal(_)));
        let source = files.source(&root.as_ref().filter(|_| inside)?.join(path)).ok()?;
        Some(source.text().to_owned())
    };
    let none = IgnoreFile::default();
    let ignore = shown.analysis.context().and_then(BuildContext::ignore).map_or(&none, |(file, _)| file);
    let names = root.as_deref().and_then(|root| engine::project_files(root, ignore));
    let project = Project { read: &read, files: names.as_deref() };
    match rewrite::propose(&shown.analysis, project, &checked.settings.base_images) {
        Ok(proposal) => {
            let changes = proposal.changes.iter();
            let changes = changes.map(|change| json!({"line": change.line, "what": change.what}));
            let changes: Vec<Value> = changes.collect();
            result(json!({"text": proposal.text, "changes": changes, "notes": proposal.notes}))
        }
        Err(why) => {
            let line = why.line.map(|line| format!("line {line}: ")).unwrap_or_default();
            Err(Failure::new(Failure::FAILED, format!("{line}{}", sanitize(&why.why))))
        }
    }
}

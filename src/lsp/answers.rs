//! What a server answers to requests.

use std::io::Write;

use serde_json::{Value, json};

use crate::diag::Applicability;
use crate::engine;
use crate::report::sanitize;
use crate::semantic::Build;
use crate::text::Span;

use super::actions::{self, Wanted};
use super::completion::Around;
use super::diagnostics::Rules;
use super::document::{Language, Read};
use super::moved::Moved;
use super::protocol::{
    ActionsAt, Answer, AtPosition, AtPositions, CodeAction, CodeActionKind, DiagnosticsOf, Failure,
    Formatted, InRange, OfDocument, TextEdit, TokensSince, params, result,
};
use super::server::{Phase, Sent, Server};
use super::tokens::{self, Tokens};
use super::{
    builds, completion, configuration, folding, formatting, hover, ignore, links, navigate, rewrites,
    selection, signature, symbols, uri, weights,
};

impl<W: Write> Server<W> {
    pub(super) fn answer(&mut self, method: &str, given: Value) -> Answer {
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
        let uri = given.pointer("/textDocument/uri").and_then(Value::as_str);
        let language = uri.and_then(|uri| self.language(uri));
        let is_other = uri.is_some_and(|uri| self.others.contains(uri));
        match (method, language) {
            ("textDocument/diagnostic", None) if is_other => return Ok(json!({"kind": "full", "items": []})),
            (_, None) if is_other => return Ok(Value::Null),
            ("textDocument/diagnostic", _) => return self.diagnostic(&params(given)?),
            (_, Some(Language::Ignorefile)) => return self.answer_ignore_file(method, given),
            (_, Some(Language::Entry)) => return self.answer_entry(method, given),
            (_, Some(Language::Configuration)) => return self.answer_configuration(method, given),
            (_, Some(Language::Dockerfile) | None) => {}
        }
        match method {
            "shutdown" => {
                self.phase = Phase::ShutDown;
                Ok(Value::Null)
            }
            "textDocument/codeAction" => self.actions(&params(given)?),
            "textDocument/documentSymbol" => {
                let read = self.read(given)?;
                let symbols = symbols::symbols(&read);
                if self.client.nests_symbols {
                    result(symbols)
                } else {
                    result(symbols::flat(&read, &symbols))
                }
            }
            "textDocument/foldingRange" => {
                let whole_lines = self.client.folds_whole_lines;
                result(folding::ranges(&self.read(given)?, whole_lines))
            }
            "textDocument/completion" => {
                let (read, at, _) = self.read_at(given)?;
                let settings = self.settings(&read);
                let snapshot = self.snapshot();
                let is_file = self.options.context && uri::file(&read.uri).is_some();
                let contexts = if is_file { self.contexts_of(&read.uri.0, &read) } else { Vec::new() };
                let listed = |folder: &str| builds::entries(snapshot.files(), &contexts, folder, read.path());
                let contexts = self.named_contexts(&read);
                let around =
                    Around { catalogue: settings.rules.catalogue(), listed: &listed, contexts: &contexts };
                result(completion::items(&read, at, self.client.fills_in, &around))
            }
            "textDocument/hover" => {
                let (read, at, of) = self.read_at(given)?;
                let settings = self.settings(&read);
                let markdown = self.client.shows_markdown;
                let checked = self.checked(&of.text_document.uri.0)?;
                let weight = |step| checked.weights().iter().find(|w| w.step == step).map(|w| w.text.clone());
                let builds = checked.shown.iter();
                let builds: Vec<_> = builds.map(|b| (b.name.as_deref(), &*b.analysis)).collect();
                result(hover::hover(&read, at, settings.rules.catalogue(), (&builds[..], weight), markdown))
            }
            "textDocument/documentLink" => {
                let read = self.read(given)?;
                let docs = self.docs(&read);
                let settings = self.settings(&read);
                result(links::links(
                    &read,
                    &Rules { catalogue: settings.rules.catalogue(), docs: docs.as_ref() },
                ))
            }
            "textDocument/inlayHint" => self.hints(&params(given)?),
            "textDocument/semanticTokens/full" => {
                let of: OfDocument = params(given)?;
                result(self.tokens(&of.text_document.uri.0)?)
            }
            "textDocument/semanticTokens/full/delta" => {
                let of: TokensSince = params(given)?;
                let uri = of.text_document.uri.0;
                let known = self.tokens.remove(&uri);
                let new = self.tokens(&uri)?;
                match known.filter(|known| known.result_id.as_ref() == Some(&of.previous_result_id)) {
                    Some(old) => result(tokens::delta(&old, &new)),
                    None => result(new),
                }
            }
            "textDocument/semanticTokens/range" => {
                let of: InRange = params(given)?;
                let read = self.read_document(&of.text_document.uri.0)?;
                let within = read.span(of.range);
                result(tokens::tokens(&read, within))
            }
            "textDocument/selectionRange" => {
                let of: AtPositions = params(given)?;
                let read = self.read_document(&of.text_document.uri.0)?;
                let at = |position| selection::around(&read, read.offset(position));
                result(of.positions.into_iter().map(at).collect::<Vec<_>>())
            }
            "textDocument/formatting" => {
                let of: Formatted = params(given)?;
                let read = self.read_document(&of.text_document.uri.0)?;
                let all = Span::of(0..read.text().len());
                result(formatting::edits(&read, all, &of.options))
            }
            "textDocument/rangeFormatting" => {
                let of: Formatted = params(given)?;
                let read = self.read_document(&of.text_document.uri.0)?;
                let within = of.range.map_or(Span::at(0), |range| read.span(range));
                result(formatting::edits(&read, within, &of.options))
            }
            "textDocument/onTypeFormatting" => {
                let of: Formatted = params(given)?;
                let read = self.read_document(&of.text_document.uri.0)?;
                let at = of.position.map_or(0, |position| read.offset(position));
                result(formatting::typed(&read, at, &of.options))
            }
            "textDocument/signatureHelp" => {
                let (read, at, _) = self.read_at(given)?;
                result(signature::help(&read, at))
            }
            "textDocument/definition" => {
                let (read, at, _) = self.read_at(given)?;
                match navigate::definition(&read, at) {
                    Some(own) => result(own),
                    None => match self.contexts_elsewhere(&read, at) {
                        found if found.is_empty() => Ok(Value::Null),
                        found => result(found),
                    },
                }
            }
            "textDocument/documentHighlight" => {
                let (read, at, _) = self.read_at(given)?;
                result(navigate::highlights(&read, at))
            }
            "textDocument/references" => {
                let (read, at, asked) = self.read_at(given)?;
                let mut found = navigate::references(&read, at, asked.context.include_declaration);
                found.extend(self.references_elsewhere(&read, at));
                result(found)
            }
            "textDocument/prepareRename" => {
                let (read, at, _) = self.read_at(given)?;
                result(navigate::renamed(&read, at))
            }
            "textDocument/rename" => {
                let (read, at, asked) = self.read_at(given)?;
                self.rename(&read, at, &asked.new_name)
            }
            "workspace/executeCommand" => self.run(&params(given)?),
            _ => Err(Failure::new(
                Failure::METHOD_NOT_FOUND,
                format!("there is no method `{}`", sanitize(method)),
            )),
        }
    }

    /// The edits that rename what stands at a byte of a Dockerfile, there and in the files that start its builds.
    pub(super) fn rename(&mut self, read: &Read, at: u32, new: &str) -> Answer {
        let mut edit = navigate::rename(read, at, new)?;
        for place in self.renamed_elsewhere(read, at, new)? {
            let edits = edit.changes.get_or_insert_default().entry(place.uri).or_default();
            edits.push(TextEdit { range: place.range, new_text: new.to_owned() });
        }
        result(edit)
    }

    /// The diagnostics of a document, unless they are those that the client has.
    fn diagnostic(&mut self, of: &DiagnosticsOf) -> Answer {
        let uri = &of.text_document.uri.0;
        let items = self.diagnostics(uri)?;
        let is_same = self.sent.get(uri).is_some_and(|sent| sent.diagnostics == items);
        if !is_same {
            self.results += 1;
            self.sent.insert(uri.clone(), Sent { id: self.results, version: None, diagnostics: items });
        }
        let Some(sent) = self.sent.get(uri) else { return Ok(Value::Null) };
        let id = sent.id.to_string();
        if of.previous_result_id.as_ref() == Some(&id) {
            return result(json!({"kind": "unchanged", "resultId": id}));
        }
        result(json!({"kind": "full", "resultId": id, "items": sent.diagnostics}))
    }

    /// The tokens of a document, which are kept: the client may ask for what has changed.
    fn tokens(&mut self, uri: &str) -> Result<Tokens, Failure> {
        let read = self.read_document(uri)?;
        self.results += 1;
        let all = Span::of(0..read.text().len());
        let tokens = Tokens { result_id: Some(self.results.to_string()), ..tokens::tokens(&read, all) };
        self.tokens.insert(uri.to_owned(), tokens.clone());
        Ok(tokens)
    }

    /// Answers what is asked about a file of dlint's settings.
    fn answer_configuration(&mut self, method: &str, given: Value) -> Answer {
        if !matches!(method, "textDocument/hover" | "textDocument/completion") {
            return Ok(Value::Null);
        }
        let of: AtPosition = params(given)?;
        let Some(document) = self.documents.get(&of.text_document.uri.0) else { return Ok(Value::Null) };
        // hadolint's are another language.
        if document.path.extension().is_none_or(|ending| ending != "toml") {
            return Ok(Value::Null);
        }
        let path = document.path.clone();
        let mut problems = Vec::new();
        self.workspace.load_settings([path.as_path()], &mut problems);
        self.warn(&problems);
        let settings = self.workspace.snapshot().settings_of(&path);
        let catalogue = settings.rules.catalogue();
        let Some(document) = self.documents.get(&of.text_document.uri.0) else { return Ok(Value::Null) };
        match method {
            "textDocument/hover" => {
                let markdown = self.client.shows_markdown;
                result(configuration::hover(document, of.position, catalogue, markdown))
            }
            _ => result(configuration::items(document, of.position, catalogue)),
        }
    }

    /// Answers what is asked about an ignore file.
    fn answer_ignore_file(&mut self, method: &str, given: Value) -> Answer {
        match method {
            "textDocument/hover" => {
                let (read, at, of) = self.read_at(given)?;
                let effect = self.measuring.left_out(&of.text_document.uri.0);
                let markdown = self.client.shows_markdown;
                result(effect.and_then(|effect| ignore::hover(&read, at, &effect, markdown)))
            }
            "textDocument/completion" => {
                let (read, at, of) = self.read_at(given)?;
                let effect = self.measuring.left_out(&of.text_document.uri.0);
                result(effect.map(|effect| ignore::items(&read, at, &effect)))
            }
            _ => Ok(Value::Null),
        }
    }

    /// What the lines of a document weigh, and what of them is built again, by what was measured last.
    fn hints(&mut self, asked: &InRange) -> Answer {
        let uri = &asked.text_document.uri.0;
        let now = self.checked(uri)?;
        let within = now.read.span(asked.range);
        let markdown = self.client.shows_markdown;
        let mut hints = match self.measured.get(uri).filter(|_| !now.has_context) {
            _ if !self.options.weights => Vec::new(),
            Some(last) => {
                let moved = Moved::between(last.read.text(), now.read.text());
                weights::hints(&now.read, last.weights(), within, |span| moved.span(span), markdown)
            }
            None => weights::hints(&now.read, now.weights(), within, Some, markdown),
        };
        if let Some(rebuilds) = self.measuring.rebuilds(uri) {
            hints.extend(rebuilds.hints(&now.read, within, markdown));
        }
        result(hints)
    }

    fn actions(&mut self, at: &ActionsAt) -> Answer {
        let checked = self.checked(&at.text_document.uri.0)?;
        let read = &checked.read;
        let wanted = Wanted(at.context.only.as_deref());
        let mut actions = Vec::new();
        if wanted.has(&CodeActionKind::QuickFix) {
            let span = read.span(at.range);
            let plain = Build::default();
            let build = checked.builds.targets.first().map_or(&plain, |target| &target.build);
            let near = |f: &&crate::diag::Finding| f.span.start <= span.end && span.start <= f.span.end;
            for finding in checked.report.findings.iter().filter(near) {
                let fix = || engine::quick_fix(&read.file, finding, build);
                let suppressions = actions::suppressions(read, finding);
                actions.extend(actions::of_finding(read, finding, &checked.rules(), fix, suppressions));
            }
        }
        if wanted.has(&CodeActionKind::RefactorRewrite) {
            let fixes: Vec<_> = actions.iter().filter_map(|action| action.edit.clone()).collect();
            let rewrites = rewrites::rewrites(&read.file, read.span(at.range)).into_iter();
            let rewrites = rewrites.map(|r| actions::of_rewrite(read, r.title, &r.edits));
            actions.extend(rewrites.filter(|r| !fixes.iter().any(|fix| r.edit.as_ref() == Some(fix))));
        }
        if wanted.names(&actions::fix_all_kind())
            && let Some(after) =
                engine::fixed(&checked.snapshot, &checked.builds.targets, Applicability::Safe)
        {
            let edit = actions::workspace_edit(read, vec![read.edit_to(&after)]);
            actions.push(CodeAction {
                title: "Apply all safe fixes of dlint".to_owned(),
                kind: Some(actions::fix_all_kind()),
                edit: Some(edit),
                ..CodeAction::default()
            });
        }
        match self.client.takes_actions {
            true => result(actions),
            false => result(actions.iter().filter_map(actions::as_command).collect::<Vec<_>>()),
        }
    }
}

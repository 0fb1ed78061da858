//! What is asked about files that start builds, and about what Dockerfiles and they both name.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use build_targets::Dockerfile;
use serde_json::Value;

use crate::engine;
use crate::lsp::actions::{self, Suppressions, Wanted};
use crate::lsp::document::{Document, Language, Read};
use crate::lsp::place::Encoding;
use crate::lsp::protocol::{
    ActionsAt, Answer, AtPosition, CodeActionKind, Contents, DocumentLink, Failure, Hover, Location,
    MarkupContent, MarkupKind, OfDocument, params, result,
};
use crate::lsp::server::Server;
use crate::lsp::uri;
use crate::report::sanitize;
use crate::text::Span;
use crate::workspace::Files;

use super::back::{self, Back, push};
use super::builds::{self, Builds, Meaning, Mention};
use super::built::{Built, NamedElsewhere};
use super::checked::CheckedEntry;
use super::hover::Hovered;
use super::offers;

impl<W: Write> Server<W> {
    /// Answers what is asked about a file that starts builds.
    pub(in crate::lsp) fn answer_entry(&mut self, method: &str, given: Value) -> Answer {
        let encoding = self.client.encoding;
        match method {
            "textDocument/hover" => {
                let (checked, at, of) = self.entry_at(given)?;
                let sent = self.measuring.sent(&of.text_document.uri.0);
                let snapshot = self.snapshot();
                let Some(builds) = &checked.builds else { return Ok(Value::Null) };
                let sent = |build| checked.sent(build, sent.as_deref());
                let hovered = Hovered { files: snapshot.files(), builds, encoding, sent: &sent };
                let markdown = self.client.shows_markdown;
                let kind = if markdown { MarkupKind::Markdown } else { MarkupKind::PlainText };
                result(hovered.at(at).map(|(span, text)| Hover {
                    contents: Contents::MarkupContent(MarkupContent {
                        kind,
                        value: if markdown { text } else { text.replace(['`', '*'], "") },
                    }),
                    range: Some(checked.read.range(span)),
                }))
            }
            "textDocument/definition" => {
                let (checked, at, _) = self.entry_at(given)?;
                let snapshot = self.snapshot();
                let Some(builds) = &checked.builds else { return Ok(Value::Null) };
                result(Asked { files: snapshot.files(), builds, encoding }.definitions(at))
            }
            "textDocument/references" => {
                let (checked, at, asked) = self.entry_at(given)?;
                let snapshot = self.snapshot();
                let Some(builds) = &checked.builds else { return Ok(Value::Null) };
                let asked_of = Asked { files: snapshot.files(), builds, encoding };
                let mut found = asked_of.references(at, asked.context.include_declaration);
                for (dockerfile, named) in asked_of.elsewhere(at) {
                    let back = self.back(snapshot.files(), &dockerfile);
                    back.places(&named).into_iter().for_each(|location| push(&mut found, location));
                }
                result(found)
            }
            "textDocument/documentLink" => {
                let of: OfDocument = params(given)?;
                let checked = self.checked_entry(&of.text_document.uri.0)?;
                let snapshot = self.snapshot();
                let Some(builds) = &checked.builds else { return Ok(Value::Null) };
                result(Asked { files: snapshot.files(), builds, encoding }.links(&checked.read))
            }
            "textDocument/completion" => {
                let (read, at, _) = self.read_at(given)?;
                let snapshot = self.snapshot();
                result(offers::items(snapshot.files(), &read, at, encoding))
            }
            "textDocument/prepareRename" => {
                let (checked, at, _) = self.entry_at(given)?;
                let Some((read, named)) = self.declared_elsewhere(&checked, at) else {
                    return Ok(Value::Null);
                };
                let places = self.renamed_elsewhere(&read, named, "").unwrap_or_default();
                let own = checked.read.range(Span::at(at)).start;
                let is_it = |place: &Location| {
                    place.uri == checked.read.uri && place.range.start <= own && own <= place.range.end
                };
                result(places.into_iter().find(is_it).map(|place| place.range))
            }
            "textDocument/rename" => {
                let (checked, at, asked) = self.entry_at(given)?;
                match self.declared_elsewhere(&checked, at) {
                    Some((read, named)) => self.rename(&read, named, &asked.new_name),
                    None => Err(Failure::new(
                        Failure::FAILED,
                        "nothing that a Dockerfile names stands here: rename it by hand",
                    )),
                }
            }
            "textDocument/codeAction" => self.entry_actions(&params(given)?),
            _ => Ok(Value::Null),
        }
    }

    fn entry_at(&mut self, given: Value) -> Result<(Arc<CheckedEntry>, u32, AtPosition), Failure> {
        let (read, at, of) = self.read_at(given)?;
        Ok((self.checked_entry(&read.uri.0)?, at, of))
    }

    /// The Dockerfile that declares what stands at a byte, a stage or an argument, and where.
    fn declared_elsewhere(&mut self, checked: &CheckedEntry, at: u32) -> Option<(Read, u32)> {
        let (snapshot, encoding) = (self.snapshot(), self.client.encoding);
        let asked = Asked { files: snapshot.files(), builds: checked.builds.as_ref()?, encoding };
        let mut all = asked.elsewhere(at).into_iter();
        // A name that several Dockerfiles declare is none to rename at once.
        let (Some((path, named)), None) = (all.next(), all.next()) else { return None };
        let read = self.read_of(&path)?;
        let built = Built::open(&read, encoding);
        let span = match &named {
            NamedElsewhere::Stage(name) => built.declared_stage(name)?,
            NamedElsewhere::Argument(name) => built.arguments().iter().find(|(own, _)| own == name)?.1,
            NamedElsewhere::Context(_) => return None,
        };
        Some((read, span.start))
    }

    /// The Dockerfile at a path, open or not.
    fn read_of(&mut self, path: &Path) -> Option<Read> {
        let open =
            self.documents.values().find(|open| open.path == path && open.language == Language::Dockerfile);
        if let Some(uri) = open.map(|open| open.uri.0.clone()) {
            return self.read_document(&uri).ok();
        }
        let file = self.snapshot().files().document(path).ok()?.file;
        let text = file.text().to_owned();
        let mut document = Document::new(uri::of(path), Language::Dockerfile, 0, text, self.client.encoding);
        document.read(|_| Ok::<_, Failure>(file)).ok()
    }

    /// The fixes of what was found at a place, as far as they change nothing else in what is built.
    fn entry_actions(&mut self, at: &ActionsAt) -> Answer {
        let checked = self.checked_entry(&at.text_document.uri.0)?;
        let wanted = Wanted(at.context.only.as_deref());
        let snapshot = self.snapshot();
        let read = &checked.read;
        let span = read.span(at.range);
        let near = |f: &&crate::diag::Finding| f.span.start <= span.end && span.start <= f.span.end;
        let mut actions = Vec::new();
        if wanted.has(&CodeActionKind::QuickFix)
            && let Some(entries) = builds::entries(snapshot.files(), read.path())
        {
            for finding in checked.report.findings.iter().filter(near) {
                let fix = || engine::quick_fix_of_entries(&snapshot, &entries, read.path(), finding);
                actions.extend(actions::of_finding(
                    read,
                    finding,
                    &checked.rules(),
                    fix,
                    Suppressions { here: checked.suppression(finding), in_file: None },
                ));
            }
        }
        match self.client.takes_actions {
            true => result(actions),
            false => result(actions.iter().filter_map(actions::as_command).collect::<Vec<_>>()),
        }
    }

    /// The files that start builds of a Dockerfile: those of its project, and those that are open.
    fn back<'f>(&mut self, files: &'f Files, dockerfile: &Path) -> Back<'f> {
        // What has changed since the last check is read again first.
        let waits = |uri: &&String| !self.entries.contains_key(*uri);
        let open = self.documents.iter().filter(|(_, document)| document.language == Language::Entry);
        let waiting: Vec<String> = open.map(|(uri, _)| uri).filter(waits).cloned().collect();
        for uri in waiting {
            // One that cannot be read says nothing.
            let _ = self.checked_entry(&uri);
        }
        let open = self.entries.values().filter_map(|checked| checked.builds.as_ref());
        let open = open.map(|builds| Arc::clone(&builds.group));
        Back::new(files, dockerfile, open, self.client.encoding)
    }

    /// Where files that start builds name what stands at a byte of a Dockerfile.
    pub(in crate::lsp) fn references_elsewhere(&mut self, read: &Read, at: u32) -> Vec<Location> {
        let Some(named) = Built::open(read, self.client.encoding).named_at(at) else { return Vec::new() };
        let snapshot = self.snapshot();
        self.back(snapshot.files(), read.path()).places(&named)
    }

    /// The names that change in files that start builds when what stands at a byte of a Dockerfile is renamed.
    ///
    /// # Errors
    /// If one of them cannot be renamed with it.
    pub(in crate::lsp) fn renamed_elsewhere(
        &mut self,
        read: &Read,
        at: u32,
        new: &str,
    ) -> Result<Vec<Location>, Failure> {
        let failure = |why: &str| Failure::new(Failure::FAILED, why);
        let Some(named) = Built::open(read, self.client.encoding).named_at(at) else { return Ok(Vec::new()) };
        let snapshot = self.snapshot();
        let back = self.back(snapshot.files(), read.path());
        if let Some(file) = back.unread() {
            let file = file.file_name().unwrap_or_default().to_string_lossy();
            return Err(failure(&format!(
                "`{}` cannot be read as it is now: rename it by hand",
                sanitize(&file)
            )));
        }
        if matches!(named, NamedElsewhere::Stage(_)) && back.gives_context(new) {
            return Err(failure(
                "a build gives a context of this name, which would take the place of the stage",
            ));
        }
        let places = back.written(&named);
        let places = places.ok_or_else(|| {
            failure("a file that starts builds takes this name from elsewhere: rename it by hand")
        })?;
        if !places.is_empty() && read.names().is_shared(at) {
            return Err(failure("the same build argument sets an ARG of another stage: rename it by hand"));
        }
        Ok(places)
    }

    /// What the builds make of the name of an image at a byte of a Dockerfile, if that is another one.
    pub(in crate::lsp) fn contexts_elsewhere(&mut self, read: &Read, at: u32) -> Vec<Location> {
        let named = Built::open(read, self.client.encoding).named_at(at);
        let Some(NamedElsewhere::Context(name)) = named else { return Vec::new() };
        let snapshot = self.snapshot();
        self.back(snapshot.files(), read.path()).contexts(&name)
    }
}

/// What is asked about one file.
struct Asked<'a> {
    files: &'a Files,
    builds: &'a Builds,
    encoding: Encoding,
}

impl Asked<'_> {
    fn built(&self, mention: &Mention) -> Option<Built<'_>> {
        Built::of(self.files, self.builds, mention.build?, self.encoding)
    }

    /// Where another build begins.
    fn build(&self, name: &str) -> Option<Location> {
        let target = self.builds.read().get(self.builds.named(name)?)?;
        Some(back::location(&self.builds.group.resolution, target.place, self.encoding))
    }

    fn definitions(&self, at: u32) -> Vec<Location> {
        let mut found = Vec::new();
        for mention in self.builds.at(at) {
            let built = || self.built(mention);
            let locations: Vec<Location> = match &mention.meaning {
                Meaning::Name | Meaning::Dockerfile | Meaning::Context => {
                    built().map(|built| built.start()).into_iter().collect()
                }
                Meaning::Stage(name) => {
                    let place = built().and_then(|built| Some(built.location(built.stage(name)?.0)));
                    place.into_iter().collect()
                }
                Meaning::Argument(name) => {
                    let place = built().and_then(|built| {
                        let declared = built.arguments();
                        let (_, span) = declared.iter().find(|(own, _)| own == name)?;
                        Some(built.location(*span))
                    });
                    place.into_iter().collect()
                }
                Meaning::ContextName(name) => built().map_or_else(Vec::new, |built| {
                    built.places_of_context(name).into_iter().map(|span| built.location(span)).collect()
                }),
                Meaning::Build(name) => self.build(name).into_iter().collect(),
            };
            locations.into_iter().for_each(|location| push(&mut found, location));
        }
        found
    }

    /// All places of the Dockerfile, or of the file itself, that mean the same as a byte.
    fn references(&self, at: u32, declarations: bool) -> Vec<Location> {
        let mut found = Vec::new();
        for mention in self.builds.at(at) {
            let built = self.built(mention);
            let of_built = |places: &dyn Fn(&Built<'_>) -> Vec<Span>| -> Vec<Location> {
                built.iter().flat_map(|b| places(b).into_iter().map(|span| b.location(span))).collect()
            };
            let locations = match &mention.meaning {
                Meaning::Stage(name) => of_built(&|built| built.places_of_stage(name)),
                Meaning::Argument(name) => of_built(&|built| built.places_of_argument(name)),
                Meaning::ContextName(name) => of_built(&|built| built.places_of_context(name)),
                Meaning::Build(name) => self.places_of_build(name, declarations),
                Meaning::Name => {
                    let name = mention.build.and_then(|build| self.builds.read().get(build));
                    name.map_or_else(Vec::new, |target| self.places_of_build(&target.name, declarations))
                }
                Meaning::Dockerfile | Meaning::Context => Vec::new(),
            };
            locations.into_iter().for_each(|location| push(&mut found, location));
        }
        found
    }

    fn places_of_build(&self, name: &str, declarations: bool) -> Vec<Location> {
        let read = &self.builds.group.resolution;
        let named = read.mentions.iter().filter(|m| m.name == name).map(|mention| mention.place);
        let contexts = read.targets.iter().flat_map(|target| &target.contexts);
        let contexts = contexts.filter(|context| {
            context.value.known().and_then(builds::other_build).is_some_and(|other| other == name)
        });
        let places = named.chain(contexts.map(|context| context.value.place));
        let declared = self.build(name).filter(|_| declarations);
        let mut found: Vec<Location> = declared.into_iter().collect();
        places.for_each(|place| push(&mut found, back::location(read, place, self.encoding)));
        found
    }

    /// What of a Dockerfile in a file stands at a byte: other files that start its builds may name it, too.
    fn elsewhere(&self, at: u32) -> Vec<(PathBuf, NamedElsewhere)> {
        let mut found = Vec::new();
        for mention in self.builds.at(at) {
            let named = match &mention.meaning {
                Meaning::Stage(name) => NamedElsewhere::Stage(name.clone()),
                Meaning::Argument(name) => NamedElsewhere::Argument(name.clone()),
                Meaning::ContextName(name) => NamedElsewhere::Context(name.clone()),
                Meaning::Name | Meaning::Dockerfile | Meaning::Context | Meaning::Build(_) => continue,
            };
            let target = mention.build.and_then(|build| self.builds.read().get(build));
            if let Some(Dockerfile::File { path, .. }) = target.map(|target| &target.dockerfile)
                && !found.iter().any(|(known, _)| known == path)
            {
                found.push((path.clone(), named));
            }
        }
        found
    }

    /// Where Dockerfiles are named that are there.
    fn links(&self, read: &Read) -> Vec<DocumentLink> {
        let mut found: Vec<DocumentLink> = Vec::new();
        for mention in self.builds.mentions.iter().filter(|m| m.meaning == Meaning::Dockerfile) {
            let target = mention.build.and_then(|build| self.builds.read().get(build));
            let Some(Dockerfile::File { path, .. }) = target.map(|target| &target.dockerfile) else {
                continue;
            };
            let range = read.range(mention.span);
            if self.files.is_file(path) && !found.iter().any(|link| link.range == range) {
                let target = Some(uri::of(path));
                found.push(DocumentLink { range, target, tooltip: None, data: None });
            }
        }
        found
    }
}

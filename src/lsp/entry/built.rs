//! The Dockerfile of a build, wherever it is written.

use std::sync::Arc;

use build_targets::Dockerfile;

use crate::entries::InlineDockerfile;
use crate::lsp::document::Read;
use crate::lsp::links;
use crate::lsp::names::{Mention, Named, Names};
use crate::lsp::place::{Encoding, Lines};
use crate::lsp::protocol::{Location, Uri};
use crate::lsp::uri;
use crate::syntax::{self, File, Keyword, Kind};
use crate::text::Span;
use crate::workspace::Files;

use super::builds::Builds;

/// A Dockerfile with what it names.
pub(super) struct Built<'a> {
    pub(super) file: Arc<File>,
    names: Names,
    uri: Uri,
    lines: Lines,
    /// Where it is part of a file that starts its build.
    inline: Option<&'a InlineDockerfile>,
}

impl<'a> Built<'a> {
    /// The Dockerfile of a build; none if it cannot be read.
    pub(super) fn of(files: &Files, builds: &'a Builds, build: usize, encoding: Encoding) -> Option<Self> {
        let target = builds.read().get(build)?;
        match &target.dockerfile {
            Dockerfile::File { path, .. } => {
                let file = files.document(path).ok()?.file;
                let lines = Lines::new(file.text(), encoding);
                Some(Self { names: Names::of(&file), uri: uri::of(path), lines, file, inline: None })
            }
            Dockerfile::Inline(written) => {
                let inline = builds.inline.get(&build)?;
                let whole = builds.group.resolution.sources.file(written.place.file);
                let file = Arc::new(syntax::parse(inline.target.dockerfile.text()?.clone()));
                let lines = Lines::new(&whole.text, encoding);
                let uri = uri::of(&whole.path);
                Some(Self { names: Names::of(&file), uri, lines, file, inline: Some(inline) })
            }
            Dockerfile::Unknown(_) => None,
        }
    }

    /// A document that is open.
    pub(super) fn open(read: &Read, encoding: Encoding) -> Self {
        let (file, lines) = (Arc::clone(&read.file), Lines::new(read.text(), encoding));
        Self { names: Names::of(&file), uri: read.uri.clone(), lines, file, inline: None }
    }

    /// The place of a span of its text.
    pub(super) fn location(&self, span: Span) -> Location {
        let range = match self.inline {
            Some(inline) => self.lines.range(inline.file.text(), inline.span_in_file(span)),
            None => self.lines.range(self.file.text(), span),
        };
        Location { uri: self.uri.clone(), range }
    }

    /// Where it begins.
    pub(super) fn start(&self) -> Location {
        self.location(Span::at(0))
    }

    /// The names of its stages.
    pub(super) fn stages(&self) -> impl Iterator<Item = &str> {
        self.names.stages.iter().filter_map(|stage| stage.written.as_deref())
    }

    /// Where the last stage of a name is declared.
    fn declared(&self, name: &str) -> Option<&Mention> {
        let text = self.file.text();
        let is_it = |m: &&Mention| m.declares && m.span.text(text).eq_ignore_ascii_case(name);
        let mut stages = self.names.mentions.iter().filter(|m| matches!(m.named, Named::Stage(_)));
        stages.rfind(is_it)
    }

    /// What a stage is called at its FROM, by its name or number, and what it starts from.
    pub(super) fn stage(&self, name: &str) -> Option<(Span, &str)> {
        let by_name = self.declared(name).and_then(|mention| match mention.named {
            Named::Stage(number) => Some((mention.span, number)),
            Named::Variable(..) | Named::Heredoc(..) => None,
        });
        let by_number = || {
            let number: usize = name.parse().ok()?;
            Some((self.names.start_of(&self.file, number)?, number))
        };
        let (span, number) = by_name.or_else(by_number)?;
        Some((span, &*self.names.stages.get(number)?.image))
    }

    /// Where the last stage of a name is declared.
    pub(super) fn declared_stage(&self, name: &str) -> Option<Span> {
        self.declared(name).map(|mention| mention.span)
    }

    /// All places that name a stage.
    pub(super) fn places_of_stage(&self, name: &str) -> Vec<Span> {
        let Some(mention) = self.declared(name) else { return Vec::new() };
        self.names.same(&mention.named).map(|m| m.span).collect()
    }

    /// The names that ARG declares, each with its first place.
    pub(super) fn arguments(&self) -> Vec<(&str, Span)> {
        let mut found: Vec<(&str, Span)> = Vec::new();
        for instruction in &self.file.instructions {
            let Kind::Arg(declared) = &instruction.kind else { continue };
            for one in declared {
                if !found.iter().any(|(name, _)| **name == *one.name.text) {
                    found.push((&one.name.text, one.name.span));
                }
            }
        }
        found
    }

    /// All places of a variable that an ARG declares.
    pub(super) fn places_of_argument(&self, name: &str) -> Vec<Span> {
        let is_it = |m: &&Mention| matches!(&m.named, Named::Variable(_, own) if **own == *name);
        let is_declared = self.arguments().iter().any(|(declared, _)| *declared == name);
        let all = self.names.mentions.iter().filter(|_| is_declared);
        all.filter(is_it).map(|mention| mention.span).collect()
    }

    /// Where an image or context is named that is no stage.
    pub(super) fn places_of_image(&self, name: &str) -> Vec<Span> {
        let text = self.file.text();
        let own = links::images(&self.file, &self.names);
        own.filter(|span| span.text(text).eq_ignore_ascii_case(name)).collect()
    }

    /// Where an image or context is named, or a stage whose place a context of its name takes.
    pub(super) fn places_of_context(&self, name: &str) -> Vec<Span> {
        let mut places = self.places_of_stage(name);
        places.extend(self.places_of_image(name));
        places.sort_unstable();
        places
    }

    /// The images and contexts that it names, each once.
    pub(super) fn images(&self) -> Vec<&str> {
        let text = self.file.text();
        let mut all: Vec<&str> = links::images(&self.file, &self.names).map(|span| span.text(text)).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The line of a place, from 1, and its text.
    pub(super) fn line(&self, span: Span) -> (u32, &str) {
        let text = self.file.text();
        let start = text[..span.start as usize].rfind(['\n', '\r']).map_or(0, |end| end + 1);
        let rest = &text[start..];
        (self.location(span).range.start.line + 1, rest.split(['\n', '\r']).next().unwrap_or(rest).trim())
    }

    /// What stands at a byte that files which start builds may name as well.
    pub(super) fn named_at(&self, at: u32) -> Option<NamedElsewhere> {
        let text = self.file.text();
        if let Some(mention) = self.names.at(at) {
            return match &mention.named {
                Named::Stage(_) => {
                    let declared = self.names.definition(mention)?;
                    Some(NamedElsewhere::Stage(declared.span.text(text).to_owned()))
                }
                Named::Variable(_, name) => {
                    let is_argument = self.names.same(&mention.named).any(|m| {
                        let instruction = self.file.instructions.get(m.step);
                        m.declares && instruction.is_some_and(|i| i.keyword == Keyword::Arg)
                    });
                    is_argument.then(|| NamedElsewhere::Argument(name.to_string()))
                }
                Named::Heredoc(..) => None,
            };
        }
        let mut images = links::images(&self.file, &self.names);
        let image = images.find(|span| span.start <= at && at <= span.end)?;
        Some(NamedElsewhere::Context(image.text(text).to_owned()))
    }
}

/// What a Dockerfile and files that start its builds both name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NamedElsewhere {
    Stage(String),
    Argument(String),
    /// What a build may give another meaning.
    Context(String),
}

//! Makes trees of the parser's events.

use std::collections::HashMap;
use std::sync::Arc;

use granit_parser::{ErrorKind, Event, Parser, Span, Tag, options};

use super::{Content, Data, Entry, Node, Style};
use crate::problem::{Problem, quoted};
use crate::source::{FileId, Place};

/// How deep lists and maps may lie in one another, aliases written out.
const MOST_LEVELS: u16 = 100;

/// How many lists, maps and scalars a document may have, aliases written out.
const MOST_NODES: u32 = 500_000;

/// The documents of a file; none if it is empty.
///
/// # Errors
/// The first fault: text that is not YAML, a key that is there twice, an alias of nothing or of what holds it, and a
/// document that is too deep or too large.
pub fn parse(file: FileId, text: &str) -> Result<Vec<Node>, Problem> {
    let limits = options! {
        emit_comments: false,
        block_scalar_eof_without_line_feed: true,
    };
    let mut reader =
        Reader { file, text, documents: Vec::new(), open: Vec::new(), anchors: HashMap::new(), nodes: 0 };
    for event in Parser::new_from_str_with_options(text, limits) {
        match event {
            Ok((event, span)) => reader.event(event, span)?,
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or(text.len());
                if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
                    return Err(reader.too_deep(at));
                }
                return Err(reader.problem(at..at, format!("the YAML cannot be read: {}", error.info())));
            }
        }
    }
    Ok(reader.documents)
}

struct Reader<'a> {
    file: FileId,
    text: &'a str,
    documents: Vec<Node>,
    /// The lists and maps that are not at their end, the outermost first.
    open: Vec<Open>,
    /// What aliases stand for; `None` while it is open.
    anchors: HashMap<usize, Option<Node>>,
    /// How many nodes this document has, aliases not written out.
    nodes: u32,
}

struct Open {
    start: usize,
    anchor: usize,
    tag: Option<Box<str>>,
    items: Items,
}

enum Items {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, key: Option<Node> },
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Problem> {
        let range = self.range(span);
        match event {
            Event::DocumentStart(..) => {
                self.anchors.clear();
                self.nodes = 0;
            }
            Event::Scalar(value, style, anchor, tag) => {
                // Where nothing is written the parser says `~`.
                let text = if range.is_empty() && value == "~" { "".into() } else { value.into() };
                let data = Data::Scalar { text, style: Style::from(style) };
                self.finish(range, anchor, short(tag.as_deref()), data)?;
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.open(range.start, anchor, tag.as_deref(), Items::List(Vec::new()))?;
            }
            Event::MappingStart(_, anchor, tag) => {
                let items = Items::Map { entries: Vec::new(), key: None };
                self.open(range.start, anchor, tag.as_deref(), items)?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                // The parser ends only what it has begun.
                let Some(open) = self.open.pop() else { return Ok(()) };
                let data = match open.items {
                    Items::List(items) => Data::List(items),
                    Items::Map { entries, .. } => Data::Map(self.without_repetition(entries)?),
                };
                let last = match &data {
                    Data::List(items) => items.last().map(|item| item.place),
                    Data::Map(entries) => entries.last().map(|entry| entry.value.place),
                    Data::Scalar { .. } => None,
                };
                // A block ends where its last value does, a `[…]` or `{…}` with its bracket.
                let bracket = self.text[..range.end].ends_with([']', '}']) && range.end > range.start;
                let end =
                    if bracket { range.end } else { last.map_or(range.end, |place| place.end as usize) };
                self.finish(open.start..end.max(open.start), open.anchor, open.tag, data)?;
            }
            Event::Alias(anchor) => {
                let Some(Some(node)) = self.anchors.get(&anchor) else {
                    return Err(self.problem(range, "this alias stands for something that it is a part of"));
                };
                let node = Node { place: Place::new(self.file, range), content: Arc::clone(&node.content) };
                self.add(node)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn open(&mut self, start: usize, anchor: usize, tag: Option<&Tag>, items: Items) -> Result<(), Problem> {
        if self.open.len() >= usize::from(MOST_LEVELS) {
            return Err(self.too_deep(start));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, None);
        }
        self.open.push(Open { start, anchor, tag: short(tag), items });
        Ok(())
    }

    fn finish(
        &mut self,
        range: std::ops::Range<usize>,
        anchor: usize,
        tag: Option<Box<str>>,
        data: Data,
    ) -> Result<(), Problem> {
        let (mut nodes, mut levels) = (1_u32, 0_u16);
        let mut count = |node: &Node| {
            nodes = nodes.saturating_add(node.content.nodes);
            levels = levels.max(node.content.levels + 1);
        };
        match &data {
            Data::Scalar { .. } => {}
            Data::List(items) => items.iter().for_each(count),
            Data::Map(entries) => entries.iter().for_each(|entry| {
                count(&entry.key);
                count(&entry.value);
            }),
        }
        if levels > MOST_LEVELS {
            return Err(self.too_deep(range.start));
        }
        self.nodes += 1;
        if nodes.max(self.nodes) > MOST_NODES {
            let message =
                format!("the document has more than {MOST_NODES} values, what aliases stand for counted");
            return Err(self.problem(range.start..range.start, message));
        }
        let place = Place::new(self.file, range);
        let node = Node { place, content: Arc::new(Content { place, tag, data, nodes, levels }) };
        if anchor != 0 {
            self.anchors.insert(anchor, Some(node.clone()));
        }
        self.add(node)
    }

    fn add(&mut self, node: Node) -> Result<(), Problem> {
        match self.open.last_mut().map(|open| &mut open.items) {
            None => self.documents.push(node),
            Some(Items::List(items)) => items.push(node),
            Some(Items::Map { entries, key }) => match key.take() {
                None => *key = Some(node),
                Some(key) => entries.push(Entry { key, value: node }),
            },
        }
        Ok(())
    }

    /// The entries, unless two of them have one key.
    fn without_repetition(&self, entries: Vec<Entry>) -> Result<Vec<Entry>, Problem> {
        let mut seen = HashMap::with_capacity(entries.len());
        for entry in &entries {
            let Some(name) = entry.key.text() else { continue };
            if let Some(first) = seen.insert(name, entry.key.place) {
                let line = self.text[..first.span().start].matches('\n').count() + 1;
                let message = format!("the key {} is in this map twice, first in line {line}", quoted(name));
                return Err(Problem { place: Some(entry.key.place), message });
            }
        }
        Ok(entries)
    }

    fn range(&self, span: Span) -> std::ops::Range<usize> {
        // The parser counts bytes as long as it reads from a text, as it does here.
        let range = span.byte_range().unwrap_or_default();
        range.start.min(self.text.len())..range.end.min(self.text.len())
    }

    fn problem(&self, range: std::ops::Range<usize>, message: impl Into<String>) -> Problem {
        Problem { place: Some(Place::new(self.file, range)), message: message.into() }
    }

    fn too_deep(&self, at: usize) -> Problem {
        self.problem(at..at, format!("lists and maps lie in one another more than {MOST_LEVELS} levels deep"))
    }
}

/// A tag as people write it.
fn short(tag: Option<&Tag>) -> Option<Box<str>> {
    let tag = tag?;
    let handle = if tag.handle() == "tag:yaml.org,2002:" { "!!" } else { tag.handle() };
    Some(format!("{handle}{}", tag.suffix()).into())
}

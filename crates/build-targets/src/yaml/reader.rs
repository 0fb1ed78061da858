//! Makes trees of the parser's events.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use granit_parser::{ErrorKind, Event, Parser, Span, StructureStyle, Tag, options};

use super::tabs::Tabs;
use super::{Content, Data, Entry, Node, Style};
use crate::eval::unbase64;
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
    read(file, text, false)
}

/// The documents of a file, with the further faults of Go's `yaml` package.
///
/// # Errors
/// As [`parse`], and for tabs where no blank may be a tab, and for another version of YAML than 1.1.
pub fn parse_as_go(file: FileId, text: &str) -> Result<Vec<Node>, Problem> {
    read(file, text, true)
}

/// How often the parser may be helped over tabs: each time it begins anew.
const MOST_ATTEMPTS: usize = 20;

/// In brackets a line may begin with a tab, and the parser takes none: it is given blanks there, which are as long.
fn read(file: FileId, text: &str, as_go: bool) -> Result<Vec<Node>, Problem> {
    let mut with_blanks: Option<String> = None;
    for _ in 0..MOST_ATTEMPTS {
        let given = with_blanks.as_deref().unwrap_or(text);
        match read_given(file, text, given, as_go, with_blanks.is_some()) {
            Err(Failure::Tab(at)) => match without_leading_tabs(given, at) {
                Some(better) => with_blanks = Some(better),
                None => return Err(tab_problem(file, at)),
            },
            Err(Failure::Other(problem)) => return Err(problem),
            Ok(documents) => return Ok(documents),
        }
    }
    Err(tab_problem(file, text.find('\t').unwrap_or(0)))
}

enum Failure {
    Tab(usize),
    Other(Problem),
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Other(problem)
    }
}

fn read_given(
    file: FileId,
    text: &str,
    given: &str,
    as_go: bool,
    helped: bool,
) -> Result<Vec<Node>, Failure> {
    let limits = options! {
        emit_comments: false,
        block_scalar_eof_without_line_feed: true,
        emit_anchor_events: as_go,
        emit_unresolved_aliases: as_go,
    };
    let mut reader = Reader {
        file,
        text,
        documents: Vec::new(),
        open: Vec::new(),
        anchors: HashMap::new(),
        names: HashMap::new(),
        earlier: HashMap::new(),
        nodes: 0,
        tabs: Tabs::default(),
        as_go,
    };
    for event in Parser::new_from_str_with_options(given, limits) {
        match event {
            Ok((event, span)) => reader.event(event, span)?,
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or(text.len());
                return Err(match error.kind() {
                    ErrorKind::RecursionLimitExceeded => reader.too_deep(at).into(),
                    ErrorKind::TabInBlockIndentation | ErrorKind::TabNotAllowed => Failure::Tab(at),
                    _ => reader.problem(at..at, format!("the YAML cannot be read: {}", error.info())).into(),
                });
            }
        }
    }
    if (as_go || helped)
        && let Some(at) = reader.tabs.fault(text)
    {
        return Err(tab_problem(file, at).into());
    }
    Ok(reader.documents)
}

fn tab_problem(file: FileId, at: usize) -> Problem {
    let message = "a tab cannot stand here: YAML is indented with blanks".to_owned();
    Problem { place: Some(Place::new(file, at..at)), message }
}

/// The text with blanks for the tabs that the line of an offset begins with, and the lines after it; `None` if it begins
/// with none.
fn without_leading_tabs(text: &str, at: usize) -> Option<String> {
    let start = text[..at].rfind('\n').map_or(0, |at| at + 1);
    let mut result = text[..start].to_owned();
    let mut lines = text[start..].split_inclusive('\n');
    let mut replaced = false;
    for line in lines.by_ref() {
        let content = line.trim_start_matches([' ', '\t']);
        let leading = &line[..line.len() - content.len()];
        let tabs = leading.contains('\t');
        result.push_str(&leading.replace('\t', " "));
        result.push_str(content);
        if !tabs {
            break;
        }
        replaced = true;
    }
    result.extend(lines);
    replaced.then_some(result)
}

struct Reader<'a> {
    file: FileId,
    text: &'a str,
    documents: Vec<Node>,
    /// The lists and maps that are not at their end, the outermost first.
    open: Vec<Open>,
    /// What aliases stand for; `None` while it is open.
    anchors: HashMap<usize, Option<Node>>,
    /// Anchors of this document and their names, as Go keeps them.
    names: HashMap<usize, String>,
    /// What the names of earlier documents stand for: to Go they still do.
    earlier: HashMap<String, Node>,
    /// How many nodes this document has, aliases not written out.
    nodes: u32,
    tabs: Tabs,
    as_go: bool,
}

struct Open {
    start: usize,
    /// Whether it is in brackets.
    flow: bool,
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
            Event::DocumentStart(explicit, version) => {
                if self.as_go && !explicit && !self.documents.is_empty() {
                    return Err(self.problem(range, "another document begins with `---`"));
                }
                if self.as_go && version.is_some_and(|version| (version.major, version.minor) != (1, 1)) {
                    let at = self.text.find("%YAML").unwrap_or(0);
                    return Err(self.problem(at..at, "only YAML 1.1 can be declared here"));
                }
                let mut known: Vec<(usize, Option<Node>)> = self.anchors.drain().collect();
                known.sort_unstable_by_key(|(anchor, _)| *anchor);
                for (anchor, node) in known {
                    if let (Some(name), Some(node)) = (self.names.remove(&anchor), node) {
                        self.earlier.insert(name, node);
                    }
                }
                self.names.clear();
                self.nodes = 0;
            }
            Event::Scalar(value, style, anchor, tag) => {
                // Where nothing is written the parser says `~`.
                let text: Box<str> = if range.is_empty() && value == "~" { "".into() } else { value.into() };
                let style = Style::from(style);
                let (range, mut text) = self.with_colon(range, text, style);
                self.tabs.scalar(&range, style);
                let tag = short(tag.as_deref());
                if self.as_go && tag.as_deref() == Some("!!binary") {
                    match unbase64(&text) {
                        Some(decoded) => text = decoded.into(),
                        None => return Err(self.problem(range, "this is not text in base 64")),
                    }
                }
                let data = Data::Scalar { text, style };
                self.finish(range, anchor, tag, data)?;
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.open(range.start, style, anchor, tag.as_deref(), Items::List(Vec::new()))?;
            }
            Event::MappingStart(style, anchor, tag) => {
                let items = Items::Map { entries: Vec::new(), key: None };
                self.open(range.start, style, anchor, tag.as_deref(), items)?;
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
                let last = last.map_or(range.end, |place| place.end as usize);
                let end = if open.flow && !range.is_empty() { range.end } else { last };
                if open.flow {
                    self.tabs.close_flow(range.end);
                }
                self.finish(open.start..end.max(open.start), open.anchor, open.tag, data)?;
            }
            Event::Alias(anchor) => {
                let Some(Some(node)) = self.anchors.get(&anchor) else {
                    return Err(self.problem(range, "this alias stands for something that it is a part of"));
                };
                let node = Node { place: Place::new(self.file, range), content: Arc::clone(&node.content) };
                self.add(node)?;
            }
            Event::Anchor(anchor, name) => drop(self.names.insert(anchor, name.into_owned())),
            Event::UnresolvedAlias(name) => {
                let Some(node) = self.earlier.get(&*name) else {
                    let message = "the YAML cannot be read: while parsing node, found unknown anchor";
                    return Err(self.problem(range.start..range.start, message));
                };
                let node = Node { place: Place::new(self.file, range), content: Arc::clone(&node.content) };
                self.add(node)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// A plain key in brackets with the `:` behind it, where Go's YAML takes that for a part of it: before `,` and the
    /// end of the brackets, as in `{a:, b: 1}`.
    fn with_colon(&self, range: Range<usize>, text: Box<str>, style: Style) -> (Range<usize>, Box<str>) {
        let is_key =
            matches!(self.open.last(), Some(Open { flow: true, items: Items::Map { key: None, .. }, .. }));
        let rest = self.text.get(range.end..).unwrap_or_default();
        let closes = rest.strip_prefix(':').is_some_and(|rest| rest.starts_with([',', '}', ']']));
        if !(self.as_go && is_key && closes && style == Style::Plain && !range.is_empty()) {
            return (range, text);
        }
        (range.start..range.end + 1, format!("{text}:").into())
    }

    fn open(
        &mut self,
        start: usize,
        style: StructureStyle,
        anchor: usize,
        tag: Option<&Tag>,
        items: Items,
    ) -> Result<(), Problem> {
        if self.open.len() >= usize::from(MOST_LEVELS) {
            return Err(self.too_deep(start));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, None);
        }
        let flow = style == StructureStyle::Flow;
        if flow {
            self.tabs.open_flow(start);
        }
        self.open.push(Open { start, flow, anchor, tag: short(tag), items });
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
        self.problem(at..at, format!("lists and maps are nested more than {MOST_LEVELS} levels deep"))
    }
}

/// A tag as people write it.
fn short(tag: Option<&Tag>) -> Option<Box<str>> {
    let tag = tag?;
    let handle = if tag.handle() == "tag:yaml.org,2002:" { "!!" } else { tag.handle() };
    Some(format!("{handle}{}", tag.suffix()).into())
}

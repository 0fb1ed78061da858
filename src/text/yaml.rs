//! YAML with places, as configuration files need it: one document of maps, lists and scalars.
//!
//! What an alias stands for is shared, never copied, and nobody reads deeper than a file of settings goes:
//! aliases of aliases cannot grow.

use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

use granit_parser::{Event, Parser, ScalarStyle, Span as Range, StructureStyle, Tag};

use super::toml::{At, Fault};
use super::{Span, nearest};

/// How deep lists and maps may lie in one another.
const MAX_DEPTH: usize = 64;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Where it stands; of an alias, where the alias does.
    pub span: Span,
    value: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Scalar { text: String, plain: bool },
    List(Rc<Vec<Node>>),
    Map(Rc<Vec<(Node, Node)>>),
}

/// Reads the document of `text`; nothing if it is empty.
///
/// # Errors
/// The first fault, behind which nothing can be read.
pub fn parse(text: &str) -> Result<Option<Node>, Fault> {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        match event {
            Ok((event, range)) => builder.event(event, span(&range))?,
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
                return Err(Fault::new(Span::of(at..at), error.info()));
            }
        }
    }
    Ok(builder.root)
}

/// Where an event stands. The parser counts bytes where it reads a text, as it does here.
fn span(range: &Range) -> Span {
    Span::of(range.byte_range().unwrap_or_default())
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    documents: usize,
    root: Option<Node>,
}

/// A list or map that is not complete yet.
struct Open {
    start: Span,
    anchor: usize,
    map: bool,
    /// Whether it is in brackets.
    flow: bool,
    items: Vec<Node>,
}

impl Builder {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Fault> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                // `!!str 1` is text as well.
                let plain = style == ScalarStyle::Plain && !is_text(tag.as_ref());
                let value = Value::Scalar { text: text.into_owned(), plain };
                self.add(Node { span, value }, anchor);
            }
            Event::SequenceStart(style, anchor, _) => self.open(span, style, anchor, false)?,
            Event::MappingStart(style, anchor, _) => self.open(span, style, anchor, true)?,
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some(node) => self.add(Node { span, ..node.clone() }, 0),
                None => return Err(Fault::new(span, "this alias refers to a value that contains it")),
            },
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(Fault::new(span, "a second document starts here, and only one is read"));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn open(&mut self, start: Span, style: StructureStyle, anchor: usize, map: bool) -> Result<(), Fault> {
        if self.open.len() == MAX_DEPTH {
            return Err(Fault::new(start, format!("more than {MAX_DEPTH} nested lists and maps")));
        }
        let flow = style == StructureStyle::Flow;
        self.open.push(Open { start, anchor, map, flow, items: Vec::new() });
        Ok(())
    }

    fn close(&mut self, span: Span) {
        let Some(open) = self.open.pop() else { return };
        // Of one without brackets, the end comes with the next thing.
        let last = open.items.last().map_or(open.start, |node| node.span);
        let end = if open.flow && !span.is_empty() { span } else { last };
        let value = if open.map {
            let mut pairs = Vec::new();
            let mut items = open.items.into_iter();
            while let (Some(key), Some(value)) = (items.next(), items.next()) {
                pairs.push((key, value));
            }
            Value::Map(Rc::new(pairs))
        } else {
            Value::List(Rc::new(open.items))
        };
        self.add(Node { span: open.start.to(end), value }, open.anchor);
    }

    fn add(&mut self, node: Node, anchor: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut() {
            Some(open) => open.items.push(node),
            None => self.root = Some(node),
        }
    }
}

fn is_text(tag: Option<&Cow<'_, Tag>>) -> bool {
    tag.is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix() == "str")
}

impl Node {
    /// True for what YAML calls null: nothing, `~` and `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true } if matches!(&**text, "" | "~" | "null" | "Null" | "NULL"))
    }

    fn wrong(&self, name: &str, want: &str) -> Fault {
        let got = match &self.value {
            _ if self.is_null() => "nothing",
            Value::Scalar { .. } if self.as_boolean().is_some() => "true or false",
            Value::Scalar { .. } => "a string",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        };
        Fault::new(self.span, format!("`{name}` must be {want}, not {got}"))
    }

    fn as_boolean(&self) -> Option<bool> {
        match &self.value {
            Value::Scalar { text, plain: true } => match &**text {
                "true" | "True" | "TRUE" => Some(true),
                "false" | "False" | "FALSE" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// `true` or `false`; `name` is what it is called in a fault.
    pub fn boolean(&self, name: &str, faults: &mut Vec<Fault>) -> Option<bool> {
        let value = self.as_boolean();
        if value.is_none() {
            faults.push(self.wrong(name, "true or false"));
        }
        value
    }

    /// A text, number or the like, as it is written.
    pub fn string(&self, name: &str, faults: &mut Vec<Fault>) -> Option<At<String>> {
        match &self.value {
            Value::Scalar { text, .. } if !self.is_null() => {
                Some(At { value: text.clone(), span: self.span })
            }
            _ => {
                faults.push(self.wrong(name, "a string"));
                None
            }
        }
    }

    /// A list of strings.
    pub fn strings(&self, name: &str, faults: &mut Vec<Fault>) -> Vec<At<String>> {
        match &self.value {
            Value::List(items) => {
                let name = format!("an item of {name}");
                items.iter().filter_map(|item| item.string(&name, faults)).collect()
            }
            _ => {
                faults.push(self.wrong(name, "a list of strings"));
                Vec::new()
            }
        }
    }

    /// A list of strings, or one alone.
    pub fn words(&self, name: &str, faults: &mut Vec<Fault>) -> Vec<At<String>> {
        match &self.value {
            Value::Scalar { .. } => self.string(name, faults).into_iter().collect(),
            _ => self.strings(name, faults),
        }
    }

    /// The keys of a map.
    pub fn map(&self, name: &str, faults: &mut Vec<Fault>) -> Option<Keys<'_>> {
        match &self.value {
            Value::Map(pairs) => Some(Keys::new(pairs, faults)),
            _ => {
                faults.push(self.wrong(name, "a map"));
                None
            }
        }
    }
}

/// The keys of a map; each is taken once, and what was not taken is unknown.
pub struct Keys<'n> {
    pairs: Vec<(At<String>, &'n Node)>,
    known: Vec<&'static str>,
}

impl<'n> Keys<'n> {
    fn new(pairs: &'n [(Node, Node)], faults: &mut Vec<Fault>) -> Self {
        let mut keys: Vec<(At<String>, &Node)> = Vec::new();
        let mut seen = HashMap::new();
        for (key, value) in pairs {
            let Some(key) = key.string("a key", faults) else { continue };
            if seen.insert(key.value.clone(), ()).is_some() {
                faults.push(Fault::new(key.span, format!("`{}` is there twice", shown(&key.value))));
                continue;
            }
            keys.push((key, value));
        }
        Self { pairs: keys, known: Vec::new() }
    }

    /// The value of a key; nothing if it is null.
    pub fn take(&mut self, key: &'static str) -> Option<&'n Node> {
        self.known.push(key);
        let found = self.pairs.iter().find(|(k, _)| k.value == key);
        found.map(|(_, node)| *node).filter(|node| !node.is_null())
    }

    /// All keys and values of a map whose keys are of the user's choice.
    #[must_use]
    pub fn all(self) -> Vec<(At<String>, &'n Node)> {
        self.pairs
    }

    /// Reports what was not taken.
    pub fn finish(self, faults: &mut Vec<Fault>) {
        for (key, _) in self.pairs.iter().filter(|(key, _)| !self.known.contains(&&*key.value)) {
            let near = nearest(&key.value, self.known.iter().copied());
            let message = format!("unknown key `{}`", shown(&key.value));
            faults.push(Fault::new(key.span, message).suggest(near));
        }
    }
}

fn shown(key: &str) -> String {
    key.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(text: &str) -> Node {
        parse(text).unwrap().unwrap()
    }

    fn fault(text: &str) -> (u32, String) {
        let fault = parse(text).unwrap_err();
        (fault.span.start, fault.message)
    }

    #[test]
    fn values_have_places() {
        let text = "# größe\r\nname: 소스\r\nlist:\r\n  - a # why\r\n  - 'b'\r\nflow: [c, \"d\"]\r\non: true\r\nnone:\r\n";
        let root = node(text);
        let mut faults = Vec::new();
        let mut keys = root.map("", &mut faults).unwrap();
        let name = keys.take("name").unwrap().string("name", &mut faults).unwrap();
        assert_eq!((name.value.as_str(), name.span.text(text)), ("소스", "소스"));
        let list = keys.take("list").unwrap().strings("list", &mut faults);
        let texts: Vec<_> = list.iter().map(|s| (s.value.as_str(), s.span.text(text))).collect();
        assert_eq!(texts, [("a", "a"), ("b", "'b'")]);
        let flow = keys.take("flow").unwrap();
        assert_eq!(flow.span.text(text), "[c, \"d\"]");
        assert_eq!(flow.strings("flow", &mut faults).len(), 2);
        assert_eq!(keys.take("on").unwrap().boolean("on", &mut faults), Some(true));
        assert_eq!(keys.take("none"), None);
        keys.finish(&mut faults);
        assert_eq!(faults, []);
    }

    #[test]
    fn faults_have_places_and_suggestions() {
        let text = "lits: 1\nname: []\nlist: [[], ok, ~]\non: yes\nname: twice\nmap: x\n";
        let root = node(text);
        let mut faults = Vec::new();
        let mut keys = root.map("", &mut faults).unwrap();
        keys.take("name").unwrap().string("name", &mut faults);
        keys.take("list").unwrap().words("list", &mut faults);
        keys.take("on").unwrap().boolean("on", &mut faults);
        assert!(keys.take("map").unwrap().map("map", &mut faults).is_none());
        keys.finish(&mut faults);
        let got: Vec<_> = faults.iter().map(|f| (f.span.start, f.message.as_str())).collect();
        assert_eq!(
            got,
            [
                (43, "`name` is there twice"),
                (14, "`name` must be a string, not a list"),
                (24, "`an item of list` must be a string, not a list"),
                (32, "`an item of list` must be a string, not nothing"),
                (39, "`on` must be true or false, not a string"),
                (60, "`map` must be a map, not a string"),
                (0, "unknown key `lits`"),
            ]
        );
        assert_eq!(faults[6].help.as_deref(), Some("did you mean `list`?"));
    }

    #[test]
    fn one_document_of_bounded_depth_is_read() {
        for text in ["", "# only\n", "---\n", "~"] {
            assert!(parse(text).unwrap().is_none_or(|node| node.is_null()), "{text:?}");
        }
        assert_eq!(
            fault("a: 1\n---\nb: 2\n"),
            (5, "a second document starts here, and only one is read".to_owned())
        );
        assert_eq!(fault("a: *b\n").0, 3);
        assert_eq!(fault("a: &b [*b]\n").0, 7);
        assert_eq!(fault("a: [1\n").0, 3);
        for text in ["[".repeat(100_000), "- ".repeat(100_000), "{a: ".repeat(100_000)] {
            assert!(parse(&text).is_err());
        }
    }

    #[test]
    fn aliases_share_what_they_stand_for() {
        let mut text = "a0: &a0 [x, x]\n".to_owned();
        for i in 1..60 {
            let last = i - 1;
            text += &format!("a{i}: &a{i} [*a{last}, *a{last}]\n");
        }
        text += "list: *a0\n";
        let root = node(&text);
        let mut faults = Vec::new();
        let mut keys = root.map("", &mut faults).unwrap();
        let list = keys.take("list").unwrap();
        assert_eq!(list.span.text(&text), "*a0");
        assert_eq!(list.strings("list", &mut faults).len(), 2);
    }
}

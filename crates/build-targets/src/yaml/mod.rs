//! YAML with places, as the tools that start builds read it: Go's `yaml` package, which takes YAML 1.2 with some of
//! 1.1 and forgives indentation.
//!
//! What an alias stands for is shared and never copied, and a document that would be huge without aliases is refused,
//! so that whoever walks a tree needs no guard of its own.

mod layout;
mod merge;
mod reader;
mod scalar;
mod tabs;

use std::sync::Arc;

pub use layout::{pieces, place_within};
pub use merge::{MergedEntry, merged_entries};
pub use reader::{parse, parse_as_go};
pub use scalar::{Style, Value};

use crate::source::Place;

/// A value of a document and where it is written. A copy of it is cheap.
#[derive(Debug, Clone)]
pub struct Node {
    place: Place,
    content: Arc<Content>,
}

#[derive(Debug)]
struct Content {
    /// Where it is written; an alias of it has another place.
    place: Place,
    /// An explicit tag: `!reset`, `!!str`.
    tag: Option<Box<str>>,
    data: Data,
    /// How many nodes it is when all aliases are written out.
    nodes: u32,
    /// How many levels it is when all aliases are written out.
    levels: u16,
}

#[derive(Debug)]
enum Data {
    Scalar { text: Box<str>, style: Style },
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key of a map and its value.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The key.
    pub key: Node,
    /// Its value.
    pub value: Node,
}

impl Node {
    /// Where it stands; of an alias, where the alias does.
    #[must_use]
    pub fn place(&self) -> Place {
        self.place
    }

    /// Where it is written; of an alias, where the node with its anchor is.
    #[must_use]
    pub fn written(&self) -> Place {
        self.content.place
    }

    /// Whether it stands here as an alias (`*name`).
    #[must_use]
    pub fn is_alias(&self) -> bool {
        self.place != self.content.place
    }

    /// Its explicit tag, as in `!reset` or `!!str`.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.content.tag.as_deref()
    }

    /// The text of a scalar, whatever its type; `None` of a list or map.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.content.data {
            Data::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// How a scalar is written; `None` of a list or map.
    #[must_use]
    pub fn style(&self) -> Option<Style> {
        match &self.content.data {
            Data::Scalar { style, .. } => Some(*style),
            _ => None,
        }
    }

    /// A scalar with its type, as Go's `yaml` package reads it; `None` of a list or map, and of a scalar that is not
    /// what its tag says.
    #[must_use]
    pub fn value(&self) -> Option<Value<'_>> {
        match &self.content.data {
            Data::Scalar { text, style } => scalar::resolve(self.tag(), text, *style),
            _ => None,
        }
    }

    /// Whether it is a scalar that stands for nothing: empty, `~` or `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.value(), Some(Value::Null))
    }

    /// The items of a list; `None` of anything else.
    #[must_use]
    pub fn items(&self) -> Option<&[Node]> {
        match &self.content.data {
            Data::List(items) => Some(items),
            _ => None,
        }
    }

    /// The entries of a map as they are written, merge keys (`<<`) among them; `None` of anything else.
    #[must_use]
    pub fn entries(&self) -> Option<&[Entry]> {
        match &self.content.data {
            Data::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value of a key that is written in this map; merge keys are not looked through.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries()?.iter().find(|entry| entry.key.text() == Some(key)).map(|entry| &entry.value)
    }

    /// Whether both are one node, by aliases.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.content, &other.content)
    }
}

#[cfg(test)]
mod tests;

//! The tree that Compose works on: maps by name, after aliases, merge keys and variables.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::interpolate::Interpolation;
use crate::source::Place;
use crate::target::Text;
use crate::yaml::{self, Node};

/// A value. A copy is cheap: what is in it is shared until it is changed.
#[derive(Debug, Clone)]
pub enum Value {
    /// Nothing, a boolean, a number or a text.
    Scalar(Scalar),
    /// An entry of a map that a merge made an item of a list: `NAME=value`.
    Pair(Arc<Pair>),
    /// A list.
    List(Arc<List>),
    /// A map.
    Map(Arc<Map>),
}

/// A scalar, and where it is from.
#[derive(Debug, Clone)]
pub struct Scalar {
    source: Source,
    /// The folder that it starts at, if it is a path of which that is known.
    pub base: Option<Arc<Path>>,
}

#[derive(Debug, Clone)]
enum Source {
    Written(Node, Option<Arc<Interpolation>>),
    Default(&'static str, Place),
}

/// `NAME=value`, or `NAME` alone.
#[derive(Debug, Clone)]
pub struct Pair {
    /// Where the name is written.
    pub place: Place,
    /// The name.
    pub name: Arc<str>,
    /// The value; of a name alone the null.
    pub value: Scalar,
}

/// A list.
#[derive(Debug, Clone)]
pub struct List {
    /// Where it is written.
    pub place: Place,
    /// What is in it.
    pub items: Vec<Value>,
}

/// A map.
#[derive(Debug, Clone)]
pub struct Map {
    /// Where it is written.
    pub place: Place,
    /// Its entries by key.
    pub entries: BTreeMap<Arc<str>, Entry>,
}

/// An entry of a map.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Where its key is written; of one that nobody wrote, where its value is.
    pub key: Place,
    /// Its value.
    pub value: Value,
}

impl Scalar {
    /// A scalar of a file, and what its variables came to if it has any.
    #[must_use]
    pub fn written(node: Node, interpolation: Option<Interpolation>) -> Self {
        Self { source: Source::Written(node, interpolation.map(Arc::new)), base: None }
    }

    /// A value that nobody wrote, for what is written at a place.
    #[must_use]
    pub fn default(text: &'static str, place: Place) -> Self {
        Self { source: Source::Default(text, place), base: None }
    }

    /// Where it is written.
    #[must_use]
    pub fn place(&self) -> Place {
        match &self.source {
            Source::Written(node, _) => node.written(),
            Source::Default(_, place) => *place,
        }
    }

    /// The scalar of the file, unless nobody wrote it.
    #[must_use]
    pub fn node(&self) -> Option<&Node> {
        match &self.source {
            Source::Written(node, _) => Some(node),
            Source::Default(..) => None,
        }
    }

    /// What its variables came to; `None` if it has none.
    #[must_use]
    pub fn interpolation(&self) -> Option<&Interpolation> {
        match &self.source {
            Source::Written(_, interpolation) => interpolation.as_deref(),
            Source::Default(..) => None,
        }
    }

    /// Its type and value.
    #[must_use]
    pub fn typed(&self) -> yaml::Value<'_> {
        match &self.source {
            Source::Written(_, Some(interpolation)) => yaml::Value::Text(&interpolation.text),
            // One that is not what its tag says was refused when it was read.
            Source::Written(node, None) => node.value().unwrap_or(yaml::Value::Null),
            Source::Default(text, _) => yaml::Value::Text(text),
        }
    }

    /// Its text if it is one; `None` of a number, a boolean and nothing.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self.typed() {
            yaml::Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is nothing: empty, `~` or `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.typed() == yaml::Value::Null
    }

    /// The text that a tool gets which wants a text.
    #[must_use]
    pub fn to_text(&self) -> Text {
        let value = match self.typed() {
            yaml::Value::Null => String::new(),
            value => value.to_string(),
        };
        self.with_value(value)
    }

    /// This value, with what is known of where it is from.
    #[must_use]
    pub fn with_value(&self, value: String) -> Text {
        let mut text = Text::literal(value, self.place());
        if let Some(interpolation) = self.interpolation() {
            text.unset.clone_from(&interpolation.unset);
            text.from_environment = interpolation.from_environment;
        }
        text
    }
}

impl Value {
    /// Where it is written.
    #[must_use]
    pub fn place(&self) -> Place {
        match self {
            Self::Scalar(scalar) => scalar.place(),
            Self::Pair(pair) => pair.place,
            Self::List(list) => list.place,
            Self::Map(map) => map.place,
        }
    }

    /// It as a map.
    #[must_use]
    pub fn map(&self) -> Option<&Arc<Map>> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// It as a list.
    #[must_use]
    pub fn list(&self) -> Option<&[Self]> {
        match self {
            Self::List(list) => Some(&list.items),
            _ => None,
        }
    }

    /// It as a scalar.
    #[must_use]
    pub fn scalar(&self) -> Option<&Scalar> {
        match self {
            Self::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// Its text if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.scalar()?.text()
    }

    /// Whether it is nothing.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.scalar().is_some_and(Scalar::is_null)
    }

    /// What kind of value it is, in a message.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Map(_) => "a map",
            Self::List(_) => "a list",
            Self::Pair(_) => "a string",
            Self::Scalar(scalar) => match scalar.typed() {
                yaml::Value::Null => "nothing",
                yaml::Value::Bool(_) => "a boolean",
                yaml::Value::Integer(_) | yaml::Value::Float(_) => "a number",
                yaml::Value::Time(_) => "a date",
                yaml::Value::Text(_) => "a string",
            },
        }
    }
}

impl Map {
    /// An empty map.
    #[must_use]
    pub fn new(place: Place) -> Self {
        Self { place, entries: BTreeMap::new() }
    }

    /// A map of one entry, whose key nobody wrote.
    #[must_use]
    pub fn of(key: &str, value: Value) -> Self {
        let mut map = Self::new(value.place());
        map.entries.insert(key.into(), Entry { key: value.place(), value });
        map
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entries.get(key).map(|entry| &entry.value)
    }

    /// The value of a key, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.entries.get_mut(key).map(|entry| &mut entry.value)
    }

    /// The map that a key has, to be changed.
    pub fn map_mut(&mut self, key: &str) -> Option<&mut Self> {
        match self.get_mut(key)? {
            Value::Map(map) => Some(Arc::make_mut(map)),
            _ => None,
        }
    }
}

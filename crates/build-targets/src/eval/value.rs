//! Values, their types, and how one becomes another.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::problem::counted;

use super::number::Number;

/// A value of an expression.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    /// It cannot be known here.
    Unknown,
    Null,
    Bool(bool),
    Number(Number),
    Text(Rc<str>),
    Sequence(Sequence, Rc<Vec<Value>>),
    Mapping(Mapping, Rc<BTreeMap<String, Value>>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sequence {
    /// What `[…]` gives: each element has a type of its own.
    Tuple,
    List,
    Set,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mapping {
    /// What `{…}` gives: each element has a type of its own.
    Object,
    Map,
}

/// A type, as variables and attributes have them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Type {
    Any,
    Bool,
    Number,
    Text,
    Sequence(Sequence, Box<Type>),
    Map(Box<Type>),
    Tuple(Vec<Type>),
    /// Each attribute with whether it may be missing.
    Object(Vec<(String, Type, bool)>),
}

impl Value {
    pub(crate) fn text(text: impl AsRef<str>) -> Self {
        Self::Text(Rc::from(text.as_ref()))
    }

    pub(crate) fn whole(number: usize) -> Self {
        Self::Number(Number::Whole(number as i128))
    }

    pub(crate) fn tuple(items: Vec<Value>) -> Self {
        Self::Sequence(Sequence::Tuple, Rc::new(items))
    }

    /// A list, whose elements have one type: if some are text, numbers and bools become text as well.
    pub(crate) fn list(items: Vec<Value>) -> Self {
        Self::Sequence(Sequence::List, Rc::new(unify(items)))
    }

    pub(crate) fn texts(items: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        Self::list(items.into_iter().map(Value::text).collect())
    }

    /// A set: sorted, each once.
    pub(crate) fn set(items: Vec<Value>) -> Self {
        let mut items = unify(items);
        items.sort_by(order);
        items.dedup_by(|a, b| equal(a, b) == Some(true));
        Self::Sequence(Sequence::Set, Rc::new(items))
    }

    pub(crate) fn object(items: impl IntoIterator<Item = (String, Value)>) -> Self {
        // `collect` would sort a list first, which is a lot of code for each kind of items.
        let mut members = BTreeMap::new();
        members.extend(items);
        Self::Mapping(Mapping::Object, Rc::new(members))
    }

    /// Whether nothing in it is unknown.
    pub(crate) fn is_known(&self) -> bool {
        match self {
            Self::Unknown => false,
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) => true,
            Self::Sequence(_, items) => items.iter().all(Self::is_known),
            Self::Mapping(_, items) => items.values().all(Self::is_known),
        }
    }

    /// What it is called in a message.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Unknown => "an unknown value",
            Self::Null => "null",
            Self::Bool(_) => "a bool",
            Self::Number(_) => "a number",
            Self::Text(_) => "a string",
            Self::Sequence(Sequence::Tuple | Sequence::List, _) => "a list",
            Self::Sequence(Sequence::Set, _) => "a set",
            Self::Mapping(..) => "an object",
        }
    }

    /// Roughly how many steps it takes to handle it.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Text(text) => text.len() / super::BYTES_A_STEP + 1,
            Self::Sequence(_, items) => items.len() + 1,
            Self::Mapping(_, items) => items.len() + 1,
            _ => 1,
        }
    }
}

/// The elements of a list: if any is text, numbers and bools become text.
fn unify(items: Vec<Value>) -> Vec<Value> {
    if !items.iter().any(|item| matches!(item, Value::Text(_))) {
        return items;
    }
    items.into_iter().map(|item| convert(&item, &Type::Text).unwrap_or(item)).collect()
}

/// Whether two values are the same; `None` if it cannot be known. Values of unlike types never are.
pub(crate) fn equal(a: &Value, b: &Value) -> Option<bool> {
    let all = |pairs: &mut dyn Iterator<Item = (&Value, &Value)>| {
        let mut known = true;
        for (a, b) in pairs {
            match equal(a, b) {
                Some(true) => {}
                Some(false) => return Some(false),
                None => known = false,
            }
        }
        known.then_some(true)
    };
    match (a, b) {
        (Value::Unknown, _) | (_, Value::Unknown) => None,
        (Value::Null, Value::Null) => Some(true),
        (Value::Bool(a), Value::Bool(b)) => Some(a == b),
        (Value::Number(a), Value::Number(b)) => Some(a == b),
        (Value::Text(a), Value::Text(b)) => Some(a == b),
        (Value::Sequence(kind_a, a), Value::Sequence(kind_b, b)) => {
            if kind_a != kind_b || a.len() != b.len() {
                return Some(false);
            }
            all(&mut a.iter().zip(b.iter()))
        }
        (Value::Mapping(kind_a, a), Value::Mapping(kind_b, b)) => {
            if kind_a != kind_b || !a.keys().eq(b.keys()) {
                return Some(false);
            }
            all(&mut a.values().zip(b.values()))
        }
        _ => Some(false),
    }
}

/// The order of the elements of a set.
fn order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => a.compare(*b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Sequence(_, a), Value::Sequence(_, b)) => {
            let first = a.iter().zip(b.iter()).map(|(a, b)| order(a, b)).find(|o| o.is_ne());
            first.unwrap_or_else(|| a.len().cmp(&b.len()))
        }
        _ => Ordering::Equal,
    }
}

/// Makes a value one of a type.
///
/// # Errors
/// Says what is needed if it cannot be.
pub(crate) fn convert(value: &Value, to: &Type) -> Result<Value, String> {
    let needed = |what: &str| Err(format!("{what} is needed, not {}", value.kind()));
    match (to, value) {
        (Type::Any, _) | (_, Value::Unknown | Value::Null) => Ok(value.clone()),
        (Type::Text, Value::Text(_)) | (Type::Bool, Value::Bool(_)) | (Type::Number, Value::Number(_)) => {
            Ok(value.clone())
        }
        (Type::Text, Value::Number(number)) => Ok(Value::text(number.to_string())),
        (Type::Text, Value::Bool(value)) => Ok(Value::text(value.to_string())),
        (Type::Number, Value::Text(text)) => match Number::parse(text) {
            Some(number) => Ok(Value::Number(number)),
            None => needed("a number"),
        },
        (Type::Bool, Value::Text(text)) => match &**text {
            "true" | "1" => Ok(Value::Bool(true)),
            "false" | "0" => Ok(Value::Bool(false)),
            _ => needed("a bool"),
        },
        (Type::Sequence(kind, of), Value::Sequence(_, items)) => {
            let items: Result<Vec<Value>, String> = items.iter().map(|item| convert(item, of)).collect();
            Ok(match kind {
                Sequence::Set => Value::set(items?),
                _ => Value::list(items?),
            })
        }
        (Type::Map(of), Value::Mapping(_, items)) => {
            let convert = |(key, value): (&String, &Value)| Ok((key.clone(), convert(value, of)?));
            let items: Result<BTreeMap<_, _>, String> = items.iter().map(convert).collect();
            Ok(Value::Mapping(Mapping::Map, Rc::new(items?)))
        }
        (Type::Tuple(types), Value::Sequence(_, items)) => {
            if types.len() != items.len() {
                return Err(format!(
                    "a list of {} is needed, not of {}",
                    counted(types.len(), "element"),
                    items.len()
                ));
            }
            let items: Result<Vec<Value>, String> =
                items.iter().zip(types).map(|(item, of)| convert(item, of)).collect();
            Ok(Value::tuple(items?))
        }
        (Type::Object(attributes), Value::Mapping(_, items)) => {
            let mut object = BTreeMap::new();
            for (name, of, optional) in attributes {
                let value = match items.get(name) {
                    Some(value) => convert(value, of).map_err(|e| format!("in `{name}`, {e}"))?,
                    None if *optional => Value::Null,
                    None => return Err(format!("the attribute `{name}` is needed")),
                };
                object.insert(name.clone(), value);
            }
            Ok(Value::object(object))
        }
        (Type::Text, _) => needed("a string"),
        (Type::Number, _) => needed("a number"),
        (Type::Bool, _) => needed("a bool"),
        (Type::Sequence(..) | Type::Tuple(_), _) => needed("a list"),
        (Type::Map(_) | Type::Object(_), _) => needed("an object"),
    }
}

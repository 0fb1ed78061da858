//! Checks a tree against the shapes of the Compose specification: for what does not fit, Compose refuses the file.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::shapes::FILE;
use super::value::{Map, Scalar, Value};
use crate::problem::{Problem, quoted};
use crate::source::Place;
use crate::yaml;

/// What a value may be.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// Anything.
    Any,
    /// A scalar of one of these types.
    Is(u8),
    /// One of these texts.
    Words(&'static [&'static str]),
    /// A list.
    List(&'static Shape),
    /// A list in which nothing is twice.
    Set(&'static Shape),
    /// A map of these keys, and of others that begin with `x-`.
    Open(&'static [(&'static str, Shape)]),
    /// A map of these keys.
    Closed(&'static [(&'static str, Shape)]),
    /// A map of these keys and any others.
    Free(&'static [(&'static str, Shape)]),
    /// A map of names.
    Named(Names, &'static Shape),
    /// A map of names, in which other keys may have any value.
    NamedOrFree(Names, &'static Shape),
    /// A map that has these keys at least.
    Needs(&'static [&'static str], &'static Shape),
    /// One of these.
    Either(&'static [Shape]),
}

pub(super) const TEXT: u8 = 1;
pub(super) const NUMBER: u8 = 2;
pub(super) const INTEGER: u8 = 4;
pub(super) const BOOL: u8 = 8;
pub(super) const NULL: u8 = 16;

/// How names may be written.
#[derive(Clone, Copy)]
pub(super) enum Names {
    /// Letters, digits, `.`, `_` and `-`.
    Usual,
    /// Small letters.
    Letters,
    /// Anything but nothing.
    Anything,
}

impl Names {
    fn has(self, name: &str) -> bool {
        let usual = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        !name.is_empty()
            && match self {
                Self::Usual => name.bytes().all(usual),
                Self::Letters => name.bytes().all(|byte| byte.is_ascii_lowercase()),
                Self::Anything => true,
            }
    }
}

/// How many values a project may have, what its services share counted for each of them: whoever goes through them later
/// needs no guard of its own.
const MOST_VALUES: usize = 500_000;

/// Checks a whole file, or what several came to, and gives the number of values in it.
pub(super) fn validate(file: &Map) -> Result<usize, Problem> {
    let mut values = 0;
    count(file, &mut values)?;
    Checker { path: Vec::new() }.map(file, FILE)?;
    Ok(values)
}

fn count(map: &Map, values: &mut usize) -> Result<(), Problem> {
    *values += map.entries.len();
    if *values > MOST_VALUES {
        let message = "the project is too large: its files and services repeat too much of each other";
        return Err(Problem { place: Some(map.place), message: message.to_owned() });
    }
    map.entries.values().try_for_each(|entry| count_within(&entry.value, values))
}

fn count_within(value: &Value, values: &mut usize) -> Result<(), Problem> {
    match value {
        Value::Map(map) => count(map, values),
        Value::List(list) => {
            *values += list.items.len();
            list.items.iter().try_for_each(|item| count_within(item, values))
        }
        _ => Ok(()),
    }
}

struct Checker<'a> {
    path: Vec<&'a str>,
}

impl<'a> Checker<'a> {
    fn check(&mut self, value: &'a Value, shape: Shape) -> Result<(), Problem> {
        match (shape, value) {
            (Shape::Any, _) => Ok(()),
            (Shape::Either(shapes), _) => {
                let mut fault = None;
                for shape in shapes {
                    match self.check(value, *shape) {
                        Ok(()) => return Ok(()),
                        // The fault of the shape that is meant says most: the one that is a map, a list or a scalar too.
                        Err(problem) if alike(value, *shape) => fault = Some(problem),
                        Err(_) => {}
                    }
                }
                Err(fault.unwrap_or_else(|| self.mismatch(value, shape)))
            }
            (Shape::Needs(keys, shape), Value::Map(map)) => {
                if let Some(missing) = keys.iter().find(|key| map.get(key).is_none()) {
                    return Err(self.problem(map.place, format!("has no {} and needs one", quoted(missing))));
                }
                self.check(value, *shape)
            }
            (Shape::List(item), Value::List(list)) => {
                list.items.iter().try_for_each(|it| self.check(it, *item))
            }
            (Shape::Set(item), Value::List(list)) => {
                let mut seen = HashSet::new();
                for it in &list.items {
                    self.check(it, *item)?;
                    if let Value::Scalar(scalar) = it
                        && !seen.insert(scalar.typed().to_string())
                    {
                        let text = scalar.typed().to_string();
                        return Err(self.problem(scalar.place(), format!("has {} twice", quoted(&text))));
                    }
                }
                Ok(())
            }
            (
                Shape::Open(_)
                | Shape::Closed(_)
                | Shape::Free(_)
                | Shape::Named(..)
                | Shape::NamedOrFree(..),
                Value::Map(map),
            ) => self.map(map, shape),
            (Shape::Is(types), Value::Scalar(scalar)) if types & type_of(scalar) != 0 => self.finite(scalar),
            (Shape::Is(BOOL), Value::Scalar(scalar)) if is_boolean_word(scalar) => Ok(()),
            (Shape::Is(types), Value::Pair(_)) if types & TEXT != 0 => Ok(()),
            (Shape::Words(words), Value::Scalar(scalar))
                if scalar.text().is_some_and(|t| words.contains(&t)) =>
            {
                Ok(())
            }
            _ => Err(self.mismatch(value, shape)),
        }
    }

    fn map(&mut self, map: &'a Map, shape: Shape) -> Result<(), Problem> {
        for (name, entry) in &map.entries {
            let known = |keys: &'static [(&'static str, Shape)]| keys.iter().find(|(key, _)| *key == &**name);
            let shape = match shape {
                Shape::Open(keys) | Shape::Closed(keys) | Shape::Free(keys) => match known(keys) {
                    Some((_, shape)) => *shape,
                    None if matches!(shape, Shape::Free(_)) => Shape::Any,
                    None if matches!(shape, Shape::Open(_)) && name.starts_with("x-") => Shape::Any,
                    None => return Err(self.unknown(entry.key, name, keys)),
                },
                Shape::Named(names, shape) if names.has(name) => *shape,
                Shape::NamedOrFree(names, shape) => {
                    if names.has(name) {
                        *shape
                    } else {
                        Shape::Any
                    }
                }
                _ => {
                    let message = format!("cannot have the name {}", quoted(name));
                    return Err(self.problem(entry.key, message));
                }
            };
            self.path.push(name);
            self.check(&entry.value, shape)?;
            self.path.pop();
        }
        Ok(())
    }

    /// Numbers that JSON has not cannot be checked, so Compose refuses them.
    fn finite(&self, scalar: &Scalar) -> Result<(), Problem> {
        match scalar.typed() {
            yaml::Value::Float(number) if !number.is_finite() => {
                let what = if number.is_nan() { "no number at all" } else { "infinite" };
                Err(self.problem(scalar.place(), format!("cannot be {what}; a text is written in quotes")))
            }
            _ => Ok(()),
        }
    }

    fn unknown(&self, place: Place, name: &str, keys: &[(&str, Shape)]) -> Problem {
        let plain = |text: &str| text.to_lowercase().replace(['_', '-'], "");
        let similar = keys.iter().find(|(key, _)| plain(key) == plain(name));
        let hint = similar.map_or_else(String::new, |(key, _)| format!("; the key is `{key}`"));
        self.problem(place, format!("cannot have the key {}: Compose refuses the file{hint}", quoted(name)))
    }

    fn mismatch(&self, value: &Value, shape: Shape) -> Problem {
        let mut wanted = Vec::new();
        names_of(shape, &mut wanted);
        self.problem(
            value.place(),
            match value.is_null() {
                true => format!("must be {}, and nothing is written there", wanted.join(" or ")),
                false => format!("must be {}, but is {}", wanted.join(" or "), value.kind()),
            },
        )
    }

    fn problem(&self, place: Place, predicate: String) -> Problem {
        let subject = if self.path.is_empty() { "the file".to_owned() } else { quoted(&self.path.join(".")) };
        Problem { place: Some(place), message: format!("{subject} {predicate}") }
    }
}

/// Whether a shape is a map, a list or a scalar as the value is.
fn alike(value: &Value, shape: Shape) -> bool {
    match shape {
        Shape::Needs(_, shape) => alike(value, *shape),
        Shape::Either(shapes) => shapes.iter().any(|shape| alike(value, *shape)),
        Shape::Any => true,
        Shape::List(_) | Shape::Set(_) => matches!(value, Value::List(_)),
        // A scalar that does not fit is best told all that would.
        Shape::Is(_) | Shape::Words(_) => false,
        _ => matches!(value, Value::Map(_)),
    }
}

fn type_of(scalar: &Scalar) -> u8 {
    match scalar.typed() {
        yaml::Value::Null => NULL,
        yaml::Value::Bool(_) => BOOL,
        yaml::Value::Integer(_) => NUMBER | INTEGER,
        yaml::Value::Float(number) if number.fract() == 0.0 => NUMBER | INTEGER,
        yaml::Value::Float(_) => NUMBER,
        // A date becomes a text when Compose checks it.
        yaml::Value::Time(_) | yaml::Value::Text(_) => TEXT,
    }
}

/// Texts that Compose makes a boolean of where it wants one.
pub(super) fn is_boolean_word(scalar: &Scalar) -> bool {
    let word = scalar.text().map(str::to_lowercase);
    matches!(word.as_deref(), Some("true" | "false" | "y" | "yes" | "on" | "n" | "no" | "off"))
}

/// What a shape is called in a message.
fn names_of(shape: Shape, names: &mut Vec<String>) {
    let mut add = |name: &str| {
        if !names.iter().any(|present| present == name) {
            names.push(name.to_owned());
        }
    };
    match shape {
        Shape::Any => add("anything"),
        Shape::Is(types) => {
            let all =
                [(TEXT, "a string"), (NUMBER, "a number"), (INTEGER, "a whole number"), (BOOL, "a boolean")];
            all.into_iter().filter(|(bit, _)| types & bit != 0).for_each(|(_, name)| add(name));
            if types & NULL != 0 {
                add("nothing");
            }
        }
        Shape::Words(words) => {
            let mut list = String::new();
            for word in words {
                let comma = if list.is_empty() { "" } else { ", " };
                // Writing to a text cannot fail.
                let _ = write!(list, "{comma}`{word}`");
            }
            add(&if words.len() == 1 { list } else { format!("one of {list}") });
        }
        Shape::List(_) | Shape::Set(_) => add("a list"),
        Shape::Needs(_, shape) => names_of(*shape, names),
        Shape::Either(shapes) => shapes.iter().for_each(|shape| names_of(*shape, names)),
        _ => add("a map"),
    }
}

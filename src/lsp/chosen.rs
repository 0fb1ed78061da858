//! Stages that start from what a variable names.

use std::collections::HashMap;

use crate::syntax::{ArgDecl, Found, Lookup, Value, Word};
use crate::text::ShortText;

/// The most bytes of values that are kept.
const MAX_BYTES: usize = 1 << 20;

/// What arguments before the first FROM are by default.
#[derive(Debug, Default)]
pub(super) struct GlobalValues {
    values: HashMap<ShortText, Option<String>>,
    bytes: usize,
}

impl GlobalValues {
    pub(super) fn declare(&mut self, decls: &[ArgDecl]) {
        for decl in decls {
            let default = decl.default.as_ref();
            let value = default.and_then(|word| word.expand(&*self).ok()?.known().map(str::to_owned));
            let value = value.filter(|value| self.bytes + value.len() <= MAX_BYTES);
            self.bytes += value.as_ref().map_or(0, String::len);
            if default.is_some() || !self.values.contains_key(&decl.name.text) {
                self.values.insert(decl.name.text.clone(), value);
            }
        }
    }
}

impl Lookup for GlobalValues {
    fn get(&self, name: &str) -> Found<'_> {
        self.values.get(name).and_then(|value| value.as_deref()).map_or(Found::Unknown, Found::Known)
    }
}

/// What a FROM with variables names.
#[derive(Debug)]
pub(super) struct Chosen {
    /// What that is by default.
    pub(super) value: Option<String>,
    /// What is written before the first variable, and behind the last.
    start: String,
    end: String,
}

impl Chosen {
    pub(super) fn of(image: &Word, globals: &GlobalValues) -> Option<Self> {
        let variables = image.variables().ok().filter(|all| !all.is_empty())?;
        let first = variables.iter().map(|variable| variable.range.start).min()?;
        let last = variables.iter().map(|variable| variable.range.end).max()?;
        let value = match image.expand(globals) {
            Ok(Value::Known(value)) => Some(value),
            _ => None,
        };
        let part = |range: std::ops::Range<usize>| {
            image.text.get(range).unwrap_or_default().trim_matches('"').to_lowercase()
        };
        Some(Self { value, start: part(0..first), end: part(last..image.text.len()) })
    }

    /// True if nothing is written but variables.
    pub(super) const fn is_open(&self) -> bool {
        self.start.is_empty() && self.end.is_empty()
    }

    /// True if it names a stage with some values.
    pub(super) fn fits(&self, stage: &str) -> bool {
        let stage = stage.to_lowercase();
        let is_long = stage.len() >= self.start.len() + self.end.len();
        is_long && stage.starts_with(&self.start) && stage.ends_with(&self.end)
    }

    /// True if it names a stage by default.
    pub(super) fn is(&self, stage: &str) -> bool {
        self.value.as_ref().is_some_and(|value| value.eq_ignore_ascii_case(stage))
    }
}

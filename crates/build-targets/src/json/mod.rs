//! JSON with the place of every value: strictly, as bake reads it, or forgivingly, as editors read their settings.

use std::ops::Range;

use crate::source::Place;

pub(crate) mod forgiving;
mod strict;

pub(crate) use strict::parse;

/// How deep arrays and objects may be nested.
pub(crate) const MAX_DEPTH: usize = 64;

/// A value.
#[derive(Debug, Clone)]
pub(crate) struct Json {
    pub place: Place,
    pub kind: JsonKind,
}

#[derive(Debug, Clone)]
pub(crate) enum JsonKind {
    Null,
    Bool(bool),
    /// As it is written.
    Number(String),
    Text(JsonText),
    Array(Vec<Json>),
    /// Keys may repeat.
    Object(Vec<(JsonText, Json)>),
}

/// A text in quotes, as it reads and as it is written.
#[derive(Debug, Clone)]
pub(crate) struct JsonText {
    pub text: String,
    /// With its quotes.
    pub place: Place,
    /// How the text came about, in order and without gaps.
    pub segments: Vec<Segment>,
}

/// A run of bytes of a text whose escapes are undone.
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    /// Where it starts in the text.
    pub start: usize,
    /// What it comes from in the file.
    pub source: Range<usize>,
    /// Whether the bytes are the same; otherwise it is an escape.
    pub verbatim: bool,
}

impl JsonText {
    /// Adds what stands in the file at `source`.
    pub(crate) fn push(&mut self, text: &str, source: Range<usize>, verbatim: bool) {
        if text.is_empty() {
            return;
        }
        self.segments.push(Segment { start: self.text.len(), source, verbatim });
        self.text.push_str(text);
    }
}

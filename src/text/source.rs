use std::fmt;
use std::sync::{Arc, OnceLock};

use super::{LineIndex, Span};

/// The largest text that is read, in bytes: 16 MiB, as much as a message of BuildKit carries. A larger
/// one is refused with an error.
pub const MAX_SOURCE_BYTES: u64 = 16 << 20;

/// One text to be read: the bytes as they are, and the same text as UTF-8 of equal length.
///
/// A byte that is not valid UTF-8 is a U+001A in [`Source::text`], so that offsets agree and the
/// rest is still linted; the bytes stay as they are for fixes.
///
/// A clone is another handle on the same text.
#[derive(Debug, Clone, Default)]
pub struct Source(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    name: String,
    text: String,
    original: Option<Vec<u8>>,
    invalid: Vec<Span>,
    lines: OnceLock<LineIndex>,
    within: Within,
}

/// What a text is in another file that it stands in.
#[derive(Debug, Clone, Default)]
pub struct Within {
    /// The number that each of its lines has there; empty if they are counted for themselves.
    pub numbers: Vec<u32>,
    /// Places of the text that come from variables, in order, and how the file has them: what the variables hold may be
    /// nothing to show.
    pub variables: Vec<(Span, String)>,
}

/// Why bytes cannot be read as a text at all.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SourceError {
    /// Larger than [`MAX_SOURCE_BYTES`].
    TooLarge,
    /// The text starts with a UTF-16 byte order mark.
    Utf16,
    /// The text holds NUL bytes among its first 8 KiB: it is a binary file.
    Binary,
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "is larger than 16 MiB, which is more than BuildKit and dlint read",
            Self::Utf16 => {
                "is UTF-16; Dockerfiles are UTF-8 (convert it, for example with `iconv -f UTF-16 -t UTF-8`)"
            }
            Self::Binary => "is a binary file",
        })
    }
}

impl std::error::Error for SourceError {}

impl Source {
    /// Takes `bytes` as the text called `name` (the name is for display only).
    ///
    /// # Errors
    /// If the bytes are too many, or no text in an ASCII-compatible encoding.
    pub fn from_bytes(name: impl Into<String>, bytes: Vec<u8>) -> Result<Self, SourceError> {
        if bytes.len() as u64 > MAX_SOURCE_BYTES {
            return Err(SourceError::TooLarge);
        }
        if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
            return Err(SourceError::Utf16);
        }
        if bytes[..bytes.len().min(8192)].contains(&0) {
            return Err(SourceError::Binary);
        }
        let name = name.into();
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self::from_text(name, text)),
            Err(error) => {
                let bytes = error.into_bytes();
                let mut text = String::with_capacity(bytes.len());
                let mut invalid = Vec::new();
                for chunk in bytes.utf8_chunks() {
                    text.push_str(chunk.valid());
                    if !chunk.invalid().is_empty() {
                        let start = text.len();
                        text.extend(std::iter::repeat_n('\u{1a}', chunk.invalid().len()));
                        invalid.push(Span::of(start..text.len()));
                    }
                }
                let lines = OnceLock::new();
                let original = Some(bytes);
                Ok(Self(Arc::new(Shared { name, text, original, invalid, lines, within: Within::default() })))
            }
        }
    }

    /// Takes a text that is UTF-8 already.
    #[must_use]
    pub fn from_text(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self(Arc::new(Shared { name: name.into(), text: text.into(), ..Shared::default() }))
    }

    /// Takes a text that stands in another file.
    #[must_use]
    pub fn within(name: impl Into<String>, text: impl Into<String>, within: Within) -> Self {
        Self(Arc::new(Shared { name: name.into(), text: text.into(), within, ..Shared::default() }))
    }

    /// The number by which people know a line of the text.
    #[must_use]
    pub fn number_of(&self, line: u32) -> u32 {
        let at = usize::try_from(line).unwrap_or(usize::MAX).wrapping_sub(1);
        self.0.within.numbers.get(at).copied().unwrap_or(line)
    }

    /// The number of the line that holds an offset, as people know it.
    #[must_use]
    pub fn line_number(&self, offset: u32) -> u32 {
        self.number_of(self.lines().line(offset))
    }

    /// The places within a part of the text that come from variables, and how they are written.
    #[must_use]
    pub fn variables_in(&self, span: Span) -> &[(Span, String)] {
        let all = &self.0.within.variables;
        let first = all.partition_point(|(variable, _)| variable.end <= span.start);
        let after = all.partition_point(|(variable, _)| variable.start < span.end);
        all.get(first..after.max(first)).unwrap_or_default()
    }

    /// What is said of a part of the text, with its variables as they are written and not what they hold.
    #[must_use]
    pub fn as_written(&self, span: Span, said: &str) -> String {
        let mut said = said.to_owned();
        for (variable, written) in self.variables_in(span) {
            let value = variable.text(&self.0.text);
            if !value.is_empty() {
                said = with_word(&said, value, written);
            }
        }
        said
    }

    /// The name for display: a path as it was given, or `<stdin>`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The text; as long as the bytes, with U+001A for each byte that is not UTF-8.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// The bytes as they were read.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.0.original.as_deref().unwrap_or(self.0.text.as_bytes())
    }

    /// The ranges that are not valid UTF-8, in order.
    #[must_use]
    pub fn invalid(&self) -> &[Span] {
        &self.0.invalid
    }

    /// The index of the text's lines, made when it is first asked for.
    #[must_use]
    pub fn lines(&self) -> &LineIndex {
        self.0.lines.get_or_init(|| LineIndex::new(&self.0.text))
    }
}

/// A text with a word written otherwise.
#[must_use]
pub fn with_word(text: &str, word: &str, written: &str) -> String {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let mut out = String::with_capacity(text.len());
    let mut last = 0;
    for (at, _) in text.match_indices(word) {
        let (before, after) = (text[..at].chars().next_back(), text[at + word.len()..].chars().next());
        if !is_part(before) && !is_part(after) {
            out.push_str(&text[last..at]);
            out.push_str(written);
            last = at + word.len();
        }
    }
    out.push_str(&text[last..]);
    out
}

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
                Ok(Self(Arc::new(Shared { name, text, original: Some(bytes), invalid, lines })))
            }
        }
    }

    /// Takes a text that is UTF-8 already.
    #[must_use]
    pub fn from_text(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self(Arc::new(Shared { name: name.into(), text: text.into(), ..Shared::default() }))
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

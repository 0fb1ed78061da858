use std::fmt;

use super::{Arrange, Span};

/// One replacement: the bytes under `span` become `text`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty for an insertion.
    pub span: Span,
    /// What comes in its place; empty for a deletion.
    pub text: String,
}

impl Edit {
    /// Puts `text` in the place of `span`.
    pub fn replace(span: Span, text: impl Into<String>) -> Self {
        Self { span, text: text.into() }
    }

    /// Inserts `text` at `offset`.
    pub fn insert(offset: u32, text: impl Into<String>) -> Self {
        Self { span: Span::at(offset), text: text.into() }
    }

    /// Removes what `span` covers.
    #[must_use]
    pub const fn delete(span: Span) -> Self {
        Self { span, text: String::new() }
    }
}

/// Why edits cannot be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EditError {
    /// Two edits cover the same bytes, or insert at the same place.
    Overlap,
    /// An edit reaches beyond the text or cuts a character.
    OutOfRange,
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Overlap => "two edits touch the same place",
            Self::OutOfRange => "an edit lies outside the text",
        })
    }
}

impl std::error::Error for EditError {}

/// Applies `edits`, in any order, to `bytes`.
///
/// # Errors
/// If edits overlap or lie outside the bytes; nothing is applied then.
pub fn apply(bytes: &[u8], edits: &[Edit]) -> Result<Vec<u8>, EditError> {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.arrange_by_key(|e| e.span);
    let mut out = Vec::with_capacity(bytes.len() + sorted.iter().map(|e| e.text.len()).sum::<usize>());
    let mut at = 0;
    let mut previous: Option<Span> = None;
    for edit in sorted {
        let range = edit.span.range();
        if range.end > bytes.len() {
            return Err(EditError::OutOfRange);
        }
        if range.start < at || previous == Some(edit.span) {
            return Err(EditError::Overlap);
        }
        out.extend_from_slice(&bytes[at..range.start]);
        out.extend_from_slice(edit.text.as_bytes());
        at = range.end;
        previous = Some(edit.span);
    }
    out.extend_from_slice(&bytes[at..]);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_apply_in_order_and_never_overlap() {
        let edits =
            [Edit::insert(3, "X"), Edit::replace(Span::new(0, 1), "Z"), Edit::delete(Span::new(4, 5))];
        assert_eq!(apply(b"abcde", &edits), Ok(b"ZbcXd".to_vec()));
        assert_eq!(
            apply(b"abc", &[Edit::delete(Span::new(0, 2)), Edit::insert(1, "x")]),
            Err(EditError::Overlap)
        );
        assert_eq!(apply(b"abc", &[Edit::insert(1, "x"), Edit::insert(1, "y")]), Err(EditError::Overlap));
        assert_eq!(apply(b"abc", &[Edit::insert(4, "x")]), Err(EditError::OutOfRange));
    }
}

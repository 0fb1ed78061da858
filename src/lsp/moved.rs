//! Where places of a text are after it was changed.

use crate::diag::Finding;
use crate::text::Span;

/// One change that makes a text of another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moved {
    /// The bytes that are the same in front.
    head: u32,
    /// Where the same bytes behind begin in the old text.
    tail: u32,
    /// How many bytes there are more.
    added: i64,
}

impl Moved {
    /// The smallest change that makes `new` of `old`.
    pub(super) fn between(old: &str, new: &str) -> Self {
        let same = |(a, b): &(u8, u8)| a == b;
        let head = old.bytes().zip(new.bytes()).take_while(same).count();
        let (rest, other) = (&old.as_bytes()[head..], &new.as_bytes()[head..]);
        let tails = rest.iter().rev().copied().zip(other.iter().rev().copied());
        let tail = tails.take_while(same).count();
        let added = i64::try_from(new.len()).unwrap_or(0) - i64::try_from(old.len()).unwrap_or(0);
        Self { head: Span::of(0..head).end, tail: Span::of(0..old.len() - tail).end, added }
    }

    /// Where a span is now, if nothing in it has changed.
    pub(super) fn span(self, span: Span) -> Option<Span> {
        if span.end <= self.head {
            return Some(span);
        }
        let moved = |at: u32| u32::try_from(i64::from(at) + self.added).ok();
        (span.start >= self.tail).then_some(Span { start: moved(span.start)?, end: moved(span.end)? })
    }

    /// A finding of the old text, at its place in the new one. Its fix was for the old one.
    pub(super) fn finding(self, finding: &Finding) -> Option<Finding> {
        let span = self.span(finding.span)?;
        let mut moved = Finding { span, fix: None, ..finding.clone() };
        moved.labels = finding
            .labels
            .iter()
            .filter_map(|label| {
                let span = self.span(label.span)?;
                Some(crate::diag::Label { span, ..label.clone() })
            })
            .collect();
        Some(moved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_around_a_change_moves_with_the_text() {
        let moved = |old: &str, new: &str, word: &str| {
            let at = old.find(word).unwrap();
            let span = Moved::between(old, new).span(Span::of(at..at + word.len()))?;
            assert_eq!(span.text(new), word);
            Some(span.start)
        };
        assert_eq!(moved("a b c", "a b b c", "c"), Some(6));
        assert_eq!(moved("a b c", "a b b c", "a"), Some(0));
        assert_eq!(moved("a bc d", "a bxc d", "bc"), None);
        assert_eq!(moved("a b c", "c", "c"), Some(0));
        assert_eq!(moved("aaa", "aaaa", "aaa"), Some(0));
        assert_eq!(moved("é b", "소é b", "b"), Some(6));
    }
}

use crate::text::Span;

/// A text to parse and how its offsets become offsets of the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin<'a> {
    pub(super) text: &'a str,
    pub(super) place: Where,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Where {
    /// The text lies in the file, from this offset on.
    At(u32),
    /// The text was unescaped: all of it lies somewhere in this span.
    Within(Span),
}

impl<'a> Origin<'a> {
    pub(super) fn span(self, start: usize, end: usize) -> Span {
        match self.place {
            Where::At(base) => {
                let span = Span::of(start..end);
                Span::new(base.saturating_add(span.start), base.saturating_add(span.end))
            }
            Where::Within(span) => span,
        }
    }

    /// The offset of the text in the file, if it lies there as it is.
    pub(super) const fn base(self) -> Option<u32> {
        match self.place {
            Where::At(base) => Some(base),
            Where::Within(_) => None,
        }
    }

    pub(super) const fn is_exact(self) -> bool {
        matches!(self.place, Where::At(_))
    }

    /// The part of this text at `start..end`.
    pub(super) fn part(self, start: usize, end: usize) -> Option<Origin<'a>> {
        let text = self.text.get(start..end)?;
        let place = match self.place {
            Where::At(_) => Where::At(self.span(start, start).start),
            within @ Where::Within(_) => within,
        };
        Some(Self { text, place })
    }
}

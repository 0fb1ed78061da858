//! Places as the protocol has them: lines, and characters in the units that were agreed on.

use crate::text::Span;

use super::protocol::{Position, Range};

/// What characters are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Encoding {
    /// Bytes.
    Utf8,
    /// What a client expects that says nothing.
    #[default]
    Utf16,
    /// Unicode scalar values.
    Utf32,
}

impl Encoding {
    /// How many units the character has that begins with `byte`; none inside of a character.
    const fn units(self, byte: u8) -> u32 {
        match (self, byte) {
            (Self::Utf8, _) => 1,
            (_, 0x80..=0xBF) => 0,
            (Self::Utf16, 0xF0..) => 2,
            _ => 1,
        }
    }
}

/// Units are counted on from the start of such a piece of the text, so that a long line costs no more than a short one.
const BLOCK: usize = 64;

/// Where the lines of a text start. Here they end at LF, CRLF and CR.
#[derive(Debug, Clone, Default)]
pub(super) struct Lines {
    starts: Vec<u32>,
    /// How many units there are before each block; none where bytes and units are the same.
    units: Vec<u32>,
    encoding: Encoding,
}

fn offset_of(at: usize) -> u32 {
    Span::of(at..at).start
}

impl Lines {
    pub(super) fn new(text: &str, encoding: Encoding) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            if bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n') {
                starts.push(offset_of(at + 1));
            }
        }
        let plain = encoding == Encoding::Utf8 || text.is_ascii();
        let counted = if plain { &[] } else { bytes };
        let blocks = counted.chunks(BLOCK).scan(0_u32, |before, block| {
            let own = *before;
            *before += block.iter().map(|byte| encoding.units(*byte)).sum::<u32>();
            Some(own)
        });
        Self { starts, units: blocks.collect(), encoding }
    }

    /// How many units there are before byte `at`.
    fn units_before(&self, text: &str, at: u32) -> u32 {
        let block = (at as usize / BLOCK).min(self.units.len().saturating_sub(1));
        let Some(before) = self.units.get(block) else { return at };
        let rest = text.as_bytes().get(block * BLOCK..at as usize).unwrap_or_default();
        before + rest.iter().map(|byte| self.encoding.units(*byte)).sum::<u32>()
    }

    /// The line of byte `at`, from 0.
    fn line(&self, at: u32) -> u32 {
        offset_of(self.starts.partition_point(|start| *start <= at).saturating_sub(1))
    }

    /// Where a line starts, from 0; the last one's start if there are fewer.
    fn start(&self, line: u32) -> u32 {
        self.starts.get(line as usize).or(self.starts.last()).copied().unwrap_or(0)
    }

    /// Where the text of a line ends, without its line end.
    fn end(&self, text: &str, line: u32) -> u32 {
        let Some(next) = self.starts.get(line as usize + 1) else { return offset_of(text.len()) };
        let whole = Span::new(self.start(line), *next).text(text);
        offset_of(*next as usize - (whole.len() - whole.trim_end_matches(['\r', '\n']).len()))
    }

    /// The place of byte `at` in `text`, which has to be the text that the lines are of.
    pub(super) fn position(&self, text: &str, at: u32) -> Position {
        let at = at.min(offset_of(text.len()));
        let line = self.line(at);
        let character = self.units_before(text, at) - self.units_before(text, self.start(line));
        Position { line, character }
    }

    /// The place of a span.
    pub(super) fn range(&self, text: &str, span: Span) -> Range {
        Range { start: self.position(text, span.start), end: self.position(text, span.end) }
    }

    /// The byte at a place. Behind the end of a line is its end, behind the last line the end of the text, and inside of
    /// a character its end.
    pub(super) fn offset(&self, text: &str, position: Position) -> u32 {
        if position.line as usize >= self.starts.len() {
            return offset_of(text.len());
        }
        let (start, end) = (self.start(position.line), self.end(text, position.line));
        if self.units.is_empty() {
            let at = start.saturating_add(position.character).min(end);
            let inside = |at: &u32| !text.is_char_boundary(*at as usize);
            return at + offset_of((at..).take_while(inside).count());
        }
        let wanted = self.units_before(text, start).saturating_add(position.character);
        let block = self.units.partition_point(|before| *before <= wanted).saturating_sub(1) * BLOCK;
        let mut at = start.max(offset_of(block));
        let mut units = self.units_before(text, at);
        while at < end && (units < wanted || !text.is_char_boundary(at as usize)) {
            units += text.as_bytes().get(at as usize).map_or(0, |byte| self.encoding.units(*byte));
            at += 1;
            while !text.is_char_boundary(at as usize) {
                units += text.as_bytes().get(at as usize).map_or(0, |byte| self.encoding.units(*byte));
                at += 1;
            }
        }
        at.min(end)
    }

    /// The bytes of a range; an inverted one is empty.
    pub(super) fn span(&self, text: &str, range: Range) -> Span {
        Span::new(self.offset(text, range.start), self.offset(text, range.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Encoding; 3] = [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32];

    #[test]
    fn each_character_is_found_again_in_each_encoding() {
        let long = "소x𝒳é".repeat(60);
        for text in
            ["", "a", "FROM a\nRUN é𝒳소 b\r\nx\ry\n", "\r\r\n\n", "𝒳", &long, &format!("a\n{long}\nb{long}")]
        {
            for encoding in ALL {
                let lines = Lines::new(text, encoding);
                for (at, _) in text.char_indices().chain([(text.len(), ' ')]) {
                    let at = offset_of(at);
                    let inside_end =
                        text[..at as usize].ends_with('\r') && text[at as usize..].starts_with('\n');
                    if !inside_end {
                        assert_eq!(lines.offset(text, lines.position(text, at)), at, "{text:?} {encoding:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn characters_are_counted_in_the_units_that_were_agreed_on() {
        let text = "a\né𝒳b";
        let at = offset_of(text.find('b').unwrap());
        let character = |encoding| Lines::new(text, encoding).position(text, at).character;
        assert_eq!(ALL.map(character), [6, 3, 2]);
    }

    #[test]
    fn what_lies_outside_is_the_nearest_place_inside() {
        let text = "ab\r\n𝒳\n";
        for encoding in ALL {
            let lines = Lines::new(text, encoding);
            let offset = |line, character| lines.offset(text, Position { line, character });
            assert_eq!(offset(0, 2), 2);
            assert_eq!(offset(0, u32::MAX), 2);
            assert_eq!(offset(1, u32::MAX), 8);
            assert_eq!(offset(2, 5), 9);
            assert_eq!(offset(u32::MAX, 0), 9);
            let inside = if encoding == Encoding::Utf32 { 8 } else { offset(1, 1) };
            assert_eq!(inside, 8);
            let inverted =
                Range { start: Position { line: 1, character: 0 }, end: Position { line: 0, character: 1 } };
            assert_eq!(lines.span(text, inverted), Span::at(4));
        }
    }
}

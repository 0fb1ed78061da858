use super::Span;

/// A place for people: line and column, both from 1. Columns count Unicode scalar values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in Unicode scalar values, from 1.
    pub column: u32,
}

/// Where the lines of a text start.
#[derive(Debug, Clone)]
pub struct LineIndex {
    starts: Vec<u32>,
    /// How many characters there are before each block of [`BLOCK`] bytes; none for a text of ASCII alone.
    characters: Vec<u32>,
}

/// Columns are counted on from the start of such a piece of the text, so that a place in a long line costs no more
/// than one in a short line.
const BLOCK: usize = 64;

/// How many characters start in `bytes`.
fn characters(bytes: &[u8]) -> u32 {
    let count = bytes.iter().filter(|b| **b & 0xC0 != 0x80).count();
    Span::of(count..count).start
}

impl LineIndex {
    /// Indexes `text`. Lines end at LF.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut starts = Vec::with_capacity(1 + text.len() / 32);
        starts.push(0);
        starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| Span::of(at..at).start + 1));
        let text = if text.is_ascii() { "" } else { text };
        let counts = text.as_bytes().chunks(BLOCK).scan(0, |before, block| {
            let own = *before;
            *before += characters(block);
            Some(own)
        });
        Self { starts, characters: counts.collect() }
    }

    /// How many lines there are; a text that ends with LF has an empty last one.
    #[must_use]
    pub fn count(&self) -> u32 {
        Span::of(self.starts.len()..self.starts.len()).start
    }

    /// The line (from 1) that holds byte `offset`.
    #[must_use]
    pub fn line(&self, offset: u32) -> u32 {
        let n = self.starts.partition_point(|&s| s <= offset);
        Span::of(n..n).start
    }

    /// Offset of the first byte of `line` (from 1); the last line's start if there are fewer.
    #[must_use]
    pub fn start(&self, line: u32) -> u32 {
        let last = self.starts.len() - 1;
        self.starts[(line.max(1) as usize - 1).min(last)]
    }

    /// The span of `line` (from 1) in `text`, without its line ending.
    #[must_use]
    pub fn span(&self, text: &str, line: u32) -> Span {
        let start = self.start(line);
        let rest = text.get(start as usize..).unwrap_or("");
        let len = rest.find('\n').unwrap_or(rest.len());
        let line = rest[..len].strip_suffix('\r').unwrap_or(&rest[..len]);
        Span::of(start as usize..start as usize + line.len())
    }

    /// Line and column of byte `offset` in `text`, the text that was indexed.
    #[must_use]
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let line = self.line(offset);
        let start = self.start(line);
        Position {
            line,
            column: self.characters_before(text, offset) - self.characters_before(text, start) + 1,
        }
    }

    /// How many characters start before byte `offset`.
    fn characters_before(&self, text: &str, offset: u32) -> u32 {
        let offset = offset.min(u32::try_from(text.len()).unwrap_or(u32::MAX));
        let block = offset as usize / BLOCK;
        match self.characters.get(block).or(self.characters.last()) {
            None => offset,
            Some(before) => {
                let from = block.min(self.characters.len() - 1) * BLOCK;
                before + characters(&text.as_bytes()[from..offset as usize])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let text = "FROM a\nCOPY 소스 b\r\n";
        let lines = LineIndex::new(text);
        let at = text.find('b').unwrap() as u32;
        assert_eq!(lines.position(text, at), Position { line: 2, column: 9 });
        assert_eq!(lines.span(text, 2).text(text), "COPY 소스 b");
        assert_eq!(lines.count(), 3);
        assert_eq!(lines.position(text, text.len() as u32), Position { line: 3, column: 1 });
    }
}

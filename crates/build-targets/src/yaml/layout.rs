//! Where each byte of a scalar's value is written: through indentation, folded lines, quotes and escapes.

use super::{Node, Style};
use crate::source::{Place, Sources};
use crate::target::Piece;

/// The pieces that a scalar's value is made of, in order and without gaps: bytes that stand in the file as they are,
/// and those that something else stands for. One piece that is not literal if the value cannot be followed, and none of
/// a list or map.
#[must_use]
pub fn pieces(sources: &Sources, node: &Node) -> Vec<Piece> {
    let (Some(value), Some(style)) = (node.text(), node.style()) else { return Vec::new() };
    let place = node.written();
    let text = &sources.file(place.file).text;
    let mut writer = Writer { place, value: String::with_capacity(value.len()), pieces: Vec::new() };
    match style {
        Style::Plain => writer.flow(text, place.span(), Quotes::None),
        Style::Single => writer.flow(text, inner(place), Quotes::Single),
        Style::Double => writer.flow(text, inner(place), Quotes::Double),
        Style::Literal | Style::Folded => writer.block(text, place.span(), style == Style::Folded, value),
    }
    // What was followed is checked against what the parser read.
    if writer.value == value { writer.pieces } else { vec![Piece { start: 0, place, literal: false }] }
}

/// Where some bytes of a scalar's value are written.
#[must_use]
pub fn place_within(sources: &Sources, node: &Node, bytes: std::ops::Range<usize>) -> Place {
    let pieces = pieces(sources, node);
    let at = |offset: usize| {
        let piece = pieces.iter().rfind(|piece| piece.start as usize <= offset)?;
        let within = if piece.literal { offset - piece.start as usize } else { 0 };
        Some(piece.place.span().start + within)
    };
    let last = bytes.end.saturating_sub(1).max(bytes.start);
    let (Some(start), Some(end)) = (at(bytes.start), at(last)) else { return node.written() };
    Place::new(node.written().file, start..end.max(start) + usize::from(bytes.end > bytes.start))
}

/// Without the quotes.
fn inner(place: Place) -> std::ops::Range<usize> {
    let span = place.span();
    span.start + 1..span.end.saturating_sub(1).max(span.start + 1)
}

#[derive(Clone, Copy, PartialEq)]
enum Quotes {
    None,
    Single,
    Double,
}

struct Writer {
    /// The scalar.
    place: Place,
    value: String,
    pieces: Vec<Piece>,
}

impl Writer {
    /// Adds text that stands in the file as it is.
    fn literal(&mut self, text: &str, start: usize) {
        if text.is_empty() {
            return;
        }
        let place = Place::new(self.place.file, start..start + text.len());
        match self.pieces.last_mut() {
            Some(last) if last.literal && last.place.end == place.start => last.place.end = place.end,
            _ => self.pieces.push(Piece { start: self.at(), place, literal: true }),
        }
        self.value.push_str(text);
    }

    /// Adds text that something else stands for.
    fn other(&mut self, text: &str, span: std::ops::Range<usize>) {
        if text.is_empty() {
            return;
        }
        let place = Place::new(self.place.file, span);
        self.pieces.push(Piece { start: self.at(), place, literal: false });
        self.value.push_str(text);
    }

    #[expect(clippy::cast_possible_truncation, reason = "no longer than the file, which has less than 4 GiB")]
    fn at(&self) -> u32 {
        self.value.len() as u32
    }

    /// A scalar in quotes or without, perhaps on several lines.
    fn flow(&mut self, text: &str, span: std::ops::Range<usize>, quotes: Quotes) {
        let mut at = span.start;
        while at < span.end {
            let rest = &text[at..span.end];
            let special = |c: char| match quotes {
                Quotes::None => matches!(c, '\n' | '\r' | ' ' | '\t'),
                Quotes::Single => matches!(c, '\n' | '\r' | ' ' | '\t' | '\''),
                Quotes::Double => matches!(c, '\n' | '\r' | ' ' | '\t' | '\\'),
            };
            let plain = rest.find(special).unwrap_or(rest.len());
            self.literal(&rest[..plain], at);
            at += plain;
            let rest = &rest[plain..];
            if rest.starts_with([' ', '\t', '\n', '\r']) {
                let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
                let breaks = line_breaks(&rest[..blank]);
                match breaks {
                    0 => self.literal(&rest[..blank], at),
                    1 => self.other(" ", at..at + blank),
                    _ => self.other(&"\n".repeat(breaks - 1), at..at + blank),
                }
                at += blank;
            } else if let Some(escape) = rest.strip_prefix('\\') {
                let (value, length) = unescape(escape);
                self.other(&value, at..at + 1 + length);
                at += 1 + length;
            } else if rest.starts_with('\'') {
                self.other("'", at..at + 2);
                at += 2;
            }
        }
    }

    /// A block after `|` or `>`. Its place begins with the first text in it, so before that is the indentation.
    fn block(&mut self, text: &str, span: std::ops::Range<usize>, folded: bool, value: &str) {
        let mut first_line = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
        let indent = span.start - first_line;
        // Empty lines before it are lines of the value.
        for _ in 0..value.len() - value.trim_start_matches('\n').len() {
            first_line = text[..first_line.saturating_sub(1)].rfind('\n').map_or(0, |at| at + 1);
        }
        let lines = Lines { text, at: first_line };
        // A line break that waits to be one, a blank or nothing, by what follows.
        let mut waiting: Vec<std::ops::Range<usize>> = Vec::new();
        let mut after_spaced = true;
        for line in lines {
            let blank = line.text.len() - line.text.trim_start_matches(' ').len();
            let content = line.text.get(indent.min(blank)..).unwrap_or_default();
            if self.value.len() >= value.len() && waiting.is_empty() {
                return;
            }
            if content.is_empty() {
                waiting.push(line.end());
            } else {
                if blank < indent {
                    break;
                }
                let spaced = content.starts_with([' ', '\t']);
                let fold = folded && !spaced && !after_spaced;
                if fold && waiting.len() == 1 {
                    self.other(" ", waiting[0].clone());
                } else {
                    for end in waiting.drain(..).skip(usize::from(fold)) {
                        self.line_break(text, end);
                    }
                }
                waiting.clear();
                self.literal(content, line.start + line.text.len() - content.len());
                waiting.push(line.end());
                after_spaced = spaced;
            }
        }
        for end in waiting {
            if self.value.len() < value.len() {
                self.line_break(text, end);
            }
        }
    }

    fn line_break(&mut self, text: &str, span: std::ops::Range<usize>) {
        if &text[span.clone()] == "\n" {
            self.literal("\n", span.start);
        } else {
            self.other("\n", span);
        }
    }
}

#[derive(Clone)]
struct Lines<'a> {
    text: &'a str,
    at: usize,
}

struct Line<'a> {
    start: usize,
    /// Without its line break.
    text: &'a str,
    break_length: usize,
}

impl Line<'_> {
    fn end(&self) -> std::ops::Range<usize> {
        let end = self.start + self.text.len();
        end..end + self.break_length
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let whole = rest.find('\n').map_or(rest, |at| &rest[..=at]);
        let text = whole.strip_suffix('\n').unwrap_or(whole);
        let text = text.strip_suffix('\r').unwrap_or(text);
        let start = self.at;
        self.at += whole.len();
        Some(Line { start, text, break_length: whole.len() - text.len() })
    }
}

/// How many line breaks are in blanks; `\r\n` is one.
fn line_breaks(blank: &str) -> usize {
    blank.matches('\n').count() + blank.matches('\r').count() - blank.matches("\r\n").count()
}

/// What an escape stands for, and how many bytes it has after its `\`.
fn unescape(escape: &str) -> (String, usize) {
    let Some(c) = escape.chars().next() else { return (String::new(), 0) };
    let code = |digits: usize| {
        let value =
            escape.get(1..=digits).and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32);
        (value.map(String::from).unwrap_or_default(), 1 + digits.min(escape.len() - 1))
    };
    let simple = match c {
        '0' => '\0',
        'a' => '\x07',
        'b' => '\x08',
        't' | '\t' => '\t',
        'n' => '\n',
        'v' => '\x0b',
        'f' => '\x0c',
        'r' => '\r',
        'e' => '\x1b',
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        'x' => return code(2),
        'u' => return code(4),
        'U' => return code(8),
        // An escaped line break is nothing, with the blanks that begin the next line; empty lines are line breaks.
        '\n' | '\r' => {
            let blank = escape.len() - escape.trim_start_matches([' ', '\t', '\n', '\r']).len();
            return ("\n".repeat(line_breaks(&escape[..blank]).saturating_sub(1)), blank);
        }
        other => other,
    };
    (simple.into(), c.len_utf8())
}

//! What is being written at a place: in which instruction, which word of it, what stands before.

use crate::syntax::{DirectiveKind, File, ItemKind, Keyword};
use crate::text::Span;

/// What is written at a place.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Cursor {
    /// A comment line, up to the place.
    Comment(String),
    /// An instruction.
    Instruction(Written),
    /// The lines of a here-document, up to the place: the name of a variable may begin here.
    Heredoc,
}

/// An instruction up to a place, continuations joined.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Written {
    /// The words before the last, an ONBUILD in front left out.
    pub(super) words: Vec<String>,
    /// The word that the place is in or behind; empty behind a blank.
    pub(super) word: String,
    /// True behind ONBUILD.
    pub(super) trigger: bool,
    /// All of it.
    pub(super) text: String,
    /// The pieces that the text is joined of: where each starts in the text, and where in the source.
    pieces: Vec<(usize, usize)>,
    /// The number of the instruction: of the next one, if it is none yet.
    pub(super) step: usize,
}

impl Written {
    /// The instruction, if its keyword is written to the end.
    pub(super) fn keyword(&self) -> Option<Keyword> {
        self.words.first().map(|word| Keyword::of(word))
    }

    /// Where the last `len` bytes begin in the source.
    pub(super) fn start_of(&self, len: usize) -> u32 {
        let at = self.text.len().saturating_sub(len);
        let piece = self.pieces.iter().rev().find(|(start, _)| *start <= at);
        let (start, source) = piece.copied().unwrap_or_default();
        Span::of(0..source + at - start).end
    }

    /// The words behind the keyword and the flags, and whether flags may still come.
    pub(super) fn operands(&self) -> &[String] {
        let behind = self.words.get(1..).unwrap_or_default();
        let flags = behind.iter().take_while(|word| word.starts_with("--")).count();
        &behind[flags..]
    }

    /// The text behind the keyword and the flags.
    pub(super) fn arguments(&self) -> &str {
        let flags = self.words.len().saturating_sub(self.operands().len() + 1);
        let mut rest = self.text.trim_start();
        for _ in 0..=flags + usize::from(self.trigger) {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            rest = rest[end..].trim_start();
        }
        rest
    }

    /// What is written of an array, if the place is in one.
    pub(super) fn element(&self) -> Option<Element> {
        let array = self.arguments().strip_prefix('[')?;
        let (mut number, mut begun) = (0, None);
        let mut chars = array.char_indices();
        while let Some((at, c)) = chars.next() {
            match (c, begun) {
                ('"', None) => begun = Some(at + 1),
                ('"', Some(_)) => begun = None,
                ('\\', Some(_)) => {
                    chars.next();
                }
                (',', None) => number += 1,
                (']', None) => return None,
                _ => {}
            }
        }
        Some(Element { number, begun: begun.map(|start| array[start..].to_owned()) })
    }
}

/// An element of an array that is being written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Element {
    /// How many stand before it.
    pub(super) number: usize,
    /// What is written of it, if its quote is there.
    pub(super) begun: Option<String>,
}

impl Cursor {
    /// What is written at byte `at`.
    pub(super) fn at(file: &File, at: u32) -> Self {
        let text = file.text();
        let before = &text[..at as usize];
        let line = before.rfind(['\n', '\r']).map_or(0, |end| end + 1);
        let own = text[line..at as usize].trim_start_matches('\u{feff}');
        let step = file.instructions.partition_point(|i| i.first_keyword().start < at);
        let instruction = step.checked_sub(1).and_then(|index| file.instructions.get(index));
        let inside = |i: &&crate::syntax::Instruction| {
            i.heredocs.iter().any(|heredoc| {
                let end = heredoc.terminator.map_or(u32::MAX, |line| line.end);
                heredoc.body.start <= at && at <= end
            })
        };
        if instruction.filter(inside).is_some() {
            return Self::Heredoc;
        }
        if own.trim_start().starts_with('#') {
            return Self::Comment(own.trim_start().to_owned());
        }
        let item = instruction.and_then(|i| file.items.get(i.item)).filter(|item| at <= item.span.end);
        let start = match (item.map(|item| item.kind), instruction) {
            (Some(ItemKind::Instruction(_)), Some(i)) => i.first_keyword().start as usize,
            _ => at as usize - own.len(),
        };
        match Joined::of(&before[start..], start, file.escape.char()) {
            Some(text) => Self::Instruction(text.written(step.saturating_sub(usize::from(item.is_some())))),
            None => Self::Instruction(Joined::line(own, at as usize).written(step)),
        }
    }
}

/// A directive whose value is not written yet, and where its name stands: for BuildKit it is a comment.
pub(super) fn begun_directive(file: &File) -> Option<(DirectiveKind, Span)> {
    let mut items = file.items.iter();
    let item = items.find(|item| !matches!(item.kind, ItemKind::Directive(_) | ItemKind::Bom))?;
    let line = file.comment_lines(item.span).next().filter(|_| item.kind == ItemKind::Comment)?;
    let text = line.text(file.text()).strip_prefix('#')?;
    let name = text.trim_end().strip_suffix('=')?.trim();
    let kinds = [DirectiveKind::Syntax, DirectiveKind::Escape, DirectiveKind::Check];
    let kind = kinds.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(name))?;
    let start = 1 + text.find(name)?;
    Some((kind, Span::of(start..start + name.len()).shift(line.start)))
}

/// Text with continuations joined and comments left out.
#[derive(Default)]
struct Joined {
    text: String,
    pieces: Vec<(usize, usize)>,
}

impl Joined {
    /// A line that ends at `end`.
    fn line(text: &str, end: usize) -> Self {
        Self { text: text.to_owned(), pieces: vec![(0, end - text.len())] }
    }

    fn push(&mut self, text: &str, at: usize) {
        self.pieces.push((self.text.len(), at));
        self.text.push_str(text);
    }

    /// The text that begins at `start`; `None` if a line of it ends that is not continued.
    fn of(text: &str, start: usize, escape: char) -> Option<Self> {
        let mut joined = Self::default();
        let mut at = start;
        for line in text.split_inclusive('\n') {
            let is_comment = at > start && line.trim_start().starts_with('#');
            let ended = line.ends_with('\n');
            let content = line.trim_end_matches(['\r', '\n']);
            if !(is_comment || ended && content.trim().is_empty()) {
                match content.trim_end_matches([' ', '\t']).strip_suffix(escape) {
                    Some(continued) if ended => joined.push(continued, at),
                    _ if ended => return None,
                    _ => joined.push(content, at),
                }
            }
            at += line.len();
        }
        Some(joined)
    }

    /// Splits what is written of the instruction of `step`.
    fn written(self, step: usize) -> Written {
        let text = &*self.text;
        let behind_blank = text.ends_with(char::is_whitespace);
        let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        let word = if behind_blank { String::new() } else { words.pop().unwrap_or_default() };
        let trigger = words.first().is_some_and(|first| first.eq_ignore_ascii_case("ONBUILD"));
        if trigger {
            words.remove(0);
        }
        Written { words, word, trigger, text: self.text, pieces: self.pieces, step }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;
    use crate::text::Source;

    fn at(text: &str) -> Cursor {
        let (before, after) = text.split_once('|').unwrap();
        let at = u32::try_from(before.len()).unwrap();
        Cursor::at(&parse(Source::from_text("Dockerfile", format!("{before}{after}"))), at)
    }

    #[test]
    fn the_words_before_a_place_are_known() {
        for (text, words, word, trigger) in [
            ("|", "", "", false),
            ("FRO|", "", "FRO", false),
            ("FROM a\nCOPY --from=x |a b\n", "COPY --from=x", "", false),
            ("FROM a\nCOPY --fr|om=x a b\n", "COPY", "--fr", false),
            ("FROM a\nADD \\\n  # no\n\n|", "ADD", "", false),
            ("FROM a\nADD \\\n  --ch|", "ADD", "--ch", false),
            ("FROM a\nADD a b\n|", "", "", false),
            ("FROM a\n  onbuild cop|", "", "cop", true),
            ("FROM a\nONBUILD RUN --mount=ty|", "RUN", "--mount=ty", true),
            ("FROM a\n|\nRUN x\n", "", "", false),
            ("#escape=`\nFROM a\nADD `\r\n|", "ADD", "", false),
        ] {
            let Cursor::Instruction(got) = at(text) else { panic!("{text}") };
            assert_eq!((&*got.words.join(" "), &*got.word, got.trigger), (words, word, trigger), "{text}");
        }
        assert_eq!(at("# dlint ig|\nFROM a"), Cursor::Comment("# dlint ig".to_owned()));
        assert_eq!(at("FROM a\nRUN <<EOF\nRU|\nEOF\n"), Cursor::Heredoc);
        assert_eq!(at("FROM a\nRUN <<EOF\n|"), Cursor::Heredoc);
        assert!(matches!(at("FROM a\nRUN <<EOF\nEOF\n|"), Cursor::Instruction(_)));
    }
}

//! What is being written at a place: in which instruction, which word of it, what stands before.

use crate::syntax::{File, ItemKind, Keyword};

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
    /// How many bytes before the place the word begins in the source.
    pub(super) len: usize,
    /// The number of the instruction: of the next one, if it is none yet.
    pub(super) step: usize,
}

impl Written {
    /// The instruction, if its keyword is written to the end.
    pub(super) fn keyword(&self) -> Option<Keyword> {
        self.words.first().map(|word| Keyword::of(word))
    }

    /// The words behind the keyword and the flags, and whether flags may still come.
    pub(super) fn operands(&self) -> &[String] {
        let behind = self.words.get(1..).unwrap_or_default();
        let flags = behind.iter().take_while(|word| word.starts_with("--")).count();
        &behind[flags..]
    }
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
            _ => line,
        };
        match joined(&before[start..], file.escape.char()) {
            Some(text) => Self::Instruction(written(&text, own, step.saturating_sub(1))),
            None => Self::Instruction(written(own.trim_start(), own, step)),
        }
    }
}

/// The text with continuations joined and comments left out; `None` if a line ends that is not continued.
fn joined(text: &str, escape: char) -> Option<String> {
    let mut out = String::new();
    let mut first = true;
    for line in text.split_inclusive('\n') {
        let is_comment = !std::mem::take(&mut first) && line.trim_start().starts_with('#');
        let ended = line.ends_with('\n');
        let content = line.trim_end_matches(['\r', '\n']);
        if is_comment || ended && content.trim().is_empty() {
            continue;
        }
        match content.trim_end_matches([' ', '\t']).strip_suffix(escape) {
            Some(continued) if ended => out.push_str(continued),
            _ if ended => return None,
            _ => out.push_str(content),
        }
    }
    Some(out)
}

/// Splits what is written of an instruction; `line` is what stands before the place on its line.
fn written(text: &str, line: &str, step: usize) -> Written {
    let text = text.trim_start();
    let behind_blank = text.ends_with(char::is_whitespace);
    let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    let word = if behind_blank { String::new() } else { words.pop().unwrap_or_default() };
    let trigger = words.first().is_some_and(|first| first.eq_ignore_ascii_case("ONBUILD"));
    if trigger {
        words.remove(0);
    }
    let len = if line.ends_with(&*word) { word.len() } else { 0 };
    Written { words, word, trigger, len, step }
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

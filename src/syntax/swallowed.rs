//! An instruction that the one above it takes along, since its line ends in the escape character.

use crate::text::Span;

use super::ast::{File, Instruction};
use super::keyword::Keyword;

/// A line that reads like an instruction and is a part of the one above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swallowed {
    /// The instruction that it looks like.
    pub keyword: Keyword,
    /// Where that keyword stands.
    pub span: Span,
    /// The escape character that joins the line to the one above it.
    pub escape: Span,
}

impl File {
    /// The first line of `instruction` that begins with the name of another instruction, written as its own is.
    /// No fix edits such an instruction: whoever wrote it means two.
    #[must_use]
    pub fn swallowed(&self, instruction: &Instruction) -> Option<Swallowed> {
        if instruction.logical.is_contiguous() {
            return None;
        }
        let own = instruction.first_keyword().text(self.text());
        instruction.logical.joined_pieces().find_map(|(before, at, piece)| {
            let above = self.text().get(..at)?;
            // Behind an empty line an indented name counts as well.
            let name = if is_below_empty_line(above) { piece.trim_ascii_start() } else { piece };
            let keyword = keyword_of(own, name)?;
            let at = at + piece.len() - name.len();
            if !above.ends_with('\n') || belongs(keyword, before) {
                return None;
            }
            let span = Span::of(at..at + keyword.name().len());
            let escape = self.escape_above(at)?;
            (!is_quoted(before, self.escape.char())).then_some(Swallowed { keyword, span, escape })
        })
    }

    /// The places of all instructions that have swallowed another one, each with what that is.
    #[must_use]
    pub fn swallowers(&self) -> Vec<(Span, Swallowed)> {
        self.instructions.iter().filter_map(|i| Some((i.span, self.swallowed(i)?))).collect()
    }

    /// The escape character that continues the line above offset `at`, past empty lines and comments.
    fn escape_above(&self, at: usize) -> Option<Span> {
        let mut above = self.text().get(..at)?.trim_end();
        loop {
            let line = above.rfind('\n').map_or(0, |end| end + 1);
            if above.ends_with(self.escape.char()) {
                return Some(Span::of(above.len() - 1..above.len()));
            }
            if !above.get(line..)?.trim_start().starts_with('#') {
                return None;
            }
            above = above.get(..line)?.trim_end();
        }
    }
}

/// True if the last line of a text is empty.
fn is_below_empty_line(above: &str) -> bool {
    let line = above.strip_suffix('\n').map(|text| text.trim_end_matches([' ', '\t', '\r']));
    line.is_some_and(|text| text.ends_with('\n'))
}

/// The instruction that a line begins with, if it is written in capitals, or in small letters as `own` is.
fn keyword_of(own: &str, line: &str) -> Option<Keyword> {
    // Most lines are indented, or begin with an operator.
    if !line.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let end = line.find([' ', '\t'])?;
    let word = line.get(..end)?;
    let keyword = Keyword::of(word);
    let capitals = || word.bytes().all(|b| b.is_ascii_uppercase());
    let small = || [word, own].iter().all(|w| w.bytes().all(|b| b.is_ascii_lowercase()));
    // `env` is a program as well.
    let is_written_so = capitals() || small() && keyword != Keyword::Env;
    (keyword != Keyword::Unknown && is_written_so).then_some(keyword)
}

/// True if the keyword belongs where it stands: `HEALTHCHECK --interval=5m \` `CMD …`, and behind ONBUILD. `COPY`
/// is a command of Windows, too.
fn belongs(keyword: Keyword, before: &str) -> bool {
    let before = before.trim_end();
    let only = |names: &[Keyword]| {
        let mut words = before.split_ascii_whitespace().filter(|w| !w.starts_with("--"));
        words.all(|w| names.contains(&Keyword::of(w)))
    };
    match keyword {
        Keyword::Cmd => only(&[Keyword::Onbuild, Keyword::Healthcheck]),
        Keyword::Copy if before.ends_with('&') => true,
        _ => only(&[Keyword::Onbuild]),
    }
}

/// True if `before` ends inside of quotes. What a shell takes for a comment has none.
fn is_quoted(before: &str, escape: char) -> bool {
    let mut quote = None;
    let mut chars = before.chars().peekable();
    let mut last = ' ';
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some('\''), '\'') => quote = None,
            (Some('\''), _) => {}
            (_, c) if c == escape => {
                chars.next();
            }
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '#') if last.is_whitespace() => return false,
            _ => {}
        }
        last = c;
    }
    quote.is_some()
}

#[cfg(test)]
mod tests {
    use crate::syntax::parse;
    use crate::text::Source;

    /// What is swallowed, with the text from the escape character to the end of its keyword.
    fn swallowed(text: &str) -> Vec<String> {
        let file = parse(Source::from_text("Dockerfile", text));
        let found = file.instructions.iter().filter_map(|i| file.swallowed(i));
        found.map(|s| text[s.escape.start as usize..s.span.end as usize].to_owned()).collect()
    }

    #[test]
    fn a_line_with_the_name_of_an_instruction_is_seen() {
        for (text, want) in [
            ("RUN a \\\n\nCOPY b /b/\n", "\\\n\nCOPY"),
            ("COPY a C:\\a\\\nRUN dir\n", "\\\nRUN"),
            ("RUN a \\\n\n  CMD [\"b\"]\n", "\\\n\n  CMD"),
            ("RUN a \\\r\n \r\n\tCMD b\r\n", "\\\r\n \r\n\tCMD"),
            ("ENV A=1 \\\n  B=2 \\\n# C\n\nUSER me\n", "\\\n# C\n\nUSER"),
            ("run a \\\ncopy b c\n", "\\\ncopy"),
            ("RUN a && \\  \nRUN b\n", "\\  \nRUN"),
            ("RUN a # isn't \\\r\nRUN b\r\n", "\\\r\nRUN"),
            ("ONBUILD RUN a \\\nCMD b\n", "\\\nCMD"),
            ("HEALTHCHECK CMD a \\\nCMD b\n", "\\\nCMD"),
            ("# escape=`\nRUN a `\nWORKDIR C:\\\n", "`\nWORKDIR"),
        ] {
            assert_eq!(swallowed(text), [want], "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_it_is_not() {
        for text in [
            "HEALTHCHECK --interval=5m \\\n--retries=3 \\\nCMD a\n",
            "ONBUILD \\\nRUN a\n",
            "RUN a \\\n  COPY b\n",
            "RUN a \\\n\n  COPY=b c\n",
            "HEALTHCHECK --interval=5m \\\n\n  CMD a\n",
            "RUN a \\\nUSER=b c\n",
            "RUN a \\\nenv B=c d\n",
            "RUN a \\\nrun b\n",
            "RUN echo \"FROM a\\n\\\nUSER b\" > c\n",
            "LABEL a='b \\\nRUN c'\n",
            "RUN mkdir a && \\\nCOPY b c\n",
            "RUN <<E\na \\\nUSER b\nE\n",
            "RUN a \\\nRUNNER b\n",
        ] {
            assert_eq!(swallowed(text), [] as [&str; 0], "{text}");
        }
    }
}

//! What looks like a comment behind an instruction's arguments. BuildKit knows no such thing: there it
//! is a part of the arguments.

use crate::text::Span;

use super::ast::{CommandForm, File, Healthcheck, Instruction, Kind};
use super::json::{self, Json};
use super::keyword::Keyword;
use super::lexer;

/// How many are looked for in one instruction.
const MAX_COMMENTS: usize = 64;

/// A blank-separated word of the joined arguments, by byte range of [`Instruction::arguments_text`].
type Range = std::ops::Range<usize>;

impl Instruction {
    /// What looks like a comment behind arguments of this instruction, each from its `#` to the last
    /// character of its line, a line continuation left out. Comments that a shell reads are none, nor is
    /// free text (LABEL without `=`, MAINTAINER).
    #[must_use]
    pub fn trailing_comments(&self, file: &File) -> Vec<Span> {
        let text = self.arguments_text();
        let is_shell = matches!(self.kind, Kind::Run(_) | Kind::Cmd(_) | Kind::Entrypoint(_));
        if is_shell && !text.starts_with('[') || !text.contains('#') {
            return Vec::new();
        }
        if let Some(at) = self.glued_to_array(text) {
            return vec![self.to_line_end(self.logical.offset(self.arguments_at + at), file)];
        }
        let words = lexer::quoted_words(text, file.escape);
        let Some(first) = self.first_comment(&words) else { return Vec::new() };
        let mut comments: Vec<Span> = Vec::new();
        for word in words.get(first..).unwrap_or_default() {
            let start = self.logical.offset(self.arguments_at + word.start);
            if comments.last().is_some_and(|c| start < c.end) || !self.is_mark(word) {
                continue;
            }
            if comments.len() == MAX_COMMENTS {
                break;
            }
            comments.push(self.to_line_end(start, file));
        }
        comments
    }

    fn is_mark(&self, word: &Range) -> bool {
        self.arguments_text().get(word.clone()).is_some_and(|w| w.starts_with('#'))
    }

    /// The number of the word that starts the first comment.
    fn first_comment(&self, words: &[Range]) -> Option<usize> {
        let text = self.arguments_text();
        let word = |i: usize| words.get(i).and_then(|r| text.get(r.clone())).unwrap_or("");
        // How many words must stand before it, so that it is no argument itself.
        let least = match &self.kind {
            Kind::Add(_) | Kind::Copy(_) => {
                return (1..words.len()).find(|i| word(*i) == "#" || (*i > 1 && word(*i).starts_with('#')));
            }
            Kind::Env(pairs) | Kind::Label(pairs) if pairs.first().is_some_and(|p| p.legacy) => {
                // All of it is one value, which may well hold a `#`: only `# words` is a comment.
                let at = (2..words.len()).find(|i| word(*i) == "#")?;
                let is_value = word(1).starts_with('#');
                let says_something = word(at + 1).starts_with(char::is_alphanumeric);
                return (self.keyword == Keyword::Env && !is_value && says_something).then_some(at);
            }
            Kind::Healthcheck(Healthcheck::None) => 1,
            Kind::Healthcheck(Healthcheck::Cmd(CommandForm::Shell(_))) => {
                return self.behind_array(words, 1);
            }
            Kind::Run(CommandForm::Shell(_))
            | Kind::Cmd(CommandForm::Shell(_))
            | Kind::Entrypoint(CommandForm::Shell(_))
            | Kind::Shell(None) => return self.behind_array(words, 0),
            Kind::Arg(_)
            | Kind::Env(_)
            | Kind::Label(_)
            | Kind::Expose(_)
            | Kind::From(_)
            | Kind::Stopsignal(_)
            | Kind::User(_)
            | Kind::Volume(_)
            | Kind::Workdir(_) => 1,
            _ => return None,
        };
        (least..words.len()).find(|i| word(*i).starts_with('#'))
    }

    /// The first word with a `#`, if a JSON array of strings fills the words from `from` up to it: the
    /// array counts as plain text then.
    fn behind_array(&self, words: &[Range], from: usize) -> Option<usize> {
        let start = words.get(from)?.start;
        let at = (from + 1..words.len()).find(|i| words.get(*i).is_some_and(|w| self.is_mark(w)))?;
        let array = self.arguments_text().get(start..words.get(at)?.start)?;
        matches!(json::parse(array.trim_end()), Json::Strings(_)).then_some(at)
    }

    /// Where the comment of `["a"]# b` begins.
    fn glued_to_array(&self, text: &str) -> Option<usize> {
        let takes_array = match &self.kind {
            Kind::Run(form) | Kind::Cmd(form) | Kind::Entrypoint(form) => {
                matches!(form, CommandForm::Shell(_))
            }
            Kind::Shell(None) => true,
            _ => false,
        };
        let (array, _) = text.split_once("]#").filter(|_| takes_array)?;
        let end = array.len() + 1;
        matches!(json::parse(text.get(..end)?), Json::Strings(_)).then_some(end)
    }

    /// From `start` to the end of its line, or of the instruction.
    fn to_line_end(&self, start: u32, file: &File) -> Span {
        let rest = Span::new(start, self.arguments.end.max(start)).text(file.text());
        let line = rest.split('\n').next().unwrap_or(rest);
        let mut text = line.trim_end();
        if line.len() < rest.len() {
            text = text.strip_suffix(file.escape.char()).unwrap_or(text).trim_end();
        }
        Span::of(0..text.len()).shift(start)
    }
}

#[cfg(test)]
mod tests {
    use crate::syntax::parse;
    use crate::text::Source;

    fn comments(text: &str) -> Vec<String> {
        let file = parse(Source::from_text("Dockerfile", text));
        let all = file.instructions.iter().flat_map(|i| i.trailing_comments(&file));
        all.map(|span| span.text(file.text()).to_owned()).collect()
    }

    #[test]
    fn comments_behind_arguments_are_found() {
        for (text, want) in [
            ("COPY . .   # 소스", "# 소스"),
            ("COPY a #", "#"),
            ("COPY a b #note", "#note"),
            ("FROM debian:12 # base", "# base"),
            ("FROM debian:12 AS b #base", "#base"),
            ("EXPOSE 80 # web", "# web"),
            ("ARG A=\"x # y\" # z", "# z"),
            ("ENV A=1 # don't", "# don't"),
            ("ENV A 1 # one", "# one"),
            ("WORKDIR /app # here", "# here"),
            ("USER app # not root", "# not root"),
            ("CMD [\"a\", \"#\"] # b", "# b"),
            ("CMD [\"a\", \"b\"]# c", "# c"),
            ("HEALTHCHECK CMD [\"a\"] # b", "# b"),
            ("HEALTHCHECK NONE # b", "# b"),
            ("RUN [\"a\"] # b", "# b"),
            ("SHELL [\"a\"] # b", "# b"),
            ("ONBUILD COPY . . # b", "# b"),
            ("VOLUME /data # b \\\n  /more", "# b"),
            ("COPY . . # a\r\nUSER b\r\n", "# a"),
        ] {
            assert_eq!(comments(text), [want], "{text}");
        }
        assert_eq!(comments("ENV A=1 # one \\\n B=2 # two\n"), ["# one", "# two"]);
    }

    #[test]
    fn a_hash_that_belongs_to_a_value_is_no_comment() {
        for text in [
            "RUN make # all",
            "CMD server # now",
            "CMD [\"a # b\"]",
            "ENV COLOR #fff",
            "ENV COLORS #fff # 000",
            "ENV PROMPT [me] #",
            "ENV A=\"1 # 2\"",
            "ENV A=a#b",
            "LABEL note issue # 5",
            "MAINTAINER me # you",
            "COPY #a /b",
            "COPY a #b",
            "WORKDIR /a#b",
            "RUN <<EOF # x\n# y\nEOF",
            "ARG #a",
        ] {
            assert_eq!(comments(text), [""; 0], "{text}");
        }
    }
}

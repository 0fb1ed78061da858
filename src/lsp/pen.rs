//! Cuts a piece of the text into tokens: words, strings, variables, comments, characters that continue a line.

use crate::syntax::File;
use crate::text::Span;

/// What a token is; the order is that of [`Class::NAMES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// An instruction, or a word that belongs to it, as `AS`.
    Keyword,
    Comment,
    /// A plain argument.
    Parameter,
    /// The value of a flag, the tag or digest of an image, the name of a label.
    Property,
    /// A stage.
    Namespace,
    /// An image.
    Image,
    /// The character that continues a line, the marks of a here-document.
    Macro,
    String,
    Variable,
    Operator,
    /// How a variable is expanded: the `-` of `${a:-b}`.
    Modifier,
    /// A command of a script.
    Function,
}

impl Class {
    /// What the protocol calls them.
    pub(super) const NAMES: [&'static str; 12] = [
        "keyword",
        "comment",
        "parameter",
        "property",
        "namespace",
        "class",
        "macro",
        "string",
        "variable",
        "operator",
        "modifier",
        "function",
    ];
}

/// A piece of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) span: Span,
    pub(super) class: Class,
    /// True where a name is declared.
    pub(super) declares: bool,
}

/// Words of a shell's grammar: where a script has them outside of a command, they are no arguments.
const GRAMMAR: [&str; 17] = [
    "!", "case", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in", "then", "until",
    "while", "{", "}",
];

/// What is known of a piece of the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    pub(super) span: Span,
    pub(super) class: Class,
    pub(super) declares: bool,
}

/// How a piece of the text is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    /// What a word is that nothing is known of.
    pub(super) default: Class,
    pub(super) quotes: bool,
    pub(super) variables: bool,
    /// True if the lines are continued, with comment lines between them.
    pub(super) continued: bool,
    /// True if the shell gets the lines as one.
    pub(super) joined: bool,
    /// True if a `#` in front of a word starts a comment.
    pub(super) comments: bool,
    /// True if brackets and commas are signs.
    pub(super) array: bool,
    /// True if words of a shell's grammar may stand there.
    pub(super) grammar: bool,
}

impl Style {
    /// The line of an instruction.
    pub(super) const LINE: Self = Self {
        default: Class::Parameter,
        quotes: true,
        variables: true,
        continued: true,
        joined: true,
        comments: false,
        array: false,
        grammar: false,
    };
    /// Text that nobody reads.
    pub(super) const LETTERS: Self =
        Self { default: Class::String, quotes: false, variables: false, continued: false, ..Self::LINE };
}

/// Writes tokens.
pub(super) struct Pen<'a> {
    text: &'a str,
    escape: u8,
    marks: Vec<Mark>,
    /// The first mark that does not lie behind.
    next: usize,
    tokens: &'a mut Vec<Token>,
    /// The first token of this instruction.
    first: usize,
    /// Where tokens may be words of a shell's grammar.
    grammar: Vec<usize>,
    /// The token that is being written.
    open: Option<Token>,
}

impl<'a> Pen<'a> {
    pub(super) fn new(file: &'a File, marks: Vec<Mark>, tokens: &'a mut Vec<Token>) -> Self {
        let escape = u8::try_from(file.escape.char()).unwrap_or(b'\\');
        let first = tokens.len();
        Self { text: file.text(), escape, marks, next: 0, tokens, first, grammar: Vec::new(), open: None }
    }

    /// Ends the token that is being written.
    fn lift(&mut self) {
        if let Some(token) = self.open.take().filter(|token| !token.span.is_empty()) {
            self.tokens.push(token);
        }
    }

    /// Goes on with bytes of a class, in the same token if it is the same.
    fn draw(&mut self, start: usize, end: usize, class: Class) {
        let span = Span::of(start..end);
        match &mut self.open {
            Some(token) if token.class == class && token.span.end == span.start && !token.declares => {
                token.span.end = span.end;
            }
            _ => {
                self.lift();
                self.open = Some(Token { span, class, declares: false });
            }
        }
    }

    /// One token.
    fn put(&mut self, span: Span, class: Class) {
        self.lift();
        self.tokens.push(Token { span, class, declares: false });
    }

    /// The mark that covers a byte.
    fn mark(&mut self, at: usize) -> Option<Mark> {
        while self.marks.get(self.next).is_some_and(|mark| mark.span.end as usize <= at) {
            self.next += 1;
        }
        self.marks.get(self.next).copied().filter(|mark| mark.span.start as usize <= at)
    }

    /// Writes the tokens of a piece.
    pub(super) fn write(&mut self, span: Span, style: Style) {
        let end = (span.end as usize).min(self.text.len());
        let mut at = span.start as usize;
        let mut state = State::default();
        while at < end {
            at = self.step(at, end, style, &mut state).max(at + 1);
        }
        self.lift();
    }

    /// Writes what starts at a byte, and gives where it ends.
    fn step(&mut self, at: usize, end: usize, style: Style, state: &mut State) -> usize {
        let bytes = self.text.as_bytes();
        let byte = bytes[at];
        let line_end = || memchr::memchr2(b'\n', b'\r', &bytes[at..end]).map_or(end, |len| at + len);
        let behind = || bytes[at + 1..end].iter().copied().find(|byte| *byte != b' ' && *byte != b'\t');
        if byte == b'\n' || byte == b'\r' {
            self.lift();
            state.starts_line = true;
            // A comment of a shell goes on where its line does.
            state.in_comment &= style.joined;
            return at + 1;
        }
        if byte == self.escape && style.quotes && matches!(behind(), None | Some(b'\n' | b'\r')) {
            self.put(Span::of(at..at + 1), Class::Macro);
            return line_end().max(at + 1);
        }
        if byte == b' ' || byte == b'\t' {
            self.lift();
            return at + 1;
        }
        let starts_line = std::mem::take(&mut state.starts_line);
        let comment_line = starts_line && style.continued;
        if byte == b'#' && comment_line || state.in_comment {
            return self.comment(at, line_end());
        }
        if byte == b'#' && style.comments && state.quote.is_none() && self.open.is_none() {
            state.in_comment = true;
            return self.comment(at, line_end());
        }
        if let Some(mark) = self.mark(at).filter(|_| state.quote.is_none()) {
            return self.marked(at, end, mark);
        }
        self.plain(at, end, style, state)
    }

    fn comment(&mut self, at: usize, line_end: usize) -> usize {
        let line = self.text[at..line_end].trim_end();
        let continued = line.strip_suffix(char::from(self.escape));
        let own = continued.unwrap_or(line).trim_end();
        self.put(Span::of(at..at + own.len()), Class::Comment);
        at + own.len().max(1)
    }

    /// A piece that something is known of, up to the end of its line.
    fn marked(&mut self, at: usize, end: usize, mark: Mark) -> usize {
        let rest = &self.text[at..end.min(mark.span.end as usize)];
        let whole = rest.split(['\n', '\r']).next().unwrap_or(rest);
        let trimmed = whole.trim_end();
        let cut = trimmed.len() < whole.len() || at + whole.len() < mark.span.end as usize;
        let own = match trimmed.strip_suffix(char::from(self.escape)) {
            Some(before) if cut => before,
            _ => trimmed,
        };
        if own.is_empty() {
            // A blank may be wide.
            return at + rest.chars().next().map_or(1, char::len_utf8);
        }
        self.put(Span::of(at..at + own.len()), mark.class);
        if let Some(token) = self.tokens.last_mut() {
            token.declares = mark.declares;
        }
        at + own.len()
    }

    fn plain(&mut self, at: usize, end: usize, style: Style, state: &mut State) -> usize {
        let byte = self.text.as_bytes()[at];
        let in_braces = state.braces > 0;
        let class = match (state.quote, in_braces) {
            (Some(_), _) => Class::String,
            (None, true) => Class::Variable,
            (None, false) => style.default,
        };
        match byte {
            b'\'' | b'"' if style.quotes => {
                match state.quote {
                    None => {
                        self.lift();
                        state.quote = Some(byte);
                        self.draw(at, at + 1, Class::String);
                    }
                    Some(open) => {
                        self.draw(at, at + 1, Class::String);
                        if open == byte {
                            state.quote = None;
                            self.lift();
                        }
                    }
                }
                at + 1
            }
            b'$' if style.variables && state.quote != Some(b'\'') => {
                self.variable(at, end, style, class, state)
            }
            b'}' if in_braces && state.quote.is_none() => {
                self.draw(at, at + 1, Class::Variable);
                state.braces -= 1;
                self.lift();
                at + 1
            }
            b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>'
                if style.grammar && state.quote.is_none() && !in_braces =>
            {
                self.draw(at, at + 1, Class::Operator);
                at + 1
            }
            b'[' | b']' | b',' if style.array && state.quote.is_none() => {
                self.put(Span::of(at..at + 1), Class::Operator);
                at + 1
            }
            _ => {
                let escaped =
                    byte == self.escape && (style.quotes || style.variables) && state.quote != Some(b'\'');
                let len = self.text[at + usize::from(escaped)..].chars().next().map_or(0, char::len_utf8);
                let stop = (at + usize::from(escaped) + len).min(end.max(at + 1));
                if style.grammar && self.open.is_none() {
                    self.grammar.push(self.tokens.len());
                }
                self.draw(at, stop, class);
                stop
            }
        }
    }

    /// `$name`, `${name}`, `${name:-word}` up to the word.
    fn variable(&mut self, at: usize, end: usize, style: Style, class: Class, state: &mut State) -> usize {
        let bytes = self.text.as_bytes();
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let braces = bytes.get(at + 1) == Some(&b'{');
        let start = at + 1 + usize::from(braces);
        let rest = bytes.get(start..end).unwrap_or_default();
        let mut len = rest.iter().take_while(|byte| is_name(byte)).count();
        if len == 0 && style.grammar && rest.first().is_some_and(|byte| b"@*#?$!-".contains(byte)) {
            len = 1;
        }
        if len == 0 {
            // `$(`, or a lone sign.
            self.draw(at, at + 1, class);
            return at + 1;
        }
        let name = start + len;
        if !braces {
            self.put(Span::of(at..name), Class::Variable);
            return name;
        }
        if bytes.get(name) == Some(&b'}') && name < end {
            self.put(Span::of(at..name + 1), Class::Variable);
            return name + 1;
        }
        self.put(Span::of(at..name), Class::Variable);
        let mut at = name;
        if at < end && bytes[at] == b':' {
            self.put(Span::of(at..at + 1), Class::Operator);
            at += 1;
        }
        if at < end && b"+-=?#%/".contains(&bytes[at]) {
            self.put(Span::of(at..at + 1), Class::Modifier);
            at += 1;
        }
        if state.quote.is_none() {
            state.braces += 1;
        }
        at
    }

    /// Turns words of a shell's grammar into keywords, where `free` says that they are in no command.
    pub(super) fn settle(self, free: impl Fn(u32) -> bool) {
        for index in self.grammar.into_iter().filter(|index| *index >= self.first) {
            if let Some(token) = self.tokens.get_mut(index)
                && token.class == Class::Parameter
                && GRAMMAR.contains(&token.span.text(self.text))
                && free(token.span.start)
            {
                token.class = Class::Keyword;
            }
        }
    }
}

/// What the text before a byte leaves open.
#[derive(Default)]
struct State {
    quote: Option<u8>,
    /// How many `${` with an operator are open.
    braces: u32,
    starts_line: bool,
    in_comment: bool,
}

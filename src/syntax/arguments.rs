//! The arguments of each instruction (BuildKit's `parser/line_parsers.go` and `instructions/parse.go`).

use std::ops::Range;

use super::ast::{
    Alias, ArgDecl, CommandForm, ExecForm, ExecItem, From, Healthcheck, Kind, Pair, Transfer, TransferSource,
};
use super::error::{SyntaxError, SyntaxErrorKind};
use super::heredoc;
use super::json::{self, Json, JsonString};
use super::keyword::Keyword;
use super::lexer;
use super::logical::Logical;
use super::port::PortWord;
use super::word::{Escape, Word};
use crate::text::Span;

/// What separates words where BuildKit splits with its `reWhitespace`.
const BLANK: [char; 5] = ['\t', '\u{b}', '\u{c}', '\r', ' '];

/// Reads arguments; holds what all of them need.
pub(super) struct Arguments<'a> {
    pub(super) line: &'a Logical,
    pub(super) at: usize,
    pub(super) keyword: Keyword,
    pub(super) keyword_span: Span,
    pub(super) escape: Escape,
    pub(super) is_utf8: bool,
    pub(super) errors: &'a mut Vec<SyntaxError>,
}

impl Arguments<'_> {
    fn rest(&self) -> &str {
        &self.line.text()[self.at..]
    }

    fn range(&self) -> Range<usize> {
        self.at..self.line.text().len()
    }

    fn word(&self, range: Range<usize>) -> Word {
        Word {
            span: self.line.span(range.clone()),
            exact: self.line.is_exact(&range),
            text: self.line.text()[range].into(),
            escape: self.escape,
        }
    }

    fn error(&mut self, kind: SyntaxErrorKind, range: Range<usize>, message: impl Into<String>, help: &str) {
        let span = if range.is_empty() { self.keyword_span } else { self.line.span(range) };
        let error = SyntaxError::new(kind, span, message);
        self.errors.push(if help.is_empty() { error } else { error.help(help) });
    }

    fn missing(&mut self, what: &str, help: &str) {
        let message = format!("{} needs {what}", self.keyword.name());
        self.error(SyntaxErrorKind::MissingArgument, 0..0, message, help);
    }

    /// Reads the arguments of the instruction.
    pub(super) fn read(&mut self) -> Kind {
        match self.keyword {
            Keyword::Add => Kind::Add(self.transfer()),
            Keyword::Copy => Kind::Copy(self.transfer()),
            Keyword::Arg => Kind::Arg(self.args()),
            Keyword::Cmd => Kind::Cmd(self.command(self.at)),
            Keyword::Entrypoint => Kind::Entrypoint(self.command(self.at)),
            Keyword::Run => Kind::Run(self.command(self.at)),
            Keyword::Env => Kind::Env(self.pairs()),
            Keyword::Label => Kind::Label(self.pairs()),
            Keyword::Expose => Kind::Expose(self.expose()),
            Keyword::From => Kind::From(self.from()),
            Keyword::Healthcheck => Kind::Healthcheck(self.healthcheck()),
            Keyword::Maintainer => {
                Kind::Maintainer(self.single("a name", "MAINTAINER is deprecated: use a label"))
            }
            Keyword::Shell => Kind::Shell(self.shell()),
            Keyword::Stopsignal => {
                Kind::Stopsignal(self.single("a signal", "for example `STOPSIGNAL SIGTERM`"))
            }
            Keyword::User => Kind::User(self.single("a user", "for example `USER 1000`")),
            Keyword::Volume => Kind::Volume(self.volume()),
            Keyword::Workdir => Kind::Workdir(self.single("a path", "for example `WORKDIR /app`")),
            Keyword::Onbuild | Keyword::Unknown => Kind::Unknown,
        }
    }

    /// Words between blanks, as `reWhitespace.Split` makes them.
    fn blank_words(&self) -> Vec<Range<usize>> {
        let base = self.at;
        let mut words = Vec::new();
        let mut start = None;
        for (i, c) in self.rest().char_indices() {
            if BLANK.contains(&c) {
                words.extend(start.take().map(|s| base + s..base + i));
            } else {
                start.get_or_insert(i);
            }
        }
        words.extend(start.map(|s| base + s..self.line.text().len()));
        words
    }

    /// Words between blanks outside of quotes, quotes and escapes kept.
    fn quoted_words(&self) -> Vec<Range<usize>> {
        let mut words = lexer::quoted_words(self.rest(), self.escape);
        words.iter_mut().for_each(|w| *w = self.at + w.start..self.at + w.end);
        words
    }

    fn single(&mut self, what: &str, help: &str) -> Option<Word> {
        if self.rest().is_empty() {
            self.missing(what, help);
            return None;
        }
        Some(self.word(self.range()))
    }

    fn pairs(&mut self) -> Vec<Pair> {
        let words = self.quoted_words();
        let Some(first) = words.first() else {
            self.missing("a `key=value`", "");
            return Vec::new();
        };
        if !self.line.text()[first.clone()].contains('=') {
            return self.legacy_pair();
        }
        let mut pairs: Vec<Pair> = Vec::new();
        let mut missing: Vec<Range<usize>> = Vec::new();
        let mut in_row = false;
        for range in words {
            let text = &self.line.text()[range.clone()];
            let Some(equals) = text.find('=') else {
                // Words in a row are one value that lacks its quotes.
                match missing.last_mut().filter(|_| in_row) {
                    Some(last) => last.end = range.end,
                    None => missing.push(range),
                }
                in_row = true;
                continue;
            };
            in_row = false;
            let equals = range.start + equals;
            if equals == range.start {
                self.error(
                    SyntaxErrorKind::EmptyName,
                    range.clone(),
                    "the name is empty",
                    "write `key=value`",
                );
            }
            pairs.push(Pair {
                key: self.word(range.start..equals),
                value: Some(self.word(equals + 1..range.end)),
                span: self.line.span(range),
                legacy: false,
            });
        }
        for range in missing {
            self.missing_equals(range);
        }
        pairs
    }

    fn missing_equals(&mut self, range: Range<usize>) {
        let text = &self.line.text()[range.clone()];
        let message = format!("`{}` has no `=`", shown(text));
        self.error(
            SyntaxErrorKind::MissingEquals,
            range,
            message,
            "write `key=value`; quote the value if it holds blanks",
        );
    }

    /// `ENV key value with blanks`.
    fn legacy_pair(&mut self) -> Vec<Pair> {
        let range = self.range();
        let rest = self.rest();
        let key_end = range.start + rest.find(BLANK).unwrap_or(rest.len());
        let value_at = range.end - self.line.text()[key_end..].trim_start_matches(BLANK).len();
        let key = self.word(range.start..key_end);
        let value = (value_at < range.end).then(|| self.word(value_at..range.end));
        if value.is_none() {
            let message = format!("`{}` has no value", key.text);
            self.error(SyntaxErrorKind::MissingArgument, range.clone(), message, "write `key=value`");
        }
        vec![Pair { key, value, span: self.line.span(range), legacy: true }]
    }

    fn args(&mut self) -> Vec<ArgDecl> {
        let words = self.quoted_words();
        if words.is_empty() {
            self.missing("a name", "for example `ARG VERSION=1.0`");
        }
        let mut decls = Vec::new();
        for range in words {
            let text = &self.line.text()[range.clone()];
            let equals = text.find('=').map(|i| range.start + i);
            if equals == Some(range.start) {
                self.error(
                    SyntaxErrorKind::EmptyName,
                    range.clone(),
                    "the name is empty",
                    "write `ARG name=value`",
                );
            }
            decls.push(ArgDecl {
                name: self.word(range.start..equals.unwrap_or(range.end)),
                default: equals.map(|e| self.word(e + 1..range.end)),
                span: self.line.span(range),
            });
        }
        decls
    }

    fn expose(&mut self) -> Vec<PortWord> {
        let words = self.blank_words();
        if words.is_empty() {
            self.missing("a port", "for example `EXPOSE 8080`");
        }
        words.into_iter().map(|r| PortWord::new(self.word(r))).collect()
    }

    fn json_items(&self, at: usize, strings: Vec<JsonString>) -> Vec<ExecItem> {
        strings
            .into_iter()
            .map(|s| {
                let range = at + s.range.start..at + s.range.end;
                ExecItem {
                    span: self.line.span(range.clone()),
                    value: s.value.into(),
                    exact: s.exact && self.line.is_exact(&range),
                }
            })
            .collect()
    }

    /// The JSON array at `at`; an error if it is one but not of strings.
    fn exec(&mut self, at: usize) -> Option<Vec<ExecItem>> {
        let text = &self.line.text()[at..];
        // A control character in a string is no JSON.
        let is_array = text.trim_start().starts_with('[');
        if !is_array || self.is_utf8 && text.contains('\u{1a}') {
            return None;
        }
        match json::parse(text) {
            Json::Strings(strings) => Some(self.json_items(at, strings)),
            Json::NotOnlyStrings => {
                let range = at..self.line.text().len();
                self.error(
                    SyntaxErrorKind::InvalidJson,
                    range,
                    "the array holds something that is not a string",
                    "put every item in double quotes",
                );
                Some(Vec::new())
            }
            Json::No => None,
        }
    }

    fn command(&mut self, at: usize) -> CommandForm {
        let range = at..self.line.text().len();
        if range.is_empty() {
            return CommandForm::Empty;
        }
        match self.exec(at) {
            Some(items) => CommandForm::Exec(ExecForm { items }),
            None => CommandForm::Shell(self.line.span(range)),
        }
    }

    fn shell(&mut self) -> Option<ExecForm> {
        if self.rest().is_empty() {
            self.missing("a JSON array", "for example `SHELL [\"/bin/bash\", \"-c\"]`");
            return None;
        }
        let before = self.errors.len();
        let Some(items) = self.exec(self.at) else {
            self.error(
                SyntaxErrorKind::InvalidJson,
                self.range(),
                "SHELL takes a JSON array",
                "for example `SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]`",
            );
            return None;
        };
        if items.is_empty() && self.errors.len() == before {
            self.error(
                SyntaxErrorKind::MissingArgument,
                self.range(),
                "SHELL needs at least one string",
                "for example `SHELL [\"/bin/bash\", \"-c\"]`",
            );
        }
        Some(ExecForm { items })
    }

    fn words_or_json(&mut self) -> (Vec<Word>, bool) {
        if self.rest().is_empty() {
            return (Vec::new(), false);
        }
        match self.exec(self.at) {
            Some(items) => {
                let escape = self.escape;
                let word = |i: ExecItem| Word { span: i.span, exact: i.exact, text: i.value, escape };
                (items.into_iter().map(word).collect(), true)
            }
            None => (self.blank_words().into_iter().map(|r| self.word(r)).collect(), false),
        }
    }

    fn volume(&mut self) -> Vec<Word> {
        let (words, _) = self.words_or_json();
        if words.is_empty() {
            self.missing("a path", "for example `VOLUME /data`");
        }
        for word in &words {
            if word.text.trim().is_empty() {
                // An empty string has no place but its quotes.
                let quotes = u32::from(word.span.is_empty());
                let span = Span::new(word.span.start - quotes, word.span.end + quotes);
                let error = SyntaxError::new(SyntaxErrorKind::EmptyPath, span, "a volume's path is empty");
                self.errors.push(error.help("name the folder"));
            }
        }
        words
    }

    fn transfer(&mut self) -> Transfer {
        let before = self.errors.len();
        let (mut words, json) = self.words_or_json();
        if words.len() < 2 && self.errors.len() == before {
            let name = self.keyword.name();
            let help = format!("for example `{name} src/ /app/`");
            let only = words.first().filter(|w| json || heredoc::marker(&w.text).is_none());
            if let Some(only) = only {
                let message = format!("{name} needs a destination after `{}`", shown(&only.text));
                let error = SyntaxError::new(SyntaxErrorKind::MissingArgument, only.span, message);
                self.errors.push(error.help(help));
            } else if json {
                let message = format!("{name} needs at least one source and a destination");
                self.error(SyntaxErrorKind::MissingArgument, self.range(), message, &help);
            } else {
                self.missing("at least one source and a destination", &help);
            }
        }
        let destination = if words.len() > 1 { words.pop() } else { None };
        if let Some(word) = destination.as_ref().filter(|w| heredoc::marker(&w.text).is_some()) {
            self.errors.push(
                SyntaxError::new(
                    SyntaxErrorKind::HeredocDestination,
                    word.span,
                    "a here-document cannot be the destination",
                )
                .help("write the destination after it, for example `COPY <<EOF /app/config`"),
            );
        }
        let sources = words
            .into_iter()
            .map(|word| {
                if !json && heredoc::marker(&word.text).is_some() {
                    TransferSource::Heredoc
                } else {
                    TransferSource::Path(word)
                }
            })
            .collect();
        Transfer { sources, destination, json }
    }

    fn from(&mut self) -> From {
        let words = self.blank_words();
        let text = |r: &Range<usize>| self.line.text()[r.clone()].to_owned();
        let Some(image) = words.first().cloned() else {
            self.missing("an image", "for example `FROM debian:12`");
            return From { image: None, alias: None };
        };
        let is_as = words.get(1).is_some_and(|w| text(w).eq_ignore_ascii_case("as"));
        let alias = match (is_as, words.get(1), words.get(2)) {
            (true, Some(keyword), Some(name)) => {
                Some(Alias { keyword: self.line.span(keyword.clone()), name: self.word(name.clone()) })
            }
            _ => None,
        };
        if let Some(name) = alias.as_ref().map(|a| a.name.clone()) {
            self.stage_name(&name);
        }
        match words.as_slice() {
            [_] => {}
            [_, keyword] if is_as => self.error(
                SyntaxErrorKind::MissingArgument,
                keyword.clone(),
                "the name of the stage is missing after `AS`",
                "write `FROM image AS name`",
            ),
            [_, wrong, name] if !is_as => {
                let (wrong, name) = (wrong.clone(), text(name));
                let span = self.line.span(wrong.clone());
                let message = format!("`AS` belongs here, not `{}`", shown(&self.line.text()[wrong.clone()]));
                let error = SyntaxError::new(SyntaxErrorKind::InvalidAs, span, message);
                let near = matches!(
                    &*text(&wrong).to_ascii_lowercase(),
                    "sa" | "a" | "s" | "ass" | "ast" | "as:" | "=" | "-" | "--as" | "is"
                );
                self.errors.push(if near {
                    error.meant("AS")
                } else {
                    error.help(format!(
                        "write `AS {}` to name the stage; nothing else can follow the image",
                        shown(&name)
                    ))
                });
            }
            [_, extra @ ..] if !is_as => self.error(
                SyntaxErrorKind::ExtraArgument,
                extra[0].start..extra[extra.len() - 1].end,
                "only `AS name` can follow the image",
                "write `FROM image AS name`; comments start on a line of their own",
            ),
            [_, _, _, extra @ ..] if !extra.is_empty() => self.error(
                SyntaxErrorKind::ExtraArgument,
                extra[0].start..extra[extra.len() - 1].end,
                "nothing can follow the name of the stage",
                "comments start on a line of their own",
            ),
            _ => {}
        }
        From { image: Some(self.word(image)), alias }
    }

    fn stage_name(&mut self, name: &Word) {
        let lower = name.text.to_ascii_lowercase();
        let valid = lower.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
            && lower.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b));
        if !valid {
            self.errors.push(
                SyntaxError::new(
                    SyntaxErrorKind::InvalidStageName,
                    name.span,
                    format!("`{}` cannot be a stage's name", name.text),
                )
                .help("a name starts with a letter and contains only letters, digits, `-`, `_` and `.`"),
            );
        }
    }

    fn healthcheck(&mut self) -> Healthcheck {
        let rest = self.rest();
        if rest.is_empty() {
            self.missing("`CMD` or `NONE`", "for example `HEALTHCHECK CMD curl -f http://localhost/`");
            return Healthcheck::Invalid;
        }
        let len = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let kind = rest[..len].to_ascii_uppercase();
        let kind_range = self.at..self.at + len;
        let command_at = self.line.text().len() - rest[len..].trim_start().len();
        match kind.as_str() {
            "NONE" => {
                if command_at < self.line.text().len() {
                    let range = command_at..self.line.text().len();
                    self.error(
                        SyntaxErrorKind::ExtraArgument,
                        range,
                        "HEALTHCHECK NONE takes no arguments",
                        "remove them, or write `CMD` to run them",
                    );
                }
                Healthcheck::None
            }
            "CMD" => {
                let command = self.command(command_at);
                let empty = match &command {
                    CommandForm::Empty => true,
                    CommandForm::Exec(exec) => exec.items.is_empty(),
                    CommandForm::Shell(_) => false,
                };
                if empty {
                    self.error(
                        SyntaxErrorKind::MissingArgument,
                        kind_range,
                        "the command is missing after HEALTHCHECK CMD",
                        "for example `HEALTHCHECK CMD curl -f http://localhost/`",
                    );
                }
                Healthcheck::Cmd(command)
            }
            _ => {
                let span = self.line.span(kind_range.clone());
                let message = "HEALTHCHECK takes `CMD` or `NONE`";
                let error = SyntaxError::new(SyntaxErrorKind::UnknownHealthcheck, span, message);
                let written = &self.line.text()[kind_range];
                let alone = command_at == self.line.text().len();
                let near = crate::text::nearest(&kind, ["CMD", "NONE"]);
                self.errors.push(match near.filter(|near| (*near == "NONE") == alone) {
                    Some(near) => error.meant(near),
                    None if written.starts_with(|c: char| c.is_ascii_lowercase() || "/[.".contains(c)) => {
                        error.meant(&format!("CMD {written}"))
                    }
                    None => error.help("write `HEALTHCHECK CMD command`"),
                });
                Healthcheck::Invalid
            }
        }
    }
}

/// Words in messages are short.
fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}

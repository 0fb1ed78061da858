//! Splits a script that does not parse at its unquoted operators, so that most commands are still seen.

use super::Script;
use super::command::{
    Command, Connector, Link, List, ListKind, Pipeline, Place, Redirect, RedirectKind, Seat, Within,
};
use super::lower::{Pending, Root, enter};
use super::origin::Origin;
use super::skip;
use super::word::{PartKind, Word};

/// Words that open or close a compound command: dropped at the start of a command.
const KEYWORDS: &[&str] =
    &["if", "then", "elif", "else", "while", "until", "do", "time", "!", "{", "fi", "done", "esac", "}"];

/// Adds the commands of `origin` as one flat list.
pub(super) fn split(script: &mut Script, origin: Origin<'_>, root: Root, pending: &mut Vec<Pending>) {
    let start = Link { connector: Connector::Start, span: origin.span(0, 0) };
    let mut splitter = Splitter {
        origin,
        bytes: origin.text.as_bytes(),
        at: 0,
        items: Vec::new(),
        item: Item::new(start),
        docs: Vec::new(),
    };
    splitter.run();
    let within = enter(root.place.as_ref().map_or_else(Within::default, |place| place.within), root.kind);
    let list = script.lists.len();
    script.lists.push(List {
        kind: root.kind,
        span: origin.span(0, origin.text.len()),
        place: root.place,
        owner: root.owner,
        redirects: Box::default(),
        len: splitter.items.len(),
    });
    add(script, origin.text, splitter.items, list, within, pending);
}

/// A command without its place.
struct Item {
    words: Vec<Word>,
    redirects: Vec<Redirect>,
    before: Link,
    after: Option<Link>,
    substitutions: Vec<(usize, usize)>,
}

impl Item {
    const fn new(before: Link) -> Self {
        Self { words: Vec::new(), redirects: Vec::new(), before, after: None, substitutions: Vec::new() }
    }
}

/// A here-document whose body begins behind the next newline.
struct Doc {
    item: usize,
    redirect: usize,
    delimiter: String,
    strip_tabs: bool,
}

struct Splitter<'a> {
    origin: Origin<'a>,
    bytes: &'a [u8],
    at: usize,
    items: Vec<Item>,
    item: Item,
    docs: Vec<Doc>,
}

impl Splitter<'_> {
    fn byte(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn run(&mut self) {
        while let Some(byte) = self.byte(0) {
            match (byte, self.byte(1)) {
                (b' ' | b'\t' | b'\r', _) => self.at += 1,
                (b'\\', Some(b'\n')) => self.at += 2,
                (b'#', _) => self.at = self.line_end(self.at),
                (b'\n', _) => {
                    self.end(Connector::Seq, 1);
                    self.skip_docs();
                }
                (b';', Some(b';')) => self.end(Connector::Seq, 2),
                (b';', _) => self.end(Connector::Seq, 1),
                (b'&', Some(b'&')) => self.end(Connector::And, 2),
                (b'|', Some(b'|')) => self.end(Connector::Or, 2),
                (b'|', Some(b'&')) => self.end(Connector::PipeBoth, 2),
                (b'|', _) => self.end(Connector::Pipe, 1),
                (b'(' | b')', _) => self.end(Connector::Start, 1),
                (b'&', next) if next != Some(b'>') => self.end(Connector::Background, 1),
                (b'<' | b'>', Some(b'(')) => self.word(),
                (b'<' | b'>' | b'&', _) => self.redirect(self.at),
                _ => self.word(),
            }
        }
        self.finish(None);
    }

    fn line_end(&self, from: usize) -> usize {
        let rest = self.bytes.get(from..).unwrap_or(&[]);
        rest.iter().position(|&byte| byte == b'\n').map_or(self.bytes.len(), |n| from + n)
    }

    /// Ends the command at an operator of `len` bytes.
    fn end(&mut self, connector: Connector, len: usize) {
        let link = Link { connector, span: self.origin.span(self.at, self.at + len) };
        self.at += len;
        self.finish(Some(link));
    }

    fn finish(&mut self, after: Option<Link>) {
        // `for x in …` and `case … in` name no command.
        let header = self.item.words.first().is_some_and(|word| word.is("for") || word.is("case"));
        if header || self.item.words.is_empty() && self.item.redirects.is_empty() {
            let before = match after {
                // An operator behind a keyword or a newline: the first one counts.
                Some(link) if self.items.is_empty() || link.connector == Connector::Start => link,
                _ => self.item.before,
            };
            self.item = Item::new(before);
            return;
        }
        let next = Item::new(after.unwrap_or(self.item.before));
        let mut item = std::mem::replace(&mut self.item, next);
        item.after = after.filter(|link| link.connector != Connector::Start);
        self.items.push(item);
    }

    fn read(&mut self, start: usize) -> Word {
        self.at = start;
        self.skip_word();
        let word = Word::read(self.origin, start, self.at);
        if let Some(base) = self.origin.base() {
            let commands = word.parts.iter().filter(|part| part.kind == PartKind::Command);
            for span in commands.map(|part| part.span) {
                let (start, end) =
                    (span.start.saturating_sub(base) as usize, span.end.saturating_sub(base) as usize);
                self.item.substitutions.push((start, end));
            }
        }
        word
    }

    fn word(&mut self) {
        let start = self.at;
        let word = self.read(start);
        let digits = word.static_prefix().bytes().all(|byte| byte.is_ascii_digit());
        if digits && self.at > start && matches!(self.byte(0), Some(b'<' | b'>')) {
            self.redirect(start);
        } else if !(self.item.words.is_empty() && KEYWORDS.iter().any(|keyword| word.is(keyword))) {
            self.item.words.push(word);
        }
    }

    /// At the operator of a redirection that begins at `start`.
    fn redirect(&mut self, start: usize) {
        let fd = self.origin.text.get(start..self.at).and_then(|digits| digits.parse().ok());
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        let (kind, len) = match rest {
            [b'<', b'<', b'<', ..] => (RedirectKind::HereString, 3),
            [b'<', b'<', b'-', ..] => (RedirectKind::HereDoc, 3),
            [b'<', b'<', ..] => (RedirectKind::HereDoc, 2),
            [b'&', b'>', b'>', ..] => (RedirectKind::AppendBoth, 3),
            [b'&', b'>', ..] => (RedirectKind::WriteBoth, 2),
            [b'>', b'>', ..] => (RedirectKind::Append, 2),
            [b'<' | b'>', b'&', ..] => (RedirectKind::Dup, 2),
            [b'<', b'>', ..] => (RedirectKind::ReadWrite, 2),
            [b'>', b'|', ..] => (RedirectKind::Write, 2),
            [b'<', ..] => (RedirectKind::Read, 1),
            _ => (RedirectKind::Write, 1),
        };
        let strip_tabs = rest.starts_with(b"<<-");
        self.at += len;
        while matches!(self.byte(0), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        let target_start = self.at;
        let target = self.read(target_start);
        let span = self.origin.span(start, self.at);
        let quoted = kind == RedirectKind::HereDoc && target.is_quoted();
        if kind == RedirectKind::HereDoc {
            let delimiter = target.static_prefix().to_owned();
            self.docs.push(Doc {
                item: self.items.len(),
                redirect: self.item.redirects.len(),
                delimiter,
                strip_tabs,
            });
        }
        let target = (self.at > target_start).then_some(target);
        self.item.redirects.push(Redirect { span, fd, kind, target, heredoc_body: None, quoted });
    }

    /// Behind a newline: skips the bodies of the here-documents begun on the line.
    fn skip_docs(&mut self) {
        for doc in std::mem::take(&mut self.docs) {
            let start = self.at;
            let mut end = self.at;
            while self.at < self.bytes.len() {
                let line_end = self.line_end(self.at);
                let line = self.origin.text.get(self.at..line_end).unwrap_or("");
                let line = if doc.strip_tabs { line.trim_start_matches('\t') } else { line };
                self.at = (line_end + 1).min(self.bytes.len());
                if line.trim_end() == doc.delimiter {
                    break;
                }
                end = self.at;
            }
            let body = self.origin.span(start, end);
            let item = self.items.get_mut(doc.item);
            if let Some(redirect) = item.and_then(|item| item.redirects.get_mut(doc.redirect)) {
                redirect.heredoc_body = Some(body);
            }
        }
    }

    /// Moves to the end of the word here, by one byte at least unless at the end or an operator.
    fn skip_word(&mut self) {
        while let Some(byte) = self.byte(0) {
            match (byte, self.byte(1)) {
                (b'<' | b'>', Some(b'(')) => self.at = skip::balanced(self.bytes, self.at + 2, b')'),
                (b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>', _) => break,
                (b'\\', _) => self.at = (self.at + 2).min(self.bytes.len()),
                (b'\'', _) => {
                    let rest = self.bytes.get(self.at + 1..).unwrap_or(&[]);
                    let close = rest.iter().position(|&byte| byte == b'\'');
                    self.at = close.map_or(self.bytes.len(), |n| self.at + n + 2);
                }
                (b'"' | b'`', _) => self.at = skip::balanced(self.bytes, self.at + 1, byte),
                (b'$', Some(b'(')) => self.at = skip::balanced(self.bytes, self.at + 2, b')'),
                (b'$', Some(b'{')) => self.at = skip::balanced(self.bytes, self.at + 2, b'}'),
                _ => self.at += 1,
            }
        }
        // Two bytes behind a backslash may end within a character.
        while !self.origin.text.is_char_boundary(self.at) {
            self.at += 1;
        }
    }
}

/// Adds the items as commands of `list`.
fn add(
    script: &mut Script,
    text: &str,
    items: Vec<Item>,
    list: usize,
    within: Within,
    pending: &mut Vec<Pending>,
) {
    let runs: Vec<usize> =
        items.chunk_by(|_, next| next.before.connector.is_pipe()).map(<[Item]>::len).collect();
    let mut items = items.into_iter();
    let mut index = 0;
    for length in runs {
        let pipeline = script.pipelines.len();
        let run: Vec<Item> = items.by_ref().take(length).collect();
        if length > 1 {
            let pipes = run.iter().skip(1).map(|item| item.before).collect();
            let span = run.first().map_or_else(Default::default, |item| item.before.span);
            script.pipelines.push(Pipeline { span, members: vec![None; length], pipes });
        }
        let first = script.commands.len();
        for (position, item) in run.into_iter().enumerate() {
            let place = Place {
                list,
                index,
                before: item.before,
                after: item.after,
                pipeline: (length > 1).then_some(Seat { pipeline, position, length }),
                background: item.after.is_some_and(|link| link.connector == Connector::Background),
                negated: false,
                within,
            };
            index += 1;
            let command =
                Command::new(Box::default(), item.words.into(), item.redirects.into(), place.clone());
            let command = script.push(command);
            for (start, end) in item.substitutions {
                let place = Some(place.clone());
                let root = Root { kind: ListKind::CommandSubstitution, place, owner: Some(command) };
                pending.push(Pending::substitution(text, start, end, root));
            }
        }
        if let (Some(first), Some(last)) = (script.commands.get(first), script.commands.last())
            && let Some(pipeline) = script.pipelines.get_mut(pipeline)
        {
            pipeline.span = first.span.to(last.span);
        }
    }
}

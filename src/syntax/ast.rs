use std::borrow::Cow;

use crate::text::{ShortText, Source, Span};

use super::directive::{Directive, DirectiveKind};
use super::error::{SyntaxError, SyntaxErrorKind};
use super::flags::Flag;
use super::heredoc::Heredoc;
use super::json::{self, Slip};
use super::keyword::Keyword;
use super::logical::Logical;
use super::mount::Mount;
use super::port::PortWord;
use super::word::{Escape, Word};

/// A Dockerfile.
#[derive(Debug, Clone)]
pub struct File {
    /// The text it was read from.
    pub source: Source,
    /// What the text consists of, in order and without a gap.
    pub items: Vec<Item>,
    /// The instructions in order; an [`ItemKind::Instruction`] is an index into this.
    pub instructions: Vec<Instruction>,
    /// The parser directives in order.
    pub directives: Vec<Directive>,
    /// The escape character.
    pub escape: Escape,
    /// All that BuildKit would refuse, in the order of the text.
    pub errors: Vec<SyntaxError>,
}

impl File {
    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.source.text()
    }

    /// The first directive of a kind.
    #[must_use]
    pub fn directive(&self, kind: DirectiveKind) -> Option<&Directive> {
        self.directives.iter().find(|d| d.kind == kind)
    }

    /// The faults of the instruction that `span` starts in.
    pub fn faults_around(&self, span: Span) -> impl Iterator<Item = &SyntaxError> {
        let at = self.instructions.partition_point(|i| i.span.end < span.start);
        let instruction = self.instructions.get(at).map_or(Span::at(0), |i| i.span);
        let first = self.errors.partition_point(|e| e.span.start < instruction.start);
        let behind = self.errors.iter().skip(first);
        let inside = behind.clone().take_while(move |e| e.span.start < instruction.end);
        // A line that is read as an instruction because this one starts no here-document.
        let starts_here =
            move |e: &&SyntaxError| e.related.is_some_and(|(span, _)| instruction.contains(span));
        let next = behind.skip_while(move |e| e.span.start < instruction.end).take(1).filter(starts_here);
        let inside = inside.chain(next);
        // These say nothing of the instruction itself.
        inside.filter(|e| !matches!(e.kind, SyntaxErrorKind::InvalidUtf8 | SyntaxErrorKind::MissingFrom))
    }

    /// The comment lines between the instruction before and instruction `index`, each from its `#` to
    /// its end, in order.
    pub fn comments_before(&self, index: usize) -> impl Iterator<Item = Span> + '_ {
        let item = self.instructions.get(index).map_or(0, |i| i.item);
        let first = self.items[..item]
            .iter()
            .rposition(|item| matches!(item.kind, ItemKind::Instruction(_)))
            .map_or(0, |i| i + 1);
        self.items[first..item]
            .iter()
            .filter(|item| item.kind == ItemKind::Comment)
            .flat_map(|item| self.comment_lines(item.span))
    }

    /// The lines of a [`ItemKind::Comment`], each from its `#` to its end without the line ending.
    pub fn comment_lines(&self, comment: Span) -> impl Iterator<Item = Span> + '_ {
        let mut at = comment.start as usize;
        comment.text(self.text()).split_inclusive('\n').map(move |line| {
            let start = at + line.len() - line.trim_start().len();
            at += line.len();
            Span::of(start..start.max(at - (line.len() - line.trim_end().len())))
        })
    }
}

/// A piece of the text, line endings included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// The bytes it covers.
    pub span: Span,
}

/// What an [`Item`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemKind {
    /// A byte order mark.
    Bom,
    /// A parser directive: an index into [`File::directives`].
    Directive(usize),
    /// Comment lines, one or more.
    Comment,
    /// Lines without anything, one or more.
    Blank,
    /// An instruction, with all its lines: an index into [`File::instructions`].
    Instruction(usize),
    /// What stands behind the last instruction that is read, to the end.
    Unread,
}

/// An instruction. One behind ONBUILD is read like any other, with [`Instruction::onbuild`] saying so: what
/// judges this build alone, and not those of the images that start from this one, asks
/// [`Instruction::is_trigger`].
#[derive(Debug, Clone)]
pub struct Instruction {
    /// From the first keyword to the last character, here-documents included.
    pub span: Span,
    /// First and last line, from 1, as BuildKit counts them.
    pub lines: (u32, u32),
    /// Index of its item in [`File::items`].
    pub item: usize,
    /// Where `ONBUILD` stands in front of it.
    pub onbuild: Option<Span>,
    /// Which one it is. [`Keyword::Onbuild`] only where that triggers nothing that it can.
    pub keyword: Keyword,
    /// Where the keyword stands.
    pub keyword_span: Span,
    /// The flags.
    pub flags: Vec<Flag>,
    /// What stands behind the flags, here-document bodies not included.
    pub arguments: Span,
    /// Its typed arguments.
    pub kind: Kind,
    /// Its here-documents, in order of their markers.
    pub heredocs: Vec<Heredoc>,
    /// The mounts of a RUN.
    pub mounts: Vec<Mount>,
    /// Empty lines inside its continuations.
    pub empty_continuations: Vec<Span>,
    /// Its text with continuations joined.
    pub logical: Logical,
    /// Where the arguments start in [`Instruction::logical`].
    pub(super) arguments_at: usize,
}

impl Instruction {
    /// Its line as people may see it: what comes from variables of the file that `source` stands in is as written there.
    #[must_use]
    pub fn shown(&self, source: &Source) -> Cow<'_, str> {
        let text = self.logical.text();
        let variables = source.variables_in(self.span);
        if variables.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut shown = String::with_capacity(text.len());
        let mut last = None;
        for (at, letter) in text.char_indices() {
            let place = self.logical.offset(at);
            let after = variables.partition_point(|(span, _)| span.start <= place);
            let number = after.checked_sub(1).filter(|number| place < variables[*number].0.end);
            match number {
                None => shown.push(letter),
                Some(number) if last != Some(number) => shown.push_str(&variables[number].1),
                Some(_) => {}
            }
            last = number;
        }
        Cow::Owned(shown)
    }

    /// The flag called `name`.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<&Flag> {
        self.flags.iter().find(|f| &*f.name == name)
    }

    /// The value of the flag called `name`.
    #[must_use]
    pub fn flag_value(&self, name: &str) -> Option<&str> {
        self.flag(name)?.value.as_deref()
    }

    /// The arguments with continuations joined.
    #[must_use]
    pub fn arguments_text(&self) -> &str {
        &self.logical.text()[self.arguments_at..]
    }

    /// What is meant as an array and is not valid JSON: how it is written, and the array as it should be.
    #[must_use]
    pub fn slipped_array(&self) -> Option<(Slip, String)> {
        let (slip, strings) = self.slipped_strings()?;
        let strings: Vec<String> = strings.iter().flat_map(serde_json::to_string).collect();
        Some((slip, format!("[{}]", strings.join(", "))))
    }

    /// The strings of that array.
    #[must_use]
    pub fn slipped_strings(&self) -> Option<(Slip, Vec<&str>)> {
        let text = self.arguments_text();
        let text = match self.kind {
            // Behind `CMD`.
            Kind::Healthcheck(_) => text.get(3..)?.trim_start(),
            _ => text,
        };
        let names_paths = matches!(
            self.kind,
            Kind::Volume(_) | Kind::Workdir(_) | Kind::User(_) | Kind::Copy(_) | Kind::Add(_)
        );
        json::slipped(text, names_paths)
    }

    /// The keyword as written, without the ONBUILD in front.
    #[must_use]
    pub fn keyword_text<'a>(&self, file: &'a File) -> &'a str {
        self.keyword_span.text(file.text())
    }

    /// Where its first keyword stands: `ONBUILD` if that is in front.
    #[must_use]
    pub fn first_keyword(&self) -> Span {
        self.onbuild.unwrap_or(self.keyword_span)
    }

    /// True behind ONBUILD: it does not run in this build, but first in those that start from the image.
    #[must_use]
    pub const fn is_trigger(&self) -> bool {
        self.onbuild.is_some()
    }
}

/// The typed arguments of an instruction. What is missing is `None` or empty.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "each is the instruction of that name")]
pub enum Kind {
    Add(Transfer),
    Arg(Vec<ArgDecl>),
    Cmd(CommandForm),
    Copy(Transfer),
    Entrypoint(CommandForm),
    Env(Vec<Pair>),
    Expose(Vec<PortWord>),
    From(From),
    Healthcheck(Healthcheck),
    Label(Vec<Pair>),
    Maintainer(Option<Word>),
    Run(CommandForm),
    Shell(Option<ExecForm>),
    Stopsignal(Option<Word>),
    User(Option<Word>),
    Volume(Vec<Word>),
    Workdir(Option<Word>),
    /// None that is known, or an ONBUILD that triggers nothing that it can.
    Unknown,
}

/// `FROM image AS name`.
#[derive(Debug, Clone)]
pub struct From {
    /// The image, or the stage.
    pub image: Option<Word>,
    /// The stage's name.
    pub alias: Option<Alias>,
}

/// `AS name`.
#[derive(Debug, Clone)]
pub struct Alias {
    /// Where `AS` stands.
    pub keyword: Span,
    /// The name as written; BuildKit takes it in lower case.
    pub name: Word,
}

/// A `key=value` of ENV or LABEL.
#[derive(Debug, Clone)]
pub struct Pair {
    /// The key.
    pub key: Word,
    /// The value; `None` where it is missing.
    pub value: Option<Word>,
    /// Key and value.
    pub span: Span,
    /// True for the old form with a blank between key and value.
    pub legacy: bool,
}

/// A variable that ARG declares.
#[derive(Debug, Clone)]
pub struct ArgDecl {
    /// The name.
    pub name: Word,
    /// The default value.
    pub default: Option<Word>,
    /// Name and default.
    pub span: Span,
}

/// What RUN, CMD, ENTRYPOINT and HEALTHCHECK CMD run.
#[derive(Debug, Clone)]
pub enum CommandForm {
    /// A script for the shell; where it stands, here-document bodies not included.
    Shell(Span),
    /// A JSON array: program and arguments.
    Exec(ExecForm),
    /// Nothing.
    Empty,
}

/// A JSON array of strings.
#[derive(Debug, Clone)]
pub struct ExecForm {
    /// Its strings.
    pub items: Vec<ExecItem>,
}

/// A string of an [`ExecForm`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecItem {
    /// What stands between the quotes.
    pub span: Span,
    /// The value.
    pub value: ShortText,
    /// True if the value is just what the span covers.
    pub exact: bool,
}

/// HEALTHCHECK.
#[derive(Debug, Clone)]
pub enum Healthcheck {
    /// `NONE`.
    None,
    /// `CMD …`.
    Cmd(CommandForm),
    /// Neither.
    Invalid,
}

/// The arguments of COPY and ADD.
#[derive(Debug, Clone)]
pub struct Transfer {
    /// What is copied.
    pub sources: Vec<TransferSource>,
    /// Where to.
    pub destination: Option<Word>,
    /// True for the JSON form.
    pub json: bool,
}

impl Transfer {
    /// The sources that are paths or URLs.
    pub fn paths(&self) -> impl Iterator<Item = &Word> {
        self.sources.iter().filter_map(|s| match s {
            TransferSource::Path(word) => Some(word),
            TransferSource::Heredoc => None,
        })
    }
}

/// A source of COPY or ADD.
#[derive(Debug, Clone)]
pub enum TransferSource {
    /// A path, pattern or URL.
    Path(Word),
    /// A here-document: one of [`Instruction::heredocs`].
    Heredoc,
}

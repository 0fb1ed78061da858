use super::word::Word;
use super::wrappers::{Wrapper, base_name};
use crate::text::{ShortText, Span};

/// One simple command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// From the first assignment, word or redirection to the last; here-document bodies excluded.
    pub span: Span,
    /// `NAME=value` before the name.
    pub assignments: Box<[Assignment]>,
    /// The words as written; the first is the name. Empty if there are only assignments or redirections.
    pub words: Box<[Word]>,
    /// The redirections in source order.
    pub redirects: Box<[Redirect]>,
    /// Where in the script it stands.
    pub place: Place,
    pub(super) effective: Effective,
}

/// Which word names the command that really runs, see [`Command::effective`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Effective {
    /// Index into [`Command::words`] of the name behind all wrappers.
    pub name_index: usize,
    /// The wrappers peeled off, outermost first.
    pub wrappers: Box<[Wrapper]>,
}

impl Command {
    /// The name as written, after quote removal, if it is fixed text.
    #[cfg(test)]
    pub fn name(&self) -> Option<std::borrow::Cow<'_, str>> {
        self.words.first().and_then(Word::literal)
    }

    /// The name behind `sudo`, `env`, `exec`, `xargs` and the like.
    #[must_use]
    pub const fn effective(&self) -> &Effective {
        &self.effective
    }

    /// The base name of the command that really runs: `apt-get` for `sudo -E /usr/bin/apt-get update`.
    #[must_use]
    pub fn program(&self) -> Option<&str> {
        let name = self.program_word()?.as_str()?;
        Some(base_name(name))
    }

    /// The word that names the command that really runs.
    #[must_use]
    pub fn program_word(&self) -> Option<&Word> {
        self.words.get(self.effective.name_index)
    }

    /// The words behind the name of the command that really runs.
    #[must_use]
    pub fn arguments(&self) -> &[Word] {
        self.words.get(self.effective.name_index + 1..).unwrap_or(&[])
    }

    /// True if it runs behind the wrapper `name`, as `sudo`.
    #[must_use]
    pub fn is_wrapped_by(&self, name: &str) -> bool {
        self.effective.wrappers.iter().any(|wrapper| wrapper.name == name)
    }
}

/// `NAME=value` before a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The variable.
    pub name: ShortText,
    /// All of it.
    pub span: Span,
    /// The value; none for an array.
    pub value: Option<Word>,
    /// True for `NAME+=value`.
    pub append: bool,
}

/// A redirection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// From the file descriptor to the target, without the body of a here-document.
    pub span: Span,
    /// The file descriptor as written before the operator.
    pub fd: Option<u32>,
    /// What it does.
    pub kind: RedirectKind,
    /// The file, the descriptor (`1` in `2>&1`), the string, or the delimiter of a here-document.
    pub target: Option<Word>,
    /// The lines of a here-document, without the line of the delimiter.
    pub heredoc_body: Option<Span>,
    /// True for a here-document whose delimiter is quoted: nothing in it is expanded.
    pub quoted: bool,
}

/// The kinds of [`Redirect`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RedirectKind {
    /// `<`
    Read,
    /// `>` and `>|`
    Write,
    /// `>>`
    Append,
    /// `<>`
    ReadWrite,
    /// `&>`
    WriteBoth,
    /// `&>>`
    AppendBoth,
    /// `<<` and `<<-`
    HereDoc,
    /// `<<<`
    HereString,
    /// `>&` and `<&`
    Dup,
}

/// How a command or list follows what stands before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Connector {
    /// The first of its list.
    Start,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `;` or a newline.
    Seq,
    /// `|`
    Pipe,
    /// `|&`
    PipeBoth,
    /// `&`
    Background,
}

impl Connector {
    /// True for `|` and `|&`.
    #[must_use]
    pub const fn is_pipe(self) -> bool {
        matches!(self, Self::Pipe | Self::PipeBoth)
    }
}

/// A connector and the place of its token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Which one.
    pub connector: Connector,
    /// The token; empty for [`Connector::Start`].
    pub span: Span,
}

/// Where a command, or a compound command, stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Index into [`super::Script::lists`] of the list it is an item of.
    pub list: usize,
    /// Its number among the items of that list, from 0; compound commands count as one item.
    pub index: usize,
    /// What joins it to the item before.
    pub before: Link,
    /// What joins it to the next item, or ends it.
    pub after: Option<Link>,
    /// Its seat in a pipeline of two or more.
    pub pipeline: Option<Seat>,
    /// True if it, or the chain it is in, ends with `&`.
    pub background: bool,
    /// True behind `!`.
    pub negated: bool,
    /// What encloses it, at any depth.
    pub within: Within,
}

impl Place {
    /// The first item of `list`, at `span`.
    pub(super) const fn start(list: usize, span: Span, within: Within) -> Self {
        Self {
            list,
            index: 0,
            before: Link { connector: Connector::Start, span: Span::at(span.start) },
            after: None,
            pipeline: None,
            background: false,
            negated: false,
            within,
        }
    }
}

/// A position in a pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat {
    /// Index into [`super::Script::pipelines`].
    pub pipeline: usize,
    /// From 0.
    pub position: usize,
    /// The number of members.
    pub length: usize,
}

impl Seat {
    /// True for the last member, whose status is that of the pipeline unless `pipefail` is set.
    #[must_use]
    pub const fn is_last(self) -> bool {
        self.position + 1 == self.length
    }
}

/// What a command stands in, at any depth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Within {
    /// `( )`
    pub subshell: bool,
    /// `$( )`, backticks, `<( )`
    pub substitution: bool,
    /// The condition of `if`, `while` or `until`.
    pub condition: bool,
    /// A branch of `if` or an arm of `case`.
    pub branch: bool,
    /// The body (or condition) of a loop.
    pub repeated: bool,
    /// The body of a function.
    pub function: bool,
    /// The script that `sh -c '…'` or `sh <<EOF` runs.
    pub shell_string: bool,
}

/// A sequence of items, as the whole script, the body of a loop, the content of `( )`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// What kind of sequence.
    pub kind: ListKind,
    /// From its first item to its last, or the whole compound command.
    pub span: Span,
    /// Where the compound command or the owning command stands; none for the script.
    pub place: Option<Place>,
    /// Index of the command of whose words or redirections it is a part (`$( )`, `sh -c`).
    pub owner: Option<usize>,
    /// The redirections of the compound command.
    pub redirects: Box<[Redirect]>,
    /// The number of its items.
    pub len: usize,
}

/// The kinds of [`List`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ListKind {
    /// The whole script.
    Script,
    /// `( )`
    Subshell,
    /// `{ }`
    Group,
    /// `$( )`
    CommandSubstitution,
    /// Backticks.
    Backticks,
    /// `<( )`, `>( )`
    ProcessSubstitution,
    /// The condition of `if` or `elif`.
    Condition,
    /// The condition of `while` or `until`.
    LoopCondition,
    /// Behind `then` or `else`.
    Branch,
    /// The body of a loop.
    Loop,
    /// An arm of `case`.
    CaseArm,
    /// The body of a function.
    Function,
    /// The script of `sh -c` or `sh <<EOF`.
    ShellString,
}

/// Two or more items joined by `|`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pipeline {
    /// From the first member to the last.
    pub span: Span,
    /// The members: the index of the command, none for a compound command.
    pub members: Vec<Option<usize>>,
    /// The tokens between them, one less than members.
    pub pipes: Vec<Link>,
}

/// The definition of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: ShortText,
    /// The definition.
    pub span: Span,
}

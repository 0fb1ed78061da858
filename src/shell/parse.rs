use shuck_parser::parser::{ParseResult, Parser};

use super::command::{Command, Function, List, ListKind, Pipeline};
use super::lower::{Pending, Root, lower};
use super::origin::{Origin, Where};
use super::{fallback, grammar, nested};
use crate::text::{Arrange, Span};

/// Longer scripts are opaque: 1 MiB, ten times the longest line a kernel lets `sh -c` take.
pub const MAX_SCRIPT_BYTES: usize = 1 << 20;

/// A script with more substitutions is opaque: each is a list, a command and a word, some 800 bytes.
pub const MAX_SUBSTITUTIONS: usize = 100_000;

/// In a longer script commands are counted before room is made for them.
const LONG_BYTES: usize = 1 << 16;

/// The language of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// A POSIX shell, as dash and busybox.
    Posix,
    /// Bash.
    Bash,
    /// Windows PowerShell or `pwsh`: not parsed.
    PowerShell,
    /// The Windows command processor: not parsed.
    Cmd,
    /// Something else: not parsed.
    Unknown,
}

/// A parsed script. Its commands stand in source order, those of substitutions, subshells, compound
/// commands, functions and `sh -c '…'` included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// The language it was said to be in.
    pub dialect: Dialect,
    /// The simple commands in the order of their first byte.
    pub commands: Vec<Command>,
    /// The sequences they stand in; the first is the script.
    pub lists: Vec<List>,
    /// The pipelines of two or more.
    pub pipelines: Vec<Pipeline>,
    /// The functions it defines.
    pub functions: Vec<Function>,
    /// Why it, or a part of it, could not be parsed.
    pub error: Option<ShellError>,
    /// True if nothing is known of it: another language, or too long.
    pub opaque: bool,
    /// True if a part could not be parsed and was split at unquoted operators only: commands are found,
    /// compound commands are not.
    pub approximate: bool,
}

/// Why a script could not be parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellError {
    /// Where the parser stopped.
    pub span: Span,
    /// What it says, one line.
    pub message: String,
}

/// Parses `text`, which lies at offset `base` of the file; all spans are offsets of the file.
///
/// `text` must be blanked: what is not script (keyword, flags, comments in a continuation) is spaces. Any
/// text is accepted; what cannot be parsed is said in [`Script::error`].
#[must_use]
pub fn parse(text: &str, base: u32, dialect: Dialect) -> Script {
    let mut script = Script::new(dialect);
    let origin = Origin { text, place: Where::At(base) };
    if !matches!(dialect, Dialect::Posix | Dialect::Bash) {
        script.opaque = true;
    } else if text.len() > MAX_SCRIPT_BYTES {
        script.opaque = true;
        let message = format!("the script is longer than {MAX_SCRIPT_BYTES} bytes");
        script.error = Some(ShellError { span: origin.span(0, text.len()), message });
    } else if has_more_substitutions(text, MAX_SUBSTITUTIONS) {
        script.opaque = true;
        let message = format!("the script has more than {MAX_SUBSTITUTIONS} substitutions");
        script.error = Some(ShellError { span: origin.span(0, text.len()), message });
    } else {
        let root = Root { kind: ListKind::Script, place: None, owner: None };
        nested::parse_all(&mut script, origin, root);
        script.sort();
    }
    script.shrink();
    script
}

impl Script {
    /// A script without anything in it.
    pub(super) const fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            commands: Vec::new(),
            lists: Vec::new(),
            pipelines: Vec::new(),
            functions: Vec::new(),
            error: None,
            opaque: false,
            approximate: false,
        }
    }

    /// Parses one text into this script; what is left to parse on its own is added to `pending`.
    pub(super) fn add(&mut self, origin: Origin<'_>, root: Root, pending: &mut Vec<Pending>) {
        match grammar::read(origin) {
            Some(items) => {
                if origin.text.len() > LONG_BYTES {
                    grammar::reserve(self, &items);
                }
                grammar::add(self, items, root, origin.span(0, origin.text.len()));
            }
            None => self.add_any(origin, root, pending),
        }
    }

    /// Like [`Script::add`], by `shuck`.
    pub(super) fn add_any(&mut self, origin: Origin<'_>, root: Root, pending: &mut Vec<Pending>) {
        let error = if let Some(message) = too_much(origin.text) {
            ShellError { span: origin.span(0, origin.text.len()), message: message.to_owned() }
        } else {
            let result = Parser::new(origin.text).parse();
            if result.is_ok() {
                lower(self, origin, &result.file, root, pending);
                return;
            }
            shell_error(&result, origin)
        };
        self.approximate = true;
        self.error.get_or_insert(error);
        fallback::split(self, origin, root, pending);
    }

    /// Adds a command and says its index.
    pub(super) fn push(&mut self, command: Command) -> usize {
        let index = self.commands.len();
        if let Some(seat) = command.place.pipeline
            && let Some(pipeline) = self.pipelines.get_mut(seat.pipeline)
            && let Some(member) = pipeline.members.get_mut(seat.position)
        {
            *member = Some(index);
        }
        self.commands.push(command);
        index
    }

    /// Gives back the room for commands that did not come: most scripts are short, and many.
    fn shrink(&mut self) {
        self.commands.shrink_to_fit();
        self.lists.shrink_to_fit();
        self.pipelines.shrink_to_fit();
    }

    /// Brings the commands into source order: texts parsed on their own come last.
    pub(super) fn sort(&mut self) {
        if self.commands.is_sorted_by_key(|command| command.span.start) {
            return;
        }
        let mut order: Vec<usize> = (0..self.commands.len()).collect();
        order.arrange_by_key(|&index| self.commands.get(index).map(|command| command.span.start));
        let mut moved = vec![0; order.len()];
        for (new, &old) in order.iter().enumerate() {
            if let Some(slot) = moved.get_mut(old) {
                *slot = new;
            }
        }
        let new_index = |index: &mut usize| *index = moved.get(*index).copied().unwrap_or(*index);
        self.commands.arrange_by_key(|command| command.span.start);
        self.lists.iter_mut().filter_map(|list| list.owner.as_mut()).for_each(new_index);
        for pipeline in &mut self.pipelines {
            pipeline.members.iter_mut().flatten().for_each(new_index);
        }
    }
}

/// More open braces than this are not handed to `shuck`: it reads them again at each level.
const MAX_BRACES: usize = 48;
/// More open parentheses than this are not handed to it either: each level takes some of its stack.
const MAX_PARENS: usize = 32;
/// In a longer text even two are too many: it takes seconds and hundreds of MiB for 1 MiB of them.
const MAX_NESTED_BYTES: usize = 1 << 17;
/// More `time` in a row than this is not handed to `shuck`: it recurses at each without a limit.
const MAX_TIMES: usize = 32;

/// More here-documents and here-strings than this are not handed to `shuck`: it reads the rest of the line
/// again for each.
const MAX_DOCUMENTS: usize = 100;

/// More `$( )` than this are not handed to `shuck`: those of one word take time by the square of their number.
const MAX_WORD_SUBSTITUTIONS: usize = 500;

/// Says what `shuck` 0.2.8 does not bound itself: braces, here-documents and substitutions (quadratic and worse)
/// and `time time time …` (the stack). All other nesting it ends with an error, within a stack of 2 MiB.
fn too_much(text: &str) -> Option<&'static str> {
    if text.matches("<<").nth(MAX_DOCUMENTS).is_some() {
        return Some("too many here-documents");
    }
    if text.matches("$(").nth(MAX_WORD_SUBSTITUTIONS).is_some() {
        return Some("too many substitutions");
    }
    nests_too_deep(text).then_some("nested too deep")
}

/// True if a text has more than `most` places that look like the start of `$( )`, backticks or `<( )`.
fn has_more_substitutions(text: &str, most: usize) -> bool {
    // Each takes three bytes at least.
    let backticks = || text.matches('`').count() / 2;
    text.len() > 3 * most && text.matches("$(").count() + text.matches("<(").count() + backticks() > most
}

fn nests_too_deep(text: &str) -> bool {
    let (mut depth, mut parens) = (0_usize, 0_usize);
    let most = if text.len() > MAX_NESTED_BYTES { 1 } else { MAX_PARENS };
    for byte in text.bytes() {
        match byte {
            b'{' if depth == MAX_BRACES => return true,
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            b'(' if parens == most => return true,
            b'(' => parens += 1,
            b')' => parens = parens.saturating_sub(1),
            _ => {}
        }
    }
    if text.matches("time").nth(MAX_TIMES).is_none() {
        return false;
    }
    let mut row = 0;
    text.split_ascii_whitespace().any(|word| {
        match word {
            "time" => row += 1,
            "!" | "\\" => {}
            _ if word.starts_with('-') => {}
            _ => row = 0,
        }
        row > MAX_TIMES
    })
}

fn shell_error(result: &ParseResult, origin: Origin<'_>) -> ShellError {
    if let Some(diagnostic) = result.diagnostics.first() {
        let (start, end) = (diagnostic.span.start.offset(), diagnostic.span.end.offset());
        return ShellError { span: origin.span(start, end), message: diagnostic.message.clone() };
    }
    let shuck_parser::Error::Parse { message, line, column } = result.strict_error();
    let start: usize = origin.text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let line_text = origin.text.get(start..).unwrap_or("");
    let at = line_text.char_indices().nth(column.saturating_sub(1)).map_or(line_text.len(), |(at, _)| at);
    ShellError { span: origin.span(start + at, start + at), message }
}

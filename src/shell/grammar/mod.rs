//! Reads scripts by the grammar of POSIX shells and Bash, in one pass and without `shuck`.
//!
//! A recursive-descent parser: [`lists`] joins commands by operators, [`compound`] reads `if`, loops,
//! `case`, groups and functions, [`simple`] one command with its redirections, [`words`] finds where a
//! word ends, [`scanner`] skips what stands between. [`add`] brings what was read into a [`Script`].
//!
//! Whatever is rare, unclear or may be an error ends the attempt with `None`: then `shuck` reads it all,
//! with the same result for what both accept, and says what is wrong with the rest.
//!
//! [`Script`]: super::Script

mod add;
mod compound;
mod conditional;
mod lists;
mod scanner;
mod simple;
mod words;

pub(super) use add::{add, reserve};

use super::command::{Assignment, Function, Link, ListKind, Redirect};
use super::origin::Origin;
use super::word::Word;
use crate::text::Span;

/// Compound commands and substitutions are read to this depth in total, which bounds the recursion.
const MAX_DEPTH: usize = 24;

/// The items of one list, in no [`super::Script`] yet.
pub(super) type Items = Vec<Item>;

/// A simple or compound command, and what joins it to its neighbours.
pub(super) struct Item {
    before: Link,
    after: Option<Link>,
    /// Behind `!`.
    negated: bool,
    /// The chain it is in ends with `&`.
    background: bool,
    node: Node,
}

enum Node {
    Simple(Simple),
    Compound(Box<Compound>),
    Function(Box<Definition>),
}

/// A simple command, or a `[[ … ]]`.
#[derive(Default)]
struct Simple {
    assignments: Vec<Assignment>,
    words: Vec<Word>,
    redirects: Vec<Redirect>,
    /// Those in its assignments and words.
    substitutions: Vec<Substitution>,
    /// Those in its redirections.
    redirected: Vec<Substitution>,
}

/// A `$( )`, backticks or `<( )`.
struct Substitution {
    kind: ListKind,
    span: Span,
    items: Items,
}

/// A group, an `if`, a loop or a `case`.
struct Compound {
    /// Without the redirections.
    span: Span,
    /// Its conditions, branches, bodies or arms in source order.
    lists: Vec<(ListKind, Items)>,
    /// Those in the words of `for` and `case`.
    substitutions: Vec<Substitution>,
    redirects: Vec<Redirect>,
}

struct Definition {
    function: Function,
    /// A group or a subshell.
    body: Compound,
}

/// Reads all of `origin`.
pub(super) fn read(origin: Origin<'_>) -> Option<Items> {
    let mut parser = Parser {
        origin,
        bytes: origin.text.as_bytes(),
        at: 0,
        depth: 0,
        words: Vec::new(),
        substitutions: Vec::new(),
        bodies: None,
    };
    let items = parser.list()?;
    (parser.at == parser.bytes.len() && parser.bodies.is_none()).then_some(items)
}

struct Parser<'a> {
    origin: Origin<'a>,
    /// The text, up to the end of what is being read: backticks end where the next one stands.
    bytes: &'a [u8],
    at: usize,
    /// The number of compound commands and substitutions that are open.
    depth: usize,
    /// The words of the commands that are being read, those of outer commands first.
    words: Vec<Word>,
    /// Those found in words since someone took them.
    substitutions: Vec<Substitution>,
    /// The bodies of here-documents that begin behind this line.
    bodies: Option<Bodies>,
}

/// The bodies of the here-documents that are announced in one line.
#[derive(Clone, Copy)]
struct Bodies {
    /// Where the newline is that they follow.
    newline: usize,
    /// Where the line begins that follows them.
    end: usize,
}

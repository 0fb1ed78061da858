//! Holds a fixed Dockerfile against the one before: outside of the edits, nothing may have changed.

use std::collections::HashMap;
use std::fmt;

use crate::syntax::{File, Heredoc, Instruction, Keyword, SyntaxErrorKind};
use crate::text::{Edit, EditError, Span};

/// Why a fix was not applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Its edits cannot be applied.
    Edit(EditError),
    /// It changes nothing.
    NoChange,
    /// It changes an instruction that it does not edit; the line of that instruction, from 1.
    Changes(u32),
    /// It makes one instruction into several, or none; the line of that instruction, from 1.
    Splits(u32),
    /// It changes a parser directive that it does not edit.
    Directives,
    /// It brings a new syntax error.
    SyntaxError(String),
    /// What it makes of an instruction is refused by a further check.
    Check(String),
    /// So many fixes were refused that the rest was not tried.
    TooMany,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Edit(error) => error.fmt(f),
            Self::NoChange => f.write_str("it changes nothing"),
            Self::Changes(line) => write!(f, "it would change the instruction in line {line}"),
            Self::Splits(line) => write!(f, "it would break up the instruction in line {line}"),
            Self::Directives => f.write_str("it would change a parser directive"),
            Self::SyntaxError(message) => write!(f, "the fix would introduce a syntax error: {message}"),
            Self::Check(message) => f.write_str(message),
            Self::TooMany => f.write_str("too many fixes were refused before it"),
        }
    }
}

/// How edits meet an instruction.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Contact {
    None,
    /// An edit ends or starts where the instruction starts or ends.
    Border,
    /// All edits lie inside of it.
    Inside,
    /// An edit covers it, or reaches beyond it.
    Across,
}

/// Where offsets go to when `edits` are applied; they are sorted and do not overlap.
struct Shift<'a> {
    edits: &'a [Edit],
    /// What the first n edits add.
    added: Vec<i64>,
}

impl<'a> Shift<'a> {
    fn new(edits: &'a [Edit]) -> Self {
        let mut added = vec![0];
        let mut sum = 0;
        for edit in edits {
            sum += i64::try_from(edit.text.len()).unwrap_or(i64::MAX) - i64::from(edit.span.len());
            added.push(sum);
        }
        Self { edits, added }
    }

    fn moved(&self, offset: u32, edits_before: usize) -> u32 {
        let added = self.added.get(edits_before).copied().unwrap_or(0);
        u32::try_from(i64::from(offset) + added).unwrap_or(0)
    }

    /// Where what starts at `offset` starts: behind what is inserted there.
    fn start(&self, offset: u32) -> u32 {
        self.moved(offset, self.edits.partition_point(|e| e.span.end <= offset))
    }

    /// Where what ends at `offset` ends: before what is inserted there.
    fn end(&self, offset: u32) -> u32 {
        self.moved(offset, self.edits.partition_point(|e| e.span.end <= offset && e.span.start < offset))
    }

    /// The edits that touch `span`.
    fn touching(&self, span: Span) -> &'a [Edit] {
        let first = self.edits.partition_point(|e| e.span.end < span.start);
        let last = self.edits.partition_point(|e| e.span.start <= span.end);
        self.edits.get(first..last).unwrap_or_default()
    }
}

fn contact(span: Span, edits: &[Edit]) -> Contact {
    let one = |edit: &Edit| {
        let e = edit.span;
        if e.end <= span.start || e.start >= span.end {
            Contact::Border
        } else if span.contains(e) && e != span {
            Contact::Inside
        } else {
            Contact::Across
        }
    };
    edits.iter().map(one).max().unwrap_or(Contact::None)
}

/// Compares `new`, which is `old` after `edits` (sorted, not overlapping), with `old`. Gives the
/// indices of the instructions of `new` that the edits made.
pub(super) fn verify(old: &File, new: &File, edits: &[Edit]) -> Result<Vec<usize>, Refusal> {
    let shift = Shift::new(edits);
    directives(old, new, &shift)?;
    let mut kept = vec![false; new.instructions.len()];
    let first_at = |offset: u32| new.instructions.partition_point(|i| i.span.start < offset);
    for before in &old.instructions {
        let touching = shift.touching(before.span);
        let contact = contact(before.span, touching);
        let (start, end) = (shift.start(before.span.start), shift.end(before.span.end));
        let index = first_at(start);
        let after = new.instructions.get(index).filter(|i| i.span.start == start);
        if contact <= Contact::Border {
            let same = after.is_some_and(|after| after.span.end == end && same(old, before, new, after));
            if same {
                if let Some(slot) = kept.get_mut(index) {
                    *slot = true;
                }
                continue;
            }
            if contact == Contact::None {
                return Err(Refusal::Changes(before.lines.0));
            }
        }
        if contact == Contact::Inside {
            let lines: usize = touching.iter().map(|e| e.text.matches('\n').count()).sum();
            let count = first_at(end.max(start + 1)).saturating_sub(index);
            if after.is_none() || count > 1 + lines {
                return Err(Refusal::Splits(before.lines.0));
            }
        }
    }
    errors(old, new)?;
    let edited: Vec<usize> = (0..kept.len()).filter(|&i| kept.get(i) == Some(&false)).collect();
    let unknown = |file: &File| file.instructions.iter().filter(|i| i.keyword == Keyword::Unknown).count();
    if unknown(new) > unknown(old) {
        return Err(Refusal::SyntaxError("there is no such instruction".to_owned()));
    }
    Ok(edited)
}

fn directives(old: &File, new: &File, shift: &Shift<'_>) -> Result<(), Refusal> {
    let same = old.escape == new.escape
        && old.directives.iter().all(|before| {
            contact(before.span, shift.touching(before.span)) > Contact::Border
                || new.directives.iter().any(|after| {
                    after.span.start == shift.start(before.span.start)
                        && after.kind == before.kind
                        && after.value == before.value
                })
        });
    if same { Ok(()) } else { Err(Refusal::Directives) }
}

/// No kind of error may be more frequent than before.
fn errors(old: &File, new: &File) -> Result<(), Refusal> {
    let mut counts: HashMap<(SyntaxErrorKind, &str), usize> = HashMap::new();
    for error in &old.errors {
        *counts.entry((error.kind, &error.message)).or_default() += 1;
    }
    for error in &new.errors {
        match counts.get_mut(&(error.kind, error.message.as_str())) {
            Some(n) if *n > 0 => *n -= 1,
            _ => return Err(Refusal::SyntaxError(error.message.clone())),
        }
    }
    Ok(())
}

/// True if two instructions mean the same, wherever they stand.
fn same(old: &File, a: &Instruction, new: &File, b: &Instruction) -> bool {
    let flags =
        |i: &Instruction| i.flags.iter().map(|f| (f.name.clone(), f.value.clone())).collect::<Vec<_>>();
    let heredocs = |x: &Heredoc, y: &Heredoc| {
        (&x.name, x.chomp, x.expand, x.terminator.is_some())
            == (&y.name, y.chomp, y.expand, y.terminator.is_some())
            && old.source.bytes().get(x.body.range()) == new.source.bytes().get(y.body.range())
    };
    a.keyword == b.keyword
        && a.is_trigger() == b.is_trigger()
        && flags(a) == flags(b)
        && a.arguments_text() == b.arguments_text()
        && a.heredocs.len() == b.heredocs.len()
        && a.heredocs.iter().zip(&b.heredocs).all(|(x, y)| heredocs(x, y))
}

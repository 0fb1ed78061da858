//! Brings what was read into a [`Script`], whose lists, pipelines and commands are flat.

use std::collections::VecDeque;

use super::{Compound, Definition, Item, Items, Node, Simple, Substitution};
use crate::shell::Script;
use crate::shell::command::{Command, List, ListKind, Pipeline, Place, Redirect, Seat, Within};
use crate::shell::lower::{Root, enter};
use crate::text::Span;

/// A list of more items gives back the room of those that were added.
const MANY: usize = 4096;

/// Makes room in `script` for just what is in `items`: where all are substitutions, room that doubles takes far more.
pub(in crate::shell) fn reserve(script: &mut Script, items: &Items) {
    let mut counts = Counts::default();
    counts.add(items);
    script.commands.reserve_exact(counts.commands);
    script.lists.reserve_exact(counts.lists);
}

#[derive(Default)]
struct Counts {
    commands: usize,
    lists: usize,
}

impl Counts {
    /// Adds a list.
    fn add(&mut self, items: &Items) {
        self.lists += 1;
        for item in items {
            match &item.node {
                Node::Simple(simple) => {
                    self.commands += 1;
                    self.substitutions(&simple.substitutions);
                    self.substitutions(&simple.redirected);
                }
                Node::Compound(compound) => self.compound(compound),
                Node::Function(definition) => self.compound(&definition.body),
            }
        }
    }

    fn compound(&mut self, compound: &Compound) {
        self.substitutions(&compound.substitutions);
        compound.lists.iter().for_each(|(_, items)| self.add(items));
    }

    fn substitutions(&mut self, substitutions: &[Substitution]) {
        substitutions.iter().for_each(|substitution| self.add(&substitution.items));
    }
}

/// Adds `items` to `script` as the list at `span`.
pub(in crate::shell) fn add(script: &mut Script, items: Items, root: Root, span: Span) {
    let Root { kind, place, owner } = root;
    List { kind, span, place, owner, redirects: Box::default(), len: 0 }.add(script, items);
}

impl List {
    fn add(mut self, script: &mut Script, items: Items) {
        let list = script.lists.len();
        let within = enter(self.place.as_ref().map_or_else(Within::default, |place| place.within), self.kind);
        let owner = self.owner;
        self.len = items.len();
        if script.lists.is_empty() {
            // Most scripts are one list of simple commands.
            script.lists.reserve_exact(1);
            script.commands.reserve_exact(items.len());
        }
        script.lists.push(self);
        let mut pipelines = Pipelines::reserve(script, &items);
        let mut items = VecDeque::from(items);
        for index in 0.. {
            let Some(item) = items.pop_front() else { break };
            // Of a very long list not all is kept twice.
            if items.capacity() > MANY && items.len() < items.capacity() / 2 {
                items.shrink_to_fit();
            }
            let place = Place {
                list,
                index,
                before: item.before,
                after: item.after,
                pipeline: pipelines.seat(&item),
                background: item.background,
                negated: item.negated,
                within,
            };
            let seat = place.pipeline;
            let span = item.node.add(script, place, owner);
            if let Some(seat) = seat
                && let Some(pipeline) = script.pipelines.get_mut(seat.pipeline)
            {
                pipeline.span = if seat.position == 0 { span } else { pipeline.span.to(span) };
            }
        }
    }
}

/// Deals out the seats of the pipelines of a list.
struct Pipelines {
    /// The number of the next one.
    next: usize,
    /// The seat of the item before.
    last: Option<Seat>,
    lengths: std::vec::IntoIter<usize>,
}

impl Pipelines {
    /// Adds the pipelines of a list to the script, for their numbers come before those of inner lists.
    fn reserve(script: &mut Script, items: &[Item]) -> Self {
        let next = script.pipelines.len();
        let mut lengths = Vec::new();
        if items.iter().any(|item| item.before.connector.is_pipe()) {
            for run in items.chunk_by(|_, next| next.before.connector.is_pipe()) {
                if run.len() > 1 {
                    lengths.push(run.len());
                    script.pipelines.push(Pipeline {
                        span: Span::default(),
                        members: vec![None; run.len()],
                        pipes: run.iter().skip(1).map(|item| item.before).collect(),
                    });
                }
            }
        }
        Self { next, last: None, lengths: lengths.into_iter() }
    }

    fn seat(&mut self, item: &Item) -> Option<Seat> {
        let starts = item.after.is_some_and(|link| link.connector.is_pipe());
        self.last = match self.last {
            Some(seat) if !seat.is_last() => Some(Seat { position: seat.position + 1, ..seat }),
            _ if starts => {
                let pipeline = self.next;
                self.next += 1;
                self.lengths.next().map(|length| Seat { pipeline, position: 0, length })
            }
            _ => None,
        };
        self.last
    }
}

impl Node {
    /// Adds it and says where it lies, redirections included.
    fn add(self, script: &mut Script, place: Place, owner: Option<usize>) -> Span {
        match self {
            Self::Simple(simple) => simple.add(script, place),
            Self::Compound(compound) => compound.add(script, place, owner),
            Self::Function(definition) => definition.add(script, place, owner),
        }
    }
}

impl Simple {
    fn add(self, script: &mut Script, place: Place) -> Span {
        let command = Command::new(self.assignments.into(), self.words.into(), self.redirects.into(), place);
        let span = command.span;
        if self.substitutions.is_empty() && self.redirected.is_empty() {
            script.push(command);
        } else {
            let place = command.place.clone();
            let owner = script.push(command);
            add_substitutions(self.substitutions, script, &place, Some(owner));
            add_substitutions(self.redirected, script, &place, Some(owner));
        }
        span
    }
}

fn add_substitutions(
    substitutions: Vec<Substitution>,
    script: &mut Script,
    place: &Place,
    owner: Option<usize>,
) {
    for Substitution { kind, span, items } in substitutions {
        add(script, items, Root { kind, place: Some(place.clone()), owner }, span);
    }
}

impl Compound {
    fn add(self, script: &mut Script, place: Place, owner: Option<usize>) -> Span {
        let end = redirects_end(self.span, &self.redirects);
        add_substitutions(self.substitutions, script, &place, owner);
        let mut redirects = self.redirects;
        for (number, (kind, items)) in self.lists.into_iter().enumerate() {
            let redirects = if number == 0 { std::mem::take(&mut redirects).into() } else { Box::default() };
            let place = Some(place.clone());
            List { kind, span: self.span, place, owner, redirects, len: 0 }.add(script, items);
        }
        end
    }
}

impl Definition {
    fn add(self, script: &mut Script, place: Place, owner: Option<usize>) -> Span {
        let Self { function, mut body } = self;
        let (span, kind) = (body.span, ListKind::Function);
        let all = function.span;
        script.functions.push(function);
        match body.lists.as_mut_slice() {
            [(group @ ListKind::Group, _)] => {
                *group = kind;
                body.add(script, place, owner);
                all
            }
            _ => {
                let list = script.lists.len();
                let inner = enter(place.within, kind);
                script.lists.push(List {
                    kind,
                    span,
                    place: Some(place),
                    owner,
                    redirects: Box::default(),
                    len: 1,
                });
                body.add(script, Place::start(list, span, inner), owner);
                all
            }
        }
    }
}

fn redirects_end(span: Span, redirects: &[Redirect]) -> Span {
    redirects.iter().fold(span, |span, redirect| span.to(redirect.span))
}

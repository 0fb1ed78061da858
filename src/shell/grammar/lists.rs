//! Lists: commands joined by `&&`, `||`, `|`, `;`, `&` and newlines.

use super::{Item, Items, Node, Parser};
use crate::shell::command::{Connector, Link};

/// What stands behind a command.
enum Operator {
    /// `&&`, `||`, `|` or `|&`: another command follows.
    Join(Link),
    /// `;` or `&`.
    Terminator(Link),
    /// A newline.
    Newline(Link),
    /// The end of the list.
    End,
}

impl Parser<'_> {
    /// Reads items up to where none can begin; what stands there is for the caller to judge.
    pub(super) fn list(&mut self) -> Option<Items> {
        self.gap()?;
        // Most lists in substitutions hold one command, and there may be many of them.
        let mut items = Items::with_capacity(1);
        let mut before = Link { connector: Connector::Start, span: self.origin.span(self.at, self.at) };
        while !self.at_list_end() {
            let chain = items.len();
            let operator = self.chain(&mut items, before)?;
            let (Operator::Terminator(link) | Operator::Newline(link)) = operator else { break };
            if link.connector == Connector::Background {
                items.iter_mut().skip(chain).for_each(|item| item.background = true);
            }
            // At the end a newline is nothing, and a `;` before `then` and the like is a part of that.
            let counts = !self.at_list_end()
                || match operator {
                    Operator::Newline(_) => false,
                    _ => link.connector == Connector::Background || !self.at_closing_word(),
                };
            if let Some(last) = items.last_mut().filter(|_| counts) {
                last.after = Some(link);
            }
            before = link;
        }
        Some(items)
    }

    /// Reads commands joined by `&&`, `||` and pipes, and what ends them.
    fn chain(&mut self, items: &mut Items, mut before: Link) -> Option<Operator> {
        let mut negated = self.prefix()?;
        loop {
            let node = self.command()?;
            let operator = match self.operator() {
                None if !matches!(node, Node::Simple(_)) && self.at_list_end() => Operator::End,
                operator => operator?,
            };
            let after = if let Operator::Join(link) = operator { Some(link) } else { None };
            items.push(Item { before, after, negated, background: false, node });
            let Some(link) = after else { return Some(operator) };
            before = link;
            if !link.connector.is_pipe() {
                negated = self.prefix()?;
            }
        }
    }

    /// Skips `!` or `time` before a pipeline; says if it is negated.
    fn prefix(&mut self) -> Option<bool> {
        if self.byte(0) == Some(b'!') && matches!(self.byte(1), Some(b' ' | b'\t')) {
            self.at += 1;
            self.blanks();
            return Some(true);
        }
        if self.keyword("time").is_some() {
            self.blanks();
            match (self.byte(0)?, self.byte(1), self.byte(2)) {
                (b'-', Some(b'p'), Some(b' ')) => self.at += 3,
                (b'-' | b'\n' | b'!' | b'#', ..) => return None,
                _ => {}
            }
            self.blanks();
        }
        Some(false)
    }

    /// Behind a command: the operator that ends it, with the space that follows.
    fn operator(&mut self) -> Option<Operator> {
        self.blanks();
        let (connector, len) = match (self.byte(0), self.byte(1)) {
            (None | Some(b')'), _) | (Some(b';'), Some(b';' | b'&')) => return Some(Operator::End),
            (Some(b'\n' | b'#'), _) => {
                let Some(newline) = self.gap()? else { return Some(Operator::End) };
                let span = self.origin.span(newline, newline + 1);
                return Some(Operator::Newline(Link { connector: Connector::Seq, span }));
            }
            (Some(b';'), Some(b'|')) | (Some(b'&'), Some(b'|' | b'!' | b'>')) => return None,
            (Some(b';'), _) => (Connector::Seq, 1),
            (Some(b'&'), Some(b'&')) => (Connector::And, 2),
            (Some(b'&'), _) => (Connector::Background, 1),
            (Some(b'|'), Some(b'|')) => (Connector::Or, 2),
            (Some(b'|'), Some(b'&')) => (Connector::PipeBoth, 2),
            (Some(b'|'), _) => (Connector::Pipe, 1),
            _ => return None,
        };
        let link = Link { connector, span: self.origin.span(self.at, self.at + len) };
        self.at += len;
        self.gap()?;
        Some(match connector {
            Connector::Seq | Connector::Background => Operator::Terminator(link),
            _ => Operator::Join(link),
        })
    }
}

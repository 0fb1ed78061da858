//! Blocks and attributes.

use crate::problem::Problem;
use crate::source::FileId;

use super::input::Input;
use super::parser::Parser;
use super::syntax::{Attribute, Block, Body, ExprKind, Label, Part};

/// Reads a file in the native notation.
pub(crate) fn parse_body(text: &str, file: FileId) -> Result<Body, Problem> {
    let mut parser = Parser::new(Input { text, file, segments: &[] });
    if text.starts_with('\u{feff}') {
        parser.at = '\u{feff}'.len_utf8();
    }
    parser.body(None)
}

impl Parser<'_> {
    /// Reads attributes and blocks up to the closing brace of the block that begins at `open`, or to the end.
    fn body(&mut self, open: Option<usize>) -> Result<Body, Problem> {
        let mut body = Body::default();
        let mut names = std::collections::HashSet::new();
        loop {
            self.skip_lines();
            let start = self.at;
            if self.rest().is_empty() {
                return match open {
                    None => Ok(body),
                    Some(open) => Err(self.problem(open..open + 1, "this block is never closed with `}`")),
                };
            }
            if open.is_some() && self.eat("}") {
                return Ok(body);
            }
            let Some(name) = self.identifier() else {
                return Err(self.unexpected("the name of an attribute or a block"));
            };
            self.skip();
            if self.peek() == Some(b'=') {
                let attribute = self.attribute(name, start)?;
                if !names.insert(attribute.name.clone()) {
                    let message = format!("`{}` is set twice in one block", attribute.name);
                    return Err(Problem { place: Some(attribute.name_place), message });
                }
                body.attributes.push(attribute);
                self.end_of_line("the value")?;
            } else {
                body.blocks.push(self.block(name, start)?);
                self.end_of_line("the block")?;
            }
        }
    }

    fn attribute(&mut self, name: &str, start: usize) -> Result<Attribute, Problem> {
        let name_place = self.input.place(start..start + name.len());
        self.at += 1;
        Ok(Attribute { name: name.to_owned(), name_place, value: self.expression()? })
    }

    fn block(&mut self, kind: &str, start: usize) -> Result<Block, Problem> {
        let mut labels = Vec::new();
        let mut end = start + kind.len();
        loop {
            self.skip();
            let label = self.at;
            match self.peek() {
                Some(b'{') => break,
                Some(b'"') => {
                    let quoted = self.expression_term()?;
                    let ExprKind::Template(parts) = quoted.kind else {
                        return Err(self.problem(label..self.at, "a label cannot hold `${…}`"));
                    };
                    let mut text = String::new();
                    for part in &parts {
                        let Part::Literal(literal) = part else {
                            return Err(self.problem(label..self.at, "a label cannot hold `${…}` or `%{…}`"));
                        };
                        text.push_str(&literal.text);
                    }
                    labels.push(Label { text, place: quoted.place });
                }
                _ => {
                    let Some(name) = self.identifier() else {
                        return Err(self.unexpected("`=`, a label or `{`"));
                    };
                    labels.push(Label { text: name.to_owned(), place: self.input.place(label..self.at) });
                }
            }
            end = self.at;
        }
        let place = self.input.place(start..end);
        let open = self.at;
        self.at += 1;
        self.enter(open)?;
        self.skip();
        let body = if matches!(self.peek(), None | Some(b'\n' | b'}')) || self.rest().starts_with("\r\n") {
            self.body(Some(open))?
        } else {
            self.one_line_body()?
        };
        self.leave();
        Ok(Block { kind: kind.to_owned(), place, labels, body })
    }

    /// The one attribute of `{ a = 1 }`, and the closing brace.
    fn one_line_body(&mut self) -> Result<Body, Problem> {
        let start = self.at;
        let Some(name) = self.identifier() else {
            return Err(self.unexpected("the name of an attribute"));
        };
        self.skip();
        if self.peek() != Some(b'=') {
            return Err(self.unexpected("`=`"));
        }
        let attribute = self.attribute(name, start)?;
        self.skip();
        if !self.eat("}") {
            let unexpected = self.unexpected("`}`");
            return Err(Problem {
                message: format!("{}: a block on one line holds one attribute", unexpected.message),
                ..unexpected
            });
        }
        Ok(Body { attributes: vec![attribute], blocks: Vec::new() })
    }

    /// What stands on a line of its own is followed by nothing else.
    fn end_of_line(&mut self, what: &str) -> Result<(), Problem> {
        self.skip();
        if self.rest().is_empty() || self.eat("\n") || self.eat("\r\n") {
            return Ok(());
        }
        Err(self.unexpected(&format!("a new line after {what}")))
    }
}

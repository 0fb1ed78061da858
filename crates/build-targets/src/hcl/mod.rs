//! The configuration language of bake files: its syntax, in both notations, with the place of every part.
//!
//! The rules are those of the language's own implementation where they show: an object may name a key twice (the last
//! counts), `<<-` strips by the shortest indentation of the lines as written, `~` trims one literal of one line. A body
//! nested deeper than a fixed limit is refused, so that nothing here recurses without bound.

mod body;
mod input;
mod json;
mod parser;
mod syntax;
mod template;

pub(crate) use body::parse_body;
pub(crate) use json::{parse_json, parse_text_as_expression};
pub(crate) use syntax::{Attribute, BinaryOp, Block, Body, Expr, ExprKind, For, Part, UnaryOp};

#[cfg(test)]
mod tests;

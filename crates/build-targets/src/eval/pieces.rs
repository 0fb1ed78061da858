//! Which bytes of a file a text is made of.

use crate::hcl::{Expr, ExprKind, Part};
use crate::source::Place;
use crate::target::Piece;

use super::{Evaluator, Stop, Type, Value, convert};

/// Works out a text together with the pieces that it is made of; `None` if it is unknown or null.
pub(crate) fn template_pieces(
    evaluator: &mut Evaluator,
    expr: &Expr,
) -> Result<Option<(String, Vec<Piece>)>, Stop> {
    let mut made = Made { text: String::new(), pieces: Vec::new() };
    Ok(made.expr(evaluator, expr)?.then_some((made.text, made.pieces)))
}

struct Made {
    text: String,
    pieces: Vec<Piece>,
}

impl Made {
    #[expect(clippy::cast_possible_truncation, reason = "the budget of an evaluation is far below 4 GiB")]
    fn push(&mut self, text: &str, place: Place, literal: bool) {
        if !text.is_empty() {
            self.pieces.push(Piece { start: self.text.len() as u32, place, literal });
            self.text.push_str(text);
        }
    }

    /// Adds the value; `false` if it is not a known text.
    fn expr(&mut self, evaluator: &mut Evaluator, expr: &Expr) -> Result<bool, Stop> {
        match &expr.kind {
            ExprKind::Template(parts) => self.parts(evaluator, parts, true),
            ExprKind::Parenthesis(inner) => self.expr(evaluator, inner),
            ExprKind::Conditional(exprs) => match evaluator.condition(&exprs[0])? {
                Some(holds) => self.expr(evaluator, &exprs[if holds { 1 } else { 2 }]),
                None => Ok(false),
            },
            _ => {
                let value = evaluator.value(expr)?;
                let text =
                    convert(&value, &Type::Text).map_err(|message| super::fault(expr.place, message))?;
                let Value::Text(text) = text else { return Ok(false) };
                self.push(&text, expr.place, false);
                Ok(true)
            }
        }
    }

    fn parts(&mut self, evaluator: &mut Evaluator, parts: &[Part], once: bool) -> Result<bool, Stop> {
        for part in parts {
            let known = match part {
                Part::Literal(literal) => {
                    evaluator.spend(literal.text.len() / super::BYTES_A_STEP, literal.place)?;
                    // What a loop repeats cannot be edited in one of its rounds.
                    self.push(&literal.text, literal.place, literal.verbatim && once);
                    true
                }
                Part::Interpolation(expr, place) => match evaluator.interpolated(expr)? {
                    Some(text) => {
                        self.push(&text, *place, false);
                        true
                    }
                    None => false,
                },
                Part::If(condition, yes, no) => match evaluator.condition(condition)? {
                    Some(holds) => self.parts(evaluator, if holds { yes } else { no }, once)?,
                    None => false,
                },
                Part::For { key_name, value_name, collection, parts } => {
                    let Some(items) = evaluator.iterate(collection)? else { return Ok(false) };
                    let mut known = true;
                    for (key, value) in items {
                        let count = evaluator.locals.len();
                        evaluator.locals.extend(key_name.as_ref().map(|name| (name.clone(), key)));
                        evaluator.locals.push((value_name.clone(), value));
                        let round = self.parts(evaluator, parts, false);
                        evaluator.locals.truncate(count);
                        known &= round?;
                    }
                    known
                }
            };
            if !known {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

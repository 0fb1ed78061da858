//! Operators.

use std::rc::Rc;

use crate::hcl::{BinaryOp, Expr, UnaryOp};
use crate::source::Place;

use super::value::equal;
use super::{Evaluator, Number, Stop, Type, Value, convert, fault};

pub(super) fn unary(op: UnaryOp, value: &Value) -> Result<Value, String> {
    let to = if op == UnaryOp::Not { Type::Bool } else { Type::Number };
    match convert(value, &to)? {
        Value::Bool(value) => Ok(Value::Bool(!value)),
        Value::Number(Number::Whole(value)) => Ok(Value::Number(Number::Whole(value.wrapping_neg()))),
        Value::Number(Number::Real(value)) => Ok(Value::Number(Number::Real(-value))),
        Value::Null => Err("null has no opposite".to_owned()),
        _ => Ok(Value::Unknown),
    }
}

impl Evaluator<'_> {
    pub(super) fn binary(&mut self, op: BinaryOp, operands: &[Expr; 2], place: Place) -> Result<Value, Stop> {
        let [left, right] = operands;
        if matches!(op, BinaryOp::And | BinaryOp::Or) {
            return self.logical(op, left, right);
        }
        let (a, b) = (self.value(left)?, self.value(right)?);
        if matches!(op, BinaryOp::Equal | BinaryOp::NotEqual) {
            self.spend(a.size().min(b.size()), place)?;
            let same = equal(&a, &b);
            return Ok(same.map_or(Value::Unknown, |same| Value::Bool(same == (op == BinaryOp::Equal))));
        }
        let number = |value: &Value, expr: &Expr| match convert(value, &Type::Number) {
            Ok(Value::Null) => Err(fault(expr.place, "null is not a number")),
            Ok(Value::Number(number)) => Ok(Some(number)),
            Ok(_) => Ok(None),
            Err(message) => Err(fault(expr.place, message)),
        };
        let (Some(a), Some(b)) = (number(&a, left)?, number(&b, right)?) else { return Ok(Value::Unknown) };
        arithmetic(op, a, b).map_err(|message| fault(place, message))
    }

    /// `&&` and `||`: a fault on one side does not count if the other side decides.
    fn logical(&mut self, op: BinaryOp, left: &Expr, right: &Expr) -> Result<Value, Stop> {
        let decisive = op == BinaryOp::Or;
        let mut unknown = false;
        let mut first_fault = None;
        for side in [left, right] {
            match self.tried(side)? {
                Ok(value) => match convert(&value, &Type::Bool).map_err(|m| fault(side.place, m))? {
                    Value::Bool(value) if value == decisive => return Ok(Value::Bool(decisive)),
                    Value::Bool(_) => {}
                    Value::Null => return Err(fault(side.place, "null is neither true nor false")),
                    _ => unknown = true,
                },
                Err(fault) => first_fault = first_fault.or(Some(fault)),
            }
        }
        match first_fault {
            Some(fault) => Err(fault),
            None if unknown => Ok(Value::Unknown),
            None => Ok(Value::Bool(!decisive)),
        }
    }
}

/// An operation on two numbers.
pub(super) fn arithmetic(op: BinaryOp, a: Number, b: Number) -> Result<Value, String> {
    let order = a.compare(b);
    let zero = b == Number::Whole(0);
    let result = match op {
        BinaryOp::Less => return Ok(Value::Bool(order.is_lt())),
        BinaryOp::LessOrEqual => return Ok(Value::Bool(order.is_le())),
        BinaryOp::Greater => return Ok(Value::Bool(order.is_gt())),
        BinaryOp::GreaterOrEqual => return Ok(Value::Bool(order.is_ge())),
        // The tool takes the infinite for a number as well.
        BinaryOp::Divide if zero && a != b => return Ok(Value::Unknown),
        BinaryOp::Divide if zero => return Err("division by zero".to_owned()),
        BinaryOp::Modulo if zero => Some(a),
        BinaryOp::Divide if never_ends(a, b) => return Ok(Value::Unknown),
        BinaryOp::Add => a.combine(b, i128::checked_add, |a, b| a + b),
        BinaryOp::Subtract => a.combine(b, i128::checked_sub, |a, b| a - b),
        BinaryOp::Multiply => a.combine(b, i128::checked_mul, |a, b| a * b),
        BinaryOp::Divide => a.combine(b, |a, b| (a % b == 0).then(|| a / b), |a, b| a / b),
        BinaryOp::Modulo => a.combine(b, i128::checked_rem, |a, b| a % b),
        BinaryOp::Or | BinaryOp::And | BinaryOp::Equal | BinaryOp::NotEqual => None,
    };
    result.map(Value::Number).ok_or_else(|| "the result is too large".to_owned())
}

/// Whether a quotient of whole numbers has digits without end, of which the tool writes 155.
fn never_ends(a: Number, b: Number) -> bool {
    let (Some(a), Some(b)) = (a.whole(), b.whole()) else { return false };
    let (mut rest, mut common) = (b.unsigned_abs(), a.unsigned_abs());
    while common != 0 {
        (rest, common) = (common, rest % common);
    }
    let mut left = b.unsigned_abs() / rest.max(1);
    for factor in [2, 5] {
        while left > 1 && left % factor == 0 {
            left /= factor;
        }
    }
    left > 1
}

impl From<Rc<str>> for Value {
    fn from(text: Rc<str>) -> Self {
        Self::Text(text)
    }
}

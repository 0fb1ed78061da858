//! Functions on numbers and truth.

use crate::eval::operators::{arithmetic, unary};
use crate::eval::value::equal;
use crate::hcl::{BinaryOp, UnaryOp};

use super::{Args, Number, Outcome, Pure, Value};

pub(super) fn function(name: &str) -> Option<Pure> {
    Some(match name {
        "add" => |a| operation(a, BinaryOp::Add),
        "subtract" => |a| operation(a, BinaryOp::Subtract),
        "multiply" => |a| operation(a, BinaryOp::Multiply),
        "divide" => |a| operation(a, BinaryOp::Divide),
        "modulo" => |a| operation(a, BinaryOp::Modulo),
        "lessthan" => |a| operation(a, BinaryOp::Less),
        "lessthanorequalto" => |a| operation(a, BinaryOp::LessOrEqual),
        "greaterthan" => |a| operation(a, BinaryOp::Greater),
        "greaterthanorequalto" => |a| operation(a, BinaryOp::GreaterOrEqual),
        "equal" => |a| same(a, true),
        "notequal" => |a| same(a, false),
        "not" => |a| {
            a.count(1..=1)?;
            unary(UnaryOp::Not, a.get(0)?)
        },
        "and" => |a| {
            a.count(2..=2)?;
            Ok(Value::Bool(a.bool(0)? & a.bool(1)?))
        },
        "or" => |a| {
            a.count(2..=2)?;
            Ok(Value::Bool(a.bool(0)? | a.bool(1)?))
        },
        "negate" => |a| {
            a.count(1..=1)?;
            unary(UnaryOp::Negate, a.get(0)?)
        },
        "absolute" => |a| rounded(a, f64::abs, |whole| whole.abs()),
        "ceil" => |a| rounded(a, f64::ceil, |whole| whole),
        "floor" => |a| rounded(a, f64::floor, |whole| whole),
        "int" => |a| rounded(a, f64::trunc, |whole| whole),
        "signum" => |a| {
            a.count(1..=1)?;
            Ok(Value::Number(Number::Whole(a.whole(0)?.signum())))
        },
        "pow" => |a| {
            a.count(2..=2)?;
            let power = a.number(0)?.real().powf(a.number(1)?.real());
            Number::from_real(power).map(Value::Number).ok_or_else(|| "the result is too large".to_owned())
        },
        "log" => |a| {
            a.count(2..=2)?;
            let log = a.number(0)?.real().ln() / a.number(1)?.real().ln();
            Number::from_real(log).map(Value::Number).ok_or_else(|| "it has no such logarithm".to_owned())
        },
        "max" => |a| extreme(a, std::cmp::Ordering::Greater),
        "min" => |a| extreme(a, std::cmp::Ordering::Less),
        "parseint" => parse_int,
        "range" => range,
        _ => return None,
    })
}

fn operation(args: &Args, op: BinaryOp) -> Outcome {
    args.count(2..=2)?;
    arithmetic(op, args.number(0)?, args.number(1)?)
}

fn same(args: &Args, wanted: bool) -> Outcome {
    args.count(2..=2)?;
    let same = equal(&args.values[0], &args.values[1]);
    Ok(same.map_or(Value::Unknown, |same| Value::Bool(same == wanted)))
}

fn rounded(args: &Args, real: fn(f64) -> f64, whole: fn(i128) -> i128) -> Outcome {
    args.count(1..=1)?;
    let number = match args.number(0)? {
        Number::Whole(number) => Some(Number::Whole(whole(number))),
        Number::Real(number) => Number::from_real(real(number)),
    };
    number.map(Value::Number).ok_or_else(|| "the result is too large".to_owned())
}

fn extreme(args: &Args, wanted: std::cmp::Ordering) -> Outcome {
    args.count(1..=usize::MAX)?;
    let mut best = args.number(0)?;
    for at in 1..args.values.len() {
        let number = args.number(at)?;
        if number.compare(best) == wanted {
            best = number;
        }
    }
    Ok(Value::Number(best))
}

/// A number of a base of 2 to 62. From 37 on, capitals are digits above small letters.
fn parse_int(args: &Args) -> Outcome {
    args.count(2..=2)?;
    let (text, base) = (args.text(0)?, args.whole(1)?);
    if !(2..=62).contains(&base) {
        return Err("the base must be 2 to 62".to_owned());
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(&text);
    let value = |c: char| {
        let above = |first: char, from: i128| i128::from(u32::from(c) - u32::from(first)) + from;
        match c {
            '0'..='9' => Some(above('0', 0)),
            'a'..='z' => Some(above('a', 10)),
            'A'..='Z' => Some(above('A', if base > 36 { 36 } else { 10 })),
            _ => None,
        }
    };
    let mut number: Option<i128> = Some(0).filter(|_| !digits.is_empty());
    for c in digits.chars() {
        let digit = value(c).filter(|digit| *digit < base).ok_or("this is not a number in that base")?;
        number = number.and_then(|number| number.checked_mul(base)?.checked_add(digit));
    }
    let number = number.ok_or("this is not a number in that base, or it is too large")?;
    Ok(Value::Number(Number::Whole(if text.starts_with('-') { -number } else { number })))
}

/// From, up to but without, and by how much.
fn range(args: &Args) -> Outcome {
    const MOST: usize = 1024;
    args.count(1..=3)?;
    let zero = Number::Whole(0);
    let (start, end) = match args.values.len() {
        1 => (zero, args.number(0)?),
        _ => (args.number(0)?, args.number(1)?),
    };
    let down = end.compare(start).is_lt();
    let step = match args.values.len() {
        3 => args.number(2)?,
        _ => Number::Whole(if down { -1 } else { 1 }),
    };
    if step == zero || (step.compare(zero).is_lt() != down && start != end) {
        return Err("the step leads away from the end".to_owned());
    }
    let mut items = Vec::new();
    let mut number = start;
    while if down { number.compare(end).is_gt() } else { number.compare(end).is_lt() } {
        if items.len() >= MOST {
            return Err(format!("more than {MOST} numbers"));
        }
        items.push(Value::Number(number));
        let Value::Number(next) = arithmetic(BinaryOp::Add, number, step)? else { break };
        number = next;
    }
    Ok(Value::list(items))
}

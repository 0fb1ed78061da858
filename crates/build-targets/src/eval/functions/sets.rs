//! Functions on sets, which lists are made into.

use crate::eval::value::{Sequence, Type, convert, equal};

use super::{Args, Outcome, Pure, Value};

pub(super) fn function(name: &str) -> Option<Pure> {
    Some(match name {
        "sethaselement" => |a| {
            a.count(2..=2)?;
            Ok(Value::Bool(has(&set(a, 0)?, a.get(1)?)))
        },
        "setunion" => |a| {
            a.count(1..=usize::MAX)?;
            let mut all = Vec::new();
            for at in 0..a.values.len() {
                all.extend(set(a, at)?);
            }
            Ok(Value::set(all))
        },
        "setintersection" => |a| combined(a, true),
        "setsubtract" => |a| {
            a.count(2..=2)?;
            combined(a, false)
        },
        "setsymmetricdifference" => |a| {
            a.count(1..=usize::MAX)?;
            let mut items = set(a, 0)?;
            for at in 1..a.values.len() {
                let other = set(a, at)?;
                if items.len().saturating_mul(other.len()) > 1_000_000 {
                    return Ok(Value::Unknown);
                }
                let more: Vec<Value> = other.iter().filter(|item| !has(&items, item)).cloned().collect();
                items.retain(|item| !has(&other, item));
                items.extend(more);
            }
            Ok(Value::set(items))
        },
        "setproduct" => product,
        _ => return None,
    })
}

fn set(args: &Args, at: usize) -> Result<Vec<Value>, String> {
    match args.converted(at, &Type::Sequence(Sequence::Set, Box::new(Type::Any)))? {
        Value::Sequence(_, items) => Ok(items.to_vec()),
        other => Err(format!("argument {} must be a set, not {}", at + 1, other.kind())),
    }
}

fn has(items: &[Value], value: &Value) -> bool {
    // The elements of a set have one type, and the value is made that.
    let to = match items.first() {
        Some(Value::Text(_)) => Type::Text,
        Some(Value::Number(_)) => Type::Number,
        Some(Value::Bool(_)) => Type::Bool,
        _ => Type::Any,
    };
    let value = convert(value, &to).unwrap_or_else(|_| value.clone());
    items.iter().any(|item| equal(item, &value) == Some(true))
}

/// What is in the first and in all others, or in none of them.
fn combined(args: &Args, wanted: bool) -> Outcome {
    args.count(1..=usize::MAX)?;
    let mut items = set(args, 0)?;
    for at in 1..args.values.len() {
        let other = set(args, at)?;
        if items.len().saturating_mul(other.len()) > 1_000_000 {
            return Ok(Value::Unknown);
        }
        items.retain(|item| has(&other, item) == wanted);
    }
    Ok(Value::set(items))
}

/// All combinations, one element of each.
fn product(args: &Args) -> Outcome {
    const MOST: usize = 100_000;
    args.count(2..=usize::MAX)?;
    let mut combinations: Vec<Vec<Value>> = vec![Vec::new()];
    let mut ordered = true;
    for at in 0..args.values.len() {
        let (kind, items) = args.sequence(at)?;
        ordered &= kind != Sequence::Set;
        if combinations.len().saturating_mul(items.len()) > MOST {
            return Err(format!("more than {MOST} combinations"));
        }
        let extended = |c: &Vec<Value>| {
            let c = c.clone();
            let with = move |item: &Value| c.iter().cloned().chain([item.clone()]).collect();
            items.iter().map(with).collect::<Vec<Vec<Value>>>()
        };
        combinations = combinations.iter().flat_map(extended).collect();
    }
    let tuples = combinations.into_iter().map(Value::tuple).collect();
    Ok(if ordered { Value::list(tuples) } else { Value::set(tuples) })
}

//! Functions on lists and objects.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::eval::index;
use crate::eval::value::{Mapping, Sequence, Type, convert, equal};
use crate::problem::counted;

use super::{Args, Outcome, Pure, Value};

pub(super) fn function(name: &str) -> Option<Pure> {
    Some(match name {
        "length" => length,
        "keys" => keys,
        "values" => |a| {
            a.count(1..=1)?;
            let (kind, items) = a.mapping(0)?;
            let values = items.values().cloned().collect();
            Ok(if kind == Mapping::Map { Value::list(values) } else { Value::tuple(values) })
        },
        "lookup" => lookup,
        "merge" => merge,
        "concat" => concat,
        "contains" => contains,
        "element" => element,
        "index" => |a| {
            a.count(2..=2)?;
            a.of_one_type(0)?;
            index(a.get(0)?, a.get(1)?)
        },
        "hasindex" => |a| {
            a.count(2..=2)?;
            a.of_one_type(0)?;
            Ok(Value::Bool(index(a.get(0)?, a.get(1)?).is_ok()))
        },
        "indexof" => index_of,
        "coalesce" => coalesce,
        "coalescelist" => |a| {
            let filled = |v: &&Value| matches!(v, Value::Sequence(_, items) if !items.is_empty());
            a.values.iter().find(filled).cloned().ok_or_else(|| "all lists are empty".to_owned())
        },
        "compact" => |a| {
            a.count(1..=1)?;
            let (_, items) = a.sequence(0)?;
            let texts: Result<Vec<Value>, String> =
                items.iter().map(|item| convert(item, &Type::Text)).collect();
            let empty = |v: &Value| matches!(v, Value::Null) || matches!(v, Value::Text(t) if t.is_empty());
            Ok(Value::list(texts?.into_iter().filter(|value| !empty(value)).collect()))
        },
        "distinct" => distinct,
        "chunklist" => chunks,
        "flatten" => |a| {
            a.count(1..=1)?;
            let mut flat = Vec::new();
            flatten(a.sequence(0)?.1, &mut flat);
            Ok(Value::tuple(flat))
        },
        "reverselist" => |a| {
            a.count(1..=1)?;
            let (kind, items) = a.sequence(0)?;
            Ok(Value::Sequence(kind, Rc::new(items.iter().rev().cloned().collect())))
        },
        "slice" => slice,
        "sort" => |a| {
            a.count(1..=1)?;
            let mut texts = a.texts(0)?;
            texts.sort_unstable();
            Ok(Value::texts(texts))
        },
        "zipmap" => zip_map,
        _ => return None,
    })
}

fn length(args: &Args) -> Outcome {
    args.count(1..=1)?;
    match args.get(0)? {
        Value::Sequence(_, items) => Ok(Value::whole(items.len())),
        Value::Mapping(Mapping::Map, items) => Ok(Value::whole(items.len())),
        other => Err(format!("a list or a map is needed, not {}", other.kind())),
    }
}

fn keys(args: &Args) -> Outcome {
    args.count(1..=1)?;
    let (kind, items) = args.mapping(0)?;
    let keys = items.keys().map(Value::text).collect();
    Ok(if kind == Mapping::Map { Value::list(keys) } else { Value::tuple(keys) })
}

fn lookup(args: &Args) -> Outcome {
    args.count(3..=3)?;
    let (_, items) = args.mapping(0)?;
    let key = args.text(1)?;
    if let Some(value) = items.get(&*key) {
        return Ok(value.clone());
    }
    args.get(2).cloned()
}

fn merge(args: &Args) -> Outcome {
    let mut merged = BTreeMap::new();
    let mut kind = Mapping::Map;
    for at in 0..args.values.len() {
        if matches!(args.values[at], Value::Null) {
            continue;
        }
        let (of, items) = args.mapping(at)?;
        if of == Mapping::Object {
            kind = Mapping::Object;
        }
        merged.extend(items.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
    Ok(Value::Mapping(if args.values.is_empty() { Mapping::Object } else { kind }, Rc::new(merged)))
}

fn concat(args: &Args) -> Outcome {
    args.count(1..=usize::MAX)?;
    let mut items = Vec::new();
    let mut list = true;
    for at in 0..args.values.len() {
        let (kind, more) = args.sequence(at)?;
        list &= kind == Sequence::List;
        items.extend(more.iter().cloned());
    }
    Ok(if list { Value::list(items) } else { Value::tuple(items) })
}

fn contains(args: &Args) -> Outcome {
    args.count(2..=2)?;
    let (_, items) = args.sequence(0)?;
    Ok(Value::Bool(items.iter().any(|item| equal(item, &args.values[1]) == Some(true))))
}

fn element(args: &Args) -> Outcome {
    args.count(2..=2)?;
    let (_, items) = args.sequence(0)?;
    let count = i128::try_from(items.len()).unwrap_or(0);
    if count == 0 {
        return Err("the list is empty".to_owned());
    }
    let at = usize::try_from(args.whole(1)?.rem_euclid(count)).unwrap_or(0);
    Ok(items[at].clone())
}

fn index_of(args: &Args) -> Outcome {
    args.count(2..=2)?;
    let (_, items) = args.sequence(0)?;
    let at = items.iter().position(|item| equal(item, &args.values[1]) == Some(true));
    at.map(Value::whole).ok_or_else(|| "it is not in the list".to_owned())
}

/// The first that is not null; text if any is.
fn coalesce(args: &Args) -> Outcome {
    args.count(1..=usize::MAX)?;
    let found = args.values.iter().find(|value| !matches!(value, Value::Null));
    let found = found.ok_or("all arguments are null")?;
    let simple = |v: &Value| matches!(v, Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_));
    if args.values.iter().all(simple) && args.values.iter().any(|v| matches!(v, Value::Text(_))) {
        return convert(found, &Type::Text);
    }
    Ok(found.clone())
}

fn distinct(args: &Args) -> Outcome {
    args.count(1..=1)?;
    let (_, items) = args.sequence(0)?;
    let Value::Sequence(_, items) = Value::list(items.to_vec()) else { return Ok(Value::Unknown) };
    let mut seen = std::collections::HashSet::new();
    let mut kept: Vec<Value> = Vec::new();
    for item in items.iter() {
        let new = match item {
            Value::Text(text) => seen.insert(text.clone()),
            _ => !kept.iter().any(|other| equal(other, item) == Some(true)),
        };
        if new {
            kept.push(item.clone());
        }
    }
    Ok(Value::list(kept))
}

fn chunks(args: &Args) -> Outcome {
    args.count(2..=2)?;
    let (_, items) = args.sequence(0)?;
    let size = args.size(1)?;
    let size = if size == 0 { items.len().max(1) } else { size };
    Ok(Value::list(items.chunks(size).map(|chunk| Value::list(chunk.to_vec())).collect()))
}

fn flatten(items: &[Value], flat: &mut Vec<Value>) {
    for item in items {
        match item {
            Value::Sequence(_, inner) => flatten(inner, flat),
            other => flat.push(other.clone()),
        }
    }
}

fn slice(args: &Args) -> Outcome {
    args.count(3..=3)?;
    let (kind, items) = args.sequence(0)?;
    let range = args.size(1)?..args.size(2)?;
    let part = items.get(range).ok_or_else(|| format!("the list has {}", counted(items.len(), "element")))?;
    Ok(Value::Sequence(kind, Rc::new(part.to_vec())))
}

fn zip_map(args: &Args) -> Outcome {
    args.count(2..=2)?;
    let keys = args.texts(0)?;
    let (kind, values) = args.sequence(1)?;
    if keys.len() != values.len() {
        return Err(format!(
            "there are {} for {}",
            counted(keys.len(), "key"),
            counted(values.len(), "value")
        ));
    }
    let mut items = BTreeMap::new();
    items.extend(keys.iter().map(ToString::to_string).zip(values.iter().cloned()));
    let kind = if kind == Sequence::List { Mapping::Map } else { Mapping::Object };
    Ok(Value::Mapping(kind, Rc::new(items)))
}

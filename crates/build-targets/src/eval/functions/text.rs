//! Functions on texts.

use crate::problem::counted;

use super::{Args, Outcome, Pure, Value};

pub(super) fn function(name: &str) -> Option<Pure> {
    Some(match name {
        "upper" => |a| one(a, |text| text.chars().map(upper).collect()),
        "lower" => |a| one(a, |text| text.chars().map(lower).collect()),
        "chomp" => |a| one(a, |text| text.trim_end_matches(['\r', '\n']).to_owned()),
        "trimspace" => |a| one(a, |text| text.trim().to_owned()),
        "title" => |a| one(a, title),
        "reverse" => |a| one(a, |text| text.chars().rev().collect()),
        "basename" => |a| one(a, base_name),
        "dirname" => |a| one(a, directory_name),
        "sanitize" => |a| one(a, |text| text.chars().map(sanitized).collect()),
        "strlen" => |a| {
            a.count(1..=1)?;
            Ok(Value::whole(a.text(0)?.chars().count()))
        },
        "split" => |a| two(a, split),
        "join" => join,
        "trim" => |a| two(a, |text, cut| Value::text(text.trim_matches(|c| cut.contains(c)))),
        "trimprefix" => |a| two(a, |text, cut| Value::text(text.strip_prefix(cut).unwrap_or(text))),
        "trimsuffix" => |a| two(a, |text, cut| Value::text(text.strip_suffix(cut).unwrap_or(text))),
        "replace" => |a| {
            a.count(3..=3)?;
            let (text, from, to) = (a.text(0)?, a.text(1)?, a.text(2)?);
            super::format::grown(text.len().saturating_add(1).saturating_mul(to.len() + 1))?;
            Ok(Value::text(text.replace(&*from, &to)))
        },
        "indent" => |a| {
            a.count(2..=2)?;
            let (spaces, text) = (a.size(0)?, a.text(1)?);
            super::format::grown(text.matches('\n').count().saturating_mul(spaces))?;
            Ok(Value::text(text.replace('\n', &format!("\n{}", " ".repeat(spaces)))))
        },
        "substr" => substring,
        "csvdecode" => csv_decode,
        _ => return None,
    })
}

fn one(args: &Args, change: impl Fn(&str) -> String) -> Outcome {
    args.count(1..=1)?;
    Ok(Value::text(change(&args.text(0)?)))
}

fn two(args: &Args, make: impl Fn(&str, &str) -> Value) -> Outcome {
    args.count(2..=2)?;
    Ok(make(&args.text(0)?, &args.text(1)?))
}

/// A letter as one capital: those of which two would be made stay, as in Go.
fn upper(c: char) -> char {
    let mut letters = c.to_uppercase();
    match (letters.next(), letters.next()) {
        (Some(letter), None) => letter,
        _ => c,
    }
}

/// A letter as one small one.
fn lower(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

/// Every letter that follows something else than a letter, digit or `_` as a capital.
fn title(text: &str) -> String {
    let mut before = ' ';
    let mut titled = String::new();
    for c in text.chars() {
        if before.is_alphanumeric() || before == '_' {
            titled.push(c);
        } else {
            titled.push(upper(c));
        }
        before = c;
    }
    titled
}

/// The last part of a path.
fn base_name(path: &str) -> String {
    let trimmed = path.trim_end_matches('/');
    match (path.is_empty(), trimmed.is_empty()) {
        (true, _) => ".".to_owned(),
        (_, true) => "/".to_owned(),
        _ => trimmed.rsplit('/').next().unwrap_or(trimmed).to_owned(),
    }
}

/// All but the last part of a path, cleaned.
fn directory_name(path: &str) -> String {
    let folder = path.rfind('/').map_or("", |at| &path[..=at]);
    crate::paths::clean(std::path::Path::new(folder)).display().to_string()
}

fn sanitized(c: char) -> char {
    if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') { c } else { '_' }
}

fn split(separator: &str, text: &str) -> Value {
    if separator.is_empty() {
        return Value::texts(text.chars().map(String::from));
    }
    Value::texts(text.split(separator))
}

/// A separator and one or more lists.
fn join(args: &Args) -> Outcome {
    args.count(2..=usize::MAX)?;
    let separator = args.text(0)?;
    let mut all = Vec::new();
    for at in 1..args.values.len() {
        all.extend(args.texts(at)?);
    }
    let length = all.iter().map(|text| text.len()).sum::<usize>();
    super::format::grown(length.saturating_add(all.len().saturating_mul(separator.len())))?;
    Ok(Value::text(all.join(&*separator)))
}

/// A text, where to begin (from the end if negative), and how much (all if negative).
fn substring(args: &Args) -> Outcome {
    args.count(3..=3)?;
    let (text, offset, length) = (args.text(0)?, args.whole(1)?, args.whole(2)?);
    let total = text.chars().count();
    let from_end = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
    let start = if offset < 0 { total.saturating_sub(from_end) } else { from_end };
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    Ok(Value::text(text.chars().skip(start).take(length).collect::<String>()))
}

/// Comma-separated values: a list of objects by the names of the first line.
fn csv_decode(args: &Args) -> Outcome {
    args.count(1..=1)?;
    let text = args.text(0)?;
    let mut rows = csv_rows(&text)?.into_iter();
    let names = rows.next().ok_or("there is no line with the names of the columns")?;
    let object = |row: Vec<String>| {
        if row.len() != names.len() {
            return Err(format!(
                "a line has {} for {}",
                counted(row.len(), "value"),
                counted(names.len(), "column")
            ));
        }
        let pairs = names.iter().cloned().zip(row.into_iter().map(Value::text));
        Ok(Value::object(pairs))
    };
    let objects: Result<Vec<Value>, String> = rows.map(object).collect();
    Ok(Value::list(objects?))
}

/// The lines of comma-separated values.
pub(crate) fn csv_rows(text: &str) -> Result<Vec<Vec<String>>, String> {
    let mut rows = Vec::new();
    let mut row: Vec<String> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut value = String::new();
        if let Some(mut quoted) = rest.strip_prefix('"') {
            loop {
                let (part, after) = quoted.split_once('"').ok_or("a value in quotes is never closed")?;
                value.push_str(part);
                quoted = after;
                let Some(doubled) = quoted.strip_prefix('"') else { break };
                value.push('"');
                quoted = doubled;
            }
            rest = quoted;
        } else {
            let end = rest.find([',', '\n']).unwrap_or(rest.len());
            if rest[..end].contains('"') {
                return Err("a quote stands within a value without quotes".to_owned());
            }
            value.push_str(rest[..end].trim_end_matches('\r'));
            rest = &rest[end..];
        }
        row.push(value);
        if let Some(after) = rest.strip_prefix(',') {
            rest = after;
            if rest.is_empty() {
                row.push(String::new());
            }
        } else if let Some(after) = rest.strip_prefix('\n').or_else(|| rest.strip_prefix("\r\n")) {
            rest = after;
            rows.push(std::mem::take(&mut row));
        } else if !rest.is_empty() {
            return Err("something follows a value in quotes".to_owned());
        }
    }
    if !row.is_empty() {
        rows.push(row);
    }
    rows.retain(|row| row.iter().any(|value| !value.is_empty()) || row.len() > 1);
    Ok(rows)
}

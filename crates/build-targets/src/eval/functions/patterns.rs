//! Regular expressions.

use regex_lite::{Captures, Regex, RegexBuilder};

use super::{Args, Outcome, Value};

/// The pattern; `None` if it is one that we cannot read, which the tool might.
fn compiled(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).size_limit(1 << 20).build().ok()
}

/// What a match gives: its text, or its groups by number or by name.
fn captured(pattern: &Regex, captures: &Captures) -> Value {
    let group = |at: usize| captures.get(at).map_or(Value::Null, |group| Value::text(group.as_str()));
    let names: Vec<Option<&str>> = pattern.capture_names().skip(1).collect();
    if names.is_empty() {
        return group(0);
    }
    if names.iter().any(Option::is_some) {
        let named =
            names.iter().enumerate().filter_map(|(at, name)| Some(((*name)?.to_owned(), group(at + 1))));
        return Value::object(named);
    }
    Value::tuple((1..=names.len()).map(group).collect())
}

/// A pattern and a text: its first match.
pub(super) fn regex(args: &Args) -> Outcome {
    args.count(2..=2)?;
    let (pattern, text) = (args.text(0)?, args.text(1)?);
    let Some(pattern) = compiled(&pattern) else { return Ok(Value::Unknown) };
    let captures = pattern.captures(&text).ok_or("the pattern does not match the text")?;
    Ok(captured(&pattern, &captures))
}

/// A pattern and a text: all its matches.
pub(super) fn regex_all(args: &Args) -> Outcome {
    args.count(2..=2)?;
    let (pattern, text) = (args.text(0)?, args.text(1)?);
    let Some(pattern) = compiled(&pattern) else { return Ok(Value::Unknown) };
    Ok(Value::list(pattern.captures_iter(&text).map(|captures| captured(&pattern, &captures)).collect()))
}

/// A text, a pattern, and what its matches are replaced with.
pub(super) fn regex_replace(args: &Args) -> Outcome {
    args.count(3..=3)?;
    let (text, pattern, with) = (args.text(0)?, args.text(1)?, args.text(2)?);
    let Some(pattern) = compiled(&pattern) else { return Ok(Value::Unknown) };
    super::format::grown(text.len().saturating_add(1).saturating_mul(with.len() + 1))?;
    Ok(Value::text(pattern.replace_all(&text, &*with)))
}

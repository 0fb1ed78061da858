//! Versions and what is asked of them.

use std::cmp::Ordering;

use super::{Args, Outcome, Value};

#[derive(Debug, Clone, PartialEq, Eq)]
struct Version {
    numbers: [u64; 3],
    /// How many of the numbers were written.
    written: usize,
    prerelease: String,
}

/// Whether a version meets a constraint.
pub(super) fn semvercmp(args: &Args) -> Outcome {
    args.count(2..=2)?;
    let version = parse(&args.text(0)?).ok_or("argument 1 is not a version")?;
    let constraint = args.text(1)?;
    let wrong = || "argument 2 is not a constraint".to_owned();
    let mut met = false;
    for alternative in constraint.split("||") {
        let mut all = true;
        for (operator, wanted) in conditions(alternative).ok_or_else(wrong)? {
            all &= meets(&version, operator, wanted).ok_or_else(wrong)?;
        }
        met |= all;
    }
    Ok(Value::Bool(met))
}

fn parse(text: &str) -> Option<Version> {
    let text = text.trim();
    let text = text.strip_prefix('v').unwrap_or(text);
    let text = text.split_once('+').map_or(text, |(text, _)| text);
    let (core, prerelease) = text.split_once('-').unwrap_or((text, ""));
    let mut version = Version { numbers: [0; 3], written: 0, prerelease: prerelease.to_owned() };
    for number in core.split('.') {
        *version.numbers.get_mut(version.written)? = number.parse().ok()?;
        version.written += 1;
    }
    Some(version)
}

/// The conditions of a list that blanks or commas separate; `a - b` is a range.
fn conditions(text: &str) -> Option<Vec<(&str, &str)>> {
    if let Some((least, most)) = text.split_once(" - ") {
        return Some(vec![(">=", least.trim()), ("<=", most.trim())]);
    }
    let mut conditions = Vec::new();
    let mut rest = text.trim_matches([' ', ',']);
    while !rest.is_empty() {
        let operator_end = rest.find(|c: char| !"=!<>~^".contains(c))?;
        let (operator, after) = rest.split_at(operator_end);
        let after = after.trim_start();
        let end = after.find([' ', ',']).unwrap_or(after.len());
        conditions.push((operator, &after[..end]));
        rest = after[end..].trim_start_matches([' ', ',']);
    }
    (!conditions.is_empty()).then_some(conditions)
}

fn meets(version: &Version, operator: &str, wanted: &str) -> Option<bool> {
    // `1.x` and `*` leave the rest open.
    let stripped: Vec<&str> = wanted.split('.').take_while(|n| !matches!(*n, "x" | "X" | "*")).collect();
    let open = stripped.len() < wanted.split('.').count();
    let wanted = if stripped.is_empty() {
        Version { numbers: [0; 3], written: 0, prerelease: String::new() }
    } else {
        parse(&stripped.join("."))?
    };
    let partial = open || wanted.written < 3;
    // A version before a release counts only if the constraint names one.
    if !version.prerelease.is_empty() && wanted.prerelease.is_empty() {
        return Some(operator == "!=");
    }
    let order = compare(version, &wanted);
    let same_up_to = |count: usize| version.numbers[..count] == wanted.numbers[..count];
    Some(match operator {
        "" | "=" if partial => same_up_to(wanted.written),
        "" | "=" => order.is_eq(),
        "!=" if partial => !same_up_to(wanted.written),
        "!=" => order.is_ne(),
        ">" if partial => order.is_gt() && !same_up_to(wanted.written),
        ">" => order.is_gt(),
        "<" => order.is_lt(),
        ">=" | "=>" => order.is_ge(),
        "<=" | "=<" if partial => order.is_le() || same_up_to(wanted.written),
        "<=" | "=<" => order.is_le(),
        "~" | "~>" => order.is_ge() && same_up_to(wanted.written.min(2)),
        "^" => {
            let first = wanted.numbers[..wanted.written.max(1)].iter().position(|n| *n != 0);
            let fixed = first.map_or(wanted.written, |at| at + 1);
            order.is_ge() && same_up_to(fixed)
        }
        _ => return None,
    })
}

fn compare(a: &Version, b: &Version) -> Ordering {
    a.numbers.cmp(&b.numbers).then_with(|| match (a.prerelease.is_empty(), b.prerelease.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => compare_prereleases(&a.prerelease, &b.prerelease),
    })
}

fn compare_prereleases(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(a), Some(b)) => match (a.parse::<u64>(), b.parse::<u64>()) {
                (Ok(a), Ok(b)) => a.cmp(&b),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => a.cmp(b),
            },
        };
        if order.is_ne() {
            return order;
        }
    }
}

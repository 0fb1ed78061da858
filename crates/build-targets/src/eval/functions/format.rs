//! `format` and its verbs.

use std::fmt::Write;

use crate::eval::value::{Sequence, Type, convert};

use super::encoding::json_into;
use super::{Args, Number, Outcome, Value};

/// Refuses what would be made far too long.
pub(super) fn grown(length: usize) -> Result<(), String> {
    const LONGEST: usize = 4 << 20;
    if length > LONGEST { Err("the result is too long".to_owned()) } else { Ok(()) }
}

pub(super) fn format(args: &Args) -> Outcome {
    args.count(1..=usize::MAX)?;
    formatted(&args.text(0)?, &args.values[1..]).map(Value::text)
}

/// As `format` for each element of the lists among the arguments.
pub(super) fn format_list(args: &Args) -> Outcome {
    args.count(1..=usize::MAX)?;
    let text = args.text(0)?;
    let lists = args.values[1..].iter().filter_map(|value| match value {
        Value::Sequence(_, items) => Some(items.len()),
        _ => None,
    });
    let lengths: Vec<usize> = lists.collect();
    let length = lengths.first().copied().unwrap_or(1);
    if lengths.iter().any(|other| *other != length) {
        return Err("the lists differ in length".to_owned());
    }
    let row = |at: usize| {
        let value = |value: &Value| match value {
            Value::Sequence(Sequence::Tuple | Sequence::List | Sequence::Set, items) => items[at].clone(),
            other => other.clone(),
        };
        let values: Vec<Value> = args.values[1..].iter().map(value).collect();
        formatted(&text, &values).map(Value::text)
    };
    let rows: Result<Vec<Value>, String> = (0..length).map(row).collect();
    Ok(Value::list(rows?))
}

/// A verb such as `%-5.2f` or `%[2]s`.
#[derive(Debug, Default)]
struct Verb {
    sharp: bool,
    zero: bool,
    minus: bool,
    plus: bool,
    space: bool,
    width: Option<usize>,
    precision: Option<usize>,
    letter: char,
}

fn formatted(text: &str, values: &[Value]) -> Result<String, String> {
    let mut made = String::new();
    let mut next = 0;
    let mut used = 0;
    let mut explicit = false;
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        made.push_str(before);
        if let Some(after) = after.strip_prefix('%') {
            made.push('%');
            rest = after;
            continue;
        }
        let (verb, index, after) = verb(after)?;
        rest = after;
        if let Some(index) = index {
            explicit = true;
            next = index.checked_sub(1).ok_or("`%[0]` names no argument")?;
        }
        let value = values.get(next).ok_or_else(|| format!("there is no argument {} for it", next + 1))?;
        next += 1;
        used = used.max(next);
        verb.write(value, &mut made)?;
        grown(made.len())?;
    }
    made.push_str(rest);
    if used < values.len() && !explicit {
        return Err(format!("it uses {used} of {} arguments", values.len()));
    }
    Ok(made)
}

/// Reads what follows `%`: the verb, the argument that it names, and what comes after it.
fn verb(text: &str) -> Result<(Verb, Option<usize>, &str), String> {
    let mut verb = Verb::default();
    let mut rest = text;
    loop {
        let flag = match rest.as_bytes().first() {
            Some(b'#') => &mut verb.sharp,
            Some(b'0') => &mut verb.zero,
            Some(b'-') => &mut verb.minus,
            Some(b'+') => &mut verb.plus,
            Some(b' ') => &mut verb.space,
            _ => break,
        };
        *flag = true;
        rest = &rest[1..];
    }
    let number = |rest: &mut &str| {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (digits, after) = rest.split_at(end);
        *rest = after;
        digits.parse::<usize>().ok()
    };
    verb.width = number(&mut rest);
    if let Some(after) = rest.strip_prefix('.') {
        rest = after;
        verb.precision = Some(number(&mut rest).unwrap_or(0));
    }
    grown(verb.width.unwrap_or(0).max(verb.precision.unwrap_or(0)))?;
    let mut index = None;
    if let Some(after) = rest.strip_prefix('[') {
        rest = after;
        index = number(&mut rest);
        rest = rest.strip_prefix(']').ok_or("`%[` needs the number of an argument and `]`")?;
    }
    let letter = rest.chars().next().ok_or("it ends within a verb")?;
    verb.letter = letter;
    Ok((verb, index, &rest[letter.len_utf8()..]))
}

impl Verb {
    fn write(&self, value: &Value, made: &mut String) -> Result<(), String> {
        if self.letter != 'v' && matches!(value, Value::Null) {
            return Err("null cannot be formatted".to_owned());
        }
        match self.letter {
            'v' => {
                let mut text = String::new();
                match value {
                    Value::Text(value) if !self.sharp => text.push_str(value),
                    other => json_into(other, &mut text),
                }
                self.pad(&text, made);
            }
            's' | 'q' => {
                let Value::Text(text) = convert(value, &Type::Text)? else { return Ok(()) };
                let cut: String = match self.precision {
                    Some(precision) if precision > 0 => text.chars().take(precision).collect(),
                    _ => text.to_string(),
                };
                let mut quoted = String::new();
                if self.letter == 'q' {
                    json_into(&Value::text(&cut), &mut quoted);
                } else {
                    quoted = cut;
                }
                self.pad(&quoted, made);
            }
            't' => {
                let Value::Bool(value) = convert(value, &Type::Bool)? else { return Ok(()) };
                made.push_str(if value { "true" } else { "false" });
            }
            _ => {
                let Value::Number(number) = convert(value, &Type::Number)? else { return Ok(()) };
                let text = self.number(number)?;
                self.pad_number(&text, made);
            }
        }
        Ok(())
    }

    fn number(&self, number: Number) -> Result<String, String> {
        let whole = number.whole().ok_or("a whole number is needed");
        let precision = self.precision.unwrap_or(6).min(300);
        let sharp = |prefix: &'static str| if self.sharp { prefix } else { "" };
        let signed = |prefix: &str, digits: String, negative: bool| {
            let sign = if negative { "-" } else { "" };
            format!("{sign}{prefix}{digits}")
        };
        Ok(match self.letter {
            'd' => whole?.to_string(),
            'b' => signed(sharp("0b"), format!("{:b}", whole?.unsigned_abs()), whole? < 0),
            'o' => signed(sharp("0"), format!("{:o}", whole?.unsigned_abs()), whole? < 0),
            'x' => signed(sharp("0x"), format!("{:x}", whole?.unsigned_abs()), whole? < 0),
            'X' => signed(sharp("0X"), format!("{:X}", whole?.unsigned_abs()), whole? < 0),
            'f' => format!("{:.precision$}", number.real()),
            'e' | 'E' => exponent(number.real(), precision, self.letter),
            'g' | 'G' => match self.precision {
                None => number.to_string(),
                Some(_) => return Err("`%g` with a precision is not worked out here".to_owned()),
            },
            other => return Err(format!("there is no verb `%{other}`")),
        })
    }

    fn pad(&self, text: &str, made: &mut String) {
        let missing = self.width.unwrap_or(0).saturating_sub(text.chars().count());
        let fill = if self.zero && !self.minus { "0" } else { " " }.repeat(missing);
        let _ = if self.minus { write!(made, "{text}{fill}") } else { write!(made, "{fill}{text}") };
    }

    fn pad_number(&self, text: &str, made: &mut String) {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None if self.plus => ("+", text),
            None if self.space => (" ", text),
            None => ("", text),
        };
        if self.zero && !self.minus {
            let missing = self.width.unwrap_or(0).saturating_sub(sign.len() + digits.len());
            let _ = write!(made, "{sign}{}{digits}", "0".repeat(missing));
        } else {
            self.pad(&format!("{sign}{digits}"), made);
        }
    }
}

/// As `1.500000e+06`.
fn exponent(real: f64, precision: usize, letter: char) -> String {
    let text = format!("{real:.precision$e}");
    let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, power) = power.strip_prefix('-').map_or(("+", power), |power| ("-", power));
    format!("{digits}{letter}{sign}{power:0>2}")
}

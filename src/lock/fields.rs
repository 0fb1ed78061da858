//! What values of entries may be.

use toml::de::DeValue;

use crate::text::toml::{Entry, Fault, Fields};

/// A string that must be there and be like that.
pub(super) fn word(
    fields: &mut Fields<'_>,
    name: &'static str,
    faults: &mut Vec<Fault>,
    is_right: impl Fn(&str) -> bool,
) -> Option<String> {
    let text = fields.required(name, faults)?;
    if !is_right(&text.value) {
        faults.push(Fault::new(text.span, format!("this is not what `{name}` can be")));
        return None;
    }
    Some(text.value)
}

pub(super) fn integer(entry: &Entry<'_>) -> Option<u64> {
    match entry.value {
        DeValue::Integer(number) => u64::from_str_radix(number.as_str(), number.radix()).ok(),
        _ => None,
    }
}

pub(super) fn is_short(text: &str, is_right: impl Fn(&u8) -> bool) -> bool {
    (1..=16).contains(&text.len()) && text.bytes().all(|b| is_right(&b))
}

pub(super) fn is_date(text: &str) -> bool {
    let form = |(at, b): (usize, u8)| if at == 4 || at == 7 { b == b'-' } else { b.is_ascii_digit() };
    text.len() == 10 && text.bytes().enumerate().all(form)
}

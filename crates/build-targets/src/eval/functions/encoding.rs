//! Functions that write a value or a text in another way.

use std::fmt::Write;

use sha2::Digest;

use crate::json::{self, Json, JsonKind};
use crate::source::Sources;

use super::{Args, Number, Outcome, Pure, Value};

pub(super) fn function(name: &str) -> Option<Pure> {
    Some(match name {
        "base64encode" => |a| one(a, |text| Ok(base64(text.as_bytes()))),
        "base64decode" => {
            |a| one(a, |text| unbase64(text).ok_or_else(|| "this is not text in base 64".to_owned()))
        }
        "md5" => |a| one(a, |text| Ok(hex(&md5::Md5::digest(text)))),
        "sha1" => |a| one(a, |text| Ok(hex(&sha1::Sha1::digest(text)))),
        "sha256" => |a| one(a, |text| Ok(hex(&sha2::Sha256::digest(text)))),
        "sha512" => |a| one(a, |text| Ok(hex(&sha2::Sha512::digest(text)))),
        "uuidv5" => |a| {
            a.count(2..=2)?;
            uuid_of_name(&a.text(0)?, &a.text(1)?).map(Value::text)
        },
        "urlencode" => |a| one(a, |text| Ok(url_encode(text))),
        "jsonencode" => |a| {
            a.count(1..=1)?;
            let mut text = String::new();
            json_into(&a.values[0], &mut text);
            Ok(Value::text(text))
        },
        "jsondecode" => |a| {
            a.count(1..=1)?;
            decode_json(&a.text(0)?)
        },
        _ => return None,
    })
}

fn one(args: &Args, change: impl Fn(&str) -> Result<String, String>) -> Outcome {
    args.count(1..=1)?;
    change(&args.text(0)?).map(Value::text)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits =
            chunk.iter().fold(0, |bits, byte| bits << 8 | usize::from(*byte)) << (8 * (3 - chunk.len()));
        for at in 0..4 {
            let digit = char::from(ALPHABET[bits >> (18 - 6 * at) & 63]);
            text.push(if at <= chunk.len() { digit } else { '=' });
        }
    }
    text
}

/// The text that is written in base 64.
pub(crate) fn unbase64(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    let digits = text.trim_end_matches('=');
    if !text.len().is_multiple_of(4) || text.len() - digits.len() > 2 {
        return None;
    }
    let mut bytes = Vec::new();
    for chunk in digits.as_bytes().chunks(4) {
        let mut bits = 0;
        for digit in chunk {
            bits = bits << 6 | ALPHABET.iter().position(|known| known == digit)?;
        }
        bits <<= 6 * (4 - chunk.len());
        bytes.extend((1..chunk.len()).map(|at| (bits >> (24 - 8 * at) & 255) as u8));
    }
    String::from_utf8(bytes).ok()
}

/// The identifier of a name in a space of names, which is known by name or is an identifier itself.
fn uuid_of_name(space: &str, name: &str) -> Result<String, String> {
    const KNOWN: u128 = 0x6ba7_b810_9dad_11d1_80b4_00c0_4fd4_30c8;
    let known = |number: u128| Some(KNOWN + (number << 96));
    let space = match space {
        "dns" => known(0),
        "url" => known(1),
        "oid" => known(2),
        "x500" => known(4),
        other => uuid(other),
    };
    let space = space.ok_or("the first argument must be dns, url, oid, x500 or a UUID")?;
    let hash = sha1::Sha1::new().chain_update(space.to_be_bytes()).chain_update(name).finalize();
    let mut digits = hex(&hash);
    digits.truncate(32);
    // The version, and the variant in the two highest bits.
    digits.replace_range(12..13, "5");
    let variant = u8::from_str_radix(&digits[16..17], 16).unwrap_or(0) & 0x3 | 0x8;
    digits.replace_range(16..17, &format!("{variant:x}"));
    for at in [20, 16, 12, 8] {
        digits.insert(at, '-');
    }
    Ok(digits)
}

/// An identifier in one of the forms that it is written in.
fn uuid(text: &str) -> Option<u128> {
    let bare = text
        .strip_prefix("urn:uuid:")
        .or_else(|| text.strip_prefix('{').and_then(|text| text.strip_suffix('}')))
        .unwrap_or(text);
    let is_grouped =
        bare.len() == 36 && bare.char_indices().all(|(at, c)| (c == '-') == matches!(at, 8 | 13 | 18 | 23));
    let digits: String = bare.chars().filter(|c| *c != '-' || !is_grouped).collect();
    let is_hex = digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    u128::from_str_radix(&digits, 16).ok().filter(|_| is_hex)
}

fn url_encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(char::from(byte))
            }
            b' ' => encoded.push('+'),
            _ => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
        encoded
    })
}

/// A value as JSON, without blanks.
pub(crate) fn json_into(value: &Value, text: &mut String) {
    let comma = |text: &mut String, first: &mut bool| {
        if !std::mem::take(first) {
            text.push(',');
        }
    };
    match value {
        Value::Unknown | Value::Null => text.push_str("null"),
        Value::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => text.push_str(&number.to_string()),
        Value::Text(value) => json_text(value, text),
        Value::Sequence(_, items) => {
            text.push('[');
            let mut first = true;
            for item in items.iter() {
                comma(text, &mut first);
                json_into(item, text);
            }
            text.push(']');
        }
        Value::Mapping(_, items) => {
            text.push('{');
            let mut first = true;
            for (key, item) in items.iter() {
                comma(text, &mut first);
                json_text(key, text);
                text.push(':');
                json_into(item, text);
            }
            text.push('}');
        }
    }
}

/// A text in quotes. The signs of HTML are escaped, as the tool's own encoder does.
fn json_text(value: &str, text: &mut String) {
    text.push('"');
    for c in value.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                let _ = write!(text, "\\u{:04x}", u32::from(c));
            }
            _ => text.push(c),
        }
    }
    text.push('"');
}

/// The value of a text in JSON.
pub(crate) fn decode_json(text: &str) -> Outcome {
    // The places of the values are of no use here: the text is no file.
    let file = Sources::default().add("".into(), "".into()).map_err(|e| e.to_string())?;
    json::parse(text, file).map(|json| decoded(&json)).map_err(|problem| problem.message)
}

fn decoded(json: &Json) -> Value {
    match &json.kind {
        JsonKind::Null => Value::Null,
        JsonKind::Bool(value) => Value::Bool(*value),
        JsonKind::Number(text) => Number::parse(text).map_or(Value::Unknown, Value::Number),
        JsonKind::Text(text) => Value::text(&text.text),
        JsonKind::Array(items) => Value::tuple(items.iter().map(decoded).collect()),
        JsonKind::Object(members) => {
            let pair = |(key, value): &(json::JsonText, Json)| (key.text.clone(), decoded(value));
            Value::object(members.iter().map(pair))
        }
    }
}

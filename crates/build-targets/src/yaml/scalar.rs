//! Types of scalars, and their text where a text is wanted, as Go's `yaml` package and `fmt` have them.

use std::fmt;

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// `'…'`
    Single,
    /// `"…"`
    Double,
    /// A block after `|`.
    Literal,
    /// A block after `>`.
    Folded,
}

impl From<granit_parser::ScalarStyle> for Style {
    fn from(style: granit_parser::ScalarStyle) -> Self {
        match style {
            granit_parser::ScalarStyle::Plain => Self::Plain,
            granit_parser::ScalarStyle::SingleQuoted => Self::Single,
            granit_parser::ScalarStyle::DoubleQuoted => Self::Double,
            granit_parser::ScalarStyle::Literal => Self::Literal,
            granit_parser::ScalarStyle::Folded => Self::Folded,
        }
    }
}

/// A scalar with its type. It is displayed as the text that a tool gets which wants a text.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number of 64 bits, with or without a sign.
    Integer(i128),
    /// Another number.
    Float(f64),
    /// A date, or a date and a time, in the text that Go makes of it.
    Time(String),
    /// A text.
    Text(&'a str),
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("<nil>"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Float(value) => f.write_str(&float_text(*value)),
            Self::Time(text) => f.write_str(text),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// The type of a scalar; `None` if it is not what its tag says.
pub(super) fn resolve<'a>(tag: Option<&str>, text: &'a str, style: Style) -> Option<Value<'a>> {
    let as_text = Some(Value::Text(text));
    match tag {
        None if style == Style::Plain => Some(plain(text, true)),
        // A lone `!` says that it is a text where it is quoted, and nothing else.
        Some("!") if style == Style::Plain => Some(plain(text, true)),
        None | Some("!" | "!!str") => as_text,
        Some("!!null") => match plain(text, false) {
            Value::Null => Some(Value::Null),
            _ => None,
        },
        Some("!!bool") => Some(plain(text, false)).filter(|value| matches!(value, Value::Bool(_))),
        Some("!!int") => Some(plain(text, false)).filter(|value| matches!(value, Value::Integer(_))),
        Some("!!float") => match plain(text, false) {
            #[expect(clippy::cast_precision_loss, reason = "as Go has it")]
            Value::Integer(value) => Some(Value::Float(value as f64)),
            value @ Value::Float(_) => Some(value),
            _ => None,
        },
        Some("!!timestamp") => time_text(text).map(Value::Time),
        // Of a tag that YAML does not have, the value is a text.
        Some(_) => as_text,
    }
}

fn plain(text: &str, may_be_time: bool) -> Value<'_> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Value::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Value::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Value::Float(f64::NEG_INFINITY),
        _ => {}
    }
    match text.as_bytes()[0] {
        b'.' => finite(text).map_or(Value::Text(text), Value::Float),
        b'+' | b'-' | b'0'..=b'9' => {
            if may_be_time && let Some(time) = time_text(text) {
                return Value::Time(time);
            }
            let digits = text.replace('_', "");
            if let Some(value) = integer(&digits) {
                return Value::Integer(value);
            }
            if is_float(&digits)
                && let Some(value) = finite(&digits)
            {
                return Value::Float(value);
            }
            Value::Text(text)
        }
        _ => Value::Text(text),
    }
}

/// A number that fits; Go takes one that is too large for a text.
fn finite(text: &str) -> Option<f64> {
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

/// `0x1F`, `0o17`, `017`, `0b1`, `12`, with a sign or not, in 64 bits.
fn integer(text: &str) -> Option<i128> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    let lower = digits.get(..2).map(str::to_ascii_lowercase);
    let (radix, digits) = match lower.as_deref() {
        Some("0x") => (16, &digits[2..]),
        Some("0o") => (8, &digits[2..]),
        Some("0b") => (2, &digits[2..]),
        Some(two) if two.starts_with('0') => (8, &digits[1..]),
        _ => (10, digits),
    };
    // A second sign, which Rust would take.
    if !digits.starts_with(|c: char| c.is_ascii_hexdigit()) {
        return None;
    }
    let value = sign * i128::from_str_radix(digits, radix).ok()?;
    // Go's unsigned numbers take no sign at all.
    let most = if text.starts_with(['+', '-']) { i128::from(i64::MAX) } else { i128::from(u64::MAX) };
    (i128::from(i64::MIN)..=most).contains(&value).then_some(value)
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let good_mantissa = match mantissa.split_once('.') {
        Some((whole, part)) => digits(whole) && digits(part) && !(whole.is_empty() && part.is_empty()),
        None => !mantissa.is_empty() && digits(mantissa),
    };
    good_mantissa
        && exponent.is_none_or(|exponent| {
            let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            !exponent.is_empty() && digits(exponent)
        })
}

/// The shortest text that gives the number again, with an exponent from 1e6 and below 1e-4.
fn float_text(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        return format!("{value}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
}

/// The text that Go makes of a date, or of a date and a time.
fn time_text(text: &str) -> Option<String> {
    let mut rest = Digits(text);
    let year = rest.exactly(4)?;
    let month = rest.expect('-')?.one_or_two()?;
    let day = rest.expect('-')?.one_or_two()?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=days).contains(&day) {
        return None;
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    if rest.0.is_empty() {
        return Some(format!("{date} 00:00:00 +0000 UTC"));
    }
    let with_zone = rest.0.starts_with(['T', 't']);
    rest.0 = rest.0.strip_prefix(['T', 't', ' '])?;
    let hour = rest.one_or_two().filter(|hour| *hour < 24)?;
    let minute = rest.expect(':')?.one_or_two().filter(|minute| *minute < 60)?;
    let second = rest.expect(':')?.one_or_two().filter(|second| *second < 60)?;
    let mut fraction = "";
    if let Some(digits) = rest.0.strip_prefix(['.', ',']) {
        let length = digits.bytes().take_while(u8::is_ascii_digit).count();
        if length == 0 {
            return None;
        }
        fraction = digits[..length.min(9)].trim_end_matches('0');
        rest.0 = &digits[length..];
    }
    let zone = match (with_zone, rest.0) {
        (false, "") | (true, "Z") => "+0000 UTC".to_owned(),
        (true, zone) => {
            let mut offset = Digits(zone.strip_prefix(['+', '-'])?);
            let hours = offset.exactly(2).filter(|hours| *hours <= 24)?;
            let minutes = offset.expect(':')?.exactly(2).filter(|minutes| *minutes < 60)?;
            if !offset.0.is_empty() {
                return None;
            }
            let zone = format!("{}{hours:02}{minutes:02}", &zone[..1]);
            if hours + minutes == 0 { "+0000 UTC".to_owned() } else { format!("{zone} {zone}") }
        }
        _ => return None,
    };
    let dot = if fraction.is_empty() { "" } else { "." };
    Some(format!("{date} {hour:02}:{minute:02}:{second:02}{dot}{fraction} {zone}"))
}

/// The rest of a text that is read from its front.
struct Digits<'a>(&'a str);

impl Digits<'_> {
    fn take(&mut self, count: usize) -> Option<u32> {
        let number = self.0.get(..count).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
        let number = number.parse().ok()?;
        self.0 = &self.0[count..];
        Some(number)
    }

    fn exactly(&mut self, count: usize) -> Option<u32> {
        self.take(count)
    }

    fn one_or_two(&mut self) -> Option<u32> {
        self.take(2).or_else(|| self.take(1))
    }

    fn expect(&mut self, c: char) -> Option<&mut Self> {
        self.0 = self.0.strip_prefix(c)?;
        Some(self)
    }
}

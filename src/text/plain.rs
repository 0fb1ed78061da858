use toml::de::DeValue;

use super::toml::Entry;
use crate::text::Gather;

impl Entry<'_> {
    /// The value without places.
    #[must_use]
    pub fn plain(&self) -> toml::Value {
        plain(self.value)
    }
}

/// The TOML reader bounds nesting, so this recursion is bounded.
fn plain(value: &DeValue<'_>) -> toml::Value {
    match value {
        DeValue::String(s) => toml::Value::String(s.to_string()),
        DeValue::Integer(i) => {
            // Out of range reads as text, which no option takes.
            i64::from_str_radix(i.as_str(), i.radix())
                .map_or_else(|_| toml::Value::String(i.to_string()), toml::Value::Integer)
        }
        DeValue::Float(f) => toml::Value::Float(f.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(b) => toml::Value::Boolean(*b),
        DeValue::Datetime(d) => toml::Value::Datetime(*d),
        DeValue::Array(a) => toml::Value::Array(a.iter().map(|v| plain(v.get_ref())).collect()),
        DeValue::Table(t) => {
            toml::Value::Table(t.iter().map(|(k, v)| (k.get_ref().to_string(), plain(v.get_ref()))).gather())
        }
    }
}

use super::meta::{OptionValue, RuleMeta};

/// The options of one rule: what the configuration sets, else the defaults of the rule file.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    declared: &'static [(&'static str, OptionValue)],
    set: Option<&'a toml::Table>,
}

impl<'a> Options<'a> {
    /// The options of a rule with what the configuration sets for it.
    #[must_use]
    pub fn new(meta: &RuleMeta, set: Option<&'a toml::Table>) -> Self {
        Self { declared: meta.options, set }
    }

    fn default(&self, key: &str) -> Option<OptionValue> {
        self.declared.iter().find(|(name, _)| *name == key).map(|(_, value)| *value)
    }

    fn value(&self, key: &str) -> Option<&'a toml::Value> {
        self.set?.get(key)
    }

    /// A boolean; false if the rule file declares no such option.
    #[must_use]
    pub fn boolean(&self, key: &str) -> bool {
        self.value(key).and_then(toml::Value::as_bool).unwrap_or_else(|| match self.default(key) {
            Some(OptionValue::Boolean(value)) => value,
            _ => false,
        })
    }

    /// A whole number; 0 if the rule file declares no such option.
    #[must_use]
    pub fn integer(&self, key: &str) -> i64 {
        self.value(key).and_then(toml::Value::as_integer).unwrap_or_else(|| match self.default(key) {
            Some(OptionValue::Integer(value)) => value,
            _ => 0,
        })
    }

    /// A text; empty if the rule file declares no such option.
    #[must_use]
    pub fn text(&self, key: &str) -> &'a str {
        self.value(key).and_then(toml::Value::as_str).unwrap_or_else(|| match self.default(key) {
            Some(OptionValue::Text(value)) => value,
            _ => "",
        })
    }

    /// A list of texts; empty if the rule file declares no such option.
    #[must_use]
    pub fn list(&self, key: &str) -> Vec<&'a str> {
        match (self.value(key).and_then(toml::Value::as_array), self.default(key)) {
            (Some(set), _) => set.iter().filter_map(toml::Value::as_str).collect(),
            (None, Some(OptionValue::List(value))) => value.to_vec(),
            _ => Vec::new(),
        }
    }
}

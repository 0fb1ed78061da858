use super::meta::RuleMeta;

/// An option of a rule: made from the front matter of the rule's file (`keys`), so that one which
/// no file declares does not compile, and one that nothing reads is dead code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key<T> {
    /// The rule.
    pub rule: &'static str,
    /// What it is called in `dlint.toml`.
    pub name: &'static str,
    /// What counts where nothing is set.
    pub default: T,
}

/// The options of one rule: what the configuration sets, else the defaults of the rule file.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    rule: &'a str,
    set: Option<&'a toml::Table>,
}

impl<'a> Options<'a> {
    /// The options of a rule with what the configuration sets for it.
    #[must_use]
    pub fn new(meta: &'a RuleMeta, set: Option<&'a toml::Table>) -> Self {
        Self { rule: &meta.name, set }
    }

    fn value<T>(&self, key: &Key<T>) -> Option<&'a toml::Value> {
        debug_assert_eq!(self.rule, key.rule, "`{}` is an option of another rule", key.name);
        self.set?.get(key.name)
    }

    /// A boolean.
    #[must_use]
    pub fn boolean(&self, key: &Key<bool>) -> bool {
        self.value(key).and_then(toml::Value::as_bool).unwrap_or(key.default)
    }

    /// A whole number.
    #[cfg_attr(
        not(any(test, feature = "internals")),
        expect(dead_code, reason = "no rule has such an option yet; rule files may declare one")
    )]
    #[must_use]
    pub fn integer(&self, key: &Key<i64>) -> i64 {
        self.value(key).and_then(toml::Value::as_integer).unwrap_or(key.default)
    }

    /// A text.
    #[must_use]
    pub fn text(&self, key: &Key<&'static str>) -> &'a str {
        self.value(key).and_then(toml::Value::as_str).unwrap_or(key.default)
    }

    /// A list of texts.
    #[cfg_attr(
        not(any(test, feature = "internals")),
        expect(dead_code, reason = "no rule has such an option yet; rule files may declare one")
    )]
    #[must_use]
    pub fn list(&self, key: &Key<&'static [&'static str]>) -> Vec<&'a str> {
        match self.value(key).and_then(toml::Value::as_array) {
            Some(set) => set.iter().filter_map(toml::Value::as_str).collect(),
            None => key.default.to_vec(),
        }
    }
}
